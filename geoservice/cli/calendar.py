"""`geoservice calendar`: the working days of the city, and the patrols that come round again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import carry_out, table_options, taken_as
from geoservice.cli.case_answers import actor_named, show_moves
from geoservice.cli.imports import Day
from geoservice.domain.workdays import Kind, Override
from geoservice.services import recurring, templates, workdays
from geoservice.services.cases import recount_deadlines
from geoservice.services.importing.calendar_days import CalendarOptions, import_calendar_days

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.domain.workdays import CalendarEntry
    from geoservice.services.importing import Report, Run


@click.group()
def calendar() -> None:
    """The work calendar and recurring patrols."""


@calendar.command("show")
@click.option("--year", type=int, help="this year by default")
@click.option("--json", "as_json", is_flag=True, help="every day, as JSON")
@click.pass_obj
def show_command(context: Context, year: int | None, as_json: bool) -> None:
    """Show the holidays, the make-up working days and what was decided here of a year."""
    chosen = year or _today(context).year
    with context.transaction() as session:
        known = workdays.calendar(session, context.settings)
    days = workdays.year_of(known, chosen, context.locale)
    if as_json:
        answer = {
            "year": chosen,
            "country": known.country,
            "announced": known.is_announced(chosen),
            "working_days": sum(day.working for day in days),
            "days": [_as_json(day) for day in days],
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for day in days:
        if day.override or day.kind in {Kind.HOLIDAY, Kind.MAKE_UP}:
            decided = "decided here" if day.override else day.kind.value
            click.echo(f"{day.on}\t{'working' if day.working else 'resting'}\t{decided}\t{day.name}")
    click.echo(f"{sum(day.working for day in days)} working days in {chosen}", err=True)
    if not known.is_announced(chosen):
        click.echo(
            f"The holidays of {chosen} were not announced when this version was made: make-up working days are missing. "
            "Set them with `calendar set`.",
            err=True,
        )


@calendar.command("set")
@click.argument("day", type=Day())
@click.option("--working/--resting", "working", required=True, help="whether the day is worked on")
@click.option("--name", default="", help="what it is called")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def set_command(context: Context, day: date, working: bool, name: str, by: str | None) -> None:
    """Decide that a day is worked on here, or not."""
    with context.transaction() as session:
        actor = actor_named(session, by)
        now = datetime.now(UTC)
        workdays.set_day(session, day, Override(working, name), by=actor.account_id, now=now)
        moved = recount_deadlines(session, context.settings, by=actor, now=now, on=day)
    click.echo(f"{day} is {'a working' if working else 'a resting'} day", err=True)
    show_moves(moved, context)


@calendar.command("unset")
@click.argument("day", type=Day())
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def unset_command(context: Context, day: date, by: str | None) -> None:
    """Let the country's calendar decide of a day again."""
    with context.transaction() as session:
        actor = actor_named(session, by)
        workdays.unset_day(session, day, by=actor.account_id)
        moved = recount_deadlines(session, context.settings, by=actor, now=datetime.now(UTC), on=day)
    click.echo(f"{day} is as the country's calendar says", err=True)
    show_moves(moved, context)


@calendar.command("import")
@click.option("--day", metavar="COLUMN", help="of the days")
@click.option(
    "--working", metavar="COLUMN", help="of whether they are worked on: working or resting, 班 or 休"
)
@click.option("--name", metavar="COLUMN", help="of what they are called")
@table_options
@click.pass_obj
def import_command(context: Context, /, files: tuple[Path, ...], **given: Any) -> None:
    """Take days that differ from the country's calendar from a table (CSV, xlsx)."""
    options = taken_as(CalendarOptions, given)

    def take(session: Session, run: Run) -> Report:
        report = import_calendar_days(session, files, options, run)
        if not run.dry_run:
            actor = actor_named(session, given["by"])
            moved = recount_deadlines(session, context.settings, by=actor, now=run.now)
            if moved:
                report.more["deadlines_moved"] = [move.number for move in moved]
        return report

    carry_out(context, given, take)


@calendar.command("shifts")
@click.option("--on", type=Day(), help="today by default")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def shifts_command(context: Context, on: date | None, as_json: bool) -> None:
    """Show which teams work when on a day."""
    day = on or _today(context)
    with context.transaction() as session:
        found = templates.shifts_on(session, context.settings, day)
    rows = [
        {
            "team": one.team_code,
            "starts": f"{one.starts:%H:%M}",
            "ends": f"{one.ends:%H:%M}",
            "template": one.template_code,
            "free": one.is_free,
        }
        for one in found
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['team']}\t{row['starts']}-{row['ends']}\t{row['template'] or '-'}\t{'free' if row['free'] else 'fixed route'}"
        )


@calendar.command("templates")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def templates_command(context: Context, as_json: bool) -> None:
    """List the recurring patrols."""
    with context.transaction() as session:
        found = recurring.list_templates(session)
    if as_json:
        answer = [{"code": one.code, **vars(one.setup)} for one in found]
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for one in found:
        hours = f"{one.setup.starts:%H:%M}-{one.setup.ends:%H:%M}"
        weekdays = "".join(map(str, one.setup.weekdays))
        click.echo(
            f"{one.code}\t{one.setup.team}\t{weekdays}\t{one.setup.days}\t{hours}\t{one.setup.route or '-'}"
        )


@calendar.command("make")
@click.option("--on", type=Day(), required=True, help="the day whose patrols are published")
@click.pass_obj
def make_command(context: Context, on: date) -> None:
    """Publish the recurring patrols of a day that have a route of their own; doing it again changes nothing."""
    with context.transaction() as session:
        made = templates.make_patrols(session, context.settings, on)
    click.echo(f"{made} patrols of {on} published")


def _today(context: Context) -> date:
    return datetime.now(UTC).astimezone(context.settings.zone_info).date()


def _as_json(day: CalendarEntry) -> dict[str, object]:
    return {
        "on": day.on.isoformat(),
        "working": day.working,
        "kind": day.kind.value,
        "name": day.name,
        "decided_here": day.override is not None,
    }
