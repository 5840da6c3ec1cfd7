"""`geoservice devices`: what reports positions, whose it is, and the tokens it reports with."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geoservice.cli.answers import user_named
from geoservice.cli.coverage.options import answer_json
from geoservice.services import devices as service
from geoservice.services.devices import Owner

if TYPE_CHECKING:
    from geoservice.cli import Context


@click.group()
def devices() -> None:
    """Devices that report positions."""


@devices.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List devices with their last fix, and how many positions were kept apart for a clock far ahead."""
    with context.transaction() as session:
        found = service.list_devices(session)
    if as_json:
        answer_json({"devices": [asdict(row) for row in found]})
        return
    for row in found:
        last = row.last_at.astimezone(context.settings.zone_info) if row.last_at else None
        state = "off" if not row.active else "reports" if row.token_made_at else "no token"
        click.echo(
            f"{row.code:<24} {state:<9} {row.team_code or '-':<10} {row.member_code or '-':<10} "
            f"{f'{last:%Y-%m-%d %H:%M:%S}' if last else '-':<19} {row.kept_apart:>6} kept apart"
        )


@devices.command("add")
@click.argument("code")
@click.option("--team", default="", metavar="CODE", help="the team it moves with")
@click.option("--member", default="", metavar="CODE", help="the patrol member who carries it")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def add_command(context: Context, /, code: str, **given: Any) -> None:
    """Add the device CODE and print the token it reports with; nobody can print it again."""
    with context.transaction() as session:
        by = user_named(session, given["by"])
        row = service.add_device(session, code, Owner(given["member"], given["team"]), by=by)
        token = service.make_token(session, row.id, now=datetime.now(UTC), by=by)
        made = row.code
    _print_token(made, token, given["as_json"])


@devices.command("token")
@click.argument("code")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def token_command(context: Context, code: str, by: str | None, as_json: bool) -> None:
    """Make a new token for the device CODE and print it; the one it had ends."""
    with context.transaction() as session:
        row = service.find_device(session, code=code)
        token = service.make_token(session, row.id, now=datetime.now(UTC), by=user_named(session, by))
    _print_token(code, token, as_json)


@devices.command("revoke")
@click.argument("code")
@click.option("--by", metavar="LOGIN", help="the account in whose name it is done")
@click.pass_obj
def revoke_command(context: Context, code: str, by: str | None) -> None:
    """End the token of the device CODE at once."""
    with context.transaction() as session:
        row = service.find_device(session, code=code)
        service.revoke_token(session, row.id, by=user_named(session, by))
    click.echo(f"revoked {code}")


def _print_token(code: str, token: str, as_json: bool) -> None:
    if as_json:
        answer_json({"device": code, "token": token})
    else:
        click.echo(token)
