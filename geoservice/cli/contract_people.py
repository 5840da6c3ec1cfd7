"""`geoservice contracts deputies|roles|departments`: who there is to answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import DAY
from geoservice.services import contract_words, organisation
from geoservice.services import deputies as service
from geoservice.store import deputy_rows

if TYPE_CHECKING:
    from datetime import datetime

    from geoservice.cli import Context


@click.group()
def deputies() -> None:
    """Who stands in for whom during absence."""


@deputies.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_deputies(context: Context, as_json: bool) -> None:
    """List all deputies there ever were."""
    with context.transaction() as session:
        rows = deputy_rows.list_deputies(session)
    if as_json:
        _answer([asdict(row) for row in rows])
        return
    for row in rows:
        click.echo(
            f"{row.id}\t{row.deputy_name} ({row.deputy_code}) for {row.leader_name} ({row.leader_code})\t"
            f"{row.valid_from} until before {row.valid_to}\t{row.reason}"
        )


@deputies.command("add")
@click.option("--leader", required=True, metavar="CODE|NAME", help="who is absent")
@click.option("--deputy", required=True, metavar="CODE|NAME", help="who answers beside him")
@click.option("--from", "first", type=DAY, required=True, metavar="DAY", help="first day")
@click.option("--to", "last", type=DAY, required=True, metavar="DAY", help="last day, included")
@click.option("--reason", default="", help="why")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def add_deputy(context: Context, /, first: datetime, last: datetime, by: str | None, **given: str) -> None:
    """Let somebody stand in."""
    with context.transaction() as session:
        new = service.NewDeputy(
            contract_words.told_leader(session, given["leader"]),
            contract_words.told_leader(session, given["deputy"]),
            first.date(),
            last.date(),
            given["reason"],
        )
        row_id = service.add_deputy(session, new, by=user_named(session, by))
    click.echo(row_id)


@deputies.command("end")
@click.argument("deputy_id", type=int)
@click.option("--on", "last_on", type=DAY, required=True, metavar="DAY", help="the last day, included")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def end_deputy(context: Context, deputy_id: int, last_on: datetime, by: str | None) -> None:
    """Let somebody stand in no longer than until a day."""
    with context.transaction() as session:
        service.end_deputy(session, deputy_id, last_on.date(), by=user_named(session, by))
    click.echo(f"deputy {deputy_id} ends on {last_on:%Y-%m-%d}", err=True)


@click.group()
def roles() -> None:
    """The roles in which ground is contracted."""


@roles.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_roles(context: Context, as_json: bool) -> None:
    """List the roles."""
    with context.transaction() as session:
        rows = organisation.list_roles(session)
    if as_json:
        _answer([asdict(row) for row in rows])
        return
    for row in rows:
        click.echo(f"{row.code}\t{row.name_zh}\t{row.name_en}\t{row.contracts} contracts")


@roles.command("put")
@click.argument("code")
@click.option("--zh", default="", metavar="NAME", help="name in Chinese")
@click.option("--en", default="", metavar="NAME", help="name in English")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def put_role(context: Context, code: str, zh: str, en: str, by: str | None) -> None:
    """Add a role, or rename the one that has the code."""
    with context.transaction() as session:
        known = {row.code for row in organisation.list_roles(session)}
        write = organisation.rename_role if code in known else organisation.add_role
        write(session, code, zh, en, by=user_named(session, by))
    click.echo(f"role {code} {'renamed' if code in known else 'added'}", err=True)


@roles.command("remove")
@click.argument("code")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def remove_role(context: Context, code: str, by: str | None) -> None:
    """Remove a role that nothing names."""
    with context.transaction() as session:
        organisation.remove_role(session, code, by=user_named(session, by))
    click.echo(f"role {code} removed", err=True)


@click.group()
def departments() -> None:
    """Departments and the people in them."""


@departments.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_departments(context: Context, as_json: bool) -> None:
    """List departments with their leaders and handlers; last the leaders without one."""
    with context.transaction() as session:
        found = organisation.list_departments(session)
    if as_json:
        _answer([asdict(each) for each in found])
        return
    for each in found:
        people = ", ".join(f"{leader.name} {leader.phone or '(no telephone)'}" for leader in each.leaders)
        click.echo(f"{each.code or '-'}\t{each.name or '-'}\t{people}\t{', '.join(each.handlers)}")


@departments.command("add")
@click.argument("code")
@click.option("--name", required=True, help="what it is called")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def add_department(context: Context, code: str, name: str, by: str | None) -> None:
    """Add a department."""
    with context.transaction() as session:
        organisation.add_department(session, code, name, by=user_named(session, by))
    click.echo(f"department {code} added", err=True)


def _answer(told_as: Any) -> None:
    click.echo(json.dumps(told_as, ensure_ascii=False, default=str))
