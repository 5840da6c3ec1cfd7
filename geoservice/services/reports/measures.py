"""Indicators of a window by zone, leader, department and person, every rate with its numerator and denominator."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.domain.indicators import CASE_RATES, FOUND_BY_OTHERS, GROUND_RATES, Rate, Spread, kept_by
from geoservice.errors import BadRequest
from geoservice.services.coverage import totals as ground_totals
from geoservice.services.patrols.tallies import add_up
from geoservice.services.point_counts import point_totals
from geoservice.store import indicator_rows, people

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from geoservice.domain.indicators import Span
    from geoservice.services.patrols import Tally
    from geoservice.services.point_counts import PointCounts
    from geoservice.services.reports.facts import Facts
    from geoservice.store.indicator_rows import CaseFact, OrderFact, TaskFact

NOTHING = Rate(0, 0)
ORDER_KINDS = ("reminder", "green", "yellow", "red", "talk")
COUNTS = (
    "zones", "points", "patrols", "heard", "missed_stops",
    "reported", "opened", "rejected", "closed", "reworks", "overdue",
    *(f"orders_{kind}" for kind in ORDER_KINDS),
)  # fmt: skip
"""What is counted of the city, in the order in which it is told; of everything else what comes after the stops."""
RATES_OF: Mapping[str, tuple[str, ...]] = {
    "zone": (*GROUND_RATES, "inspection_rate", "pass_rate", "order_reply_rate", *CASE_RATES),
    "leader": ("coverage_rate", "street_rate", "visited_rate", "order_reply_rate", *CASE_RATES),
    "department": ("stop_rate", "punctuality_rate", "order_reply_rate", *CASE_RATES),
    "person": ("stop_rate", "punctuality_rate", "inspection_rate", "pass_rate", *CASE_RATES),
}
"""Which rates are measured of whom; of persons the first two of members, the next two of inspectors."""


@dataclass(frozen=True)
class Measured:
    """A zone, leader, department, member, inspector, or the whole city, with what was counted of it.

    `level` is that of a zone, empty for others; `leader` who answers for a zone.
    """

    kind: str
    id: int
    code: str
    name: str
    level: str
    leader: str
    rates: Mapping[str, Rate]
    counts: Mapping[str, int]
    handling: Spread


@dataclass
class _Work:
    """What belongs to one subject."""

    cases: list[int] = field(default_factory=list)  # their places among the facts
    tasks: list[TaskFact] = field(default_factory=list)
    orders: list[OrderFact] = field(default_factory=list)
    stops: list[Tally] = field(default_factory=list)


_Groups = dict[int, _Work]


def measure(session: Session, facts: Facts, by: str) -> list[Measured]:
    """Return every zone, leader, department or person, whether anything was counted of it or not."""
    if by not in _MEASURES:
        raise BadRequest("report_subject_unknown", value=by[:20], subjects=", ".join(_MEASURES))
    return _MEASURES[by](session, facts)


def measure_city(facts: Facts) -> Measured:
    """Return the whole city: every case, point and patrol once."""
    everything = _Work(
        list(range(len(facts.cases))),
        list(facts.tasks),
        list(facts.orders),
        [patrol.tally for patrol in facts.patrols],
    )
    ground = ground_totals(list(facts.ground.values()))
    top = [row for row in facts.streets.values() if len(row.path) == 1]
    rates = {
        "coverage_rate": _rate(ground.covered_m2, ground.area_m2 - ground.excluded_m2, ground.rate),
        "street_rate": _streets(top),
        **_points(point_totals(facts.points)),
    }
    more = {
        "zones": len(facts.zones),
        "points": len(facts.points),
        "patrols": len(facts.patrols),
        "heard": sum(patrol.heard for patrol in facts.patrols),
        "missed_stops": sum(patrol.tally.missed for patrol in facts.patrols),
    }
    return _measured("city", 0, ("", "", "", ""), everything, facts, rates, more)


def _zones(_session: Session, facts: Facts) -> list[Measured]:
    paths = facts.paths
    groups = _grouped(facts, lambda fact: paths.get(fact.zone_id or 0, ()))
    zone_of = {point.point_id: point.zone_id for point in facts.points}
    for task in facts.tasks:
        for zone_id in paths.get(zone_of.get(task.point_id) or 0, ()):
            groups[zone_id].tasks.append(task)
    for order in facts.orders:
        for zone_id in paths.get(order.zone_id or 0, ()):
            groups[zone_id].orders.append(order)
    found = []
    for zone in facts.zones:
        row = facts.ground.get(zone.zone_id)
        rates = {
            "coverage_rate": _rate(row.covered_m2, row.area_m2 - row.excluded_m2, row.rate)
            if row
            else NOTHING,
            "street_rate": _streets([facts.streets[zone.zone_id]])
            if zone.zone_id in facts.streets
            else NOTHING,
            **_points(facts.zone_points[zone.zone_id]),
        }
        words = (zone.code, zone.name, zone.level, (row.leader if row else None) or "")
        found.append(_measured("zone", zone.zone_id, words, groups[zone.zone_id], facts, rates, {}))
    return found


def _leaders(_session: Session, facts: Facts) -> list[Measured]:
    groups = _grouped(facts, lambda fact: _one(fact.leader_id))
    for order in facts.orders:
        for leader_id in _one(order.leader_id):
            groups[leader_id].orders.append(order)
    found = []
    for row in facts.leaders:
        rates = {
            "coverage_rate": _rate(row.covered_m2, row.area_m2 - row.excluded_m2, row.rate),
            "street_rate": _rate(row.street_covered_m, row.street_length_m, row.street_rate),
            "visited_rate": Rate(row.visited, row.points) if facts.has_points else NOTHING,
        }
        words = (row.code, row.name, "", "")
        found.append(_measured("leader", row.leader_id, words, groups[row.leader_id], facts, rates, {}))
    return sorted(found, key=lambda one: one.code)


def _departments(session: Session, facts: Facts) -> list[Measured]:
    groups = _grouped(facts, lambda fact: _one(fact.department_id))
    department_of = indicator_rows.departments_of_teams(session)
    for order in facts.orders:
        for department_id in _one(order.department_id):
            groups[department_id].orders.append(order)
    for patrol in facts.patrols:
        for department_id in _one(department_of.get(patrol.team_id)):
            groups[department_id].stops.append(patrol.tally)
    return [
        _measured("department", one.id, (one.code, one.name, "", ""), groups[one.id], facts, {}, {})
        for one in people.all_departments(session)
    ]


def _persons(session: Session, facts: Facts) -> list[Measured]:
    """Return members by what they reported and what others had to report on the ground their team keeps to; then inspectors."""
    groups = _grouped(facts, lambda fact: _one(fact.member_id))
    _add_missed(session, facts, groups)
    for patrol in facts.patrols:
        for member_id in patrol.member_ids:
            groups[member_id].stops.append(patrol.tally)
    members = [
        _measured("member", one.id, (one.code, one.name, "", ""), groups[one.id], facts, {}, {})
        for one in sorted(people.all_members(session), key=lambda one: one.code)
    ]
    mine = _grouped(facts, lambda fact: _one(fact.reported_by) if fact.history.source == "inspection" else ())
    for task in facts.tasks:
        for inspector_id in _one(task.inspector_id):
            mine[inspector_id].tasks.append(task)
    return members + [
        _measured("inspector", one.id, (one.code, one.name, "", ""), mine[one.id], facts, {}, {})
        for one in indicator_rows.inspectors(session)
    ]


def _add_missed(session: Session, facts: Facts, groups: _Groups) -> None:
    keepers: dict[int, list[int]] = defaultdict(list)
    for member_id, _, zone_ids in indicator_rows.team_members(session):
        for zone_id in zone_ids:
            keepers[zone_id].append(member_id)
    paths = facts.paths
    for place, fact in enumerate(facts.cases):
        if fact.history.source not in FOUND_BY_OTHERS:
            continue
        path = paths.get(fact.zone_id or 0, ())
        for member_id in {member for zone_id in path for member in keepers.get(zone_id, ())}:
            if member_id != fact.member_id:
                groups[member_id].cases.append(place)


_MEASURES: dict[str, Callable[[Session, Facts], list[Measured]]] = {
    "zone": _zones,
    "leader": _leaders,
    "department": _departments,
    "person": _persons,
}


def _grouped(facts: Facts, keys: Callable[[CaseFact], Iterable[int]]) -> _Groups:
    groups: _Groups = defaultdict(_Work)
    for place, fact in enumerate(facts.cases):
        for key in keys(fact):
            groups[key].cases.append(place)
    return groups


def _one(key: int | None) -> tuple[int, ...]:
    return () if key is None else (key,)


def _measured(  # noqa: PLR0913 - what makes a row
    kind: str,
    subject_id: int,
    words: tuple[str, str, str, str],
    work: _Work,
    facts: Facts,
    rates: Mapping[str, Rate],
    more: Mapping[str, int],
) -> Measured:
    code, name, level, leader = words
    return Measured(
        kind, subject_id, code, name, level, leader,
        {**rates, **_work_rates(kind, work, facts.span), **facts.tallies.rates_of(work.cases)},
        {**more, **facts.tallies.counts_of(work.cases), **_order_counts(work.orders, facts.span)},
        facts.tallies.handling_of(work.cases),
    )  # fmt: skip


def _work_rates(kind: str, work: _Work, span: Span) -> dict[str, Rate]:
    found: dict[str, Rate] = {}
    if kind in {"city", "department", "member"}:
        tally = add_up(work.stops)
        found["stop_rate"] = Rate(tally.done, tally.judged)
        found["punctuality_rate"] = Rate(tally.on_time, tally.timed)
    if kind in {"city", "zone", "inspector"}:
        done = [task for task in work.tasks if task.done_at is not None]
        found["inspection_rate"] = Rate(len(done), len(work.tasks))
        passed = sum(task.passed for task in done)
        found["pass_rate"] = Rate(passed, passed + sum(task.failed for task in done))
    if kind in {"city", "zone", "leader", "department"}:
        due = ((order.reply_due_at, order.replied_at) for order in work.orders if order.reply_due_at)
        found["order_reply_rate"] = kept_by(due, span)
    return found


def _order_counts(orders: Sequence[OrderFact], span: Span) -> dict[str, int]:
    raised = [order.kind for order in orders if span.holds(order.raised_at)]
    return {f"orders_{kind}": raised.count(kind) for kind in ORDER_KINDS}


def _rate(numerator: float, denominator: float, known: float | None) -> Rate:
    """A share of ground; nothing over nothing where `known` says that nobody's track is known."""
    return NOTHING if known is None else Rate(round(numerator, 1), round(denominator, 1))


def _streets(rows: Sequence[Any]) -> Rate:
    known = [row for row in rows if row.rate is not None]
    length_m = sum(row.length_m - row.tunnel_m - row.excluded_m for row in known)
    return Rate(round(sum(row.covered_m for row in known), 1), round(length_m, 1))


def _points(counts: PointCounts) -> dict[str, Rate]:
    is_known = counts.total > 0 and not counts.unknown
    return {
        "visited_rate": Rate(counts.visited, counts.total) if is_known else NOTHING,
        "interval_rate": Rate(counts.kept, counts.judged),
    }
