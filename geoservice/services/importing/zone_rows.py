"""Rows of a file that can be taken as zones: checked a column at a time, one by one only where something is odd."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.geometry import MOST_VERTICES, SMALLEST_AREA, area_change, clean_polygon
from geoservice.errors import InvalidGeometry
from geoservice.services.importing.columns import shown
from geoservice.services.importing.first_rows import FirstRows
from geoservice.services.importing.rows import LONGEST_CODE, LONGEST_TEXT, code_fault, other_json
from geoservice.services.importing.side_by_side import side_by_side
from geoservice.store import zone_incoming

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.services.importing.columns import Column, Header
    from geoservice.services.importing.flow import Report
    from geoservice.services.importing.row_list import Row, Rows
    from geoservice.store.incoming import Packed

# A MultiPolygon of one polygon is, as WKB, this and the polygon: little-endian, its type, how many.
ONE_POLYGON_OF_MANY = struct.pack("<BII", 1, 6, 1)


@dataclass(frozen=True)
class Zones:
    """Rows that can be taken, by columns of equal length.

    `places` are their indexes in `rows`, `shapes` valid Polygons and MultiPolygons in 4326, `borders` the same as WKB of MultiPolygons,
    drawn as the file draws them. What the file does not tell (`names` or `parent_ids` None) stays as it is stored.
    """

    rows: Rows
    header: Header
    places: list[int]
    codes: list[str]
    names: list[str] | None
    shapes: NDArray[np.object_]
    borders: list[bytes]
    parent_ids: list[int | None] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def row(self, index: int) -> Row:
        """The row of the file."""
        return self.rows[self.places[index]]

    def columns(self) -> dict[str, Sequence[Any]]:
        """What the file tells, by column of the table: borders as WKB, the rest as JSON."""
        told = {
            "code": self.codes,
            "name": self.names,
            "parent_id": self.parent_ids,
            "geom": self.borders,
            "attributes": other_json(self.rows, self.header, self.places),
        }
        return {name: column for name, column in told.items() if column is not None}

    @property
    def told(self) -> frozenset[str]:
        """What the file tells of what it need not."""
        needless = {"name": self.names, "parent_id": self.parent_ids}
        return frozenset(name for name, column in needless.items() if column is not None)

    def packed(self, first: int) -> Packed:
        """All of them as they are written, numbered from `first`."""
        return zone_incoming.pack_zones(self.columns(), first)

    def only(self, kept: list[int]) -> Zones:
        """Those at some indexes, in their order."""
        if len(kept) == len(self):
            return self
        return replace(
            self,
            places=[self.places[index] for index in kept],
            codes=[self.codes[index] for index in kept],
            names=None if self.names is None else [self.names[index] for index in kept],
            shapes=self.shapes[kept],
            borders=[self.borders[index] for index in kept],
            parent_ids=None if self.parent_ids is None else [self.parent_ids[index] for index in kept],
        )


def check_zones(
    rows: Rows,
    header: Header,
    columns: tuple[Column, Column | None],
    report: Report,
    first_rows: FirstRows | None = None,
) -> Zones:
    """The rows that have a code of their own and a border that is a polygon, or can be made one.

    `first_rows` knows the codes of what came before of the same file.
    """
    code_column, name_column = columns
    firsts = first_rows or FirstRows(code_column.shown)
    codes = code_column.codes(rows)
    names = _names(rows, name_column, codes)
    places = _coded(rows, code_column, codes, firsts, report)
    if names is not None:
        places = _named(rows, name_column, names, places, report)
    shapes = sound_polygons(rows.shapes)
    drawn = rows.geometry()
    for place in _without_shape(shapes, places):
        shapes[place] = polygon_of(rows[place], report)
        drawn[place] = shapely.to_wkb(shapes[place])
    lost = set(_without_shape(shapes, places))
    if lost:
        places = [place for place in places if place not in lost]
    return Zones(
        rows=rows,
        header=header,
        places=places,
        codes=[codes[place] or "" for place in places],
        names=None if names is None else [names[place] for place in places],
        shapes=shapes[places],
        borders=_as_many(shapes[places], [drawn[place] or b"" for place in places]),
    )


def _as_many(shapes: NDArray[np.object_], drawn: list[bytes]) -> list[bytes]:
    """Polygons and MultiPolygons as WKB of MultiPolygons."""
    lone = (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).tolist()
    return [ONE_POLYGON_OF_MANY + wkb if alone else wkb for alone, wkb in zip(lone, drawn, strict=True)]


def sound_polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """The shapes that are what `clean_polygon` makes of them, but that a lone Polygon stays one; None for the others."""
    return side_by_side(_sound_polygons, shapes)


def _sound_polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    kinds = shapely.get_type_id(shapes)
    many = np.flatnonzero(kinds == shapely.GeometryType.MULTIPOLYGON)
    parts, owners = shapely.get_parts(shapes[many], return_index=True)
    whole = np.asarray(kinds == shapely.GeometryType.POLYGON)
    whole[many] = True
    whole[many[owners[shapely.is_empty(parts)]]] = False
    whole &= ~shapely.is_empty(shapes) & ~shapely.has_z(shapes)
    whole &= shapely.get_num_coordinates(shapes) <= MOST_VERTICES
    whole[whole] = shapely.is_valid(shapes[whole])
    whole[whole] = shapely.area(shapes[whole]) > SMALLEST_AREA
    found = np.full(len(shapes), None, dtype=object)
    found[whole] = shapes[whole]
    return found


def polygon_of(row: Row, report: Report) -> BaseGeometry | None:
    """The row's polygon, repaired if it must be, can be and may be (and told), else None (and told)."""
    try:
        shape, repairs = clean_polygon(row.shape)
    except InvalidGeometry as error:
        report.rejected.append(row.problem(error.code, "geometry", row.shape_kind, **error.values))
        return None
    if repairs and row.shape is not None:
        change = round(100 * area_change(row.shape, shape), 3)
        if not report.take_repairs:
            report.rejected.append(row.problem("repair_not_wanted", "geometry", None, percent=change))
            return None
        report.repaired_shapes[row.file, row.number] = (shapely.to_wkb(row.shape), shapely.to_wkb(shape))
        report.repaired += [row.problem(code, "geometry", None, percent=change) for code in repairs]
    return shape


def _names(rows: Rows, column: Column | None, codes: list[str | None]) -> list[str] | None:
    """What each row is called: by its code where the cell is blank."""
    if column is None:
        return None
    return [name or code or "" for name, code in zip(column.texts(rows), codes, strict=True)]


def _coded(
    rows: Rows, column: Column, codes: list[str | None], firsts: FirstRows, report: Report
) -> list[int]:
    """Indexes of the rows that have a code, of each code the first."""
    coded: list[int] = []
    for index, code in enumerate(codes):
        if code is not None and len(code) <= LONGEST_CODE:
            coded.append(index)
        elif fault := code_fault(rows[index], column.shown, code):
            report.rejected.append(fault)
    kept = firsts.keep([codes[index] or "" for index in coded], rows, coded, report)
    return coded if len(kept) == len(coded) else [coded[place] for place in kept]


def _named(
    rows: Rows, column: Column | None, names: list[str], places: list[int], report: Report
) -> list[int]:
    """Those of the rows whose names are not too long."""
    if max(map(len, names), default=0) <= LONGEST_TEXT:
        return places
    for place in places:
        if len(names[place]) > LONGEST_TEXT:
            report.rejected.append(
                rows[place].problem("text_too_long", shown(column), names[place], most=LONGEST_TEXT)
            )
    return [place for place in places if len(names[place]) <= LONGEST_TEXT]


def _without_shape(shapes: NDArray[np.object_], places: list[int]) -> Iterable[int]:
    chosen = np.array(places, dtype=np.intp)
    return [int(place) for place in chosen[shapely.is_missing(shapes[chosen])]]
