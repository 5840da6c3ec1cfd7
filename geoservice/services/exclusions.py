"""The ground that nobody has to see: what it is, who excluded it when and why, and its share of each zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.windows import Window
from geoservice.services.ground import read_grid
from geoservice.store import bitmaps
from geoservice.store import exclusion_list as store
from geoservice.store import ground as ground_store

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.exclusion_list import ListedExclusion


@dataclass(frozen=True)
class ExcludedShare:
    """How much of a zone is excluded, as coverage counts it; `share` None: the zone has no ground."""

    zone_id: int
    code: str
    name: str
    level: str
    area_m2: float
    excluded_m2: float
    share: float | None


def list_exclusions(session: Session, on: date | None = None) -> list[ListedExclusion]:
    """Return the exclusions valid on a day, or every version there ever was."""
    return store.listed(session, on)


def excluded_shares(session: Session, on: date) -> list[ExcludedShare]:
    """Return the zones of a day that have excluded ground, the widest level first, then by code.

    Counted in cells of the masks, so that it is what the rates leave out: ground under two exclusions once.
    """
    if ground_store.read_deployment(session) is None:
        return []
    cell_m2 = read_grid(session).cell_m ** 2
    return [
        ExcludedShare(
            zone_id=zone.zone_id,
            code=zone.code,
            name=zone.name,
            level=zone.level,
            area_m2=zone.cells * cell_m2,
            excluded_m2=zone.excluded * cell_m2,
            share=zone.excluded / zone.cells if zone.cells else None,
        )
        for zone in bitmaps.count_zones(session, Window(on, on))
        if zone.excluded
    ]
