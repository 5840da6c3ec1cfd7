"""What an import answers: JSON alone on stdout, everything for people on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from geoservice.errors import Conflict, GeoServiceError, InvalidFile, NotFound
from geoservice.messages import sentence
from geoservice.services.importing import Report, Run
from geoservice.store import batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from _typeshed import DataclassInstance
    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.errors import Problem

Options = TypeVar("Options", bound="DataclassInstance")

ROWS_SHOWN = 40
WIDEST = 40
COUNTS = ("new", "changed", "unchanged", "removed")


def run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Options that every import has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="answer as JSON on stdout"),
        click.option("--by", metavar="LOGIN", help="the account in whose name it is done"),
        click.option("--strict", is_flag=True, help="one bad row refuses the whole import"),
        click.option("--dry-run", is_flag=True, help="check and compare everything, write nothing"),
    ):
        command = option(command)
    return command


def table_options(command: Callable[..., None]) -> Callable[..., None]:
    """Files, and the options that every import of plain tables has."""
    for option in (
        run_options,
        click.option("--encoding", default="auto", metavar="auto|NAME", help="of the texts"),
        click.option("--sheet", help="of a workbook; the first by default"),
        click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path)),
    ):
        command = option(command)
    return command


def taken_as(options: type[Options], given: Mapping[str, Any]) -> Options:
    """Return what was given as the options of an import, a dataclass."""
    return options(**{item.name: given[item.name] for item in fields(options) if item.name in given})


def repairs_option(command: Callable[..., None]) -> Callable[..., None]:
    """The answer to what an import of polygons asks: whether repaired shapes are taken."""
    told = "shapes that cross themselves: take them repaired, or leave them out; without it you are asked"
    return click.option("--repairs", type=click.Choice(["take", "leave"]), help=told)(command)


def carry_out(context: Context, given: Mapping[str, Any], work: Callable[[Session, Run], Report]) -> None:
    """Run one import in one transaction and say what it did; exit code 1 when nothing was taken."""
    as_json = bool(given["as_json"])
    try:
        with _progress() as tell, context.transaction() as session:
            run = Run(
                now=datetime.now(UTC),
                by=user_named(session, given["by"]),
                dry_run=given["dry_run"],
                strict=given["strict"],
                take_repairs=given.get("repairs") != "leave",
                progress=tell,
            )
            report = work(session, run)
            if "repairs" in given and given["repairs"] is None and not run.dry_run:
                _ask_about_repairs(report, context.locale, as_json=as_json)
    except GeoServiceError as error:
        _show_error(error, context.locale, as_json=as_json)
        raise SystemExit(1) from error
    show(report, context.locale, as_json=as_json)


def show(report: Report, locale: str, *, as_json: bool) -> None:
    """Say what an import did."""
    rejected = [problem_json(problem, locale) for problem in report.rejected]
    for warning in report.warnings:
        click.echo(f"! {problem_json(warning, locale)['message']}", err=True)
    _show_table(rejected)
    if as_json:
        click.echo(json.dumps(report_json(report, locale), ensure_ascii=False))
        return
    _show_table([problem_json(problem, locale) for problem in report.repaired])
    click.echo(
        f"batch {report.batch or '-'}: " + ", ".join(f"{getattr(report, name)} {name}" for name in COUNTS)
    )
    click.echo(f"  {report.refused} rejected, {len(report.repaired)} repaired")
    for name, value in {**report.detected, **report.more}.items():
        if value:
            shown = (
                ", ".join(f"{key}={each}" for key, each in value.items())
                if isinstance(value, dict)
                else value
            )
            click.echo(f"  {name}: {shown}")


def report_json(report: Report, locale: str) -> dict[str, Any]:
    """A report as the answer's JSON."""
    return {
        "batch": report.batch,
        **{name: getattr(report, name) for name in COUNTS},
        "rejected": [problem_json(problem, locale) for problem in report.rejected],
        "repaired": [problem_json(problem, locale) for problem in report.repaired],
        "warnings": [problem_json(problem, locale) for problem in report.warnings],
        "detected": report.detected,
        **report.more,
    }


def problem_json(problem: Problem, locale: str) -> dict[str, Any]:
    """A problem with its sentence."""
    place = {"file": problem.file, "row": problem.row, "column": problem.column, "value": problem.value}
    values = {**problem.values, **{name: value for name, value in place.items() if value is not None}}
    sheet = {"sheet": problem.sheet} if problem.sheet else {}
    return {**place, **sheet, "code": problem.code, "message": sentence(problem.code, values, locale)}


def _ask_about_repairs(report: Report, locale: str, *, as_json: bool) -> None:
    """Let nothing repaired become data unless somebody who saw it agrees; Conflict, which takes all back, otherwise."""
    if not report.repaired:
        return
    repaired = [problem_json(problem, locale) for problem in report.repaired]
    count = len({(problem["file"], problem["row"]) for problem in repaired})
    if as_json or not sys.stdin.isatty():
        raise Conflict("repairs_unanswered", count=count)
    _show_table(repaired)
    if not click.confirm(sentence("repairs_asked", {"count": count}, locale), err=True):
        raise Conflict("repairs_unanswered", count=count)


def _show_error(error: GeoServiceError, locale: str, *, as_json: bool) -> None:
    problems = error.problems if isinstance(error, InvalidFile) else ()
    message = sentence(error.code, error.values, locale)
    rejected = [problem_json(problem, locale) for problem in problems]
    _show_table(rejected)
    if as_json:
        values = {
            name: value for name, value in error.values.items() if isinstance(value, (str, int, float, bool))
        }
        click.echo(
            json.dumps(
                {"error": {**values, "code": error.code, "message": message}, "rejected": rejected},
                ensure_ascii=False,
            )
        )
    else:
        click.echo(f"Error: {message}", err=True)


def _show_table(rejected: Sequence[Mapping[str, Any]]) -> None:
    """Rejected rows as a table on stderr."""
    if not rejected:
        return
    names = ("file", "row", "column", "value", "code")
    lines = [names, *(tuple(_cell(problem[name]) for name in names) for problem in rejected[:ROWS_SHOWN])]
    widths = [min(max(len(line[index]) for line in lines), WIDEST) for index in range(len(names))]
    for number, line in enumerate(lines):
        message = rejected[number - 1]["message"] if number else "message"
        padded = "  ".join(cell[:width].ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(f"{padded}  {message}", err=True)
    if len(rejected) > ROWS_SHOWN:
        click.echo(f"… {len(rejected) - ROWS_SHOWN} more (--json lists all)", err=True)


def _cell(value: Any) -> str:
    return "-" if value is None else " ".join(str(value).split())


def user_named(session: Session, login: str | None) -> int | None:
    """Return the id of the account of that login, None without one; raises NotFound."""
    if login is None:
        return None
    found = batches.user_id_of(session, login)
    if found is None:
        raise NotFound("user_not_found", login=login)
    return found


@contextmanager
def _progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr when somebody watches."""
    if not sys.stderr.isatty():
        yield lambda _stage, _share: None
        return
    with click.progressbar(length=100, file=sys.stderr, label="") as bar:

        def tell(stage: str, share: float) -> None:
            bar.label = stage
            bar.update(max(0, round(100 * share) - bar.pos))
            bar.render_progress()

        yield tell
