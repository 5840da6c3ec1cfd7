"""Plans of patrols."""

from __future__ import annotations

import click


@click.group()
def plan() -> None:
    """Plans of patrols."""
