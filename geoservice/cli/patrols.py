"""Patrols as planned and as done."""

from __future__ import annotations

import click


@click.group()
def patrols() -> None:
    """Patrols as planned and as done."""
