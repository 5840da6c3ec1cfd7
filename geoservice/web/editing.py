"""Editing the map: draw, move, split and merge zones, points and streets; tables and forms have a module of their own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shapely
from flask import Response, render_template, request

from geoservice.errors import BadRequest, GeoServiceError, NotFound
from geoservice.services.editing import splitting, street_cutting
from geoservice.store import editing_view, point_rows, zone_versions
from geoservice.web import edit_changes, edit_forms, edit_told
from geoservice.web.base_maps import page_with_map
from geoservice.web.deployment import today
from geoservice.web.edit_door import editing
from geoservice.web.edit_rows import row_to_edit
from geoservice.web.edit_words import editor_words, sentence_of, street_classes
from geoservice.web.errors import status_of
from geoservice.web.identity import own_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

__all__ = ["edit_forms", "editing"]

MOST_SHOWN = 3_000
LAYERS = ("zones", "points", "streets")
ASIDE_DEGREES = 5e-4
"""About 50 m around what is shown by itself."""


@editing.get("/")
def show_editor() -> Response:
    """Show the map to edit, at the thing that `choose` names (such as street:12), or at the whole city."""
    with own_transaction() as session:
        levels = zone_versions.levels(session)
        used = editing_view.levels_in_use(session, today())
        key, chosen = _chosen(session)
        level = chosen.get("level") or request.args.get("level") or (used[-1] if used else levels[-1].code)
        shown = set(request.args.getlist("show")) & set(LAYERS) or set(LAYERS)
        view = _bounds(chosen) or editing_view.whole_view(session, level, today())
        page = render_template(
            "gis/edit.html",
            levels=levels,
            level=level,
            shown=shown | {f"{key.split(':')[0]}s"} if chosen else shown,
            chosen=key if chosen else "",
            view=view,
            categories=point_rows.categories(session),
            classes=street_classes(session),
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


@editing.get("/streets.geojson")
def get_streets() -> Response:
    """Return the streets in a box, the longest where there are too many."""
    box = _box()
    with own_transaction() as session:
        found = editing_view.streets_in_view(session, box, MOST_SHOWN + 1)
    return _features(found)


@editing.post("/preview")
def preview_split() -> Response:
    """Return what a line would cut a zone into, the largest piece first, or a street, from its beginning on; nothing is stored."""
    try:
        told = edit_told.read_json()
        noun, thing_id, line = told.text("noun") or "zone", told.number("id"), told.shape("line")
        with own_transaction() as session:
            row = row_to_edit(session, noun, thing_id)
        if row is None:
            raise NotFound
        pieces = _pieces(noun, row, line)
    except GeoServiceError as error:
        return _problem(error)
    return _json({"pieces": [json.loads(shapely.to_geojson(piece)) for piece in pieces]})


@editing.post("/changes")
def save_changes() -> Response:
    """Save all changes or none; what stands in the way is told with the change it belongs to."""
    try:
        told = edit_told.read_json()
        with own_transaction() as session:
            made = edit_changes.save(session, told.objects("changes"))
    except GeoServiceError as error:
        return _problem(error)
    return _json({"saved": len(made), "ids": made})


def _pieces(noun: str, row: dict[str, Any], line: BaseGeometry) -> Sequence[BaseGeometry]:
    if noun == "street":
        return street_cutting.cut(row["code"], street_cutting.line_of(row), line)
    if noun == "zone":
        return splitting.cut(row["code"], splitting.border_of(bytes(row["geom"])), line)
    raise BadRequest("changes_unreadable", reason="noun")


def _chosen(session: Session) -> tuple[str, dict[str, Any]]:
    """What the address asks to be shown: its key, as the page calls it, and its row, empty where it is not there."""
    noun, _, number = request.args.get("choose", "").partition(":")
    if not (number.isdecimal() and len(number) < 10):
        return "", {}
    return f"{noun}:{int(number)}", row_to_edit(session, noun, int(number)) or {}


def _bounds(row: dict[str, Any]) -> tuple[float, ...] | None:
    """The box around a thing, with something of what is beside it."""
    if not row:
        return None
    return tuple(shapely.from_wkb(bytes(row["geom"])).buffer(ASIDE_DEGREES).bounds)


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
    sentence = sentence_of(error)
    body = {"status": status_of(error), "code": error.code, "detail": sentence, "values": values}
    return Response(
        json.dumps(body, ensure_ascii=False, default=str),
        status_of(error),
        content_type="application/problem+json",
    )


def _json(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json")
