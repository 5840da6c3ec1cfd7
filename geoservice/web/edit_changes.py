"""Changes as a page sends them → calls of the services, all in one transaction or none."""

from __future__ import annotations

from dataclasses import dataclass
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

    from geoservice.config import Settings
    from geoservice.web.edit_told import Told

MOST_CHANGES = 500


@dataclass(frozen=True)
class Work:
    """One change on its way to a service, in the shapes in which services ask for their arguments."""

    session: Session
    told: Told
    edit: Edit

    @property
    def ground(self) -> tuple[Session, Settings]:
        """Where."""
        return self.session, current_settings()

    @property
    def thing(self) -> tuple[Session, Settings, int]:
        """Where, and which thing."""
        return *self.ground, self.told.number("id")

    @property
    def signed(self) -> dict[str, Any]:
        """By whom, and when."""
        return {"by": self.edit.by, "now": self.edit.now}

    @property
    def seen(self) -> dict[str, Any]:
        """The same, and as what the editor had seen it."""
        return {"row_version": self.told.number("row_version"), **self.signed}

    @property
    def named(self) -> dict[str, Any]:
        """Code and name."""
        return {name: self.told.text(name) for name in ("code", "name")}

    @property
    def parts(self) -> list[NewPart]:
        """What something is split into."""
        return [NewPart(part.text("code"), part.text("name")) for part in self.told.objects("parts")]

    def several(self, name: str) -> list[tuple[int, int]]:
        """Things as they were seen: id and row version of each."""
        return [(each.number("id"), each.number("row_version")) for each in self.told.objects(name)]


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
                made.append(_carry_out(Work(session, each, edit)))
            except GeoServiceError as error:
                error.values["number"] = number
                raise
    return made


def _carry_out(work: Work) -> int | None:
    carry_out = WORKS.get(work.told.text("op"))
    if carry_out is None:
        raise BadRequest("changes_unreadable", reason="op")
    return carry_out(work)


def _add_zone(work: Work) -> int:
    told = work.told
    parent_id = told.optional("parent_id", told.number)
    new = NewZone(
        told.text("level"),
        told.text("code"),
        told.text("name"),
        None if parent_id is UNTOLD else parent_id,
        told.shape(),
    )
    return zones.add_zone(*work.ground, new, **work.signed, accept_repairs=told.flag("accept_repairs"))


def _change_zone(work: Work) -> None:
    told = work.told
    changes = ZoneChanges(
        name=told.optional("name", told.text),
        parent_id=told.optional("parent_id", told.number),
        code=told.optional("code", told.text),
        geom=told.optional("geometry", told.shape),
    )
    correct, accepted = told.flag("correct"), told.flag("accept_repairs")
    zones.change_zone(*work.thing, changes, **work.seen, correct=correct, accept_repairs=accepted)


def _end_zone(work: Work) -> None:
    zones.end_zone(*work.thing, **work.seen)


def _split_zone(work: Work) -> int:
    return splitting.split_zone(*work.thing, work.told.shape("line"), work.parts, **work.seen)[-1]


def _merge_zones(work: Work) -> int:
    return splitting.merge_zones(*work.ground, work.several("zones"), **{**work.named, **work.signed})


_STREET_FIELDS = ("code", "name", "street_class", "one_way")
_POINT_FIELDS = ("code", "category", "name", "address", "required_interval_days", "service_minutes", "weight")


def _values(told: Told, fields: tuple[str, ...]) -> dict[str, Any]:
    values = {name: told.values[name] for name in fields if name in told.values}
    if "geometry" in told.values:
        values["geom"] = told.shape()
    return values


def _add_point(work: Work) -> int:
    told = work.told
    for name in ("code", "category", "name", "address"):
        told.text(name)
    values = {"code": "", "category": "", "name": "", **_values(told, _POINT_FIELDS), "geom": told.shape()}
    return points.add_point(*work.ground, NewPoint(**values), **work.signed)


def _change_point(work: Work) -> None:
    points.change_point(*work.thing, _values(work.told, (*_POINT_FIELDS, "active")), **work.seen)


def _remove_point(work: Work) -> None:
    points.remove_point(*work.thing, **work.seen)


def _add_street(work: Work) -> int:
    values = {**_values(work.told, _STREET_FIELDS), **work.named, "geom": work.told.shape()}
    return streets.add_street(*work.ground, NewStreet(**values), **work.signed)


def _change_street(work: Work) -> None:
    streets.change_street(*work.thing, _values(work.told, _STREET_FIELDS), **work.seen)


def _remove_street(work: Work) -> None:
    streets.remove_street(*work.thing, **work.seen)


def _split_street(work: Work) -> int:
    return street_cutting.split_street(*work.thing, work.told.shape("line"), work.parts, **work.seen)[-1]


def _join_streets(work: Work) -> int:
    return street_cutting.join_streets(*work.ground, work.several("streets"), **{**work.named, **work.signed})


WORKS: dict[str, Callable[[Work], int | None]] = {
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
