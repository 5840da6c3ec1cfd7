"""Inspection points added, changed and taken out of use by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.domain.geometry import clean_point
from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.services.editing.applying import Edit, editing_ground
from geoservice.services.editing.placed import add_row, change_row, held_row
from geoservice.store import point_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class NewPoint:
    """A point to be made, in longitude and latitude; None: what its category requires."""

    code: str
    category: str
    name: str
    geom: BaseGeometry
    address: str = ""
    required_interval_days: float | None = None
    service_minutes: float | None = None
    weight: float | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)


def add_point(session: Session, settings: Settings, new: NewPoint, *, by: int | None, now: datetime) -> int:
    """Make a point → its id."""
    edit = Edit(by, now)
    values = {**vars(new), "name": new.name or new.code, "active": True, "attributes": dict(new.attributes)}
    with editing_ground(session, settings, edit):
        return add_row(session, settings, "point", _sound(session, new.code, values), edit)


def change_point(  # noqa: PLR0913 - which point as it was seen, what is to change, who and when
    session: Session,
    settings: Settings,
    point_id: int,
    changes: Mapping[str, object],
    *,
    row_version: int,
    by: int | None,
    now: datetime,
) -> int:
    """Change fields of a point (those of NewPoint, and `active`) → its new row version."""
    edit = Edit(by, now)
    with editing_ground(session, settings, edit):
        row = held_row(session, settings, "point", point_id, row_version)
        return change_row(session, settings, "point", row, _sound(session, row["code"], changes), edit)


def remove_point(
    session: Session, settings: Settings, point_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Take a point out of use; what was seen there stays."""
    change_point(session, settings, point_id, {"active": False}, row_version=row_version, by=by, now=now)


def _sound(session: Session, code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    sound = dict(values)
    if "category" in sound:
        known = [category.code for category in point_rows.categories(session)]
        if sound["category"] not in known:
            raise BadRequest("category_unknown", value=sound["category"], categories=", ".join(known))
    if "geom" in sound:
        try:
            sound["geom"] = clean_point(sound["geom"])
        except InvalidGeometry as error:
            raise InvalidGeometry("shape_unusable", code=code, reason=error.code) from error
    return sound
