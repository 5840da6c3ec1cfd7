"""`geoservice tokens`: how programs log in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geoservice.errors import NotFound
from geoservice.services import accounts
from geoservice.services import tokens as service

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.cli import Context
    from geoservice.services.accounts import Account


@click.group("tokens")
def tokens() -> None:
    """Make tokens for programs, list and revoke them."""


@tokens.command("make")
@click.argument("login")
@click.option("--name", required=True, help="what will use it")
@click.option("--days", type=int, default=365, show_default=True, help="how long it lasts")
@click.pass_obj
def make_token(context: Context, login: str, name: str, days: int) -> None:
    """Make a token for a program of LOGIN's and print it; nobody can print it again."""
    with context.transaction() as session:
        made, _ = service.make_token(
            session, _account(session, login), name, now=datetime.now(UTC), days=days
        )
    click.echo(made)


@tokens.command("list")
@click.argument("login")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_tokens(context: Context, login: str, as_json: bool) -> None:
    """List the tokens of LOGIN, the newest first."""
    with context.transaction() as session:
        found = service.tokens_of(session, _account(session, login), now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([vars(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        expires = one.expires_at.date().isoformat() if one.expires_at else "-"
        used = one.used_at.isoformat(timespec="minutes") if one.used_at else "-"
        click.echo(f"{one.id}\t{one.name}\t{one.state}\t{expires}\t{used}")


@tokens.command("revoke")
@click.argument("login")
@click.argument("token_id", type=int)
@click.pass_obj
def revoke_token(context: Context, login: str, token_id: int) -> None:
    """End the token TOKEN_ID of LOGIN at once."""
    with context.transaction() as session:
        service.revoke_token(session, _account(session, login), token_id, now=datetime.now(UTC))
    click.echo(f"revoked {token_id}")


def _account(session: Session, login: str) -> Account:
    found = next((one for one in accounts.all_accounts(session) if one.login.lower() == login.lower()), None)
    if found is None:
        raise NotFound("user_unknown")
    return found
