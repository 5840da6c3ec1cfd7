"""Changes as a page sends them → calls of the services, all in one transaction or none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from flask import request
from shapely.errors import ShapelyError

from geoservice.errors import BadRequest, GeoServiceError, InvalidGeometry
from geoservice.formats.text import text_fault
from geoservice.services.editing import points, splitting, zones
from geoservice.services.editing.applying import Edit, editing_ground
from geoservice.services.editing.points import NewPoint
from geoservice.services.editing.splitting import NewPart
from geoservice.services.editing.zones import UNTOLD, NewZone, ZoneChanges
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

MOST_CHANGES = 500
MOST_BYTES = 8 * 1024 * 1024
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Told:
    """One change as it was sent; what is of another kind than it should be is a BadRequest."""

    values: dict[str, Any]

    def number(self, name: str) -> int:
        """A whole number that can be an id or a row version."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_ID:
            raise BadRequest("changes_unreadable", reason=name)
        return value

    def text(self, name: str) -> str:
        """A text."""
        value = self.values.get(name, "")
        if not isinstance(value, str) or text_fault(value):
            raise BadRequest("changes_unreadable", reason=name)
        return value

    def flag(self, name: str) -> bool:
        """Whether something is told."""
        return self.values.get(name) is True

    def shape(self, name: str = "geometry") -> BaseGeometry:
        """A geometry, as a GeoJSON object or as text."""
        value = self.values.get(name)
        return geometry_of(value if isinstance(value, str) else json.dumps(value))

    def objects(self, name: str) -> list[Told]:
        """A list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise BadRequest("changes_unreadable", reason=name)
        return [Told(each) for each in value]

    def optional(self, name: str, read: Callable[[str], Any]) -> Any:
        """A value where it is told, else UNTOLD; null is None."""
        if name not in self.values:
            return UNTOLD
        return None if self.values[name] is None else read(name)


def read_json() -> Told:
    """The body of this request, an object."""
    if (request.content_length or MOST_BYTES + 1) > MOST_BYTES:
        raise BadRequest("changes_unreadable", reason="size")
    try:
        told = json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("changes_unreadable", reason="JSON") from error
    if not isinstance(told, dict):
        raise BadRequest("changes_unreadable", reason="JSON")
    return Told(told)


def geometry_of(written: str) -> BaseGeometry:
    """A geometry from WKT or GeoJSON; InvalidGeometry when it is neither."""
    try:
        text = written.strip()
        shape = shapely.from_geojson(text) if text.startswith("{") else shapely.from_wkt(text)
    except (ShapelyError, ValueError, TypeError, RecursionError) as error:
        raise InvalidGeometry("geometry_unreadable") from error
    if shape is None or shape.is_empty:
        raise InvalidGeometry("geometry_unreadable")
    return shape


def save(session: Session, told: list[Told]) -> list[int | None]:
    """Carry out changes one after the other, all or none → the ids of what each made.

    An error carries the number of the change it belongs to, from 0, as the value `number`.
    """
    if not told:
        raise BadRequest("nothing_to_save")
    if len(told) > MOST_CHANGES:
        raise BadRequest("too_many_changes", count=len(told), most=MOST_CHANGES)
    edit = Edit(the_account().id, current_time(), any(each.flag("correct") for each in told))
    made: list[int | None] = []
    with editing_ground(session, current_settings(), edit):
        for number, each in enumerate(told):
            try:
                made.append(_carry_out(session, each, edit))
            except GeoServiceError as error:
                error.values["number"] = number
                raise
    return made


def _carry_out(session: Session, told: Told, edit: Edit) -> int | None:
    work = WORKS.get(told.text("op"))
    if work is None:
        raise BadRequest("changes_unreadable", reason="op")
    return work(session, told, edit)


def _add_zone(session: Session, told: Told, edit: Edit) -> int:
    parent_id = told.optional("parent_id", told.number)
    new = NewZone(
        told.text("level"),
        told.text("code"),
        told.text("name"),
        None if parent_id is UNTOLD else parent_id,
        told.shape(),
    )
    return zones.add_zone(
        session,
        current_settings(),
        new,
        by=edit.by,
        now=edit.now,
        accept_repairs=told.flag("accept_repairs"),
    )


def _change_zone(session: Session, told: Told, edit: Edit) -> None:
    changes = ZoneChanges(
        name=told.optional("name", told.text),
        parent_id=told.optional("parent_id", told.number),
        code=told.optional("code", told.text),
        geom=told.optional("geometry", told.shape),
    )
    zones.change_zone(
        session,
        current_settings(),
        told.number("id"),
        changes,
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
        correct=told.flag("correct"),
        accept_repairs=told.flag("accept_repairs"),
    )


def _end_zone(session: Session, told: Told, edit: Edit) -> None:
    zone_id, seen = told.number("id"), told.number("row_version")
    zones.end_zone(session, current_settings(), zone_id, row_version=seen, by=edit.by, now=edit.now)


def _split_zone(session: Session, told: Told, edit: Edit) -> int:
    parts = [NewPart(part.text("code"), part.text("name")) for part in told.objects("parts")]
    ids = splitting.split_zone(
        session,
        current_settings(),
        told.number("id"),
        told.shape("line"),
        parts,
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
    )
    return ids[-1]


def _merge_zones(session: Session, told: Told, edit: Edit) -> int:
    seen = [(zone.number("id"), zone.number("row_version")) for zone in told.objects("zones")]
    code, name = told.text("code"), told.text("name")
    return splitting.merge_zones(
        session, current_settings(), seen, code=code, name=name, by=edit.by, now=edit.now
    )


_POINT_FIELDS = ("code", "category", "name", "address", "required_interval_days", "service_minutes", "weight")


def _point_values(told: Told) -> dict[str, Any]:
    values = {name: told.values[name] for name in _POINT_FIELDS if name in told.values}
    if "geometry" in told.values:
        values["geom"] = told.shape()
    return values


def _add_point(session: Session, told: Told, edit: Edit) -> int:
    for name in ("code", "category", "name", "address"):
        told.text(name)
    values = {"code": "", "category": "", "name": "", **_point_values(told), "geom": told.shape()}
    return points.add_point(session, current_settings(), NewPoint(**values), by=edit.by, now=edit.now)


def _change_point(session: Session, told: Told, edit: Edit) -> None:
    values = _point_values(told) | ({"active": told.values["active"]} if "active" in told.values else {})
    points.change_point(
        session,
        current_settings(),
        told.number("id"),
        values,
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
    )


def _remove_point(session: Session, told: Told, edit: Edit) -> None:
    point_id, seen = told.number("id"), told.number("row_version")
    points.remove_point(session, current_settings(), point_id, row_version=seen, by=edit.by, now=edit.now)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


WORKS: dict[str, Callable[[Session, Told, Edit], int | None]] = {
    "add_zone": _add_zone,
    "change_zone": _change_zone,
    "end_zone": _end_zone,
    "split_zone": _split_zone,
    "merge_zones": _merge_zones,
    "add_point": _add_point,
    "change_point": _change_point,
    "remove_point": _remove_point,
}
