"""Inspection points added, changed and taken out of use by hand."""

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
    raise NotImplementedError


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
    raise NotImplementedError


def remove_point(
    session: Session, settings: Settings, point_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Take a point out of use; what was seen there stays."""
    raise NotImplementedError
