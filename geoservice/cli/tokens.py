"""To be built."""

from __future__ import annotations

import click


@click.group("tokens")
def tokens() -> None:
    """To be built."""
