"""`geoservice teams`: list teams, add one, and set how, from where and when they go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import carry_out, table_options, taken_as, user_named
from geoservice.domain.tracks import Mode
from geoservice.services import teams as service
from geoservice.services.importing.point_rules import RuleOptions, import_point_rules

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.cli import Context
    from geoservice.services.teams import TeamView


@click.group()
def teams() -> None:
    """Teams: how they go, from where, when, and what they can do."""


@teams.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List the teams."""
    with context.transaction() as session:
        found = service.list_teams(session)
    if as_json:
        click.echo(json.dumps([_as_json(team) for team in found], ensure_ascii=False))
        return
    for team in found:
        setup = team.setup
        hours = f"{setup.shift_from:%H:%M}-{setup.shift_to:%H:%M}"
        depot = f"{setup.depot[0]},{setup.depot[1]}" if setup.depot else "no depot"
        state = "" if setup.active else "\tnot active"
        click.echo(f"{team.code}\t{setup.name}\t{Mode(setup.mode).name.lower()}\t{hours}\t{depot}{state}")


@teams.command("add")
@click.argument("code")
@click.option("--name", required=True, help="what it is called")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def add_command(context: Context, code: str, name: str, by: str | None) -> None:
    """Add a team."""
    with context.transaction() as session:
        service.add_team(session, code, name, by=user_named(session, by))
    click.echo(f"team {code} added", err=True)


@teams.command("set")
@click.argument("code")
@click.option("--name", help="what it is called")
@click.option("--mode", help="foot, ebike or car")
@click.option("--depot", metavar="LON,LAT", help="where it begins; empty: nowhere")
@click.option("--end-depot", metavar="LON,LAT", help="where it ends; empty: where it began")
@click.option("--shift-from", metavar="HH:MM", help="when it begins to work")
@click.option("--shift-to", metavar="HH:MM", help="when it ends")
@click.option("--break-from", metavar="HH:MM", help="its break is not before; empty: no break")
@click.option("--break-to", metavar="HH:MM", help="its break is over by")
@click.option("--break-minutes", metavar="MIN", help="how long the break is")
@click.option("--skills", metavar="WORD,…", help="what it can do; empty: nothing special")
@click.option("--zones", metavar="CODE,…", help="the zones it keeps to; empty: anywhere")
@click.option("--active", type=click.Choice(["yes", "no"]), help="whether it goes out at all")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def set_command(context: Context, /, code: str, by: str | None, **given: Any) -> None:
    """Set what is named of a team; the rest stays."""
    words = {name: value for name, value in given.items() if value is not None}
    with context.transaction() as session:
        team = service.team_of_code(session, code)
        service.change_team(session, team.id, words, by=user_named(session, by))
    click.echo(f"team {code} set", err=True)


@teams.command("point-rules")
@click.option("--code", metavar="COLUMN", help="of the points' codes")
@click.option(
    "--opening", metavar="COLUMN", help="of the opening hours: 1-5 08:00-11:30,14:00-17:30; 6 09:00-12:00"
)
@click.option("--skills", metavar="COLUMN", help="of the skills, apart by commas")
@table_options
@click.pass_obj
def point_rules_command(context: Context, /, files: tuple[Path, ...], **given: Any) -> None:
    """Take opening hours and skills of points from a table (CSV, xlsx); a blank cell takes them away."""
    options = taken_as(RuleOptions, given)
    carry_out(context, given, lambda session, run: import_point_rules(session, files, options, run))


def _as_json(team: TeamView) -> dict[str, Any]:
    setup = team.setup
    clock = {
        name: f"{value:%H:%M}" if value else None
        for name, value in vars(setup).items()
        if name in {"shift_from", "shift_to", "break_from", "break_to"}
    }
    members = [{"code": code, "name": name} for code, name in team.members]
    return {
        "code": team.code,
        **vars(setup),
        **clock,
        "mode": Mode(setup.mode).name.lower(),
        "members": members,
    }
