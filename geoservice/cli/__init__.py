"""The command line: the same services as the web, one click group a noun."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from geoservice.config import Settings
from geoservice.errors import GeoServiceError
from geoservice.messages import sentence
from geoservice.store.base import make_engine, transaction

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

# name → where its click command lives; imported only when it is asked for, so that `--help` is quick.
COMMANDS = {
    "coverage": "geoservice.cli.coverage:coverage",
    "cases": "geoservice.cli.cases:cases",
    "check": "geoservice.cli.check:check",
    "checklists": "geoservice.cli.checklists:checklists",
    "contracts": "geoservice.cli.contracts:contracts",
    "db": "geoservice.cli.db:db",
    "demo": "geoservice.cli.demo:demo",
    "evidence": "geoservice.cli.evidence:evidence",
    "export": "geoservice.cli.export:export",
    "feeds": "geoservice.cli.feeds:feeds",
    "import": "geoservice.cli.imports:imports",
    "imports": "geoservice.cli.batches:batches",
    "inspections": "geoservice.cli.inspections:inspections",
    "calendar": "geoservice.cli.calendar:calendar",
    "devices": "geoservice.cli.devices:devices",
    "maps": "geoservice.cli.maps:maps",
    "orders": "geoservice.cli.orders:orders",
    "patrols": "geoservice.cli.patrols:patrols",
    "plan": "geoservice.cli.plan:plan",
    "ranking": "geoservice.cli.reports:ranking",
    "reports": "geoservice.cli.reports:reports",
    "streets": "geoservice.cli.streets:streets",
    "tasks": "geoservice.cli.tasks:tasks",
    "teams": "geoservice.cli.teams:teams",
    "tokens": "geoservice.cli.tokens:tokens",
    "tracks": "geoservice.cli.tracks:tracks",
    "users": "geoservice.cli.users:users",
    "zones": "geoservice.cli.zones:zones",
}


@dataclass
class Context:
    """What every command gets: the settings and a way to the database."""

    locale: str

    @cached_property
    def settings(self) -> Settings:
        """The deployment's settings; read when first asked for, so that `--help` needs none."""
        return Settings.from_env()

    @cached_property
    def engine(self) -> Engine:
        """The engine of the deployment's database."""
        return make_engine(self.settings.database_url)

    def transaction(self) -> AbstractContextManager[Session]:
        """Open a transaction that sees the whole city."""
        return transaction(self.engine)


class LazyGroup(click.Group):
    """A click group that imports a command when it is called, and turns our errors into one line and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands without importing them."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command asked for."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what we know how to say is said, anything else is a fault of ours and shows itself."""
        try:
            return super().invoke(ctx)
        except GeoServiceError as error:
            locale = ctx.params.get("lang", "en")
            raise click.ClickException(sentence(error.code, error.values, locale)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--lang", type=click.Choice(["en", "zh_Hans_CN"]), default="en", help="language of messages")
@click.pass_context
def main(ctx: click.Context, lang: str) -> None:
    """GeoService: patrol coverage and blind spots."""
    ctx.obj = Context(locale=lang)
