"""Devices that report positions."""

from __future__ import annotations

import click


@click.group()
def devices() -> None:
    """Devices that report positions."""
