"""Every case counted once by every indicator, so that any group of cases is a sum: a case lies in five zones and one office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.indicators import CASE_RATES, Rate, Spread, case_counts, handling_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geoservice.domain.indicators import CaseHistory, Span

COUNTS = ("reported", "opened", "rejected", "closed", "reworks", "overdue")


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
    rates = np.zeros((len(cases), len(CASE_RATES), 2), np.int64)
    counts = np.zeros((len(cases), len(COUNTS)), np.int64)
    hours = np.full(len(cases), np.nan)
    for number, case in enumerate(cases):
        alone = (case,)
        told = [rate(alone, span) for rate in CASE_RATES.values()]
        rates[number] = [(one.numerator, one.denominator) for one in told]
        named = case_counts(alone, span)
        counts[number] = [named[name] for name in COUNTS]
        handled = handling_time(alone, span).hours
        if handled:
            hours[number] = handled[0]
    return CaseTallies(rates, counts, hours)
