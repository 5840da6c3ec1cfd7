"""The geometry that the columns of a sheet hold: longitude and latitude, or WKT."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.tables import FeatureTable, first_problems
from geoservice.formats.values import as_degrees, numbers_of

if TYPE_CHECKING:
    from geoservice.formats.sheets import Grid

LON_NAMES = (
    "lon",
    "lng",
    "long",
    "longitude",
    "lon_wgs84",
    "lng_wgs84",
    "x",
    "point_x",
    "经度",
    "东经",
    "x坐标",
    "横坐标",
)
LAT_NAMES = ("lat", "latitude", "lat_wgs84", "y", "point_y", "纬度", "北纬", "y坐标", "纵坐标")
# The shape of each row, the rows whose shape can't be read, and the places of the columns that hold it.
_Placed = tuple[list[bytes | None], list[Problem], tuple[int, ...]]
WKT_NAMES = ("wkt", "geometry", "geom", "the_geom", "shape", "几何")


def features_of(grid: Grid, lon: str | None, lat: str | None, wkt: str | None) -> FeatureTable:
    """The rows of a sheet with the geometry that its columns hold; a row without a readable one is a problem."""
    by_wkt = _uses_wkt(grid, lon, lat, wkt)
    geometry, problems, held = _wkt_shapes(grid, wkt) if by_wkt else _points(grid, lon, lat)
    bad = {problem.row for problem in problems}
    table = FeatureTable(
        file=grid.file,
        layer=None,
        sheet=grid.sheet,
        fields=grid.fields,
        columns=grid.columns,
        geometry=geometry,
        row_numbers=grid.numbers,
        crs=None,
        encoding=grid.encoding,
        placed_by=tuple(grid.fields[column] for column in held),
    )
    kept = table.without({index for index, number in enumerate(grid.numbers) if number in bad}, ())
    return replace(kept, problems=first_problems([*grid.problems, *problems]))


def _uses_wkt(grid: Grid, lon: str | None, lat: str | None, wkt: str | None) -> bool:
    if wkt is not None:
        return True
    found = lon is not None or lat is not None or (grid.find(LON_NAMES) and grid.find(LAT_NAMES))
    return not found and grid.find(WKT_NAMES) is not None


def _points(grid: Grid, lon: str | None, lat: str | None) -> _Placed:
    lon, lat = lon or grid.find(LON_NAMES), lat or grid.find(LAT_NAMES)
    if lon is None or lat is None:
        raise InvalidFile("coordinates_missing", columns=", ".join(grid.fields[:30]))
    columns = grid.place_of(lon), grid.place_of(lat)
    places = np.column_stack([numbers_of(grid.column(column), as_degrees) for column in columns])
    missing = np.isnan(places)
    problems = [
        _unplaced(grid, int(index), columns[int(missing[index].argmax())])
        for index in np.flatnonzero(missing.any(axis=1))
    ]
    shapes = np.asarray(shapely.to_wkb(shapely.points(np.where(missing, 0.0, places))), dtype=object)
    return list(shapes), problems, columns


def _unplaced(grid: Grid, index: int, column: int) -> Problem:
    is_blank = grid.column(column)[index] is None
    return _problem(grid, index, "coordinate_blank" if is_blank else "coordinate_unreadable", column)


def _wkt_shapes(grid: Grid, wkt: str | None) -> _Placed:
    column = grid.place_of(wkt or grid.find(WKT_NAMES) or "wkt")
    shapes: list[bytes | None] = []
    problems = []
    for index, text in enumerate(grid.column(column)):
        shapes.append(None)
        if text is None:
            continue
        try:
            shape = shapely.from_wkt(str(text).rpartition(";")[2])
            shapes[-1] = shapely.to_wkb(shapely.force_2d(shape))
        except shapely.GEOSException:
            problems.append(_problem(grid, index, "wkt_unreadable", column))
    return shapes, problems, (column,)


def _problem(grid: Grid, index: int, code: str, column: int) -> Problem:
    value = grid.column(column)[index]
    shown = None if value is None else str(value)[:80]
    return Problem(
        code,
        file=grid.file,
        sheet=grid.sheet,
        row=grid.numbers[index],
        column=grid.fields[column],
        value=shown,
    )
