"""A drawing in millimetres from its upper left corner: areas, lines and words, for whoever puts them on paper or into pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Path = NDArray[np.float64]
    """Corners (x, y)."""

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, eq=False)
class Areas:
    """Polygons, each an outer ring and its holes, painted alike; without an edge where its width is 0."""

    polygons: tuple[tuple[Path, ...], ...]
    fill: str | None
    edge: str | None = None
    width_mm: float = 0.0


@dataclass(frozen=True, eq=False)
class Lines:
    """Open paths drawn alike."""

    paths: tuple[Path, ...]
    colour: str
    width_mm: float


@dataclass(frozen=True)
class Words:
    """One line of text; `y` is its base line, `size_mm` the height of a line's letters from top to bottom."""

    x: float
    y: float
    text: str
    size_mm: float
    colour: str = "#16252c"
    anchor: Anchor = "start"


Item = Areas | Lines | Words


@dataclass(frozen=True)
class Drawing:
    """What lies on a sheet, from the ground up."""

    width_mm: float
    height_mm: float
    items: tuple[Item, ...]
