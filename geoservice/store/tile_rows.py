"""Vector tiles, cut and packed by PostgreSQL."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geoservice.domain.queryables import Kind
from geoservice.store.base import statement
from geoservice.store.feature_rows import read_row

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.feature_filters import Conditions
    from geoservice.store.feature_sources import Source

EXTENT = 4096
BUFFER = 64


@dataclass(frozen=True)
class TilePlace:
    """A tile of WebMercatorQuad: columns count from the west, rows from the north."""

    zoom: int
    column: int
    row: int

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the tile with its buffer, in degrees."""
        margin = BUFFER / EXTENT
        west, east = (self._lon(self.column + side) for side in (-margin, 1 + margin))
        south, north = (self._lat(self.row + side) for side in (1 + margin, -margin))
        return west, south, east, north

    @property
    def tolerance(self) -> float:
        """Two fifths of what the tile's coordinates can tell apart, in degrees of longitude."""
        return math.ldexp(0.4 * 360 / EXTENT, -self.zoom)

    def _lon(self, column: float) -> float:
        return math.ldexp(column, -self.zoom) * 360 - 180

    def _lat(self, row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * math.ldexp(row, -self.zoom)))))


def read_tile(session: Session, conditions: Conditions, layer: str, place: TilePlace) -> bytes:
    """Return the tile; empty where nothing lies."""
    west, south, east, north = place.box
    values = {
        "layer": layer, "zoom": place.zoom, "column": place.column, "row": place.row, "extent": EXTENT, "buffer": BUFFER,
        "west": west, "south": south, "east": east, "north": north, "tolerance": place.tolerance,
    }  # fmt: skip
    sql = statement_of(conditions.source).replace("{conditions}", conditions.sql)
    return read_row(session, sql, {**conditions.values, **values})[0] or b""


@cache
def statement_text() -> str:
    """Return the statement that all sources share."""
    return statement("vector_tile")


def statement_of(source: Source) -> str:
    """Return the statement of a source's tiles, but for its conditions."""
    columns = ", ".join(
        f'{sql}{"::text" if kind in {Kind.DATE, Kind.INSTANT} else ""} AS "{name}"'
        for name, (sql, kind) in source.columns.items()
        if kind is not Kind.JSON
    )
    parts = {"key": source.key, "shape": source.shape, "rows": source.rows, "columns": columns}
    return statement_text().format(conditions="{conditions}", **parts)
