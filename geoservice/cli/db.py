"""`geoservice db`: the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from geoservice.store.migrate import downgrade, upgrade

if TYPE_CHECKING:
    from geoservice.cli import Context


@click.group()
def db() -> None:
    """Migrate the database."""


@db.command("upgrade")
@click.pass_obj
def upgrade_command(context: Context) -> None:
    """Bring the schema to the newest version; running it again changes nothing."""
    upgrade(context.settings.database_url)
    click.echo("database: up to date", err=True)


@db.command("downgrade")
@click.argument("revision")
@click.confirmation_option(prompt="This drops tables and their rows. Go on?")
@click.pass_obj
def downgrade_command(context: Context, revision: str) -> None:
    """Take the schema back to REVISION (`base` for none)."""
    downgrade(context.settings.database_url, revision)
