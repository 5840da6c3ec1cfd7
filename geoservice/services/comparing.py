"""Two windows of days beside each other: each zone's rate in both, and by how much it rose or fell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from geoservice.domain.windows import Window
from geoservice.services import coverage
from geoservice.store import areas

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.coverage import ZoneRow

MOST_ZONES = 300
SAME = 0.0005
"""Rates are written to a tenth of a per cent: less is no difference."""

Way = Literal["up", "down", "same", "unknown"]


@dataclass(frozen=True)
class Change:
    """A zone's rate in an earlier and a later window; None: nothing is known of the days, or the zone was not there.

    `zone_id` 0: all of the ground together.
    """

    zone_id: int
    code: str
    name: str
    before: float | None
    after: float | None

    @property
    def difference(self) -> float | None:
        """How much more of the ground was seen in the later window; None where one is not known."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def way(self) -> Way:
        """Which way it went, by what is written of it."""
        difference = self.difference
        if difference is None:
            return "unknown"
        if abs(difference) < SAME:
            return "same"
        return "up" if difference > 0 else "down"


@dataclass(frozen=True)
class Comparison:
    """Two windows: all of the ground, and its zones, those that lost most first; `left_out`: how many more there are."""

    total: Change
    zones: tuple[Change, ...]
    left_out: int

    def count(self, way: Way) -> int:
        """Count the zones shown that went one way."""
        return sum(zone.way == way for zone in self.zones)


def window_before(window: Window) -> Window:
    """Return the days just before a window, as many, and the same part of each."""
    days = (window.to_on - window.from_on).days + 1
    return Window(window.from_on - timedelta(days=days), window.from_on - timedelta(days=1), window.period)


def compare_level(
    session: Session, settings: Settings, before: Window, after: Window, level: str
) -> Comparison:
    """Compare the zones of a level, as far as the session sees them."""
    earlier, later = (coverage.zone_coverage(session, settings, one) for one in (before, after))
    return _joined(earlier, later, lambda row: row.level == level)


def compare_leader(
    session: Session, settings: Settings, before: Window, after: Window, leader_id: int, on: date
) -> Comparison:
    """Compare the finest zones of what a leader answers for on a day."""
    mine = areas.contracted_ground(session, leader_id, on).zone_ids
    earlier, later = (
        [row for row in coverage.zone_coverage(session, settings, one) if not mine.isdisjoint(row.path)]
        for one in (before, after)
    )
    return _joined(earlier, later, lambda row: row.is_leaf)


def _joined(
    earlier: Sequence[ZoneRow], later: Sequence[ZoneRow], is_shown: Callable[[ZoneRow], bool]
) -> Comparison:
    before = {row.zone_id: row.rate for row in earlier}
    zones = [
        Change(row.zone_id, row.code, row.name, before.get(row.zone_id), row.rate)
        for row in later
        if is_shown(row)
    ]
    zones.sort(key=lambda one: (one.difference is None, one.difference or 0.0, one.code))
    total = Change(0, "", "", coverage.totals(earlier).rate, coverage.totals(later).rate)
    return Comparison(total, tuple(zones[:MOST_ZONES]), max(0, len(zones) - MOST_ZONES))
