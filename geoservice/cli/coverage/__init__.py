"""`geoservice coverage`: compute it, show it, and say what to do about what was never seen."""

from __future__ import annotations

import importlib

import click

# command → where it lives; imported only when it is asked for.
COMMANDS = {
    "compute": "compute:compute",
    "show": "show:show",
    "gaps": "gaps:gaps",
    "streets": "streets:streets",
    "rank": "rank:rank",
    "plan": "plan:plan",
    "trend": "trend:trend",
    "unvisited": "unvisited:unvisited",
    "responsibility": "responsibility:responsibility",
    "suggest": "suggest:suggest",
    "exclusions": "exclusions:exclusions",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        return command


@click.group(cls=_Commands)
def coverage() -> None:
    """Compute and show what patrols saw, and what they never saw."""
