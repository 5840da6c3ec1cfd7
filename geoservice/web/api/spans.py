"""The window of days a question is about."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from geoservice.domain.windows import Period, Window
from geoservice.errors import BadRequest
from geoservice.services.grounds import zones_of_code
from geoservice.web.api.models import Code, Day, Given, Paged, Told
from geoservice.web.deployment import current_settings, today

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

DEFAULT_DAYS = 7

PartOfDay = Literal["day", "evening", "night"]


class Span(Told):
    """Whole local days, both ends included; `period` null: the whole of each day."""

    from_: date = Field(serialization_alias="from", validation_alias="from_")
    to: date
    period: PartOfDay | None


class WindowQuery(Paged):
    """Which days: `from` and `to`, or so many `days` up to today; of each the whole or a part."""

    from_: Day | None = Field(None, alias="from", description="first day")
    to: Day | None = Field(None, description="last day")
    days: int | None = Field(
        None, ge=1, le=3660, description="so many days up to today; 7 when nothing is said"
    )
    period: PartOfDay | None = Field(None, description="this part of each day only")

    @property
    def window(self) -> Window:
        """The window that is asked for."""
        if self.from_ or self.to:
            return _window(self.from_, self.to, self.period)
        ending = Window.ending(today(), min(self.days or DEFAULT_DAYS, current_settings().history_days))
        return replace(ending, period=Period.named(self.period or ""))


class GroundQuery(WindowQuery):
    """Which days, of which ground."""

    zone: Code | None = Field(None, description="code of a zone: it and all below it")

    def zone_ids(self, session: "Session") -> frozenset[int] | None:
        """Return the zones asked for; None: all. Raises NotFound."""
        return None if self.zone is None else frozenset(zones_of_code(session, self.window.to_on, self.zone))


class WindowBody(Given):
    """Which days to compute."""

    from_: Day = Field(alias="from", description="first day", examples=["2026-03-01"])
    to: Day = Field(description="last day", examples=["2026-03-07"])
    period: PartOfDay | None = Field(None, description="this part of each day only")

    @property
    def window(self) -> Window:
        """The window that is asked for."""
        return _window(self.from_, self.to, self.period)


def span_of(window: Window) -> Span:
    """Return a window as answers tell it."""
    period = window.period.name.lower() if window.period else None
    return Span.model_validate({"from_": window.from_on, "to": window.to_on, "period": period})


def _window(from_on: date | None, to_on: date | None, period: str | None) -> Window:
    first, last = from_on or to_on, to_on or from_on
    assert first is not None and last is not None
    window = Window(first, last, Period.named(period or ""))
    most = current_settings().history_days
    if (last - first).days >= most:
        raise BadRequest("window_too_long", days=most)
    return window
