"""Zones drawn, changed, split, merged and ended by hand; a border that moves today leaves yesterday's as it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


class Untold(Enum):
    """What a change does not speak of; None is a value."""

    UNTOLD = "untold"


UNTOLD = Untold.UNTOLD


@dataclass(frozen=True)
class NewZone:
    """A zone to be made; `geom` is a polygon in longitude and latitude."""

    level: str
    code: str
    name: str
    parent_id: int | None
    geom: BaseGeometry


@dataclass(frozen=True)
class ZoneChanges:
    """What is to be different about a zone; what is UNTOLD stays as it is."""

    name: str | Untold = UNTOLD
    parent_id: int | None | Untold = UNTOLD
    code: str | Untold = UNTOLD
    geom: BaseGeometry | Untold = UNTOLD


@dataclass(frozen=True)
class BorderChange:
    """A new border for a zone that was last seen at `row_version`."""

    zone_id: int
    geom: BaseGeometry
    row_version: int


@dataclass(frozen=True)
class NewPart:
    """Code and name of a part of a zone that is split."""

    code: str
    name: str


def add_zone(
    session: Session,
    settings: Settings,
    new: NewZone,
    *,
    by: int | None,
    now: datetime,
    accept_repairs: bool = False,
) -> int:
    """Make a zone → its id."""
    raise NotImplementedError


def change_zone(  # noqa: PLR0913 - which zone as it was seen, what is to change, who, when and how
    session: Session,
    settings: Settings,
    zone_id: int,
    changes: ZoneChanges,
    *,
    row_version: int,
    by: int | None,
    now: datetime,
    correct: bool = False,
    accept_repairs: bool = False,
) -> int:
    """Change a zone from today on, or (`correct`) as if it had always been so → its new row version."""
    raise NotImplementedError


def replace_borders(  # noqa: PLR0913 - as above, for several
    session: Session,
    settings: Settings,
    changes: Sequence[BorderChange],
    *,
    by: int | None,
    now: datetime,
    correct: bool = False,
    accept_repairs: bool = False,
) -> list[int]:
    """Give several zones new borders, all or none → their new row versions, in the order of `changes`."""
    raise NotImplementedError


def end_zone(
    session: Session, settings: Settings, zone_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Let a zone be no more from today on; its past stays."""
    raise NotImplementedError


def split_zone(  # noqa: PLR0913 - which zone as it was seen, how, who and when
    session: Session,
    settings: Settings,
    zone_id: int,
    line: BaseGeometry,
    parts: Sequence[NewPart],
    *,
    row_version: int,
    by: int | None,
    now: datetime,
) -> list[int]:
    """Cut a zone along a line → the ids of the zones it becomes; a part with the zone's own code stays this zone."""
    raise NotImplementedError


def merge_zones(  # noqa: PLR0913 - which zones as they were seen, into what, who and when
    session: Session,
    settings: Settings,
    zones: Sequence[tuple[int, int]],
    *,
    code: str,
    name: str,
    by: int | None,
    now: datetime,
) -> int:
    """Make one zone of several, (id, row version) each → its id; with the code of one of them it stays that one."""
    raise NotImplementedError
