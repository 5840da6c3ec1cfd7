"""`geoservice demo`: the invented city that shows what this is for."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from geoservice.services.demo import seeding

if TYPE_CHECKING:
    from geoservice.cli import Context

_NOTE = "this is demo data: an invented city, invented people"


@click.group()
def demo() -> None:
    """Seed the demo city, or remove it."""


@demo.command("seed")
@click.option("--json", "as_json", is_flag=True, help="counts and seconds as JSON")
@click.pass_obj
def seed_command(context: Context, as_json: bool) -> None:
    """Store the demo city with thirty days of patrols; does nothing where anything is stored already."""
    if not context.settings.demo_mode:
        raise click.ClickException(
            "the demo city is for demo mode only: set DEMO_MODE=1, with a database of its own"
        )
    with context.transaction() as session:
        seeded = seeding.seed(session, context.settings, now=datetime.now(UTC), tell=_Teller())
    if seeded is None:
        click.echo("demo: the database has zones or other data already, nothing was done", err=True)
        if as_json:
            click.echo("{}")
        return
    if as_json:
        click.echo(json.dumps(asdict(seeded)))
        return
    click.echo(", ".join(f"{count} {name.replace('_', ' ')}" for name, count in seeded.counts.items()))
    click.echo(", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in seeded.seconds.items()), err=True)
    click.echo(_NOTE)


@demo.command("clear")
@click.confirmation_option(prompt="This removes every zone, track and user of the demo. Go on?")
@click.pass_obj
def clear_command(context: Context) -> None:
    """Remove the demo city and everything stored beside it; refuses where the data is not marked as demo."""
    with context.transaction() as session:
        removed = seeding.clear(session)
    if not removed:
        raise click.ClickException("what is stored here is not marked as demo data: nothing was removed")
    click.echo("demo: removed", err=True)


class _Teller:
    """Shows stages: on one line where somebody watches, a line a stage where it goes to a log."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, percent: int, stage: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"\rdemo: {percent:3d}% {stage:<12}", nl=percent == 100, err=True)
        elif stage != self._stage:
            click.echo(f"demo: {percent:3d}% {stage}", err=True)
        self._stage = stage
