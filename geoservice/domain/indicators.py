"""Indicators of the closed loop, each one named formula; a rate keeps its numerator and denominator, and nothing over nothing is None.

Names are those of digital city management (数字城管). What was found in public and is cited below: [Z] the city of Zhengzhou's weekly
report of 8 to 14 April 2019 with its counts and rates (每周运行分析报告, lzszcg.com/gsggs/2161.htm), from which the formulas follow by
division; [J] the formulas of Jinniu, a district of Chengdu (数字城管体征); [U] the formulas quoted in a public program for such centres
(github.com/missaouib/urban-management-platform, StatisticsService and PositionRepository), which also has the weights 40, 20, 20 and 20
of a supervisor's score. The text of the standards of this field
(CJ/T 292, GB/T 30428.4) was not at hand, so nothing here is claimed to be theirs. Where no source is named, the definition is ours.

A case belongs to a span by the instant that its indicator names; whatever happened at or after `Span.until` has not happened yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

PATROLLED = frozenset({"patrol"})
SUPERVISED = frozenset({"patrol", "inspection"})
FOUND_BY_OTHERS = frozenset({"citizen", "leader", "inspection"})
"""Whose reports show that a patrol passed a problem by: a citizen, a leader, or an inspector sent after it."""

HOUR_S = 3600.0

Pair = tuple[datetime, datetime | None]
"""When something was due, and when it was done; None: not yet."""


@dataclass(frozen=True)
class Rate:
    """A share with what it is made of."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """The share; None where there is nothing to have a share of."""
        return self.numerator / self.denominator if self.denominator > 0 else None


@dataclass(frozen=True)
class Spread:
    """Hours of several cases."""

    hours: tuple[float, ...]

    @property
    def mean(self) -> float | None:
        """The arithmetic mean; None of nothing."""
        return math.fsum(self.hours) / len(self.hours) if self.hours else None

    @property
    def ninetieth(self) -> float | None:
        """The 90th percentile by nearest rank: the least of the hours that nine in ten do not exceed."""
        if not self.hours:
            return None
        # Whole numbers, since 0.9 × 10 is not 9 to a computer.
        return sorted(self.hours)[(9 * len(self.hours) + 9) // 10 - 1]


@dataclass(frozen=True)
class Span:
    """From an instant until before another, as known at `as_of`."""

    start: datetime
    end: datetime
    as_of: datetime

    @cached_property
    def until(self) -> datetime:
        """What comes from here on does not count."""
        return min(self.end, self.as_of)

    def holds(self, at: datetime | None) -> bool:
        """Tell whether an instant lies in what is looked at."""
        return at is not None and self.start <= at < self.until


@dataclass(frozen=True)
class CaseHistory:
    """What indicators need of one case, as it stood at `Span.until`; a case joined into another is none of its own.

    `opened_at` and `rejected_at`: what was decided, None where the other was, or nothing yet. `assigned_at`, `due_at`,
    `put_right_at` and `pauses` are of the last run of the handling clock: from the assignment, by when, when the reply ended it,
    and when it stood still (挂账, a reply that waited to be judged). `due_at` None: nobody has to handle it now. `closed_at`
    None: open, or open again. `reworks`: when it was sent back. `openings` and `checks`: deadlines of looking at the report and of
    verifying a reply.
    """

    source: str
    reported_at: datetime
    opened_at: datetime | None = None
    rejected_at: datetime | None = None
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    put_right_at: datetime | None = None
    closed_at: datetime | None = None
    recurrence: int = 0
    reworks: tuple[datetime, ...] = ()
    openings: tuple[Pair, ...] = ()
    checks: tuple[Pair, ...] = ()
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def handling_h(self) -> float | None:
        """Hours from assignment to being put right, less those in which the clock stood still; None while it is not closed."""
        begun, ended = self.assigned_at, self.put_right_at
        if self.closed_at is None or begun is None or ended is None:
            return None
        worked, since = timedelta(), begun
        # One may lie in another: a reply was taken back, confirmed, and taken back again.
        for first, last in sorted(self.pauses):
            worked += max(min(first, ended) - since, timedelta())
            since = max(since, last)
        return (worked + max(ended - since, timedelta())).total_seconds() / HOUR_S


def opening_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """立案率 = opened / taken in: of the cases reported in the span and decided since, those opened.

    [Z]: 51229 / 51571 = 99.34 %, of what was taken in (受理数). That what nobody has looked at yet is in neither number is our definition;
    that it waits shows in the on-time verification rate.
    """
    return _share(
        (case for case in cases if span.holds(case.reported_at) and _is_decided(case)),
        lambda case: case.opened_at is not None,
    )


def closing_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """结案率 = closed / due to close (应结案数). [U], [Z]: 43523 / 52434 = 83.01 %.

    Due to close are the opened cases whose deadline of handling lies in the span: our definition, as [Z] has more of them than were
    opened in its week, so counts by deadline too.
    """
    return _share(_due(cases, span), lambda case: case.closed_at is not None)


def on_time_closing_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """按期结案率 = closed in time / due to close (应结案数). [U], [Z]: 40394 / 52434 = 77.04 %.

    In time is who replied by the deadline, which is our definition: the verifying and closing after it are the desk's, and have a
    clock of their own.
    """
    return _share(_due(cases, span), _is_in_time)


def rework_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """返工率 = sent back / due to close (应结案数): of the cases of the closing rate, those sent back since they were assigned.

    [J], [Z]: 276 / 52434 = 0.53 %. They count what was sent back in the period; that ours are the cases due, whenever they were sent
    back, is our definition: the rate is a share of them.
    """
    return _share(_due(cases, span), _is_reworked)


def recurrence_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """反复率: of the cases opened in the span, those whose like had been at the same place before; our definition."""
    return _share((case for case in cases if span.holds(case.opened_at)), lambda case: case.recurrence > 0)


def valid_report_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """有效上报率 = 监督员有效上报数 / 监督员上报数 [U]: of what patrols and inspectors reported in the span and was decided, the opened."""
    return opening_rate((case for case in cases if case.source in SUPERVISED), span)


def missed_report_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """漏报率 = 漏报数 / 立案数 [U]: of the cases opened in the span that patrols or others found, those found by others.

    [U] counts what somebody confirmed that a patrol should have reported. Whom we take for others (citizens, leaders, inspectors) is
    our definition; what the desk or an import added says nothing about a patrol, and is in neither number.
    """
    return _share(
        (case for case in cases if span.holds(case.opened_at) and case.source in PATROLLED | FOUND_BY_OTHERS),
        lambda case: case.source in FOUND_BY_OTHERS,
    )


def on_time_verification_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """按时核实率 = 按时核实数 / 应核实数 [U]: of the reports to be looked at in the span, those assigned or rejected by their deadline.

    [U] counts the citizens' reports that a supervisor goes to see. Here whoever looks at a report does so in one step, whosever it is:
    that all reports count is our definition.
    """
    return _kept((pair for case in cases for pair in case.openings), span)


def on_time_check_rate(cases: Iterable[CaseHistory], span: Span) -> Rate:
    """按时核查率 = 按时核查数 / 应核查数 [U]: of the replies to be verified in the span, those verified by their deadline."""
    return _kept((pair for case in cases for pair in case.checks), span)


def handling_time(cases: Iterable[CaseHistory], span: Span) -> Spread:
    """处置时长: hours of handling of the cases closed in the span, of which mean and 90th percentile are told; our definition."""
    found = (case.handling_h for case in cases if span.holds(case.closed_at))
    return Spread(tuple(sorted(hours for hours in found if hours is not None)))


CASE_RATES: Mapping[str, Callable[[Iterable[CaseHistory], Span], Rate]] = {
    "opening_rate": opening_rate,
    "closing_rate": closing_rate,
    "on_time_closing_rate": on_time_closing_rate,
    "rework_rate": rework_rate,
    "recurrence_rate": recurrence_rate,
    "valid_report_rate": valid_report_rate,
    "missed_report_rate": missed_report_rate,
    "on_time_verification_rate": on_time_verification_rate,
    "on_time_check_rate": on_time_check_rate,
}
GROUND_RATES = ("coverage_rate", "street_rate", "visited_rate", "interval_rate")
WORK_RATES = ("stop_rate", "punctuality_rate", "inspection_rate", "pass_rate", "order_reply_rate")
RATES: tuple[str, ...] = (*GROUND_RATES, *WORK_RATES, *CASE_RATES)
LESS_IS_BETTER = frozenset({"rework_rate", "recurrence_rate", "missed_report_rate"})


def case_counts(cases: Sequence[CaseHistory], span: Span) -> dict[str, int]:
    """Return how many cases were reported, opened, rejected, closed and sent back in the span, and how many are late at its end."""
    return {
        "reported": sum(span.holds(case.reported_at) for case in cases),
        "opened": sum(span.holds(case.opened_at) for case in cases),
        "rejected": sum(span.holds(case.rejected_at) for case in cases),
        "closed": sum(span.holds(case.closed_at) for case in cases),
        "reworks": sum(span.holds(at) for case in cases for at in case.reworks),
        "overdue": sum(is_overdue(case, span) for case in cases),
    }


def is_overdue(case: CaseHistory, span: Span) -> bool:
    """Tell whether a case was late at the end of the span and nobody had put it right."""
    is_open = case.closed_at is None and case.put_right_at is None
    return is_open and case.due_at is not None and case.due_at < span.until


def kept_by(pairs: Iterable[Pair], span: Span) -> Rate:
    """Of what was due in the span, how much was done by then; for replies to orders and inspections too."""
    return _kept(pairs, span)


def _share(cases: Iterable[CaseHistory], is_counted: Callable[[CaseHistory], bool]) -> Rate:
    told = [is_counted(case) for case in cases]
    return Rate(sum(told), len(told))


def _kept(pairs: Iterable[Pair], span: Span) -> Rate:
    told = [done is not None and done <= due for due, done in pairs if span.holds(due)]
    return Rate(sum(told), len(told))


def _due(cases: Iterable[CaseHistory], span: Span) -> Iterable[CaseHistory]:
    return (case for case in cases if case.opened_at is not None and span.holds(case.due_at))


def _is_decided(case: CaseHistory) -> bool:
    return case.opened_at is not None or case.rejected_at is not None


def _is_reworked(case: CaseHistory) -> bool:
    return case.assigned_at is not None and any(at >= case.assigned_at for at in case.reworks)


def _is_in_time(case: CaseHistory) -> bool:
    if case.closed_at is None or case.put_right_at is None or case.due_at is None:
        return False
    return case.put_right_at <= case.due_at
