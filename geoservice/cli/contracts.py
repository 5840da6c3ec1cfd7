"""`geoservice contracts`: who answers for which ground: made, ended, handed over; deputies, roles, departments; who is here."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.contract_people import departments, deputies, roles
from geoservice.cli.coverage.options import DAY
from geoservice.domain.contracts import KINDS
from geoservice.services import contract_words, contracting, ground, handing_over, role_holes, told
from geoservice.services import who as who_service
from geoservice.store import contract_list
from geoservice.store.contract_list import WHEN, ContractFilter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from geoservice.cli import Context
    from geoservice.services.who import Who
    from geoservice.store.contract_list import ListedContract


@click.group()
def contracts() -> None:
    """Contracts: who answers for which ground, in which role, from when to when."""


contracts.add_command(deputies)
contracts.add_command(roles)
contracts.add_command(departments)


def _on(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--on", type=DAY, metavar="DAY", required=True, help="the day, YYYY-MM-DD")(command)


def _json(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--json", "as_json", is_flag=True, help="as JSON")(command)


def _by(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--by", metavar="LOGIN", help="the account in whose name it is done")(command)


@contracts.command("list")
@_on
@click.option("--when", type=click.Choice(WHEN), default="now", help="as they stand on the day")
@click.option("--role", metavar="CODE", help="one role only")
@click.option("--kind", type=click.Choice(KINDS), help="ground of one kind only")
@click.option("--find", "wanted", metavar="WORDS", default="", help="part of a code or name")
@_json
@click.pass_obj
def list_command(context: Context, /, on: datetime, as_json: bool, **given: Any) -> None:
    """List contracts."""
    asked = ContractFilter(on.date(), given["when"], given["role"], given["kind"], given["wanted"])
    with context.transaction() as session:
        found, _ = contract_list.list_contracts(session, asked)
    if as_json:
        _answer([_as_json(contract) for contract in found])
        return
    for contract in found:
        click.echo(
            f"{contract.id}\t{contract.ground} {contract.ground_code}\t{contract.role}\t"
            f"{contract.leader_name} ({contract.leader_code})\t{_days(contract.valid_from, contract.valid_to)}"
        )


@contracts.command("add")
@click.option("--leader", required=True, metavar="CODE|NAME", help="who answers")
@click.option("--role", default="leader", metavar="CODE", help="in which role")
@click.option("--kind", type=click.Choice(KINDS), required=True, help="of the ground")
@click.option("--code", required=True, metavar="CODE", help="of the ground; a zone's may be LEVEL:CODE")
@click.option("--from", "first", metavar="DAY", default="", help="first day; since ever without it")
@click.option("--to", "last", metavar="DAY", default="", help="last day, included; open without it")
@_by
@click.pass_obj
def add_command(context: Context, /, first: str, last: str, by: str | None, **given: str) -> None:
    """Make a contract."""
    with context.transaction() as session:
        row = contract_words.told_contract(session, {**given, "from": first, "to": last})
        contract_id = contracting.add_contract(session, row, by=user_named(session, by))
    click.echo(contract_id)


@contracts.command("end")
@click.argument("contract_id", type=int)
@click.option("--on", "last_on", type=DAY, required=True, metavar="DAY", help="its last day, included")
@_by
@click.pass_obj
def end_command(context: Context, contract_id: int, last_on: datetime, by: str | None) -> None:
    """Let a contract end."""
    with context.transaction() as session:
        contracting.end_contract(session, contract_id, last_on.date(), by=user_named(session, by))
    click.echo(f"contract {contract_id} ends on {last_on:%Y-%m-%d}", err=True)


@contracts.command("hand-over")
@click.option("--from", "giver", required=True, metavar="CODE|NAME", help="who hands over")
@click.option("--to", "taker", required=True, metavar="CODE|NAME", help="who answers from then on")
@click.option("--on", type=DAY, required=True, metavar="DAY", help="first day of the successor")
@click.option("--contract", "chosen", type=int, multiple=True, help="only this contract; may be repeated")
@click.option("--dry-run", is_flag=True, help="show what would be done, do nothing")
@_json
@_by
@click.pass_obj
def hand_over_command(context: Context, /, on: datetime, by: str | None, **given: Any) -> None:
    """Hand over all, or chosen, contracts of somebody from a day on; what was before stays as it was."""
    with context.transaction() as session:
        contracting.hold_contracts(session)
        wanted = handing_over.Wanted(
            contract_words.told_leader(session, given["giver"]),
            contract_words.told_leader(session, given["taker"]),
            on.date(),
            frozenset(given["chosen"]) or None,
        )
        if given["dry_run"]:
            done = handing_over.preview(session, wanted)
        else:
            done = handing_over.hand_over(session, wanted, by=user_named(session, by))
    if given["as_json"]:
        _answer(
            {"on": done.on, "done": not given["dry_run"], "contracts": [_move_json(m) for m in done.moves]}
        )
        return
    for move in done.moves:
        begins = ", ".join(_days(row.valid_from, row.valid_to) for row in move.begins) or "holds it already"
        ends = f"ends {move.ends - timedelta(days=1)}" if move.ends else "never begins"
        click.echo(
            f"{move.contract.id}\t{move.contract.ground} {move.contract.ground_code}\t{move.contract.role}\t{ends}\t"
            f"{done.taker[2]}: {begins}"
        )


@contracts.command("who")
@_on
@click.option("--at", metavar="LON,LAT", help="a place")
@click.option("--kind", type=click.Choice(KINDS), help="of the ground; needs --code")
@click.option("--code", metavar="CODE", help="of the ground")
@_json
@click.pass_obj
def who_command(context: Context, /, on: datetime, as_json: bool, **given: str | None) -> None:
    """Tell who answers at a place, or for some ground, on a day: by role, and why."""
    place = told.read_place(given["at"] or "", "--at")
    if (place is None) == (given["code"] is None):
        raise click.UsageError("give --at LON,LAT, or --kind and --code")
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        if place is not None:
            found = who_service.who_is_here(session, context.settings, on.date(), place)
        else:
            code = given["code"] or ""
            found = who_service.who_answers_for(session, on.date(), kind=given["kind"] or "zone", code=code)
    if as_json:
        _answer(asdict(found))
        return
    _print_who(found)


@contracts.command("holes")
@_on
@_json
@click.pass_obj
def holes_command(context: Context, on: datetime, as_json: bool) -> None:
    """List the key streets and points on which a role is held by nobody."""
    with context.transaction() as session:
        ground.refresh_masks(session, context.settings)
        rows = [row for row in role_holes.key_grounds(session, on.date()) if row.holes]
    if as_json:
        _answer([{"kind": row.kind, "code": row.code, "name": row.name, "holes": row.holes} for row in rows])
        return
    for row in rows:
        click.echo(f"{row.kind} {row.code}\t{row.name}\t{', '.join(row.holes)}")


def _print_who(found: Who) -> None:
    for person in found.people:
        why = f"{'contract of' if person.direct else 'through'} {person.via_kind} {person.via_code}"
        absent = f"stands in for {person.stands_in_for}, " if person.stands_in_for else ""
        click.echo(f"{person.role}\t{person.name} ({person.code})\t{person.phone or '-'}\t{absent}{why}")
    if not found.people:
        click.echo("nobody" if found.grounds else "outside every zone")


def _move_json(move: handing_over.Move) -> dict[str, Any]:
    begins = [{"valid_from": row.valid_from, "valid_to": row.valid_to} for row in move.begins]
    return {**_as_json(move.contract), "ends": move.ends, "begins": begins}


def _as_json(contract: ListedContract) -> dict[str, Any]:
    return asdict(contract)


def _days(from_on: date | None, until: date | None) -> str:
    return f"{from_on or '…'} – {until - timedelta(days=1) if until else '…'}"


def _answer(told_as: Any) -> None:
    click.echo(json.dumps(told_as, ensure_ascii=False, default=str))
