"""Counts of stops, of one patrol or of many."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from geoservice.domain.actual import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.services.patrols.values import StopView


@dataclass(frozen=True)
class Tally:
    """Stops by what became of them. `missed` holds those somebody said he skipped; `on_time` is out of `timed`, the done ones with
    a planned time. `unknown`: of patrols nothing was heard of; `open`: of patrols that are not over.
    """

    planned: int = 0
    done: int = 0
    missed: int = 0
    skipped: int = 0
    open: int = 0
    unknown: int = 0
    out_of_order: int = 0
    extra: int = 0
    timed: int = 0
    on_time: int = 0

    @property
    def judged(self) -> int:
        """Stops of which it is known whether they were done: the denominator of `rate`."""
        return self.done + self.missed

    @property
    def rate(self) -> float | None:
        """The share of stops that were done; None where nothing is known."""
        return self.done / self.judged if self.judged else None

    @property
    def punctuality(self) -> float | None:
        """The share of done stops that were on time; None where none had a time."""
        return self.on_time / self.timed if self.timed else None


def tally(stops: Iterable[StopView], extra: int) -> Tally:
    """Count the stops of one patrol."""
    told = list(stops)
    done = [stop for stop in told if stop.outcome is Outcome.DONE]
    missed = [stop for stop in told if stop.outcome in {Outcome.MISSED, Outcome.SKIPPED}]
    timed = [stop for stop in done if stop.late_s is not None]
    return Tally(
        planned=len(told),
        done=len(done),
        missed=len(missed),
        skipped=sum(stop.outcome is Outcome.SKIPPED for stop in told),
        open=sum(stop.outcome is Outcome.OPEN for stop in told),
        unknown=sum(stop.outcome is Outcome.UNKNOWN for stop in told),
        out_of_order=sum(not stop.in_order for stop in done),
        extra=extra,
        timed=len(timed),
        on_time=sum(stop.on_time is True for stop in timed),
    )


def add_up(tallies: Iterable[Tally]) -> Tally:
    """Add counts up."""
    counted = list(tallies)
    return Tally(**{item.name: sum(getattr(one, item.name) for one in counted) for item in fields(Tally)})
