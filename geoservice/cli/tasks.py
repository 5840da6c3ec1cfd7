"""`geoservice tasks`: what everybody has to do on a day."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.imports import Day
from geoservice.services import tasks as service

if TYPE_CHECKING:
    from datetime import date

    from geoservice.cli import Context
    from geoservice.services.tasks import DayList


@click.command()
@click.option("--person", metavar="LOGIN", help="of one person only")
@click.option("--on", type=Day(), help="today by default")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def tasks(context: Context, person: str | None, on: date | None, as_json: bool) -> None:
    """List what is to be done on a day, person by person."""
    now = datetime.now(UTC)
    day = on or now.astimezone(context.settings.zone_info).date()
    with context.transaction() as session:
        if person is not None:
            lists = [service.list_of_login(session, context.settings, person, day, now=now)]
        else:
            lists = service.lists_of_day(session, context.settings, day, now=now)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in lists], ensure_ascii=False))
        return
    for one in lists:
        click.echo(f"{one.name or one.role}\t{one.role}\t{one.login or '-'}\t{one.done}/{len(one.tasks)}")
        for task in one.tasks:
            until = (
                f"{task.due_at.astimezone(context.settings.zone_info):%m-%d %H:%M}" if task.due_at else "-"
            )
            mark = "x" if task.done else "!" if task.is_late(now) else " "
            click.echo(f"  [{mark}] {until}\t{task.kind}\t{task.number}\t{task.title}")


def _as_json(one: DayList) -> dict[str, Any]:
    return {
        "name": one.name,
        "role": one.role,
        "login": one.login,
        "on": one.on.isoformat(),
        "tasks": [task.for_programs for task in one.tasks],
    }
