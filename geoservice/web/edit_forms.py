"""Zones, points and streets by tables and forms, the way round the map; who changed what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import shapely
from flask import Response, redirect, render_template, request, url_for

from geoservice.errors import BadRequest, GeoServiceError, InvalidGeometry, NotFound
from geoservice.services.editing.history import history
from geoservice.store import editing_view, point_rows, zone_versions
from geoservice.web import edit_changes
from geoservice.web.deployment import today
from geoservice.web.edit_door import editing
from geoservice.web.edit_rows import row_to_edit
from geoservice.web.edit_told import Told
from geoservice.web.edit_words import class_word, field_word, sentence_of, street_classes
from geoservice.web.errors import status_of
from geoservice.web.identity import own_transaction
from geoservice.web.paging import page_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as Redirect

NOUNS = {"zones": "zone", "points": "point", "streets": "street"}
ENDS = {"zones": "end_zone", "points": "remove_point", "streets": "remove_street"}


@editing.get("/list")
def show_list() -> str:
    """List zones of a level, points or streets, with a form each: the way round the map."""
    noun, words = request.args.get("noun", "zones"), request.args.get("q", "").strip()[:100]
    like = "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    with own_transaction() as session:
        levels = zone_versions.levels(session)
        used = editing_view.levels_in_use(session, today())
        level = request.args.get("level") or (used[-1] if used else levels[-1].code)
        if noun == "streets":
            rows = editing_view.listed_streets(session, like)
        elif noun == "points":
            rows = editing_view.listed_points(session, like)
        else:
            rows = editing_view.listed_zones(session, level, like, today())
        return render_template(
            "gis/edit_list.html",
            noun=noun if noun in NOUNS else "zones",
            levels=levels,
            level=level,
            words=words,
            page=page_of(rows),
            total=len(rows),
            single=NOUNS.get(noun, "zone"),
            class_word=class_word,
        )


@editing.get("/<any(zones, points, streets):noun>/<int(max=2147483647):thing_id>")
def show_form(noun: str, thing_id: int) -> str:
    """Show the form of a zone, point or street; of a new one where the id is 0."""
    with own_transaction() as session:
        values = _values(session, noun, thing_id)
        return _form(session, noun, thing_id, values)


@editing.post("/<any(zones, points, streets):noun>/<int(max=2147483647):thing_id>")
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
    if "remove" in form:
        return redirect(url_for("editing.show_list", noun=noun, level=form.get("level")), 303)
    return redirect(url_for("editing.show_form", noun=noun, thing_id=thing_id or made[0], saved=1), 303)


@editing.get("/history/<any(zones, points, streets):noun>/<int(max=2147483647):thing_id>")
def show_history(noun: str, thing_id: int) -> str:
    """Show who changed what of a zone, point or street."""
    with own_transaction() as session:
        if not _is_there(session, noun, thing_id):
            raise NotFound
        found = history(session, NOUNS[noun], thing_id)
        is_there = row_to_edit(session, NOUNS[noun], thing_id) is not None
    title = next(
        (str(each.after) for change in found for each in change.differences if each.field == "name"), ""
    )
    return render_template(
        "gis/history.html",
        noun=noun,
        thing_id=thing_id,
        changes=found,
        title=title,
        is_there=is_there,
        field_word=field_word,
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
    row = row_to_edit(session, NOUNS[noun], thing_id)
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
        "one_way": "yes" if row.get("one_way") else "",
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
        single=NOUNS[noun],
        categories=point_rows.categories(session),
        classes=street_classes(session),
        problem=sentence_of(error) if error else "",
        asks=isinstance(error, InvalidGeometry) and error.code == "repair_needed",
        saved="saved" in request.args,
    )


def _change_of(session: Session, noun: str, thing_id: int, form: dict[str, str]) -> Told:
    """A form as the change that it means."""
    if thing_id and "remove" in form:
        seen = _whole(form.get("row_version", ""))
        return Told({"op": ENDS[noun], "id": thing_id, "row_version": seen})
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
    if noun == "streets":
        values |= {"street_class": form.get("street_class", ""), "one_way": "one_way" in form}
        return Told({**values, "op": "change_street" if thing_id else "add_street"})
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
