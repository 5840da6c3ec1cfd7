"""Coordinate systems: the metric one of a deployment, the way there and back, and what a user's file is in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geoservice.domain import shifts
from geoservice.errors import InvalidFile, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WGS84 = 4326
LONLAT_ALIKE = {"EPSG:4326", "EPSG:4490", "OGC:CRS84"}  # CGCS2000 differs from WGS 84 by centimetres
AUTO, GCJ02, BD09 = "auto", "gcj02", "bd09"
SHIFTED: dict[str, Callable[[Any], Any]] = {GCJ02: shifts.gcj02_to_wgs84, BD09: shifts.bd09_to_wgs84}
SHIFTED_WORDS = {
    GCJ02: re.compile(r"\bGCJ[-_ ]?02\b", re.IGNORECASE),
    BD09: re.compile(r"\bBD[-_ ]?09\b", re.IGNORECASE),
}
EPSG_SPEC = re.compile(r"epsg:(\d{4,6})", re.IGNORECASE)
LONGEST_WKT = 20_000

CHINA_LON, CHINA_LAT = (73.5, 136.5), (3.0, 54.0)
GAUSS_KRUGER_CM_75E = 4534  # CGCS2000 / 3-degree Gauss-Kruger CM 75E; then one code per 3 degrees to 135E
SIX_DEGREE_ZONE_13, SIX_DEGREE_ZONES = 4491, range(13, 24)
THREE_DEGREE_ZONE_25, THREE_DEGREE_ZONES = 4513, range(25, 46)
FAR_DEGREES = 3.0
ROUGH_DATUMS = {"beijing 1954": "Beijing 1954", "xian 1980": "Xian 1980"}

Shapes = TypeVar("Shapes", bound=Any)


@dataclass(frozen=True)
class Source:
    """What the coordinates of a file mean. `crs` is "gcj02", "bd09", "EPSG:n" or a WKT; `notes` are for its owner."""

    crs: str
    swapped: bool = False
    notes: tuple[Problem, ...] = ()

    def to_lonlat(self, shapes: Shapes) -> Shapes:
        """Geometries (one, or an array) or an (n, 2) array of x, y → WGS 84 longitude, latitude."""
        return _moved(shapes, self._move)

    def _move(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.swapped:
            xy = xy[:, ::-1]
        if self.crs in SHIFTED:
            return np.asarray(SHIFTED[self.crs](xy))
        if self.crs in LONLAT_ALIKE:
            return xy
        return _projected(_from_source(self.crs), xy)


def metric_epsg_for(lon: float, lat: float) -> int:
    """The EPSG code of the metric CRS for a place: CGCS2000 3-degree Gauss-Kruger in China, else UTM."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"not a place on Earth: {lon} {lat}")
    if CHINA_LON[0] <= lon <= CHINA_LON[1] and CHINA_LAT[0] <= lat <= CHINA_LAT[1]:
        return GAUSS_KRUGER_CM_75E + min(int((lon - CHINA_LON[0]) // 3), 20)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return (32600 if lat >= 0 else 32700) + zone


def central_meridian(epsg: int) -> float:
    """The longitude, in degrees, where a metric CRS is true to scale."""
    operation = _crs(f"EPSG:{epsg}").coordinate_operation
    for parameter in operation.params if operation else ():
        if parameter.name == "Longitude of natural origin":
            return float(parameter.value)
    raise ValueError(f"EPSG:{epsg} has no central meridian")


def to_metric(epsg: int, lonlat: Shapes) -> Shapes:
    """WGS 84 longitude, latitude → metres in EPSG `epsg`: geometries (one, or an array) or an (n, 2) array."""
    transformer = _between(WGS84, epsg)
    return _moved(lonlat, lambda places: _projected(transformer, places))


def to_lonlat(epsg: int, xy: Shapes) -> Shapes:
    """Metres in EPSG `epsg` → WGS 84 longitude, latitude: geometries (one, or an array) or an (n, 2) array."""
    transformer = _between(epsg, WGS84)
    return _moved(xy, lambda places: _projected(transformer, places))


def far_from_meridian(metric_epsg: int, lonlat: NDArray[np.float64]) -> Problem | None:
    """A warning when places lie more than 3° from the meridian of the deployment: its metres would lie there."""
    meridian = central_meridian(metric_epsg)
    distance = np.abs(lonlat[:, 0] - meridian)
    if not len(distance) or np.nanmax(distance) <= FAR_DEGREES:
        return None
    farthest = float(lonlat[int(np.nanargmax(distance)), 0])
    return Problem("far_from_meridian", values={"lon": round(farthest, 4), "meridian": meridian})


def resolve_crs(
    spec: str,
    file_crs: str | None,
    sample: NDArray[np.float64],
    *,
    swapped: bool = False,
    metric_epsg: int | None = None,
) -> Source:
    """What a file's coordinates are in, from what its owner says (`spec`), what the file says, and the values.

    `spec`: "auto", "EPSG:n", "gcj02" or "bd09". `sample`: (n, 2) coordinates of the file. `swapped`: its owner
    says that latitude (northing) comes first. Raises InvalidFile: `crs_unreadable`, `axes_swapped`, `unknown_crs`,
    `crs_needed` (projected, zone not told), `crs_does_not_fit`, or `coordinates_not_finite` when none is.
    """
    sample = _finite(np.asarray(sample, dtype=np.float64).reshape(-1, 2))
    if swapped:
        sample = sample[:, ::-1]
    crs, notes = _named(spec, file_crs) or _guessed(sample)
    _refuse_misfit(crs, sample)
    source = Source(crs, swapped, (*notes, *_datum_notes(crs)))
    if metric_epsg is None or not len(sample):
        return source
    far = far_from_meridian(metric_epsg, Source(crs).to_lonlat(sample))
    return Source(crs, swapped, (*source.notes, far)) if far else source


def _finite(sample: NDArray[np.float64]) -> NDArray[np.float64]:
    """The places that are numbers; a row that is none is the row's fault, not the file's."""
    finite = sample[np.isfinite(sample).all(axis=1)]
    if len(sample) and not len(finite):
        raise InvalidFile("coordinates_not_finite")
    return finite


def _named(spec: str, file_crs: str | None) -> tuple[str, tuple[Problem, ...]] | None:
    wanted = spec.strip().lower()
    if wanted in SHIFTED:
        return wanted, ()
    if wanted != AUTO:
        if not EPSG_SPEC.fullmatch(wanted):
            raise InvalidFile("crs_unreadable", crs=spec)
        _crs(wanted.upper())
        return wanted.upper(), ()
    if file_crs is None:
        return None
    return _short_name(file_crs), ()


def _short_name(file_crs: str) -> str:
    """EPSG:n where a file's CRS is one, so that CGCS2000 written out is still seen as such; what says it is shifted is."""
    for name, words in SHIFTED_WORDS.items():
        if words.search(file_crs[:LONGEST_WKT]):
            return name
    found = _crs(file_crs)
    authority = found.to_authority(min_confidence=70)
    return ":".join(authority) if authority else file_crs


def _guessed(sample: NDArray[np.float64]) -> tuple[str, tuple[Problem, ...]]:
    """The CRS that the range of values allows, for a file that names none."""
    if not len(sample) or _all_in(sample, (-180, 180), (-90, 90)) or _looks_swapped(sample):
        return f"EPSG:{WGS84}", (Problem("crs_assumed", values={"crs": "WGS 84"}),)
    if crs := _zoned_gauss_kruger(sample):
        return crs, (Problem("crs_assumed", values={"crs": crs}),)
    if _zoned_gauss_kruger(sample[:, ::-1]):
        raise InvalidFile("axes_swapped", x=float(sample[0, 0]), y=float(sample[0, 1]))
    if _all_in(sample, (-100_000, 1_100_000), (0, 10_000_000)):
        raise InvalidFile("crs_needed", x=float(sample[0, 0]), y=float(sample[0, 1]))
    raise InvalidFile("unknown_crs", x=float(sample[0, 0]), y=float(sample[0, 1]))


def _zoned_gauss_kruger(sample: NDArray[np.float64]) -> str | None:
    """CGCS2000 Gauss-Kruger whose eastings carry their zone as millions: 13–23 of 6°, 25–45 of 3°."""
    zones = np.unique(sample[:, 0] // 1_000_000)
    if len(zones) != 1 or not _all_in(sample[:, 1:], (0, 6_500_000)):
        return None
    zone = int(zones[0])
    if zone in SIX_DEGREE_ZONES:
        return f"EPSG:{SIX_DEGREE_ZONE_13 + zone - 13}"
    return f"EPSG:{THREE_DEGREE_ZONE_25 + zone - 25}" if zone in THREE_DEGREE_ZONES else None


def _refuse_misfit(crs: str, sample: NDArray[np.float64]) -> None:
    """InvalidFile when values can't be what the CRS says, or are so only with their axes swapped."""
    if not len(sample):
        return
    geographic = crs in SHIFTED or _crs(crs).is_geographic
    if geographic and _looks_swapped(sample):
        raise InvalidFile("axes_swapped", x=float(sample[0, 0]), y=float(sample[0, 1]))
    if geographic and not _all_in(sample, (-180.001, 180.001), (-90.001, 90.001)):
        raise InvalidFile("crs_does_not_fit", crs=crs[:80], x=float(sample[0, 0]), y=float(sample[0, 1]))
    if not np.isfinite(Source(crs).to_lonlat(sample)).all():
        raise InvalidFile("crs_does_not_fit", crs=crs[:80], x=float(sample[0, 0]), y=float(sample[0, 1]))


def _looks_swapped(sample: NDArray[np.float64]) -> bool:
    """Latitude first: impossible as longitude, latitude, or China that way round and the Arctic this way."""
    impossible = not _all_in(sample, (-180, 180), (-90, 90)) and _all_in(sample, (-90, 90), (-180, 180))
    return bool(len(sample)) and (impossible or _all_in(sample, CHINA_LAT, CHINA_LON))


def _all_in(sample: NDArray[np.float64], *ranges: tuple[float, float]) -> bool:
    return all(
        bool(((sample[:, axis] >= low) & (sample[:, axis] <= high)).all())
        for axis, (low, high) in enumerate(ranges)
    )


def _datum_notes(crs: str) -> tuple[Problem, ...]:
    if crs in SHIFTED or crs in LONLAT_ALIKE:
        return ()
    words = _crs(crs).to_wkt().lower()
    return tuple(
        Problem("datum_rough", values={"datum": shown})
        for name, shown in ROUGH_DATUMS.items()
        if name in words
    )


def _moved(shapes: Shapes, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Shapes:
    plain = isinstance(shapes, np.ndarray) and shapes.dtype != object
    moved: Any = move(np.asarray(shapes, dtype=np.float64)) if plain else shapely.transform(shapes, move)
    return cast("Shapes", moved)


def _projected(transformer: Transformer, places: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = transformer.transform(places[:, 0], places[:, 1])
    return np.column_stack([x, y])


@lru_cache(maxsize=64)
def _between(source: int, target: int) -> Transformer:
    return Transformer.from_crs(f"EPSG:{source}", f"EPSG:{target}", always_xy=True)


@lru_cache(maxsize=64)
def _from_source(crs: str) -> Transformer:
    try:
        return Transformer.from_crs(_crs(crs), f"EPSG:{WGS84}", always_xy=True)
    except ProjError as error:
        raise InvalidFile("crs_unreadable", crs=crs[:80]) from error


@lru_cache(maxsize=64)
def _crs(name: str) -> CRS:
    try:
        if len(name) > LONGEST_WKT:
            raise InvalidFile("crs_unreadable", crs=name[:80])
        found = CRS.from_user_input(name)
    except CRSError as error:
        raise InvalidFile("crs_unreadable", crs=name[:80]) from error
    if not (found.is_geographic or found.is_projected):
        raise InvalidFile("crs_unreadable", crs=name[:80])
    return found
