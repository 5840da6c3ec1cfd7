"""To be built."""

from __future__ import annotations

import click


@click.group("export")
def export() -> None:
    """To be built."""
