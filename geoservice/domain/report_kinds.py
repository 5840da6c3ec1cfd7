"""The four reports (日巡查, 周调度, 月评比, 季通报): which days each is about, and which come before."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from geoservice.domain.windows import Window
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable


class ReportKind(StrEnum):
    """How long a report looks back."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"

    @classmethod
    def named(cls, name: str) -> ReportKind:
        """Return the kind of a name; raises BadRequest."""
        if name not in set(cls):
            raise BadRequest("report_kind_unknown", value=name[:20], kinds=", ".join(cls))
        return cls(name)


_FIRST: dict[ReportKind, Callable[[date], date]] = {
    ReportKind.DAY: lambda day: day,
    ReportKind.WEEK: lambda day: day - timedelta(days=day.weekday()),
    ReportKind.MONTH: lambda day: day.replace(day=1),
    ReportKind.QUARTER: lambda day: date(day.year, 3 * ((day.month - 1) // 3) + 1, 1),
}
_LONGER_THAN = {ReportKind.DAY: 1, ReportKind.WEEK: 7, ReportKind.MONTH: 31, ReportKind.QUARTER: 92}


def window_of(kind: ReportKind, on: date) -> Window:
    """Return the day, the week from Monday, the month or the quarter that a day lies in."""
    first = _FIRST[kind](on)
    next_first = _FIRST[kind](first + timedelta(days=_LONGER_THAN[kind]))
    return Window(first, next_first - timedelta(days=1))


def window_before(kind: ReportKind, on: date) -> Window:
    """Return the period before the one that a day lies in."""
    return window_of(kind, _FIRST[kind](on) - timedelta(days=1))
