"""The flat metres the city is drawn in, and the lon/lat it is stored in."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.ops import substring

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Floats = NDArray[np.float64]

Shape = TypeVar("Shape", bound="BaseGeometry")

# The middle of the plane: over land, in the hills and fields between the Han and the Yangtze; no city stands here.
LON0 = 112.862
LAT0 = 31.284
GRID_M = 0.05  # everything drawn is snapped to this, so that neighbours share their vertices to the last bit
_DECIMALS = 7  # about a centimetre

_SEMI_MAJOR_M, _ECCENTRICITY2 = 6_378_137.0, 0.006_694_380_022_90
_W = np.sqrt(1 - _ECCENTRICITY2 * np.sin(np.radians(LAT0)) ** 2)
_M_PER_LON = np.radians(_SEMI_MAJOR_M / _W * np.cos(np.radians(LAT0)))
_M_PER_LAT = np.radians(_SEMI_MAJOR_M * (1 - _ECCENTRICITY2) / _W**3)


def lines_in(shape: BaseGeometry) -> list[LineString]:
    """Return the lines a shape consists of; whatever else is in it is left."""
    return [part for part in shapely.get_parts(shape).tolist() if isinstance(part, LineString)]


def polygons_in(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons a shape consists of; whatever else is in it is left."""
    return [part for part in shapely.get_parts(shape).tolist() if isinstance(part, Polygon)]


def stretch(line: LineString, start: float, end: float, *, of_one: bool = False) -> LineString:
    """Return the part of a line between two distances: metres, or shares of one."""
    part = substring(line, start, end, normalized=of_one)
    return part if isinstance(part, LineString) else LineString([part, part])


def to_lonlat(xy: Floats) -> Floats:
    """Turn an (n, 2) array of metres into lon/lat, unrounded."""
    lonlat: Floats = xy / np.array([_M_PER_LON, _M_PER_LAT]) + np.array([LON0, LAT0])
    return lonlat


def to_plane(lonlat: Floats) -> Floats:
    """Turn an (n, 2) array of lon/lat back into metres."""
    xy: Floats = (lonlat - np.array([LON0, LAT0])) * np.array([_M_PER_LON, _M_PER_LAT])
    return xy


def on_earth(shape: Shape) -> Shape:
    """Return a shape of the plane in lon/lat; equal vertices stay equal."""
    moved: Shape = shapely.transform(shape, lambda xy: np.round(to_lonlat(xy), _DECIMALS))
    return moved
