"""To be built."""

from __future__ import annotations

import click


@click.group("imports")
def batches() -> None:
    """To be built."""
