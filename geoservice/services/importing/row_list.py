"""Rows of one or several files: a column at a time where many are looked at, one by one where something is odd."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import shapely

from geoservice.errors import Problem
from geoservice.services.importing.side_by_side import side_by_side

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.formats import FeatureTable


# A point as WKB: little-endian, its type, x and y.
POINT = np.dtype([("order", "u1"), ("kind", "<u4"), ("place", "<f8", 2)])


@dataclass(frozen=True)
class Row:
    """One row of a file; `shape` is None when it has no geometry."""

    file: str
    sheet: str | None
    number: int
    cells: Mapping[str, Any]
    shape: BaseGeometry | None = None

    def problem(self, code: str, column: str | None = None, value: Any = None, **values: Any) -> Problem:
        """Something wrong with this row."""
        shown = None if value is None else str(value)[:80]
        return Problem(
            code, file=self.file, sheet=self.sheet, row=self.number, column=column, value=shown, values=values
        )

    @property
    def shape_kind(self) -> str | None:
        """What its geometry is, as a problem's value."""
        return None if self.shape is None else str(self.shape.geom_type)

    @property
    def place(self) -> str:
        """Where it stands, for a problem of another row that names it."""
        return f"{self.file}:{self.number}"


class _Cells(Mapping[str, Any]):
    """One row of a table's columns, looked at where they are: most rows are made only to stand in a problem."""

    __slots__ = ("_table", "_within")

    def __init__(self, table: FeatureTable, within: int) -> None:
        self._table, self._within = table, within

    def __getitem__(self, field: str) -> Any:
        try:
            place = self._table.fields.index(field)
        except ValueError:
            raise KeyError(field) from None
        return self._table.columns[place][self._within]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.fields)

    def __len__(self) -> int:
        return len(self._table.fields)


def shapes_of(geometry: Sequence[bytes | None]) -> NDArray[np.object_]:
    """WKB as shapes; None where there is none, or none that can be read."""
    return side_by_side(_shapes_of, np.array(geometry, dtype=object))


def _shapes_of(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    with np.errstate(all="ignore"):  # what is no number is told later, by row
        return np.asarray(shapely.from_wkb(geometry, on_invalid="ignore"), dtype=object)


def plain_places(geometry: Sequence[bytes | None]) -> NDArray[np.float64] | None:
    """Where shapes are (n, 2), if each is a point as nearly every program writes them; else None.

    A million points need no million shapes.
    """
    if None in geometry or set(map(len, filter(None, geometry))) != {POINT.itemsize}:
        return None
    points = np.frombuffer(b"".join(filter(None, geometry)), dtype=POINT)
    is_plain = (
        (points["order"] == 1).all() and (points["kind"] == 1).all() and np.isfinite(points["place"]).all()
    )
    return np.ascontiguousarray(points["place"]) if is_plain else None


class Rows(Sequence[Row]):
    """The rows of tables, in their order. Whoever has made the shapes of a table already gives them, else None."""

    def __init__(
        self, tables: Sequence[FeatureTable] = (), shapes: Sequence[NDArray[np.object_] | None] = ()
    ) -> None:
        self.tables = tuple(tables)
        self._made = tuple(shapes) or (None,) * len(self.tables)
        self._starts = [0, *accumulate(map(len, tables))]

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """The rows of all parts, one after the other."""
        return cls(
            [table for part in parts for table in part.tables],
            [made for part in parts for made in part._made],
        )

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """All shapes in WGS 84, None where a row has none."""
        parts = [
            shapes_of(table.geometry) if made is None else made
            for table, made in zip(self.tables, self._made, strict=True)
        ]
        return np.concatenate(parts) if parts else np.empty(0, dtype=object)

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...

    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        """The row at an index, made when it is asked for."""
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        part = bisect_right(self._starts, index) - 1
        table, within = self.tables[part], index - self._starts[part]
        made = self._made[part]
        shape = shapes_of([table.geometry[within]])[0] if made is None else made[within]
        return Row(table.file, table.sheet, table.row_numbers[within], _Cells(table, within), shape)

    def cells(self, field: str) -> list[Any]:
        """One field's cells of all rows; None where a file has no such field."""
        found: list[Any] = []
        for table in self.tables:
            found += (
                table.columns[table.fields.index(field)] if field in table.fields else [None] * len(table)
            )
        return found

    def geometry(self) -> list[bytes | None]:
        """The shapes of all rows as WKB in WGS 84, as they came."""
        return [shape for table in self.tables for shape in table.geometry]

    def numbers(self) -> list[int]:
        """The number of every row in its file."""
        return [number for table in self.tables for number in table.row_numbers]

    def files(self) -> list[str]:
        """The file of every row."""
        return [table.file for table in self.tables for _ in range(len(table))]
