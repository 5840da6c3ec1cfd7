"""Streets added, changed and removed by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class NewStreet:
    """A street to be made: one line in longitude and latitude, drawn the way traffic goes if it is one-way."""

    code: str
    name: str
    geom: BaseGeometry
    street_class: str = "unclassified"
    one_way: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)


def add_street(session: Session, settings: Settings, new: NewStreet, *, by: int | None, now: datetime) -> int:
    """Make a street → its id."""
    raise NotImplementedError


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
    raise NotImplementedError


def remove_street(
    session: Session, settings: Settings, street_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Delete a street that nothing refers to; Conflict `still_used` otherwise."""
    raise NotImplementedError
