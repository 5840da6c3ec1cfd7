"""Which zones a check looks at: those of a day, of one level, below one zone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.services.importing.zones import known_level
from geoservice.store import check_rows, zone_versions

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.check_rows import ZoneBorder, ZoneName


@dataclass(frozen=True)
class Asked:
    """What is to be looked at; None in `level` or `parent_code` is all of them."""

    on: date
    level: str | None = None
    parent_code: str | None = None


@dataclass(frozen=True)
class Ground:
    """The zones of a day by id, all of them, and those asked for; `borders` are those read so far, by level."""

    asked: Asked
    levels: tuple[str, ...]
    every: dict[int, ZoneName]
    parent_ids: frozenset[int] | None
    borders: dict[str, list[ZoneBorder]] = field(default_factory=dict)

    def zones(self) -> list[ZoneName]:
        """The zones asked for, the widest level first, then by code."""
        return [
            zone
            for zone in self.every.values()
            if self.asked.level in {None, zone.level}
            and (self.parent_ids is None or zone.parent_id in self.parent_ids)
        ]


def read_ground(session: Session, asked: Asked) -> Ground:
    """Read the zones of a day; BadRequest for an unknown level, NotFound for a parent nobody is."""
    if asked.level is not None:
        known_level(session, asked.level)
    every = {zone.zone_id: zone for zone in check_rows.zone_names(session, asked.on)}
    parent_ids = None
    if asked.parent_code is not None:
        parent_ids = frozenset(zone.zone_id for zone in every.values() if zone.code == asked.parent_code)
        if not parent_ids:
            raise NotFound("zone_unknown", code=asked.parent_code)
    levels = tuple(level.code for level in zone_versions.levels(session))
    return Ground(asked, levels, every, parent_ids)


def read_borders(session: Session, ground: Ground, level: str) -> list[ZoneBorder]:
    """Read the borders of the zones of a level that are asked for, in order of code; once for all checks."""
    if level not in ground.borders:
        below = [None] if ground.parent_ids is None else sorted(ground.parent_ids)
        ground.borders[level] = [
            zone
            for parent_id in below
            for zone in check_rows.zone_borders(session, ground.asked.on, level=level, parent_id=parent_id)
        ]
    return ground.borders[level]
