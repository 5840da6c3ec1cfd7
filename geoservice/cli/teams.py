"""Teams and what points ask of them."""

from __future__ import annotations

import click


@click.group()
def teams() -> None:
    """Teams and what points ask of them."""
