"""Coverage to look at rather than to read: its trend, a calendar, zones by days, a ranking; each with its table as a file."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request, send_file
from flask_babel import format_date

from geoservice.domain.roles import Permission
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest
from geoservice.formats.writing import MANNERS, Format, write
from geoservice.formats.writing_values import Features, Kind, column
from geoservice.services import today_usual
from geoservice.services.city_trend import city_trend
from geoservice.store.scope import EVERYTHING
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import current_scope, guard, own_transaction, the_account
from geoservice.web.texts import current_locale, gettext
from geoservice.web.windows import ChosenWindow, chosen_window
from geoservice.web.words import write_day

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.formats.writing_values import Column
    from geoservice.services.city_trend import CityTrend
    from geoservice.services.trends import TrendPoint

trends = Blueprint("trends", __name__, url_prefix="/dispatch/trends")
guard(trends, Permission.SEE_CITY)

PRESETS = (7, 30, 90)
DEFAULT_DAYS = 30
TABLES = ("days", "zones", "hours")
ENDINGS = (Format.CSV, Format.XLSX)


@trends.get("/")
def show_trends() -> str:
    """Show how coverage goes, in the days that the address asks for, else the last thirty."""
    chosen = _chosen()
    with own_transaction() as session:
        found = _trend(session, chosen)
    return render_template(
        "dispatch/trends.html",
        trend=found,
        weeks=_weeks(found.points) if found.step == "day" else (),
        skipped=_unknown_first(found.points),
        weekdays=[format_date(date(2024, 1, day), "EEEEEE") for day in range(1, 8)],
        chosen=chosen,
        presets=PRESETS,
    )


@trends.get("/<what>.<ext>")
def get_table(what: str, ext: str) -> Response:
    """Send the numbers behind a chart as CSV or an Excel workbook."""
    if what not in TABLES or ext not in ENDINGS:
        types = ", ".join(f"{name}.{ending}" for name in TABLES for ending in ENDINGS)
        raise BadRequest("unknown_file_type", value=f"{what}.{ext}"[:20], types=types)
    features = _hours() if what == "hours" else _table_of(what, _chosen())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{features.name}.{ext}"
        write(path, Format(ext), features)
        content = BytesIO(path.read_bytes())
    kind = MANNERS[Format(ext)].content_type
    return send_file(content, mimetype=kind, as_attachment=True, download_name=f"{features.name}.{ext}")


def _chosen() -> ChosenWindow:
    if not any(request.args.get(name) for name in ("days", "from", "to")):
        return ChosenWindow(Window.ending(today(), DEFAULT_DAYS), DEFAULT_DAYS)
    return chosen_window()


def _trend(session: Session, chosen: ChosenWindow) -> CityTrend:
    return city_trend(
        session, current_settings(), chosen.window, request.args.get("level"), locale=current_locale()
    )


def _weeks(points: tuple[TrendPoint, ...]) -> list[list[TrendPoint | None]]:
    """Return days in rows of seven from Monday; None where a row has a day that was not asked for."""
    if not points:
        return []
    by_day = {point.first_on: point for point in points}
    monday = points[0].first_on - timedelta(days=points[0].first_on.weekday())
    count = (points[-1].first_on - monday).days // 7 + 1
    return [
        [by_day.get(monday + timedelta(days=7 * week + day)) for day in range(7)] for week in range(count)
    ]


def _unknown_first(points: tuple[TrendPoint, ...]) -> int:
    """Return how many buckets at the beginning are not known: before the first track came; 0 where none is."""
    return next((place for place, point in enumerate(points) if point.rate is not None), 0)


def _table_of(what: str, chosen: ChosenWindow) -> Features:
    with own_transaction() as session:
        found = _trend(session, chosen)
    columns = _columns_of_days(found) if what == "days" else _columns_of_zones(found)
    span = f"{chosen.window.from_on}-{chosen.window.to_on}"
    return Features(f"coverage-{what}-{span}", gettext("Coverage rate"), tuple(columns))


def _columns_of_days(found: CityTrend) -> list[Column]:
    points = found.points
    return [
        column(gettext("From"), Kind.DAY, [one.first_on for one in points]),
        column(gettext("To"), Kind.DAY, [one.last_on for one in points]),
        column(gettext("Coverage rate"), Kind.REAL, [one.rate for one in points]),
        column(gettext("Covered, m²"), Kind.REAL, [None if one.rate is None else one.covered_m2 for one in points]),
        column(gettext("To cover, m²"), Kind.REAL, [one.area_m2 for one in points]),
    ]  # fmt: skip


def _columns_of_zones(found: CityTrend) -> list[Column]:
    zones = found.zones
    heads = [write_day(point.first_on) for point in found.points]
    return [
        column(gettext("Code"), Kind.TEXT, [one.code for one in zones]),
        column(gettext("Zone"), Kind.TEXT, [one.name for one in zones]),
        column(gettext("Coverage rate"), Kind.REAL, [one.rate for one in zones]),
        column(gettext("Covered, m²"), Kind.REAL, [None if one.rate is None else one.covered_m2 for one in zones]),
        column(gettext("To cover, m²"), Kind.REAL, [one.area_m2 for one in zones]),
        *(column(head, Kind.REAL, [one.rates[place] for one in zones]) for place, head in enumerate(heads)),
    ]  # fmt: skip


def _hours() -> Features:
    """Return what is usual by the end of each hour of a day like today."""
    scope_zone = None if current_scope() == EVERYTHING else the_account().scope_zone_id
    with own_transaction() as session:
        usual = today_usual.usual_now(session, current_settings(), scope_zone, now=current_time())
    rates = usual.by_hour
    return Features(
        f"usual-day-{today()}",
        gettext("Usual coverage by the end of each hour"),
        (
            column(gettext("Until"), Kind.TEXT, [f"{hour:02d}:00" for hour in range(1, len(rates) + 1)]),
            column(gettext("Usual coverage"), Kind.REAL, list(rates)),
            column(gettext("Days it rests on"), Kind.INTEGER, [usual.days] * len(rates)),
        ),
    )
