"""Changes as a page sends them → calls of the services, all in one transaction or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest, GeoServiceError
from geoservice.services.editing import points, splitting, street_cutting, streets, zones
from geoservice.services.editing.applying import Edit, editing_ground
from geoservice.services.editing.points import NewPoint
from geoservice.services.editing.splitting import NewPart
from geoservice.services.editing.streets import NewStreet
from geoservice.services.editing.zones import UNTOLD, NewZone, ZoneChanges
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import the_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.web.edit_told import Told

MOST_CHANGES = 500


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
    ids = splitting.split_zone(
        session,
        current_settings(),
        told.number("id"),
        told.shape("line"),
        _parts(told),
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
    )
    return ids[-1]


def _parts(told: Told) -> list[NewPart]:
    return [NewPart(part.text("code"), part.text("name")) for part in told.objects("parts")]


def _seen(told: Told, name: str) -> list[tuple[int, int]]:
    """Things as they were seen: id and row version of each."""
    return [(each.number("id"), each.number("row_version")) for each in told.objects(name)]


def _merge_zones(session: Session, told: Told, edit: Edit) -> int:
    code, name = told.text("code"), told.text("name")
    return splitting.merge_zones(
        session, current_settings(), _seen(told, "zones"), code=code, name=name, by=edit.by, now=edit.now
    )


_STREET_FIELDS = ("code", "name", "street_class", "one_way")
_POINT_FIELDS = ("code", "category", "name", "address", "required_interval_days", "service_minutes", "weight")


def _values(told: Told, fields: tuple[str, ...]) -> dict[str, Any]:
    values = {name: told.values[name] for name in fields if name in told.values}
    if "geometry" in told.values:
        values["geom"] = told.shape()
    return values


def _add_point(session: Session, told: Told, edit: Edit) -> int:
    for name in ("code", "category", "name", "address"):
        told.text(name)
    values = {"code": "", "category": "", "name": "", **_values(told, _POINT_FIELDS), "geom": told.shape()}
    return points.add_point(session, current_settings(), NewPoint(**values), by=edit.by, now=edit.now)


def _change_point(session: Session, told: Told, edit: Edit) -> None:
    values = _values(told, _POINT_FIELDS) | (
        {"active": told.values["active"]} if "active" in told.values else {}
    )
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


def _add_street(session: Session, told: Told, edit: Edit) -> int:
    values = {
        "code": told.text("code"),
        "name": told.text("name"),
        **_values(told, _STREET_FIELDS),
        "geom": told.shape(),
    }
    return streets.add_street(session, current_settings(), NewStreet(**values), by=edit.by, now=edit.now)


def _change_street(session: Session, told: Told, edit: Edit) -> None:
    streets.change_street(
        session,
        current_settings(),
        told.number("id"),
        _values(told, _STREET_FIELDS),
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
    )


def _remove_street(session: Session, told: Told, edit: Edit) -> None:
    street_id, seen = told.number("id"), told.number("row_version")
    streets.remove_street(session, current_settings(), street_id, row_version=seen, by=edit.by, now=edit.now)


def _split_street(session: Session, told: Told, edit: Edit) -> int:
    ids = street_cutting.split_street(
        session,
        current_settings(),
        told.number("id"),
        told.shape("line"),
        _parts(told),
        row_version=told.number("row_version"),
        by=edit.by,
        now=edit.now,
    )
    return ids[-1]


def _join_streets(session: Session, told: Told, edit: Edit) -> int:
    code, name = told.text("code"), told.text("name")
    return street_cutting.join_streets(
        session, current_settings(), _seen(told, "streets"), code=code, name=name, by=edit.by, now=edit.now
    )


WORKS: dict[str, Callable[[Session, Told, Edit], int | None]] = {
    "add_zone": _add_zone,
    "change_zone": _change_zone,
    "end_zone": _end_zone,
    "split_zone": _split_zone,
    "merge_zones": _merge_zones,
    "add_point": _add_point,
    "change_point": _change_point,
    "remove_point": _remove_point,
    "add_street": _add_street,
    "change_street": _change_street,
    "remove_street": _remove_street,
    "split_street": _split_street,
    "join_streets": _join_streets,
}
