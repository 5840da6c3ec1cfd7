"""The coordinate systems that features are served in, and boxes that are asked for in one of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from pyproj import CRS
from pyproj.exceptions import ProjError

from geoservice.domain.crs import to_lonlat
from geoservice.errors import BadRequest
from geoservice.store.feature_rows import Form

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# CGCS2000 differs from WGS 84 by centimetres: the same degrees are served as both.
DEGREES = (4326, 4490)
WEB_MERCATOR = 3857
_PIECES = 16


@dataclass(frozen=True)
class Place:
    """A coordinate system by its address; `epsg` None: degrees. `northing_first` as its authority says."""

    uri: str
    epsg: int | None
    northing_first: bool

    @property
    def form(self) -> Form:
        """How shapes are written in it: 0.1 mm either way."""
        return Form(self.epsg, self.northing_first, 9 if self.epsg is None else 4)

    def to_lonlat(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a shape of this system in lon/lat, its edges bent where they have to be."""
        if self.northing_first:
            shape = shapely.transform(shape, lambda xy: xy[:, ::-1])
        if self.epsg is None:
            return shape
        length = float(shapely.length(shape))
        if self.epsg != WEB_MERCATOR and length:
            shape = shapely.segmentize(shape, length / _PIECES)
        try:
            found = to_lonlat(self.epsg, shape)
        except (ProjError, ValueError):
            raise BadRequest("bbox_outside") from None
        if not np.isfinite(shapely.get_coordinates(found)).all():
            raise BadRequest("bbox_outside")
        return found


USUAL = Place(CRS84, None, False)


@cache
def places_of(metric_epsg: int | None) -> dict[str, Place]:
    """Return the systems of a deployment by their addresses, the usual one first."""
    degrees = [USUAL, *(Place(f"{EPSG}{code}", None, True) for code in DEGREES)]
    metric = [Place(f"{EPSG}{WEB_MERCATOR}", WEB_MERCATOR, False)]
    if metric_epsg is not None and metric_epsg != WEB_MERCATOR:
        metric.append(Place(f"{EPSG}{metric_epsg}", metric_epsg, _is_northing_first(metric_epsg)))
    return {place.uri: place for place in (*degrees, *metric)}


def _is_northing_first(epsg: int) -> bool:
    return CRS.from_epsg(epsg).axis_info[0].direction == "north"


def box_of(text: str, place: Place) -> shapely.Geometry:
    """Return the box that a `bbox` parameter means, in lon/lat; one whose west is east of its east crosses 180°."""
    numbers = _numbers(text)
    half = len(numbers) // 2
    low, high = numbers[:2], numbers[half : half + 2]
    if place.northing_first:
        low, high = low[::-1], high[::-1]
    if low[1] > high[1] or (place.epsg is not None and low[0] > high[0]):
        raise BadRequest("bbox_reversed")
    if low[0] > high[0]:
        return shapely.MultiPolygon(
            [shapely.box(low[0], low[1], 180.0, high[1]), shapely.box(-180.0, low[1], high[0], high[1])]
        )
    flat = Place(place.uri, place.epsg, False)
    return flat.to_lonlat(_box(*low, *high))


def _box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a box; one without width or height is a line or a place, for as a polygon it would be none."""
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise BadRequest("bbox_unreadable", value=text[:80]) from None
    if len(numbers) not in {4, 6} or not all(map(math.isfinite, numbers)):
        raise BadRequest("bbox_unreadable", value=text[:80])
    return numbers
