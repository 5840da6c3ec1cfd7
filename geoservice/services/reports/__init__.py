"""Reports of days, weeks, months and quarters: what was measured, who ranks where, what is held up, frozen when published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.scoring import read_formula
from geoservice.services.reports.facts import read_facts
from geoservice.services.reports.making import formula_on, rank_rows
from geoservice.services.reports.measures import Measured, measure
from geoservice.services.reports.publishing import (
    ReportLine,
    ReportView,
    drop,
    find,
    find_published,
    list_reports,
    make,
    prepare,
    publish,
    set_remarks,
    withdraw,
)

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window

__all__ = [
    "Measured",
    "ReportLine",
    "ReportView",
    "drop",
    "find",
    "find_published",
    "indicators",
    "list_reports",
    "make",
    "prepare",
    "publish",
    "ranking",
    "set_remarks",
    "withdraw",
]


def indicators(
    session: Session, settings: Settings, window: Window, *, by: str, now: datetime
) -> list[Measured]:
    """Return the indicators of a window by zone, leader, department or person (members, then inspectors).

    Each rate has its numerator and denominator; its value is None where the denominator is 0.
    """
    return measure(session, read_facts(session, settings, window, now=now), by)


def ranking(
    session: Session, settings: Settings, window: Window, *, by: str, now: datetime
) -> list[dict[str, Any]]:
    """Return the same with points and ranks by the formula of the window's last day, as a report would have them."""
    measured = indicators(session, settings, window, by=by, now=now)
    return rank_rows(measured, read_formula(formula_on(session, window.to_on).weights), by, {})
