"""A leader's sheet before it becomes a page or a PDF: its words in the order they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoservice.domain.drawing import Drawing


@dataclass(frozen=True)
class Figure:
    """One number of the sheet; `light`: good, fair, poor, none, or "" where it has no traffic light."""

    label: str
    value: str
    note: str = ""
    light: str = ""


@dataclass(frozen=True)
class Trend:
    """A rate by day or week, oldest first; None where nothing is known."""

    heading: str
    rates: tuple[float | None, ...]
    first: str
    last: str
    words: tuple[str, ...]
    """Each bar in words, for whoever can't see it."""


@dataclass(frozen=True)
class SheetTable:
    """Rows of words under a heading; `note` stands below, or in place of rows. `shares`: of the width, a column each."""

    heading: str
    columns: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """One page of A4."""

    title: str
    subtitle: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    trend: Trend
    drawing: Drawing
    gaps: SheetTable
    overdue: SheetTable
    contacts: SheetTable
    foot: str
