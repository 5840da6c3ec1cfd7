"""Every case counted once by every indicator, so that any group of cases is a sum: a case lies in five zones and one office.

The formulas are those of `indicators`, on columns: there they are read, here they are quick, and a test holds them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.indicators import CASE_RATES, FOUND_BY_OTHERS, PATROLLED, SUPERVISED, Rate, Spread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from geoservice.domain.indicators import CaseHistory, Pair, Span

    Marks = NDArray[np.bool_]
    Counts = NDArray[np.bool_] | NDArray[np.int64]
    Instants = NDArray[np.float64]

COUNTS = ("reported", "opened", "rejected", "closed", "reworks", "overdue")
NEVER = float("nan")
"""An instant that did not come: it is before nothing and after nothing."""


@dataclass(frozen=True)
class CaseTallies:
    """Of each of n cases: numerators and denominators (n, rates, 2), counts (n, len(COUNTS)), hours (n,), NaN where not closed."""

    rates: NDArray[np.int64]
    counts: NDArray[np.int64]
    hours: NDArray[np.float64]

    def rates_of(self, index: Sequence[int]) -> dict[str, Rate]:
        """Return every rate of some cases by its code."""
        sums = self.rates[index].sum(axis=0).tolist()
        return {code: Rate(*pair) for code, pair in zip(CASE_RATES, sums, strict=True)}

    def counts_of(self, index: Sequence[int]) -> dict[str, int]:
        """Return every count of some cases by its name."""
        return dict(zip(COUNTS, self.counts[index].sum(axis=0).tolist(), strict=True))

    def handling_of(self, index: Sequence[int]) -> Spread:
        """Return the hours of handling of some cases."""
        hours = self.hours[index]
        return Spread(tuple(np.sort(hours[~np.isnan(hours)]).tolist()))


def tally_cases(cases: Sequence[CaseHistory], span: Span) -> CaseTallies:
    """Count each case by itself; each rate of several is the sum of theirs, each of which says so in `indicators`."""
    columns = _Columns(cases, span)
    rates, counts = _rates(columns), _counts(columns)
    hours = [
        case.handling_h if is_closed else None
        for case, is_closed in zip(cases, columns.holds(columns.closed), strict=True)
    ]
    return CaseTallies(
        np.stack([np.stack(rates[code], axis=1) for code in CASE_RATES], axis=1).astype(np.int64),
        np.stack([counts[name] for name in COUNTS], axis=1).astype(np.int64),
        np.array([NEVER if hour is None else hour for hour in hours], np.float64),
    )


class _Columns:
    """Cases as columns of seconds since 1970, exact to the microsecond, and the span they are looked at through."""

    def __init__(self, cases: Sequence[CaseHistory], span: Span) -> None:
        self.cases = cases
        self.start, self.until = span.start.timestamp(), span.until.timestamp()
        self.reported = _instants(case.reported_at for case in cases)
        self.opened = _instants(case.opened_at for case in cases)
        self.rejected = _instants(case.rejected_at for case in cases)
        self.due = _instants(case.due_at for case in cases)
        self.put_right = _instants(case.put_right_at for case in cases)
        self.closed = _instants(case.closed_at for case in cases)

    def holds(self, at: Instants) -> Marks:
        """Tell which instants lie in the span."""
        return (at >= self.start) & (at < self.until)

    @cached_property
    def opened_inside(self) -> Marks:
        """Which cases were opened in the span."""
        return self.holds(self.opened)

    @cached_property
    def reworks(self) -> NDArray[np.int64]:
        """How often each case was sent back in the span."""
        return self._inside(lambda case: case.reworks)

    def come_from(self, sources: frozenset[str]) -> Marks:
        """Tell which cases came from some sources."""
        return np.array([case.source in sources for case in self.cases], bool)

    def kept(self, pairs_of: Callable[[CaseHistory], tuple[Pair, ...]]) -> tuple[Counts, Counts]:
        """Return of each case how many deadlines of a kind were kept, of those that lie in the span."""
        pairs = [(place, *pair) for place, case in enumerate(self.cases) for pair in pairs_of(case)]
        due = _instants(pair[1] for pair in pairs)
        inside = self.holds(due)
        places = np.array([pair[0] for pair in pairs], np.int64)
        in_time = inside & (_instants(pair[2] for pair in pairs) <= due)
        return self._per_case(places[in_time]), self._per_case(places[inside])

    def _inside(self, instants_of: Callable[[CaseHistory], tuple[datetime, ...]]) -> NDArray[np.int64]:
        found = [(place, at) for place, case in enumerate(self.cases) for at in instants_of(case)]
        places = np.array([place for place, _ in found], np.int64)
        return self._per_case(places[self.holds(_instants(at for _, at in found))])

    def _per_case(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(places, minlength=len(self.cases)).astype(np.int64)


def _rates(of: _Columns) -> Mapping[str, tuple[Any, Any]]:
    """Return of each rate what each case adds to its numerator and to its denominator."""
    opened, closed = _known(of.opened), _known(of.closed)
    decided = of.holds(of.reported) & (opened | _known(of.rejected))
    supervised = decided & of.come_from(SUPERVISED)
    by_others = of.come_from(FOUND_BY_OTHERS)
    found = of.opened_inside & (by_others | of.come_from(PATROLLED))
    due = opened & of.holds(of.due)
    last_rework = _instants(max(case.reworks, default=None) for case in of.cases)
    sent_back = last_rework >= _instants(case.assigned_at for case in of.cases)
    came_back = np.array([case.recurrence > 0 for case in of.cases], bool)
    return {
        "opening_rate": (decided & opened, decided),
        "closing_rate": (due & closed, due),
        "on_time_closing_rate": (due & closed & (of.put_right <= of.due), due),
        "rework_rate": (due & sent_back, due),
        "recurrence_rate": (of.opened_inside & came_back, of.opened_inside),
        "valid_report_rate": (supervised & opened, supervised),
        "missed_report_rate": (found & by_others, found),
        "on_time_verification_rate": of.kept(lambda case: case.openings),
        "on_time_check_rate": of.kept(lambda case: case.checks),
    }


def _counts(of: _Columns) -> Mapping[str, Counts]:
    is_open = ~_known(of.closed) & ~_known(of.put_right)
    return {
        "reported": of.holds(of.reported),
        "opened": of.opened_inside,
        "rejected": of.holds(of.rejected),
        "closed": of.holds(of.closed),
        "reworks": of.reworks,
        "overdue": is_open & (of.due < of.until),
    }


def _instants(found: Iterable[datetime | None]) -> Instants:
    return np.array([NEVER if at is None else at.timestamp() for at in found], np.float64)


def _known(at: Instants) -> Marks:
    return ~np.isnan(at)
