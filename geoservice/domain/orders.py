"""Orders of supervision (提醒函, 三色督办单, 约谈): which fell due, and at which instant, whoever asks and however often.

Everything follows from what happened: the runs of a case's clock of handling, its reworks, the orders before, and the rules that
held at each instant. An order has a cause that can happen once, so what was raised before is known by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from geoservice.domain.clocks import Run, due_at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from geoservice.domain.clocks import Clock, Span, WorkTime

QUARTER, ROW = "quarter", "row"


class OrderKind(StrEnum):
    """What is sent, the mildest first."""

    REMINDER = "reminder"  # 提醒函
    GREEN = "green"  # 绿色督办单
    YELLOW = "yellow"
    RED = "red"
    TALK = "talk"  # 约谈


class Step(StrEnum):
    """To whom an order goes."""

    DEPARTMENT = "department"  # that handles the case
    LEADER = "leader"  # who answers for its ground
    SUPERIOR = "superior"  # who answers for the ground around it


@dataclass(frozen=True)
class Repeats:
    """So many orders of another kind to one department: within a quarter of a year, or in a row.

    A row ends where a whole quarter passes without one. Orders that made one of these count no second time.
    """

    of: OrderKind
    count: int
    within: str  # QUARTER or ROW


@dataclass(frozen=True)
class Rule:
    """When an order of a kind falls due, by any of three causes, from an instant (None: since ever) until before another."""

    kind: OrderKind
    elapsed: float | None = None
    reworks: int | None = None
    repeats: Repeats | None = None
    recipients: tuple[Step, ...] = (Step.DEPARTMENT,)
    reply_hours: float = 8.0
    active: bool = True
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds_at(self, at: datetime) -> bool:
        """Tell whether it is this rule that counts at an instant."""
        begun = self.valid_from is None or self.valid_from <= at
        return self.active and begun and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True)
class HandleRun:
    """One run of a case's clock of handling, by which somebody was measured.

    `limits`: how many units were allowed from which instant on; more than one when more time was granted. Until `ended_at` the run
    counts, but for its `pauses`; one that goes on has no end.
    """

    number: int
    clock: Clock
    limits: tuple[tuple[datetime, float], ...]
    pauses: tuple[Span, ...] = ()
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    department_id: int | None = None
    leader_id: int | None = None

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.limits[0][0]


@dataclass(frozen=True)
class CaseHistory:
    """What of a case can make orders fall due."""

    case_id: int
    runs: tuple[HandleRun, ...]
    reworked_at: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Known:
    """An order there is."""

    kind: OrderKind
    at: datetime
    cause: str
    withdrawn_at: datetime | None = None


@dataclass(frozen=True)
class Due:
    """An order that fell due, when, and why: a code and its values."""

    kind: OrderKind
    cause: str
    at: datetime
    code: str
    values: dict[str, Any]
    case_id: int | None
    department_id: int | None
    leader_id: int | None = None


def fall_due(
    case: CaseHistory, rules: Sequence[Rule], hours: WorkTime, raised: Collection[str] = ()
) -> list[Due]:
    """Return the orders that a case calls for and that were not `raised`, by when they fall due, those of the future too.

    The future is as it looks now: whoever raises orders takes those that have fallen due, and looks again when the next one will.
    """
    found: dict[str, Due] = {}
    for due in _all_of(case, rules, hours, raised):
        earlier = found.get(due.cause)
        if earlier is None or due.at < earlier.at:
            found[due.cause] = due
    return sorted(found.values(), key=_in_order)


def repeat_due(
    department_id: int, orders: Iterable[Known], rules: Sequence[Rule], zone: ZoneInfo
) -> list[Due]:
    """Return the orders to a department that others before call for; all of them, also those that were raised."""
    known, found = list(orders), []
    for kind in OrderKind:
        called = _repeated(kind, known, rules, zone)
        dues = [replace(due, cause=f"department {department_id} {due.cause}", department_id=department_id) for due in called]  # fmt: skip
        there = {order.cause for order in known}
        known += [Known(due.kind, due.at, due.cause) for due in dues if due.cause not in there]
        found += dues
    return sorted(found, key=_in_order)


def quarter_of(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    """Return the local year and quarter of an instant."""
    local = at.astimezone(zone)
    return local.year, (local.month + 2) // 3


def _in_order(due: Due) -> tuple[datetime, str]:
    return due.at, due.cause


def _all_of(
    case: CaseHistory, rules: Sequence[Rule], hours: WorkTime, raised: Collection[str]
) -> Iterator[Due]:
    for run in case.runs:
        for rule in rules:
            cause = f"case {case.case_id} run {run.number} {rule.kind}"
            if rule.elapsed is not None and cause not in raised:
                for at in _crossings(run, rule, hours):
                    yield _due(
                        rule, cause, at, ("order_elapsed", {"percent": round(100 * rule.elapsed)}), case, run
                    )
    for times, at in enumerate(case.reworked_at, 1):
        for rule in rules:
            cause = f"case {case.case_id} rework {times} {rule.kind}"
            if rule.reworks == times and cause not in raised and rule.holds_at(at):
                blamed = next((run for run in reversed(case.runs) if run.started_at <= at), None)
                yield _due(rule, cause, at, ("order_reworked", {"times": times}), case, blamed)


def _due(
    rule: Rule,
    cause: str,
    at: datetime,
    why: tuple[str, dict[str, Any]],
    case: CaseHistory,
    run: HandleRun | None,
) -> Due:
    department_id, leader_id = (run.department_id, run.leader_id) if run else (None, None)
    return Due(rule.kind, cause, at, *why, case.case_id, department_id, leader_id)


def _crossings(run: HandleRun, rule: Rule, hours: WorkTime) -> Iterator[datetime]:
    """Yield when a share of a run's limit has passed under a rule; what passed before the rule or the limit held, when both do."""
    assert rule.elapsed is not None
    until = [limit[0] for limit in run.limits[1:]] + [None]
    for (since, limit), before in zip(run.limits, until, strict=True):
        try:
            at = due_at(Run(run.clock, limit * rule.elapsed, run.started_at, run.pauses), hours)
        except ValueError:
            continue
        at = _awake(max(at, since, rule.valid_from or since), run.pauses)
        ends = [end for end in (before, run.ended_at, run.paused_at) if end is not None]
        if rule.holds_at(at) and all(at < end for end in ends):
            yield at


def _awake(at: datetime, pauses: tuple[Span, ...]) -> datetime:
    """Return the first instant from `at` on at which the clock runs."""
    for begins, ends in sorted(pauses):
        if begins <= at < ends:
            at = ends
    return at


def _repeated(kind: OrderKind, orders: list[Known], rules: Sequence[Rule], zone: ZoneInfo) -> Iterator[Due]:
    mine = [rule for rule in rules if rule.kind is kind and rule.repeats is not None]
    waiting: list[Known] = []
    made: dict[str, int] = {}
    for order in sorted(orders, key=lambda each: (each.at, each.cause)):
        repeats = next((rule.repeats for rule in mine if rule.holds_at(order.at)), None)
        if repeats is None or order.kind is not repeats.of:
            continue
        waiting = [one for one in waiting if one.withdrawn_at is None or one.withdrawn_at > order.at]
        if waiting and not _belong_together(waiting[-1].at, order.at, repeats.within, zone):
            waiting = []
        waiting.append(order)
        if len(waiting) >= repeats.count:
            year, quarter = quarter_of(order.at, zone)
            bucket = f"{year}Q{quarter} {kind}" if repeats.within == QUARTER else str(kind)
            made[bucket] = made.get(bucket, 0) + 1
            values = {"count": repeats.count, "quarter": f"{year}Q{quarter}"}
            code = f"order_{repeats.within}_{repeats.of}"
            yield Due(kind, f"{bucket} {made[bucket]}", order.at, code, values, None, None)
            waiting = []


def _belong_together(first: datetime, second: datetime, within: str, zone: ZoneInfo) -> bool:
    (year, quarter), (later_year, later_quarter) = quarter_of(first, zone), quarter_of(second, zone)
    apart = 4 * (later_year - year) + later_quarter - quarter
    return apart == 0 if within == QUARTER else apart <= 1
