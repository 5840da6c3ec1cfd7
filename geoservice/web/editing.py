"""Editing the map: draw, move, split and merge zones and points; the same by tables and forms; who changed what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely
from flask import Blueprint, Response, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, GeoServiceError, InvalidGeometry, NotFound
from geoservice.services.editing import splitting
from geoservice.services.editing.history import history
from geoservice.store import editing_view, point_rows, zone_versions
from geoservice.web import edit_changes
from geoservice.web.base_maps import page_with_map
from geoservice.web.deployment import today
from geoservice.web.edit_changes import Told
from geoservice.web.edit_words import editor_words, field_word
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction
from geoservice.web.paging import page_of
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as Redirect

editing = Blueprint("editing", __name__, url_prefix="/gis/edit")
guard(editing, Permission.IMPORT)

MOST_SHOWN = 3_000
NOUNS = {"zones": "zone", "points": "point", "streets": "street"}


@editing.get("/")
def show_editor() -> Response:
    """Show the map to edit."""
    with own_transaction() as session:
        levels = zone_versions.levels(session)
        used = editing_view.levels_in_use(session, today())
        level = request.args.get("level") or (used[-1] if used else levels[-1].code)
        view = editing_view.whole_view(session, level, today())
        page = render_template(
            "gis/edit.html",
            levels=levels,
            level=level,
            view=view,
            categories=point_rows.categories(session),
            words=editor_words(),
        )
    return page_with_map(page)


@editing.get("/zones.geojson")
def get_zones() -> Response:
    """Return the zones of a level in a box, exact."""
    box = _box()
    with own_transaction() as session:
        level = request.args.get("level", "")
        found = editing_view.zones_in_view(session, level, box, today(), MOST_SHOWN + 1)
    return _features(found)


@editing.get("/points.geojson")
def get_points() -> Response:
    """Return the points in a box."""
    box = _box()
    with own_transaction() as session:
        found = editing_view.points_in_view(session, box, MOST_SHOWN + 1)
    return _features(found)


@editing.post("/preview")
def preview_split() -> Response:
    """Return the pieces that a line would cut a zone into, the largest first; nothing is stored."""
    try:
        told = edit_changes.read_json()
        line = told.shape("line")
        with own_transaction() as session:
            zone = editing_view.zone_to_edit(session, told.number("id"), today())
        if zone is None:
            raise NotFound
        pieces = splitting.cut(zone["code"], splitting.border_of(bytes(zone["geom"])), line)
    except GeoServiceError as error:
        return _problem(error)
    return _json({"pieces": [json.loads(shapely.to_geojson(piece)) for piece in pieces]})


@editing.post("/changes")
def save_changes() -> Response:
    """Save all changes or none; what stands in the way is told with the change it belongs to."""
    try:
        told = edit_changes.read_json()
        with own_transaction() as session:
            made = edit_changes.save(session, told.objects("changes"))
    except GeoServiceError as error:
        return _problem(error)
    return _json({"saved": len(made), "ids": made})


@editing.get("/list")
def show_list() -> str:
    """List zones of a level, or points, with a form each: the way round the map."""
    noun, words = request.args.get("noun", "zones"), request.args.get("q", "").strip()[:100]
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    with own_transaction() as session:
        levels = zone_versions.levels(session)
        used = editing_view.levels_in_use(session, today())
        level = request.args.get("level") or (used[-1] if used else levels[-1].code)
        rows = (
            editing_view.listed_points(session, like)
            if noun == "points"
            else editing_view.listed_zones(session, level, like, today())
        )
        return render_template(
            "gis/edit_list.html",
            noun=noun if noun == "points" else "zones",
            levels=levels,
            level=level,
            words=words,
            page=page_of(rows),
            total=len(rows),
        )


@editing.get("/<any(zones, points):noun>/<int(max=2147483647):thing_id>")
def show_form(noun: str, thing_id: int) -> str:
    """Show the form of a zone or point; of a new one where the id is 0."""
    with own_transaction() as session:
        values = _values(session, noun, thing_id)
        return _form(session, noun, thing_id, values)


@editing.post("/<any(zones, points):noun>/<int(max=2147483647):thing_id>")
def save_form(noun: str, thing_id: int) -> Response | Redirect:
    """Save a form, or show it again with what stands in the way."""
    form = request.form.to_dict()
    try:
        with own_transaction() as session:
            made = edit_changes.save(session, [_change_of(session, noun, thing_id, form)])
    except NotFound:
        raise
    except GeoServiceError as error:
        with own_transaction() as session:
            page = _form(session, noun, thing_id, form, error)
        return Response(page, status_of(error))
    return redirect(url_for("editing.show_form", noun=noun, thing_id=thing_id or made[0], saved=1), 303)


@editing.get("/history/<any(zones, points, streets):noun>/<int(max=2147483647):thing_id>")
def show_history(noun: str, thing_id: int) -> str:
    """Show who changed what of a zone, point or street."""
    with own_transaction() as session:
        if not _is_there(session, noun, thing_id):
            raise NotFound
        found = history(session, NOUNS[noun], thing_id)
    title = next(
        (str(each.after) for change in found for each in change.differences if each.field == "name"), ""
    )
    return render_template(
        "gis/history.html", noun=noun, thing_id=thing_id, changes=found, title=title, field_word=field_word
    )


def _is_there(session: Session, noun: str, thing_id: int) -> bool:
    """Whether this session sees it; who sees the whole city also sees what is gone."""
    if noun == "zones":
        return editing_view.was_ever_seen(session, "zone_version", "zone_id", thing_id)
    return editing_view.was_ever_seen(session, NOUNS[noun], "id", thing_id)


def _values(session: Session, noun: str, thing_id: int) -> dict[str, Any]:
    """What a form begins with, as text."""
    if not thing_id:
        return {"level": request.args.get("level", "")}
    row = (
        editing_view.zone_to_edit(session, thing_id, today())
        if noun == "zones"
        else editing_view.point_to_edit(session, thing_id)
    )
    if row is None:
        raise NotFound
    texts = {
        name: "" if value is None else str(value)
        for name, value in row.items()
        if name not in ("geom", "attributes")
    }
    return {
        **texts,
        "geometry": shapely.from_wkb(bytes(row["geom"])).wkt,
        "active": "yes" if row.get("active") else "",
    }


def _form(
    session: Session,
    noun: str,
    thing_id: int,
    values: dict[str, Any],
    error: GeoServiceError | None = None,
) -> str:
    return render_template(
        "gis/edit_form.html",
        noun=noun,
        thing_id=thing_id,
        values=values,
        levels=zone_versions.levels(session),
        categories=point_rows.categories(session),
        problem=say(error.code, error.values) if error else "",
        asks=isinstance(error, InvalidGeometry) and error.code == "repair_needed",
        saved="saved" in request.args,
    )


def _change_of(session: Session, noun: str, thing_id: int, form: dict[str, str]) -> Told:
    """A form as the change that it means."""
    values: dict[str, Any] = {name: form.get(name, "") for name in ("code", "name") if name in form} | {
        "geometry": form.get("geometry", "")
    }
    if thing_id:
        values |= {"id": thing_id, "row_version": _whole(form.get("row_version", ""))}
    if noun == "points":
        values |= {"category": form.get("category", ""), "address": form.get("address", "")}
        for name in ("required_interval_days", "service_minutes", "weight"):
            values[name] = _number(name, form.get(name, ""))
        if thing_id:
            values["active"] = "active" in form
        return Told({**values, "op": "change_point" if thing_id else "add_point"})
    parent_code, level = form.get("parent_code", "").strip(), form.get("level", "")
    parent_id = editing_view.zone_id_of(session, parent_code, level, today()) if parent_code else None
    if parent_code and parent_id is None:
        raise BadRequest("parent_unusable", level=level)
    values |= {
        "parent_id": parent_id, "level": level, "correct": "correct" in form, "accept_repairs": "accept_repairs" in form,
    }  # fmt: skip
    return Told({**values, "op": "change_zone" if thing_id else "add_zone"})


def _whole(written: str) -> int:
    return int(written) if written.isdecimal() and len(written) < 10 else 0


def _number(name: str, written: str) -> float | None:
    try:
        return float(written) if written.strip() else None
    except ValueError as error:
        raise BadRequest("field_invalid", field=name, value=written[:80]) from error


def _box() -> tuple[float, float, float, float]:
    try:
        west, south, east, north = map(float, request.args.get("bbox", "").split(","))
    except ValueError as error:
        raise BadRequest("box_unreadable") from error
    if not (-720 <= west <= east <= 720 and -360 <= south <= north <= 360):
        raise BadRequest("box_unreadable")
    return west, south, east, north


def _features(rows: Sequence[dict[str, Any]]) -> Response:
    shown = rows[:MOST_SHOWN]
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "properties": {name: value for name, value in row.items() if name not in ("geom", "attributes")},
            "geometry": json.loads(shapely.to_geojson(shapely.from_wkb(bytes(row["geom"])))),
        }
        for row in shown
    ]
    return _json({"type": "FeatureCollection", "features": features, "more": len(rows) > MOST_SHOWN})


def _problem(error: GeoServiceError) -> Response:
    """A refusal with all that the page needs to help: which change, what it is now, what the repair would be."""
    values = dict(error.values)
    if "repaired" in values:
        values["repaired"] = json.loads(shapely.to_geojson(shapely.from_wkt(values["repaired"])))
    if "wkt" in values.get("now", {}):
        values["now"] = {
            **values["now"],
            "geometry": json.loads(shapely.to_geojson(shapely.from_wkt(values["now"]["wkt"]))),
        }
    sentence = say(error.code, error.values) if not isinstance(error, NotFound) else gettext(
        "This is not there any more, or it is not for you."
    )  # fmt: skip
    body = {"status": status_of(error), "code": error.code, "detail": sentence, "values": values}
    return Response(
        json.dumps(body, ensure_ascii=False, default=str),
        status_of(error),
        content_type="application/problem+json",
    )


def _json(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json")
