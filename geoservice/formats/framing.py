"""Tables across the border of the child: JSON and .npy only, so that nothing it sends can run or swell.

A folder holds `table.json` (fields, cells by column, problems) and one .npy per array.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.errors import Problem
from geoservice.formats import cells
from geoservice.formats.tables import FeatureTable, TrackTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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


def save_features(table: FeatureTable, folder: Path) -> None:
    """Write a table of features into an empty folder."""
    lengths = np.array(
        [NO_GEOMETRY if shape is None else len(shape) for shape in table.geometry], dtype="<i8"
    )
    np.save(folder / "lengths.npy", lengths)
    np.save(folder / "wkb.npy", np.frombuffer(b"".join(filter(None, table.geometry)), dtype=np.uint8))
    np.save(folder / "row_numbers.npy", np.array(table.row_numbers, dtype="<i8"))
    _write(
        folder,
        {
            "layer": table.layer,
            "sheet": table.sheet,
            "fields": table.fields,
            "columns": [_save_column(folder, place, column) for place, column in enumerate(table.columns)],
            "crs": table.crs,
            "encoding": table.encoding,
            "placed_by": table.placed_by,
            "problems": [asdict(problem) for problem in table.problems],
        },
    )


def load_features(folder: Path, name: str) -> FeatureTable:
    """Read what `save_features` wrote; ValueError or KeyError when it is not that."""
    head = _read(folder)
    lengths = _load(folder, "lengths", "<i8")
    numbers = _load(folder, "row_numbers", "<i8")
    fields = tuple(str(field) for field in head["fields"])
    columns = [_load_column(folder, place, told, len(lengths)) for place, told in enumerate(head["columns"])]
    if len(columns) != len(fields) or len(numbers) != len(lengths):
        raise ValueError("columns of unequal length")
    return FeatureTable(
        file=name,
        layer=head["layer"],
        sheet=head["sheet"],
        fields=fields,
        columns=columns,
        geometry=_cut(_load(folder, "wkb", "|u1").tobytes(), lengths.tolist()),
        row_numbers=numbers.tolist(),
        crs=head["crs"],
        encoding=head["encoding"],
        problems=problems_from(head["problems"], name),
        placed_by=tuple(str(field) for field in head["placed_by"]),
    )


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
