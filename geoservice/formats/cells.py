"""Columns of cells as arrays and back, so that a million rows cross the border of the child in a few files.

A column is of one kind: `text` (UTF-8, a NUL between two cells), `whole` (int64), `number` (float64, with the cells that are
whole numbers marked), `truth` (bool) or, where it mixes others, `mixed`, which travels as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

NUL = "\0"
MIXED = "mixed"
EXACT_WHOLE = 1 << 53  # beyond it a float no longer tells whole numbers apart
LARGEST_WHOLE = 1 << 63
DTYPES = {"text": "|u1", "whole": "<i8", "number": "<f8", "truth": "|b1"}
FLAGS = "|b1"
FILLERS = {"text": "", "whole": 0, "number": 0.0, "truth": False}


def pack(cells: Sequence[Any]) -> tuple[str, dict[str, NDArray[Any]]]:
    """The kind of a column and its arrays: `values`, `blank` where some cell is None, `is_whole` of numbers; none if mixed."""
    kinds = set(map(type, cells))
    some_blank = type(None) in kinds
    kind = _kind(kinds - {type(None)}, cells)
    if kind == MIXED:
        return kind, {}
    blank = np.array([cell is None for cell in cells], dtype=FLAGS) if some_blank else None
    filled: Sequence[Any] = (
        [FILLERS[kind] if cell is None else cell for cell in cells] if some_blank else cells
    )
    arrays: dict[str, NDArray[Any]] = {}
    if kind == "text":
        letters = NUL.join(filled)
        if letters.count(NUL) >= len(filled):  # some text holds what separates them
            return MIXED, {}
        arrays["values"] = np.frombuffer(letters.encode(), dtype=np.uint8)
    else:
        arrays["values"] = np.array(filled, dtype=DTYPES[kind])
    if kind == "number":
        arrays["is_whole"] = np.array([type(cell) is int for cell in filled], dtype=FLAGS)
    if blank is not None:
        arrays["blank"] = blank
    return kind, arrays


def unpack(kind: str, arrays: Mapping[str, NDArray[Any]], count: int) -> list[Any]:
    """The cells of a column of `count` rows; ValueError when its arrays don't hold that many."""
    values = arrays["values"]
    cells: list[Any] = _texts(values, count) if kind == "text" else values.tolist()
    if kind == "number":
        is_whole = arrays["is_whole"]
        _expect(len(is_whole) == count)
        if is_whole.any():
            cells = np.where(is_whole, _rounded(values).astype(object), values.astype(object)).tolist()
    _expect(len(cells) == count)
    if "blank" in arrays:
        _expect(len(arrays["blank"]) == count)
        for index in np.flatnonzero(arrays["blank"]).tolist():
            cells[index] = None
    return cells


def _kind(kinds: set[type], cells: Sequence[Any]) -> str:
    """What a column of cells of these types, beside None, is."""
    if not kinds or kinds == {bool}:
        return "truth"
    if kinds == {str}:
        return "text"
    if kinds == {int}:
        return "whole" if _all_below(cells, LARGEST_WHOLE) else MIXED
    if kinds <= {int, float}:
        return "number" if _all_below(cells, EXACT_WHOLE) else MIXED
    return MIXED


def _all_below(cells: Sequence[Any], bound: int) -> bool:
    whole = [cell for cell in cells if type(cell) is int]
    return not whole or (-bound < min(whole) and max(whole) < bound)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.int64]:
    with np.errstate(invalid="ignore"):
        return values.astype(np.int64)


def _texts(values: NDArray[np.uint8], count: int) -> list[str]:
    text = values.tobytes().decode()
    return text.split(NUL) if count else []


def _expect(holds: bool) -> None:
    if not holds:
        raise ValueError("columns of unequal length")
