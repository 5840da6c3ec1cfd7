"""Check-ins from a sheet: who was at which point when, and whether all was well there."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from geoservice.domain.windows import instant_of
from geoservice.errors import BadRequest
from geoservice.formats.times import Clock
from geoservice.services.check_ins import LONGEST_NOTE, moment_fault
from geoservice.services.importing.flow import Report, Run, importing
from geoservice.services.importing.rows import BadRow, read_tables
from geoservice.store import check_in_rows
from geoservice.store.check_in_rows import CheckInRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.columns import Column, Header
    from geoservice.services.importing.row_list import Row

FINDINGS = (
    "有问题", "发现问题", "存在问题", "有", "是", "异常", "不合格", "不达标", "未通过",
    "findings", "finding", "problem", "problems", "issue", "issues", "dirty", "bad", "fail", "failed", "yes", "true", "1",
)  # fmt: skip
CLEAN = (
    "无问题", "未发现问题", "没问题", "没有问题", "无", "否", "正常", "合格", "达标", "良好", "通过",
    "clean", "ok", "none", "good", "pass", "passed", "normal", "no", "false", "0",
)  # fmt: skip
RESULTS = dict.fromkeys(FINDINGS, True) | dict.fromkeys(CLEAN, False)
MOMENT_FAULTS = {"check_in_in_future": "row_time_in_future", "check_in_too_old": "row_time_too_old"}


@dataclass(frozen=True)
class CheckInOptions:
    """Which columns of a sheet hold what; times without an offset are wall time in `timezone` (the deployment's)."""

    point: str | None = None
    time: str | None = None
    member: str | None = None
    result: str | None = None
    note: str | None = None
    timezone: str | None = None
    sheet: str | None = None
    encoding: str = "auto"


@dataclass(frozen=True)
class _Columns:
    point: Column
    time: Column
    member: Column | None
    result: Column
    note: Column | None


@dataclass(frozen=True)
class _Known:
    """What rows are held against: points and members by what they are called, and which moments can be."""

    points: dict[str, tuple[int, bool]]
    members: dict[str, list[tuple[int, str]]]
    clock: Clock
    fault_of: Callable[[datetime], str | None]


def import_check_ins(
    session: Session, settings: Settings, paths: tuple[Path, ...], options: CheckInOptions, run: Run
) -> Report:
    """Take sheets of check-ins. Point, time and member make a check-in: the same again changes what was found, or nothing."""
    timezone = options.timezone or settings.timezone
    if timezone not in available_timezones():
        raise BadRequest("timezone_unknown", timezone=timezone)
    with importing(session, "check_ins", paths, asdict(options), run) as report:
        header, rows = read_tables(paths, report, sheet=options.sheet, encoding=options.encoding)
        columns = _columns(header, options)
        report.detected["guessed"] = header.guessed
        codes = sorted({code for row in rows if (code := columns.point.code(row))})
        known = _Known(
            check_in_rows.active_point_ids(session, codes),
            check_in_rows.members_by_word(session),
            Clock(timezone),
            lambda at: moment_fault(at, settings, run.now),
        )
        taken = _take(rows, columns, known, report)
        run.progress("writing", 0.5)
        _apply(session, taken, columns, report, run)
    return report


def _columns(header: Header, options: CheckInOptions) -> _Columns:
    return _Columns(
        header.need("check_in_point", options.point, "--point"),
        header.need("check_in_time", options.time, "--time"),
        header.find("check_in_member", options.member),
        header.need("check_in_result", options.result, "--result"),
        header.find("check_in_note", options.note),
    )


def _take(rows: Sequence[Row], columns: _Columns, known: _Known, report: Report) -> list[CheckInRow]:
    """Return the check-ins that make sense, each once; the other rows are rejected."""
    first: dict[object, str] = {}
    taken = []
    for row in rows:
        try:
            check_in = _check_in(row, columns, known)
        except BadRow as bad:
            report.rejected.append(bad.args[0])
            continue
        if check_in.key in first:
            shown = columns.point.code(row)
            report.rejected.append(
                row.problem("check_in_repeated", columns.point.shown, shown, first=first[check_in.key])
            )
            continue
        first[check_in.key] = row.place
        taken.append(check_in)
    return taken


def _check_in(row: Row, columns: _Columns, known: _Known) -> CheckInRow:
    return CheckInRow(
        _point(row, columns.point, known),
        _moment(row, columns.time, known),
        _member(row, columns.member, known),
        _result(row, columns.result),
        _note(row, columns.note),
    )


def _point(row: Row, column: Column, known: _Known) -> int:
    code = column.code(row)
    if code is None:
        raise BadRow(row.problem("code_missing", column.shown))
    if code not in known.points:
        raise BadRow(row.problem("unknown_ground", column.shown, code, kind="point"))
    point_id, active = known.points[code]
    if not active:
        raise BadRow(row.problem("row_point_inactive", column.shown, code))
    return point_id


def _moment(row: Row, column: Column, known: _Known) -> datetime:
    raw = column.value(row)
    try:
        at = instant_of(known.clock.microseconds(raw))
    except (ValueError, OverflowError) as error:
        raise BadRow(row.problem("row_time_invalid", column.shown, "" if raw is None else raw)) from error
    if fault := known.fault_of(at):
        raise BadRow(row.problem(MOMENT_FAULTS[fault], column.shown, raw))
    return at


def _member(row: Row, column: Column | None, known: _Known) -> int | None:
    word = column.code(row) if column else None
    if column is None or word is None:
        return None
    found = known.members.get(word.casefold(), [])
    if not found:
        raise BadRow(row.problem("unknown_member", column.shown, word))
    if len(found) > 1:
        codes = ", ".join(code for _, code in found)
        raise BadRow(row.problem("member_ambiguous", column.shown, word, codes=codes))
    return found[0][0]


def _result(row: Row, column: Column) -> bool:
    word = column.code(row) or ""
    if word.casefold() not in RESULTS:
        known = "、".join((*FINDINGS[:2], *CLEAN[:2], "findings", "clean"))
        raise BadRow(row.problem("unknown_result", column.shown, word, known=known))
    return RESULTS[word.casefold()]


def _note(row: Row, column: Column | None) -> str:
    note = (column.text(row) if column else None) or ""
    if column is not None and len(note) > LONGEST_NOTE:
        raise BadRow(row.problem("text_too_long", column.shown, note, most=LONGEST_NOTE))
    return note


def _apply(session: Session, taken: list[CheckInRow], columns: _Columns, report: Report, run: Run) -> None:
    stored = check_in_rows.stored_like(session, taken)
    new = [row for row in taken if row.key not in stored]
    changed = []
    for row in taken:
        if row.key in stored:
            key, had_findings, old_note = stored[row.key]
            note = row.note if columns.note else old_note
            if (row.has_findings, note) != (had_findings, old_note):
                changed.append((key, row.has_findings, note))
    check_in_rows.insert_check_ins(session, new, report.batch_id, run.now)
    check_in_rows.update_check_ins(session, changed, report.batch_id)
    report.new, report.changed = len(new), len(changed)
    report.unchanged = len(taken) - report.new - report.changed
