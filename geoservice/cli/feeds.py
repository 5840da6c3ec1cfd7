"""`geoservice feeds`: secret links under which calendars subscribe to a team's patrols."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geoservice.services import feeds as service

if TYPE_CHECKING:
    from geoservice.cli import Context


@click.group("feeds")
def feeds() -> None:
    """Make calendar links of teams, list and revoke them."""


@feeds.command("make")
@click.argument("team")
@click.option("--name", required=True, help="who will subscribe to it")
@click.pass_obj
def make_feed(context: Context, team: str, name: str) -> None:
    """Make a link to the patrols of TEAM (its code) and print its path; nobody can print it again."""
    with context.transaction() as session:
        secret = service.make_feed(session, team, name, by=None, now=datetime.now(UTC))
    click.echo(f"/feeds/{secret}.ics")


@feeds.command("list")
@click.option("--json", "as_json", is_flag=True, help="as JSON")
@click.pass_obj
def list_feeds(context: Context, as_json: bool) -> None:
    """List all links, those in use first."""
    with context.transaction() as session:
        found = service.all_feeds(session)
    if as_json:
        click.echo(json.dumps([vars(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        state = "revoked" if one.revoked_at else "in use"
        click.echo(f"{one.id}\t{one.team_code}\t{one.name}\t{state}\t{one.made_at.date().isoformat()}")


@feeds.command("revoke")
@click.argument("feed_id", type=int)
@click.pass_obj
def revoke_feed(context: Context, feed_id: int) -> None:
    """End the link FEED_ID at once."""
    with context.transaction() as session:
        service.revoke_feed(session, feed_id, by=None, now=datetime.now(UTC))
    click.echo(f"revoked {feed_id}")
