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
# From this zoom on a tile is so low that Mercator is all but straight within it: halfway up, a line from edge to edge is off by
# 0.4 of what a coordinate can tell apart at most (0.15 at 22° of latitude), and half of that a zoom further. Shapes are then put
# into the tile from lon/lat as they are, which costs far less than projecting every corner; at the edges, where tiles meet, it
# is exact.
STRAIGHT_FROM = 13
# Below it corners are left out first where that moves a border by no more than one unit.
_PROJECTED = (
    "ST_Transform(ST_Simplify({shape}, %(tolerance)s, true), 3857)",
    "ST_TileEnvelope(%(zoom)s, %(column)s, %(row)s)",
)
_STRAIGHT = "{shape}", "ST_MakeEnvelope(%(tile_west)s, %(tile_south)s, %(tile_east)s, %(tile_north)s, 4326)"


@dataclass(frozen=True)
class TilePlace:
    """A tile of WebMercatorQuad: columns count from the west, rows from the north."""

    zoom: int
    column: int
    row: int

    def box(self, margin: float = 0.0) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees, with a margin in sides of the tile."""
        west, east = (self._lon(self.column + side) for side in (-margin, 1 + margin))
        south, north = (self._lat(self.row + side) for side in (1 + margin, -margin))
        return west, south, east, north

    @property
    def unit(self) -> float:
        """What the tile's coordinates can tell apart, in degrees of longitude."""
        return math.ldexp(360 / EXTENT, -self.zoom)

    def _lon(self, column: float) -> float:
        return math.ldexp(column, -self.zoom) * 360 - 180

    def _lat(self, row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * math.ldexp(row, -self.zoom)))))


def read_tile(session: Session, conditions: Conditions, layer: str, place: TilePlace) -> bytes:
    """Return the tile; empty where nothing lies."""
    west, south, east, north = place.box(BUFFER / EXTENT)
    tile_west, tile_south, tile_east, tile_north = place.box()
    values = {
        "layer": layer, "zoom": place.zoom, "column": place.column, "row": place.row, "extent": EXTENT, "buffer": BUFFER,
        "west": west, "south": south, "east": east, "north": north, "tolerance": place.unit,
        "tile_west": tile_west, "tile_south": tile_south, "tile_east": tile_east, "tile_north": tile_north,
    }  # fmt: skip
    sql = statement_of(conditions.source, place.zoom).replace("{conditions}", conditions.sql)
    return read_row(session, sql, {**conditions.values, **values})[0] or b""


@cache
def statement_text() -> str:
    """Return the statement that all sources share."""
    return statement("vector_tile")


def statement_of(source: Source, zoom: int) -> str:
    """Return the statement of a source's tiles, but for its conditions."""
    projected, bounds = _STRAIGHT if zoom >= STRAIGHT_FROM else _PROJECTED
    columns = ", ".join(
        f'{sql}{"::text" if kind in {Kind.DATE, Kind.INSTANT} else ""} AS "{name}"'
        for name, (sql, kind) in source.columns.items()
        if kind is not Kind.JSON
    )
    parts = {
        "key": source.key,
        "shape": source.shape,
        "rows": source.rows,
        "columns": columns,
        "bounds": bounds,
    }
    parts["projected"] = projected.format(shape=source.shape)
    return statement_text().format(conditions="{conditions}", **parts)
