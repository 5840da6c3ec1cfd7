"""Rows of one or several files: a column at a time where many are looked at, one by one where something is odd."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from geoservice.errors import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geoservice.formats import FeatureTable


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


class Rows(Sequence[Row]):
    """The rows of tables, in their order; `shapes` are all their shapes in WGS 84, None where a row has none."""

    def __init__(
        self, tables: Sequence[FeatureTable] = (), shapes: Sequence[NDArray[np.object_]] = ()
    ) -> None:
        self.tables = tuple(tables)
        self.shapes: NDArray[np.object_] = (
            np.concatenate(shapes) if shapes else np.full(sum(map(len, tables)), None, dtype=object)
        )
        self._starts = [0, *accumulate(map(len, tables))]

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
        return Row(
            table.file, table.sheet, table.row_numbers[within], _Cells(table, within), self.shapes[index]
        )

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

    def files(self) -> list[str]:
        """The file of every row."""
        return [table.file for table in self.tables for _ in range(len(table))]
