"""The window of days a page is about, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import request

from geoservice.domain.windows import Period, Window
from geoservice.errors import BadRequest
from geoservice.web.deployment import current_settings, today

PRESETS = (1, 7, 30)
DEFAULT_DAYS = 7


@dataclass(frozen=True)
class ChosenWindow:
    """A window, and how an address names it: so many days up to today, or two days; of each the whole, or a period."""

    window: Window
    days: int | None

    @property
    def args(self) -> dict[str, Any]:
        """The part of an address that chooses this window."""
        period = period_args(self.window)
        if self.days is not None:
            return {"days": self.days, **period}
        return {"from": self.window.from_on.isoformat(), "to": self.window.to_on.isoformat(), **period}


def chosen_window() -> ChosenWindow:
    """Return the window of the request: `?days=7`, or `?from=2026-01-01&to=2026-01-31`, else seven days.

    `&period=day`, `evening` or `night` asks for that part of each day only.
    """
    args = request.args
    period = args.get("period", "")
    if args.get("from") or args.get("to"):
        return ChosenWindow(window_of(args.get("from", ""), args.get("to", ""), period), None)
    days = args.get("days", "")
    number = (
        int(days)
        if days.isdecimal() and 0 < int(days[:5]) <= current_settings().history_days
        else DEFAULT_DAYS
    )
    return ChosenWindow(replace(Window.ending(today(), number), period=Period.named(period)), number)


def period_args(window: Window) -> dict[str, str]:
    """Return the part of an address or of a job's arguments that names the window's period; empty for whole days."""
    return {"period": window.period.name.lower()} if window.period else {}


def window_of(from_text: str, to_text: str, period: str = "") -> Window:
    """Return the window between two days as a form names them; one left out is the same as the other."""
    window = Window(_day(from_text or to_text), _day(to_text or from_text), Period.named(period))
    most = current_settings().history_days
    if (window.to_on - window.from_on).days >= most:
        raise BadRequest("window_too_long", days=most)
    return window


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("bad_day", day=text[:40]) from None
