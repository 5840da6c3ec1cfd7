"""The work calendar and recurring patrols."""

from __future__ import annotations

import click


@click.group()
def calendar() -> None:
    """The work calendar and recurring patrols."""
