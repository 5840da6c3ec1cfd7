"""Streets added, changed and removed by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.domain.geometry import clean_line
from geoservice.errors import InvalidGeometry
from geoservice.services.editing.applying import Edit, editing_ground
from geoservice.services.editing.placed import add_row, change_row, held_row, refuse_used
from geoservice.store import audit, editing_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

UNCLASSIFIED = "unclassified"


@dataclass(frozen=True)
class NewStreet:
    """A street to be made: one line in longitude and latitude, drawn the way traffic goes if it is one-way."""

    code: str
    name: str
    geom: BaseGeometry
    street_class: str = UNCLASSIFIED
    one_way: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)


def add_street(session: Session, settings: Settings, new: NewStreet, *, by: int | None, now: datetime) -> int:
    """Make a street → its id."""
    edit = Edit(by, now)
    values = {**vars(new), "attributes": dict(new.attributes)}
    with editing_ground(session, settings, edit):
        return add_row(session, settings, "street", _sound(new.code, values), edit)


def change_street(  # noqa: PLR0913 - which street as it was seen, what is to change, who and when
    session: Session,
    settings: Settings,
    street_id: int,
    changes: Mapping[str, object],
    *,
    row_version: int,
    by: int | None,
    now: datetime,
) -> int:
    """Change fields of a street (those of NewStreet) → its new row version."""
    edit = Edit(by, now)
    with editing_ground(session, settings, edit):
        row = held_row(session, settings, "street", street_id, row_version)
        return change_row(session, settings, "street", row, _sound(row["code"], changes), edit)


def remove_street(
    session: Session, settings: Settings, street_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Delete a street that nothing refers to; Conflict `still_used` otherwise."""
    edit = Edit(by, now)
    with editing_ground(session, settings, edit):
        row = held_row(session, settings, "street", street_id, row_version)
        refuse_used(session, "street", row)
        with editing_rows.whole_city(session):
            editing_rows.delete_row(session, "street", street_id)
        audit.record(session, by, "street.remove", "street", str(street_id), {"code": row["code"]})


def _sound(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with one clean line; several lines are several streets."""
    sound = dict(values)
    if sound.get("street_class") == "":
        sound["street_class"] = UNCLASSIFIED
    if "geom" in sound:
        try:
            lines = clean_line(sound["geom"])
        except InvalidGeometry as error:
            raise InvalidGeometry("shape_unusable", code=code, reason=error.code) from error
        if len(lines) > 1:
            raise InvalidGeometry("shape_unusable", code=code, reason="several_lines")
        sound["geom"] = lines[0]
    return sound
