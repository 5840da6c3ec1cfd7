"""Days that differ here from the country's calendar, from a table: a year's announcement in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.workdays import FIRST_YEAR, LAST_YEAR
from geoservice.formats.values import as_day
from geoservice.services.importing.flow import Report, reject_repeated
from geoservice.services.importing.point_rules import refuse_nothing_taken
from geoservice.services.importing.rows import BadRow, read_tables
from geoservice.services.workdays import LONGEST_NAME
from geoservice.store import audit, batches, calendar_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.flow import Run
    from geoservice.services.importing.row_list import Row

WORKING = frozenset({"working", "work", "workday", "yes", "1", "true", "班", "上班", "调休上班", "工作日"})
RESTING = frozenset(
    {"resting", "rest", "off", "holiday", "no", "0", "false", "休", "休息", "放假", "休息日", "节假日"}
)


@dataclass(frozen=True)
class CalendarOptions:
    """Which columns of the table hold what, and how to read it."""

    day: str | None = None
    working: str | None = None
    name: str | None = None
    sheet: str | None = None
    encoding: str = "auto"


def import_calendar_days(
    session: Session, paths: Sequence[Path], options: CalendarOptions, run: Run
) -> Report:
    """Take a table of days, worked on or not; what was decided of them before is replaced, other days stay."""
    report = Report()
    header, rows = read_tables(paths, report, sheet=options.sheet, encoding=options.encoding)
    day = header.need("calendar_day", options.day, "--day")
    working = header.need("calendar_working", options.working, "--working")
    name = header.find("calendar_name", options.name)
    report.detected["guessed"] = header.guessed
    found: list[tuple[Row, tuple[date, bool, str]]] = []
    for row in rows:
        try:
            found.append((row, (_day(row, day), _is_working(row, working), _name(row, name))))
        except BadRow as bad:
            report.rejected.append(bad.args[0])
    kept = reject_repeated(
        [(told[0].isoformat(), row.place) for row, told in found],
        lambda place, first: found[place][0].problem(
            "duplicate_code", day.shown, found[place][1][0], first=first
        ),
        report,
    )
    with batches.savepoint(session) as undo:
        batches.lock(session, "calendar_days")
        _apply(session, [found[place][1] for place in kept], run, report)
        refuse_nothing_taken(report, run)
        detail = {"files": [path.name for path in paths][:20], "new": report.new, "changed": report.changed}
        audit.record(session, run.by, "calendar_day.import", detail=detail)
        if run.dry_run:
            undo()
    return report


def _apply(session: Session, told: list[tuple[date, bool, str]], run: Run, report: Report) -> None:
    stored = {row.on_day: (row.on_day, row.working, row.name) for row in calendar_rows.all_days(session)}
    written = [each for each in told if stored.get(each[0]) != each]
    report.new = sum(each[0] not in stored for each in written)
    report.changed = len(written) - report.new
    report.unchanged = len(told) - len(written)
    calendar_rows.put_days(session, written, by=run.by, now=run.now)


def _day(row: Row, column: Column) -> date:
    raw = column.value(row)
    try:
        day = as_day(raw)
    except ValueError as error:
        raise BadRow(row.problem("day_invalid", column.shown, raw)) from error
    if day is None:
        raise BadRow(row.problem("day_invalid", column.shown, ""))
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadRow(
            row.problem(
                "year_out_of_reach", column.shown, raw, year=day.year, first=FIRST_YEAR, last=LAST_YEAR
            )
        )
    return day


def _is_working(row: Row, column: Column) -> bool:
    word = (column.code(row) or "").casefold()
    if word not in WORKING | RESTING:
        raise BadRow(row.problem("working_unreadable", column.shown, word))
    return word in WORKING


def _name(row: Row, column: Column | None) -> str:
    name = " ".join((column.text(row) or "").split()) if column else ""
    if column is not None and len(name) > LONGEST_NAME:
        raise BadRow(row.problem("text_too_long", column.shown, name, most=LONGEST_NAME))
    return name
