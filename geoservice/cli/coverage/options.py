"""What the coverage commands have in common: windows as options, JSON as answers."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from geoservice.domain.windows import Period, Window
from geoservice.services import gap_reports
from geoservice.services.grounds import zones_of_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

DAY = click.DateTime(formats=["%Y-%m-%d"])
PERIODS = {period.name.lower(): period for period in Period}


def window_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --from and --to, both days included, and --period; the command gets them as `window`."""

    @wraps(command)
    def with_window(*args: Any, from_on: datetime, to_on: datetime, period: str | None, **others: Any) -> Any:
        window = Window(from_on.date(), to_on.date(), PERIODS[period] if period else None)
        return command(*args, window=window, **others)

    decorated: Callable[..., Any] = with_window
    for option in (
        click.option("--period", type=click.Choice(list(PERIODS)), help="only this part of each day"),
        click.option("--to", "to_on", type=DAY, required=True, metavar="DAY", help="last day, YYYY-MM-DD"),
        click.option(
            "--from", "from_on", type=DAY, required=True, metavar="DAY", help="first day, YYYY-MM-DD"
        ),
    ):
        decorated = option(decorated)
    return decorated


@dataclass(frozen=True)
class Asked:
    """What is asked of a measure: a window, and where; None: zones of every level, the whole city."""

    session: Session
    settings: Settings
    window: Window
    level: str | None
    code: str | None


def zones_asked(asked: Asked) -> frozenset[int] | None:
    """Return the zone asked for and all below it; None: all zones. Raises NotFound for a code nobody has."""
    return None if asked.code is None else zones_of_code(asked.session, asked.window.to_on, asked.code)


def window_json(window: Window) -> dict[str, Any]:
    """A window as it stands in every answer."""
    period = {"period": window.period.name.lower()} if window.period else {}
    return {"from": window.from_on.isoformat(), "to": window.to_on.isoformat(), **period}


def say(percent: int, stage: str) -> None:
    """Show progress where somebody watches."""
    if sys.stderr.isatty():
        click.echo(f"\r{stage} {percent:3d}%  ", nl=percent == 100, err=True)


def answer_json(answer: dict[str, Any]) -> None:
    """Write an answer as one line of JSON; days and instants in ISO 8601."""
    click.echo(json.dumps(answer, ensure_ascii=False, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def fresh_report(session: Session, settings: Settings, window: Window) -> int | None:
    """Find the window's gaps unless a fresh report is stored; return how many were found."""
    if gap_reports.is_ready(session, window):
        return None
    return gap_reports.build(
        session, settings, window, now=datetime.now(UTC), progress=lambda percent: say(percent, "gaps")
    )
