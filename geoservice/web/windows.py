"""The window of days a page is about, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request

from geoservice.domain.windows import Window
from geoservice.errors import BadRequest
from geoservice.web.deployment import current_settings, today

PRESETS = (1, 7, 30)
DEFAULT_DAYS = 7


@dataclass(frozen=True)
class ChosenWindow:
    """A window, and how an address names it: so many days up to today, or two days."""

    window: Window
    days: int | None

    @property
    def args(self) -> dict[str, Any]:
        """The part of an address that chooses this window."""
        if self.days is not None:
            return {"days": self.days}
        return {"from": self.window.from_on.isoformat(), "to": self.window.to_on.isoformat()}


def chosen_window() -> ChosenWindow:
    """Return the window of the request: `?days=7`, or `?from=2026-01-01&to=2026-01-31`, else seven days."""
    args = request.args
    if args.get("from") or args.get("to"):
        return ChosenWindow(window_of(args.get("from", ""), args.get("to", "")), None)
    days = args.get("days", "")
    number = (
        int(days)
        if days.isdecimal() and 0 < int(days[:5]) <= current_settings().history_days
        else DEFAULT_DAYS
    )
    return ChosenWindow(Window.ending(today(), number), number)


def window_of(from_text: str, to_text: str) -> Window:
    """Return the window between two days as a form names them; one left out is the same as the other."""
    window = Window(_day(from_text or to_text), _day(to_text or from_text))
    most = current_settings().history_days
    if (window.to_on - window.from_on).days >= most:
        raise BadRequest("window_too_long", days=most)
    return window


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("bad_day", day=text[:40]) from None
