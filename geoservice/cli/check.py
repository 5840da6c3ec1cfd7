"""To be built."""

from __future__ import annotations

import click


@click.group("check")
def check() -> None:
    """To be built."""
