"""Gaps by how much they matter, with whose they are: from a window's report, or found now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.contracts import answerable
from geoservice.domain.ranking import gap_score
from geoservice.services.gap_reports import find_gaps
from geoservice.store import bitmaps, gap_rows
from geoservice.store.kept import kept
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from datetime import date

    import shapely
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.contracts import Holder
    from geoservice.domain.windows import Window
    from geoservice.store.gap_rows import StoredGap
    from geoservice.store.zones_of_day import ZoneOn


@dataclass(frozen=True)
class Part:
    """Which of ranked things: at most `limit` of them, None is all, after the first `skip`."""

    limit: int | None = None
    skip: int = 0

    @property
    def end(self) -> int | None:
        """After how many there is none left to look at."""
        return None if self.limit is None else self.skip + self.limit


ALL = Part()

HOLDERS = ("contract", "leader")
"""What tells who answers for zones."""


@dataclass(frozen=True)
class GapRow:
    """A gap; `geometry` in lon/lat. `days_unseen` None: never seen within the history looked at. `score`: see `gap_score`."""

    zone_id: int
    zone_code: str
    zone_name: str
    geometry: shapely.Geometry
    area_m2: float
    last_seen_on: date | None
    days_unseen: int | None
    point_count: int
    point_weight: float
    leader: str | None
    others: tuple[tuple[str, str], ...]
    score: float


def rank_gaps(
    session: Session,
    settings: Settings,
    window: Window,
    wanted: frozenset[int] | None,
    part: Part = ALL,
    *,
    stale: bool = False,
) -> list[GapRow]:
    """Return the gaps of a window, the highest score first: in the zones of `wanted` and all below, or everywhere.

    From the window's report where it is fresh, or `stale` will do; else found now.
    """
    by_id = {
        zone.zone_id: zone
        for zone in zones_on(session, window.to_on)
        if wanted is None or not wanted.isdisjoint(zone.path)
    }
    asked = None if wanted is None else list(by_id)
    report = gap_rows.report_at(session, window, stale=stale)
    never = settings.history_days
    if report is not None:
        found = gap_rows.gaps_of(session, report[0], asked, never, part.limit, part.skip)
    else:
        found = list(find_gaps(session, settings, window, bitmaps.count_zones(session, window, asked)))
    holders = holders_on(session, window.to_on)
    rows = [
        _gap_row(gap, by_id[gap.zone_id], window, never, holders) for gap in found if gap.zone_id in by_id
    ]
    rows.sort(key=lambda row: (-row.score, -row.area_m2, row.zone_code))
    return rows if report is not None else rows[part.skip : part.end]


def holders_on(session: Session, on: date) -> dict[int, tuple[Holder, ...]]:
    """Return who contracted each zone on a day; nobody may change it."""
    return kept(session, HOLDERS, ("holders_on", on), lambda: gap_rows.holders_on(session, on))


def _gap_row(
    gap: StoredGap,
    zone: ZoneOn,
    window: Window,
    never_days: int,
    holders: dict[int, tuple[Holder, ...]],
) -> GapRow:
    leader, others = answerable(zone.path, holders)
    days_unseen = None if gap.last_seen_on is None else (window.to_on - gap.last_seen_on).days
    return GapRow(
        zone_id=zone.zone_id,
        zone_code=zone.code,
        zone_name=zone.name,
        geometry=gap.geometry,
        area_m2=gap.area_m2,
        last_seen_on=gap.last_seen_on,
        days_unseen=days_unseen,
        point_count=gap.point_count,
        point_weight=gap.point_weight,
        leader=leader,
        others=others,
        score=gap_score(gap.area_m2, gap.point_weight, days_unseen, never_days),
    )
