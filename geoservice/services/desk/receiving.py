"""Files taken in: moved to a place of ours, never under a path that came with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class Received:
    """An upload that lies in a temporary file, and what its owner calls it."""

    name: str
    path: Path


def receive(
    session: Session, settings: Settings, files: Sequence[Received], *, by: int | None, now: datetime
) -> int:
    """Make a draft of files and return its id; BadRequest when there are none, too many, or a lone part of a Shapefile."""
    raise NotImplementedError


def receive_text(session: Session, settings: Settings, text: str, *, by: int | None, now: datetime) -> int:
    """Make a draft of a pasted list: CSV, TSV as Excel copies it, GeoJSON, or lines of WKT; return its id."""
    raise NotImplementedError
