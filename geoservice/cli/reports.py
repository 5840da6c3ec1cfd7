"""`geoservice reports` and `geoservice ranking`: reports as drafts, published and as files; places as they stand."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json, window_json, window_options
from geoservice.cli.imports import Day
from geoservice.domain.indicators import RATES
from geoservice.domain.report_kinds import ReportKind
from geoservice.domain.scoring import SUBJECTS
from geoservice.jobs.queue import wake
from geoservice.jobs.reports import ask_to_send
from geoservice.services import levels
from geoservice.services import reports as service
from geoservice.services.reports.files import MEDIA_TYPES, write
from geoservice.services.reports.writing import Reader, in_order

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.domain.windows import Window
    from geoservice.services.reports import ReportLine, ReportView

JSON = click.option("--json", "as_json", is_flag=True, help="JSON on stdout")
BY = click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
ID = click.argument("report_id", metavar="ID", type=click.IntRange(1, 2**31 - 1))


@click.group()
def reports() -> None:
    """Reports of days, weeks, months and quarters."""


@reports.command("make")
@click.argument("kind", type=click.Choice([kind.value for kind in ReportKind]))
@click.option("--on", "on", type=Day(), required=True, help="a day of the period")
@BY
@JSON
@click.pass_obj
def make_command(context: Context, kind: str, on: date, by: str | None, as_json: bool) -> None:
    """Make the draft of the period that a day lies in, or make it anew."""
    wanted, now = ReportKind(kind), datetime.now(UTC)
    with context.transaction() as session:
        service.prepare(session, context.settings, wanted, on, now=now)
        view = service.make(session, context.settings, wanted, on, by=user_named(session, by), now=now)
    _answer(view, as_json)


@reports.command("list")
@JSON
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List drafts and all that was ever published, the newest first."""
    with context.transaction() as session:
        found = service.list_reports(session, published=False)
    if as_json:
        answer_json({"reports": [_line_json(line) for line in found]})
        return
    for view in found:
        click.echo(_line(view))
    if not found:
        click.echo("no report was made yet: `geoservice reports make week --on DAY`", err=True)


@reports.command("show")
@ID
@JSON
@click.pass_obj
def show_command(context: Context, report_id: int, as_json: bool) -> None:
    """Show a report: its rates with what they are made of, who is listed, and whether its hash still fits."""
    with context.transaction() as session:
        view = service.find(session, report_id, drafts=True)
    if as_json:
        answer_json(_json(view))
        return
    click.echo(_line(view))
    click.echo(f"  sha256 {view.inputs_sha256} {'fits' if view.is_sound else 'DOES NOT FIT'}")
    rates = view.content["city"]["rates"]
    for code, (numerator, denominator) in ((code, rates[code]) for code in RATES if code in rates):
        share = f"{100 * numerator / denominator:.1f} %" if denominator else "none"
        click.echo(f"  {code:<27} {share:>8}  {numerator:g} / {denominator:g}")
    for subject in SUBJECTS:
        for row in view.content[f"{subject}s"]:
            if row["list"]:
                click.echo(f"  {row['list']:<6} {subject} {row['code']} {row['name']}: {row['points']:g}")


@reports.command("publish")
@ID
@click.option("--remarks", help="what the desk has to say about it")
@BY
@JSON
@click.pass_obj
def publish_command(
    context: Context, report_id: int, remarks: str | None, by: str | None, as_json: bool
) -> None:
    """Publish a draft: it stands still from now on, and its digest is sent to whoever wants it."""
    with context.transaction() as session:
        if remarks is not None:
            service.set_remarks(session, report_id, remarks)
        user_id = user_named(session, by)
        view = service.publish(session, context.settings, report_id, by=user_id, now=datetime.now(UTC))
        job_ids = ask_to_send(session, view.id, by=user_id)
    wake(context.settings, job_ids)
    _answer(view, as_json)


@reports.command("withdraw")
@ID
@BY
@JSON
@click.pass_obj
def withdraw_command(context: Context, report_id: int, by: str | None, as_json: bool) -> None:
    """Take a published report back; its period may then have another."""
    with context.transaction() as session:
        view = service.withdraw(session, report_id, by=user_named(session, by), now=datetime.now(UTC))
    _answer(view, as_json)


@reports.command("export")
@ID
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def export_command(context: Context, report_id: int, target: Path) -> None:
    """Write a report to FILE.xlsx or FILE.docx, in the language of --lang."""
    kind = target.suffix.lstrip(".").lower()
    if kind not in MEDIA_TYPES:
        raise click.UsageError(f"{target.name}: name a file that ends in .xlsx or .docx")
    if not target.parent.is_dir():
        raise click.UsageError(f"{target.parent}: no such directory")
    with tempfile.TemporaryDirectory() as folder:
        with context.transaction() as session:
            view = service.find(session, report_id, drafts=True)
            made = write(session, context.settings, view, Path(folder), kind, reader_of(session, context))
        target.write_bytes(made.read_bytes())
    click.echo(f"{target}: {target.stat().st_size} bytes")


@click.command()
@click.option("--of", "subject", type=click.Choice(SUBJECTS), default="zone", help="who is ranked")
@window_options
@JSON
@click.pass_obj
def ranking(context: Context, subject: str, window: Window, as_json: bool) -> None:
    """Rank zones, leaders, departments or people over some days by the formula in force."""
    with context.transaction() as session:
        rows = service.ranking(session, context.settings, window, by=subject, now=datetime.now(UTC))
    if as_json:
        answer_json({"window": window_json(window), "of": subject, "rows": rows})
        return
    for row in in_order(rows):
        place = "-" if row["rank"] is None else row["rank"]
        points = "none" if row["points"] is None else f"{row['points']:.2f}"
        click.echo(
            f"{row['level'] or row['kind']:<12} {place:>4} {points:>7}  {row['code']} {row['name']}  {row['list'] or ''}".rstrip()
        )


def reader_of(session: Session, context: Context) -> Reader:
    """Return the reader of the command line's language."""
    names = {
        level.code: level.name_zh if context.locale.startswith("zh") else level.name_en
        for level in levels.list_levels(session)
    }
    return Reader(context.locale, context.settings.zone_info, names)


def _answer(view: ReportView, as_json: bool) -> None:
    if as_json:
        answer_json(_json(view, whole=False))
    else:
        click.echo(_line(view))


def _line(view: ReportLine) -> str:
    return f"{view.id}\t{view.kind}\t{view.window.from_on} – {view.window.to_on}\t{view.number}\t{view.state}"


def _line_json(line: ReportLine) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": line.kind,
        "window": window_json(line.window),
        "number": line.number,
        "state": line.state,
        "made_at": line.made_at,
        "published_at": line.published_at,
        "withdrawn_at": line.withdrawn_at,
    }


def _json(view: ReportView, *, whole: bool = True) -> dict[str, Any]:
    return {
        **_line_json(view),
        "inputs_sha256": view.inputs_sha256,
        "is_sound": view.is_sound,
        "remarks": view.remarks,
        **({"content": view.content} if whole else {}),
    }
