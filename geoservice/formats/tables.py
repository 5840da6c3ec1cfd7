"""What reading a file gives, and how much it may cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

    from geoservice.errors import Problem

PROBLEMS_KEPT = 1_000
MORE_REFUSED = "more_rows_refused"


@dataclass(frozen=True)
class Limits:
    """What one file may cost before it is refused."""

    file_bytes: int = 500_000_000
    files: int = 50
    inflated_bytes: int = 500_000_000
    memory_bytes: int = 2 * 1024**3
    cpu_seconds: int = 120
    wall_seconds: float = 180.0
    features: int = 2_000_000

    def __post_init__(self) -> None:
        """Refuse a limit that would refuse everything."""
        for name, value in vars(self).items():
            if value <= 0:
                msg = f"the limit {name} must be above zero, not {value}"
                raise ValueError(msg)


@dataclass(frozen=True)
class FeatureTable:
    """The rows of one layer or sheet: a column of cells per field and, for each row, its geometry if it has any.

    Every one of `columns`, `geometry` and `row_numbers` is of equal length. `geometry` is WKB, 2D, x (longitude) first, in the
    file's own `crs` ("EPSG:4326" or a WKT; None when the file does not say). `row_numbers` count as the user's own
    program does: a sheet's header is row 1, the first feature of a layer is 1. `problems` are rows left out. `placed_by` are fields that hold the geometry.
    """

    file: str
    layer: str | None
    sheet: str | None
    fields: tuple[str, ...]
    columns: list[list[Any]]
    geometry: list[bytes | None]
    row_numbers: list[int]
    crs: str | None
    encoding: str | None
    problems: list[Problem] = field(default_factory=list)
    placed_by: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.row_numbers)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, each with its cells by field."""
        if not self.fields:
            return [{} for _ in self.row_numbers]
        return [dict(zip(self.fields, cells, strict=True)) for cells in zip(*self.columns, strict=True)]

    def parts(self, rows: int) -> Iterator[FeatureTable]:
        """The same rows, so many at a time; one part at least. The first has the problems."""
        for start in range(0, max(len(self), 1), rows):
            within = slice(start, start + rows)
            yield replace(
                self,
                columns=[column[within] for column in self.columns],
                geometry=self.geometry[within],
                row_numbers=self.row_numbers[within],
                problems=[] if start else self.problems,
            )

    def without(self, left_out: set[int], problems: Iterable[Problem]) -> FeatureTable:
        """The table less the rows at some indexes, with what was wrong with them."""
        if not left_out:
            return self
        kept = [index for index in range(len(self)) if index not in left_out]
        return replace(
            self,
            columns=[[column[index] for index in kept] for column in self.columns],
            geometry=[self.geometry[index] for index in kept],
            row_numbers=[self.row_numbers[index] for index in kept],
            problems=first_problems((*self.problems, *problems)),
        )


@dataclass(frozen=True)
class TrackTable:
    """GPS fixes in the order of the file, one array per column, all of equal length.

    `time` is microseconds since 1970-01-01 UTC; `lon` and `lat` are degrees as the file has them; NaN in
    `accuracy_m`, `speed_mps` and `heading_deg` (and None in `mode`) means unknown. `problems` are fixes left out.
    """

    file: str
    device: NDArray[np.object_]
    time: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    mode: NDArray[np.object_]
    row_numbers: NDArray[np.int64]
    problems: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.time)


def first_problems(problems: Iterable[Problem]) -> list[Problem]:
    """The first thousand problems, then one that counts the others: no file floods the answer."""
    told = list(problems)
    kept = [problem for problem in told if problem.code != MORE_REFUSED]
    more = len(kept[PROBLEMS_KEPT:]) + sum(
        problem.values["count"] for problem in told if problem.code == MORE_REFUSED
    )
    kept = kept[:PROBLEMS_KEPT]
    if more:
        kept.append(
            replace(kept[-1], code=MORE_REFUSED, row=None, column=None, value=None, values={"count": more})
        )
    return kept
