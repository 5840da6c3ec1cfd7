"""Tables across the border of the child: JSON and .npy only, so that nothing it sends can run or swell.

A folder holds `table.json` and one .npy per array; of features, a folder a part of the rows, so that neither side need hold all of them.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.errors import InvalidFile, Problem
from geoservice.formats import cells
from geoservice.formats.begins import first_places
from geoservice.formats.tables import FeatureTable, TrackTable, first_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

TABLE = "table.json"
TRACK_NUMBERS = ("time", "lon", "lat", "accuracy_m", "speed_mps", "heading_deg", "row_numbers")
DTYPES = {
    "time": "<i8",
    "row_numbers": "<i8",
    "lon": "<f8",
    "lat": "<f8",
    "accuracy_m": "<f4",
    "speed_mps": "<f4",
    "heading_deg": "<f4",
}
NO_GEOMETRY = -1
# What one meets who reads files that are not what a child of ours writes.
NOT_SO_WRITTEN = (ValueError, KeyError, TypeError, OSError, EOFError)
ROWS_A_PART = 20_000


def save_features(parts: Iterable[FeatureTable], folder: Path) -> None:
    """Write the rows of one layer, a part after the other, into an empty folder; the last part tells of all but the problems."""
    counts: list[int] = []
    problems: list[Problem] = []
    table: FeatureTable | None = None
    for number, table in enumerate(parts):
        home = folder / str(number)
        home.mkdir()
        _save_part(table, home)
        counts.append(len(table))
        problems = first_problems([*problems, *table.problems])
    assert table is not None
    _write(
        folder,
        {
            "layer": table.layer,
            "sheet": table.sheet,
            "fields": table.fields,
            "crs": table.crs,
            "encoding": table.encoding,
            "placed_by": table.placed_by,
            "problems": [asdict(problem) for problem in problems],
            "counts": counts,
        },
    )


@dataclass(frozen=True)
class StoredFeatures:
    """The rows of one layer as `save_features` wrote them: what holds for all, and the rows as files, a part after the other.

    InvalidFile where these are not that.
    """

    folder: Path
    file: str
    layer: str | None
    sheet: str | None
    fields: tuple[str, ...]
    crs: str | None
    encoding: str | None
    placed_by: tuple[str, ...]
    problems: list[Problem]
    counts: tuple[int, ...]

    def __len__(self) -> int:
        return sum(self.counts)

    def parts(self) -> Iterator[FeatureTable]:
        """The rows, one part in memory at a time; none has problems."""
        for number, count in enumerate(self.counts):
            with _as_written(self.file):
                part = self._part(self.folder / str(number), count)
            yield part

    def begins(self) -> NDArray[np.float64]:
        """Where the shapes begin, (n, 2); those that are nowhere are left out."""
        homes = [self.folder / str(number) for number in range(len(self.counts))]
        with _as_written(self.file):
            return np.concatenate(
                [first_places(_load(home, "wkb", "|u1"), _load(home, "lengths", "<i8")) for home in homes]
            )

    def whole(self) -> FeatureTable:
        """All rows as one table."""
        parts = list(self.parts())
        return replace(
            parts[0],
            columns=[
                list(chain(*columns)) for columns in zip(*(part.columns for part in parts), strict=True)
            ],
            geometry=list(chain.from_iterable(part.geometry for part in parts)),
            row_numbers=list(chain.from_iterable(part.row_numbers for part in parts)),
            problems=self.problems,
        )

    def _part(self, home: Path, count: int) -> FeatureTable:
        lengths = _load(home, "lengths", "<i8")
        numbers = _load(home, "row_numbers", "<i8")
        columns = [
            _load_column(home, place, told, count) for place, told in enumerate(_read(home)["columns"])
        ]
        if len(columns) != len(self.fields) or {len(numbers), len(lengths)} != {count}:
            raise ValueError("columns of unequal length")
        return FeatureTable(
            file=self.file,
            layer=self.layer,
            sheet=self.sheet,
            fields=self.fields,
            columns=columns,
            geometry=_cut(_load(home, "wkb", "|u1").tobytes(), lengths.tolist()),
            row_numbers=numbers.tolist(),
            crs=self.crs,
            encoding=self.encoding,
            placed_by=self.placed_by,
        )


def load_features(folder: Path, name: str) -> StoredFeatures:
    """Find what `save_features` wrote; InvalidFile when it is not that."""
    with _as_written(name):
        head = _read(folder)
        if not head["counts"]:
            raise ValueError("no part")
        return StoredFeatures(
            folder=folder,
            file=name,
            layer=head["layer"],
            sheet=head["sheet"],
            fields=tuple(str(field) for field in head["fields"]),
            crs=head["crs"],
            encoding=head["encoding"],
            placed_by=tuple(str(field) for field in head["placed_by"]),
            problems=problems_from(head["problems"], name),
            counts=tuple(int(count) for count in head["counts"]),
        )


@contextmanager
def _as_written(name: str) -> Iterator[None]:
    try:
        yield
    except NOT_SO_WRITTEN as error:
        raise InvalidFile("reader_died", file=name) from error


def save_tracks(table: TrackTable, folder: Path) -> None:
    """Write a table of fixes into an empty folder."""
    for name in TRACK_NUMBERS:
        np.save(folder / f"{name}.npy", getattr(table, name))
    words = {}
    for name in ("device", "mode"):
        words[name], codes = _coded(getattr(table, name).tolist())
        np.save(folder / f"{name}.npy", codes)
    _write(folder, {"words": words, "problems": [asdict(problem) for problem in table.problems]})


def load_tracks(folder: Path, name: str) -> TrackTable:
    """Read what `save_tracks` wrote; ValueError or KeyError when it is not that."""
    head = _read(folder)
    numbers: dict[str, Any] = {column: _load(folder, column, DTYPES[column]) for column in TRACK_NUMBERS}
    words: dict[str, Any] = {
        column: _words(head["words"][column], _load(folder, column, "<i4")) for column in ("device", "mode")
    }
    if len({len(column) for column in (*numbers.values(), *words.values())}) != 1:
        raise ValueError("columns of unequal length")
    return TrackTable(file=name, problems=problems_from(head["problems"], name), **numbers, **words)


def problems_from(records: Sequence[Mapping[str, Any]], name: str) -> list[Problem]:
    """Problems as the child told them, each with the file's own name."""
    return [Problem(**{**record, "file": name}) for record in records]


def _save_part(table: FeatureTable, home: Path) -> None:
    lengths = np.array(
        [NO_GEOMETRY if shape is None else len(shape) for shape in table.geometry], dtype="<i8"
    )
    np.save(home / "lengths.npy", lengths)
    np.save(home / "wkb.npy", np.frombuffer(b"".join(filter(None, table.geometry)), dtype=np.uint8))
    np.save(home / "row_numbers.npy", np.array(table.row_numbers, dtype="<i8"))
    _write(
        home, {"columns": [_save_column(home, place, column) for place, column in enumerate(table.columns)]}
    )


def _save_column(folder: Path, place: int, column: Sequence[Any]) -> dict[str, Any]:
    kind, arrays = cells.pack(column)
    for part, array in arrays.items():
        np.save(folder / f"{place}.{part}.npy", array)
    return {"kind": kind, "parts": list(arrays), **({"cells": column} if kind == cells.MIXED else {})}


def _load_column(folder: Path, place: int, told: Mapping[str, Any], count: int) -> list[Any]:
    if told["kind"] == cells.MIXED:
        mixed = told["cells"]
        if not isinstance(mixed, list) or len(mixed) != count:
            raise ValueError("columns of unequal length")
        return mixed
    dtypes = {"values": cells.DTYPES[told["kind"]], "is_whole": cells.FLAGS, "blank": cells.FLAGS}
    arrays = {str(part): _load(folder, f"{place}.{part}", dtypes[part]) for part in told["parts"]}
    return cells.unpack(told["kind"], arrays, count)


def _write(folder: Path, head: Mapping[str, Any]) -> None:
    with (folder / TABLE).open("w", encoding="ascii") as stream:
        json.dump(head, stream, allow_nan=False)


def _read(folder: Path) -> dict[str, Any]:
    head = json.loads((folder / TABLE).read_bytes())
    if not isinstance(head, dict):
        raise TypeError("not a table")
    return head


def _load(folder: Path, name: str, dtype: str) -> NDArray[Any]:
    array = np.load(folder / f"{name}.npy", allow_pickle=False)
    if array.ndim != 1 or array.dtype != np.dtype(dtype):
        raise ValueError(f"{name} is not a column of {dtype}")
    return np.asarray(array)


def _cut(wkb: bytes, lengths: list[int]) -> list[bytes | None]:
    shapes: list[bytes | None] = []
    start = 0
    for length in lengths:
        shapes.append(wkb[start : start + length] if length != NO_GEOMETRY else None)
        start += max(length, 0)
    if start != len(wkb):
        raise ValueError("geometry of another length")
    return shapes


def _coded(column: list[str | None]) -> tuple[list[str | None], NDArray[np.int32]]:
    """A column of few different words → the words, and the place of each row's."""
    places = {word: place for place, word in enumerate(dict.fromkeys(column))}
    return list(places), np.array([places[word] for word in column], dtype="<i4")


def _words(words: list[str | None], codes: NDArray[np.int32]) -> NDArray[np.object_]:
    column = np.empty(len(codes), dtype=object)
    if len(codes):
        column[:] = np.array(words, dtype=object)[codes]
    return column
