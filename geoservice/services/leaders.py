"""How well each leader's own ground was covered: the union of all he contracted, every cell, piece and point once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.ranking import gap_score
from geoservice.domain.tiny import TINY_CELLS
from geoservice.domain.windows import day_start
from geoservice.services import coverage
from geoservice.services.ground import read_grid
from geoservice.services.points import PointState, point_rows
from geoservice.services.streets import unions_by_length
from geoservice.store import bitmaps, gap_rows, people
from geoservice.store import ground as ground_store
from geoservice.store import responsibility_rows as store
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.contracts import Holding
    from geoservice.domain.windows import Window

VISITED = frozenset({PointState.VISITED_FINDINGS, PointState.VISITED_CLEAN, PointState.PROBABLE})


@dataclass(frozen=True)
class LeaderRow:
    """A leader's ground in a window; his contracts are those of its last day.

    A rate is None where the window has no data or there is nothing of the kind to see. `rank` (1: best) goes by `rate`; equal
    rates share one. Streets count without tunnels and exclusions, `visited` points are those with a visit or check-in.
    `gap_score` adds up the scores of the blind spots on his ground; None while the window has no fresh report.
    """

    leader_id: int
    code: str
    name: str
    zone_count: int
    area_m2: float
    excluded_m2: float
    covered_m2: float
    rate: float | None
    rank: int | None
    street_length_m: float
    street_covered_m: float
    street_rate: float | None
    points: int
    visited: int
    gap_score: float | None


@dataclass(frozen=True)
class _Grounds:
    """Who contracted what himself: leader → zone ids, street ids; zone and point → leaders; and every zone's path."""

    zones: Mapping[int, frozenset[int]]
    streets: Mapping[int, frozenset[int]]
    of_zone: Mapping[int, frozenset[int]]
    of_point: Mapping[int, frozenset[int]]
    path_of: Mapping[int, tuple[int, ...]]

    def leaders_of_zone(self, zone_id: int | None) -> frozenset[int]:
        """Return whose ground a zone is, be it through a zone above it."""
        path = self.path_of.get(zone_id, ()) if zone_id is not None else ()
        return frozenset().union(*(self.of_zone.get(above, ()) for above in path))


def leader_rows(
    session: Session, settings: Settings, window: Window, *, role: str | None = None
) -> list[LeaderRow]:
    """Return every leader who contracts something on the window's last day, in any role or in one, the best first.

    Those without a rate come last. Two leaders may share ground: their rows must not be added up.
    """
    if ground_store.read_deployment(session) is None:
        return []
    held = [each for each in store.holdings_on(session, window.to_on) if role in {None, each.role}]
    contracted = {each.leader_id for each in held}
    grounds = _grounds(session, window, held)
    rows = {
        leader.id: _empty_row(leader, grounds)
        for leader in people.all_leaders(session)
        if leader.id in contracted
    }
    for measure in (_measure_area, _measure_streets, _measure_points, _measure_gaps):
        rows = measure(session, settings, window, grounds, rows)
    return _ranked(rows.values())


def _grounds(session: Session, window: Window, held: Iterable[Holding]) -> _Grounds:
    by_leader: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    by_ground: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for holding in held:
        kind, ground_id = holding.ground
        by_leader[kind][holding.leader_id].add(ground_id)
        by_ground[kind][ground_id].add(holding.leader_id)
    return _Grounds(
        zones=_frozen(by_leader["zone"]),
        streets=_frozen(by_leader["street"]),
        of_zone=_frozen(by_ground["zone"]),
        of_point=_frozen(by_ground["point"]),
        path_of={zone.zone_id: zone.path for zone in zones_on(session, window.to_on)},
    )


def _frozen(sets: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    return {key: frozenset(values) for key, values in sets.items()}


def _empty_row(leader: people.Leader, grounds: _Grounds) -> LeaderRow:
    return LeaderRow(
        leader_id=leader.id,
        code=leader.code,
        name=leader.name,
        zone_count=len(grounds.zones.get(leader.id, ())),
        area_m2=0.0,
        excluded_m2=0.0,
        covered_m2=0.0,
        rate=None,
        rank=None,
        street_length_m=0.0,
        street_covered_m=0.0,
        street_rate=None,
        points=0,
        visited=0,
        gap_score=None,
    )


_Rows = dict[int, LeaderRow]


def _measure_area(
    session: Session, settings: Settings, window: Window, grounds: _Grounds, rows: _Rows
) -> _Rows:
    counts = bitmaps.count_groups(session, window, grounds.zones)
    cell_m2 = read_grid(session).cell_m ** 2
    measured = coverage.has_data(session, window)
    out = dict(rows)
    for leader_id, count in counts.items():
        if count.cells < TINY_CELLS:
            area = _exact_area(session, settings, window, grounds, leader_id)
        else:
            area = (count.cells * cell_m2, count.excluded * cell_m2, count.covered * cell_m2)
        all_m2, excluded_m2, covered_m2 = area
        out[leader_id] = replace(
            rows[leader_id],
            area_m2=all_m2,
            excluded_m2=excluded_m2,
            covered_m2=covered_m2,
            rate=covered_m2 / (all_m2 - excluded_m2) if measured and all_m2 > excluded_m2 else None,
        )
    return out


def _exact_area(
    session: Session, settings: Settings, window: Window, grounds: _Grounds, leader_id: int
) -> tuple[float, float, float]:
    """Add up the leaves of somebody whose whole ground is a few cells: each of them is measured by its border."""
    mine = grounds.zones[leader_id]
    below = [zone_id for zone_id, path in grounds.path_of.items() if not mine.isdisjoint(path)]
    rows = coverage.zone_coverage(session, settings, window, zone_ids=below)
    leaves = [row for row in rows if row.is_leaf]
    all_m2, excluded_m2, covered_m2 = (
        sum(getattr(row, name) for row in leaves) for name in ("area_m2", "excluded_m2", "covered_m2")
    )
    return all_m2, excluded_m2, covered_m2


def _measure_streets(
    session: Session, settings: Settings, window: Window, grounds: _Grounds, rows: _Rows
) -> _Rows:
    asked = {
        key: (grounds.zones.get(key, frozenset()), grounds.streets.get(key, frozenset())) for key in rows
    }
    return {
        leader_id: replace(
            rows[leader_id],
            street_length_m=length.length_m - length.tunnel_m - length.excluded_m,
            street_covered_m=length.covered_m,
            street_rate=length.rate,
        )
        for leader_id, length in unions_by_length(session, settings, window, asked).items()
    }


def _measure_points(
    session: Session, settings: Settings, window: Window, grounds: _Grounds, rows: _Rows
) -> _Rows:
    # Which points were visited in the window is the same whenever it is asked: told as of the window's end.
    end = day_start(window.to_on + timedelta(days=1), settings.zone_info).astimezone(UTC)
    counts: dict[int, list[int]] = {leader_id: [0, 0] for leader_id in rows}
    for point in point_rows(session, settings, window, now=end):
        mine = grounds.leaders_of_zone(point.zone_id) | grounds.of_point.get(point.point_id, frozenset())
        for leader_id in mine:
            counts[leader_id][0] += 1
            counts[leader_id][1] += point.state in VISITED
    return {
        leader_id: replace(rows[leader_id], points=points, visited=visited)
        for leader_id, (points, visited) in counts.items()
    }


def _measure_gaps(
    session: Session, settings: Settings, window: Window, grounds: _Grounds, rows: _Rows
) -> _Rows:
    report = gap_rows.report_at(session, window)
    if report is None:
        return rows
    scores = dict.fromkeys(rows, 0.0)
    for gap in store.gap_marks(session, report[0]):
        days = None if gap.last_seen_on is None else (window.to_on - gap.last_seen_on).days
        score = gap_score(gap.area_m2, gap.point_weight, days, settings.history_days)
        for leader_id in grounds.leaders_of_zone(gap.zone_id):
            scores[leader_id] += score
    return {leader_id: replace(rows[leader_id], gap_score=score) for leader_id, score in scores.items()}


def _ranked(rows: Iterable[LeaderRow]) -> list[LeaderRow]:
    in_order = sorted(rows, key=lambda row: (row.rate is None, -(row.rate or 0.0), row.code))
    return [replace(row, rank=_rank(row, in_order)) for row in in_order]


def _rank(row: LeaderRow, rows: Sequence[LeaderRow]) -> int | None:
    if row.rate is None:
        return None
    return 1 + sum(other.rate is not None and other.rate > row.rate for other in rows)
