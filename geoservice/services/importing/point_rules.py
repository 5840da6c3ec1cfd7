"""Opening hours and skills of points from a table: by the point's code, in place of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.opening import opening_from_rows, parse_opening
from geoservice.errors import BadRequest, InvalidFile
from geoservice.services import told
from geoservice.services.importing.flow import Report, reject_repeated
from geoservice.services.importing.rows import BadRow, code_fault, read_tables
from geoservice.store import audit, batches, point_rows, rule_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.domain.opening import Opening
    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.flow import Run
    from geoservice.services.importing.row_list import Row


@dataclass(frozen=True)
class RuleOptions:
    """Which columns of the table hold what, and how to read it. A column that is not there leaves what is stored."""

    code: str | None = None
    opening: str | None = None
    skills: str | None = None
    sheet: str | None = None
    encoding: str = "auto"


@dataclass(frozen=True)
class _Asked:
    """What a point asks for."""

    opening: Opening | None
    skills: tuple[str, ...]


@dataclass(frozen=True)
class _Columns:
    code: Column
    opening: Column | None
    skills: Column | None


def import_point_rules(session: Session, paths: Sequence[Path], options: RuleOptions, run: Run) -> Report:
    """Take a table of opening hours and skills; a blank cell says: always open, or no skill needed."""
    report = Report()
    header, rows = read_tables(paths, report, sheet=options.sheet, encoding=options.encoding)
    code = header.need("point_code", options.code, "--code")
    columns = _Columns(code, header.find("opening", options.opening), header.find("skills", options.skills))
    if columns.opening is None and columns.skills is None:
        raise InvalidFile(
            "column_needed", file=header.file, option="--opening", columns=", ".join(header.fields)
        )
    report.detected["guessed"] = header.guessed
    found = [(row, columns.code.code(row) or "") for row in rows]
    kept = reject_repeated(
        [(code, row.place) for row, code in found],
        lambda place, first: found[place][0].problem(
            "duplicate_code", columns.code.shown, found[place][1], first=first
        ),
        report,
    )
    with batches.savepoint(session) as undo:
        batches.lock(session, "point_rules")
        _apply(session, [found[place] for place in kept], columns, report)
        refuse_nothing_taken(report, run)
        detail = {"files": [path.name for path in paths][:20], "changed": report.changed}
        audit.record(session, run.by, "point_rule.import", detail=detail)
        if run.dry_run:
            undo()
    return report


def refuse_nothing_taken(report: Report, run: Run) -> None:
    """Raise InvalidFile with the rejected rows when there is nothing else, or when one is too many."""
    if report.rejected and (run.strict or not report.taken):
        code = "rows_rejected" if run.strict else "nothing_taken"
        raise InvalidFile(code, problems=tuple(report.rejected), count=len(report.rejected))


def _apply(session: Session, found: list[tuple[Row, str]], columns: _Columns, report: Report) -> None:
    """Let the points ask for what their rows say, and count them."""
    ids = point_rows.point_ids(session, [code for _, code in found])
    stored = {
        point.id: _Asked(opening_from_rows(point.opening), point.skills)
        for point in rule_rows.ruled_points(session)
    }
    rules = []
    for row, code in found:
        try:
            before = stored.get(ids.get(code, 0), _Asked(None, ()))
            asked = _asked(row, code, ids, columns, before)
        except BadRow as bad:
            report.rejected.append(bad.args[0])
            continue
        if asked == before:
            report.unchanged += 1
            continue
        report.changed += 1
        rules.append((ids[code], asked.opening.rows if asked.opening else None, asked.skills))
    rule_rows.set_rules(session, rules)


def _asked(row: Row, code: str, ids: dict[str, int], columns: _Columns, before: _Asked) -> _Asked:
    if fault := code_fault(row, columns.code.shown, code or None):
        raise BadRow(fault)
    if code not in ids:
        raise BadRow(row.problem("point_unknown", columns.code.shown, code, point=code))
    opening, skills = before.opening, before.skills
    column = columns.opening
    try:
        if column is not None:
            opening = parse_opening(column.text(row) or "")
        if columns.skills is not None:
            column = columns.skills
            skills = told.read_words(column.text(row) or "", column.shown)
    except BadRequest as error:
        assert column is not None
        values = {name: value for name, value in error.values.items() if name != "value"}
        raise BadRow(row.problem(error.code, column.shown, column.value(row), **values)) from error
    return _Asked(opening, skills)
