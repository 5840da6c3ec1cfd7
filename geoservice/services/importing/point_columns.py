"""Points by columns: which rows have nothing odd about them, and what these say."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.services.importing.row_list import plain_places
from geoservice.services.importing.rows import LONGEST_CODE, LONGEST_TEXT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.row_list import Rows

DEFAULT_CATEGORY = "other"
MEASURES = {"required_interval_days": "interval", "service_minutes": "minutes", "weight": "weight"}
LARGEST_MEASURE = 1e6
CODE_DIGITS = 12
NOWHERE_DEGREES = 1e-6

_Screened = tuple["NDArray[np.bool_]", list[Any]]


def screen_points(
    rows: Rows, columns: dict[str, Column | None], categories: dict[str, str]
) -> tuple[NDArray[np.bool_], list[str | None], dict[str, list[Any]]]:
    """Which rows are sound, and the code and the told values of these; what stands at the others means nothing."""
    sound, places = _places(rows)
    told: dict[str, list[Any]] = {}
    for name in ("name", "address"):
        if column := columns[name]:
            told[name] = _all_of(sound, _texts(column.texts(rows)))
    if column := columns["category"]:
        told["category"] = _all_of(sound, _categories(column.codes(rows), categories))
    for name, role in MEASURES.items():
        if column := columns[role]:
            told[name] = _all_of(sound, _measures(column.values(rows), zero_allowed=role != "interval"))
    codes = columns["code"].codes(rows) if columns["code"] else _made_codes(places, told)
    sound &= np.fromiter(
        (code is not None and len(code) <= LONGEST_CODE for code in codes), dtype=bool, count=len(codes)
    )
    return sound, codes, told


def code_of(prefix: str, words: tuple[str, str], x: float, y: float) -> str:
    """A code made of two words and a place, to a metre."""
    parts = (*words, f"{x:.5f}", f"{y:.5f}")
    return f"{prefix}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:CODE_DIGITS]}"


def _places(rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which rows are single points somewhere, and x and y of each, (n, 2)."""
    plain = plain_places(rows.geometry())
    if plain is not None:
        return _somewhere(plain), plain
    shapes = rows.shapes
    points = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)
    places = np.zeros((len(shapes), 2))
    places[points] = shapely.get_coordinates(shapes[points])
    return points & _somewhere(places), places


def _somewhere(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((np.abs(places) >= NOWHERE_DEGREES).any(axis=1))


def _all_of(sound: NDArray[np.bool_], screened: _Screened) -> list[Any]:
    """The cells of a column, once the rows where one is odd are no longer sound."""
    fine, cells = screened
    sound &= fine
    return cells


def _texts(cells: list[str | None]) -> _Screened:
    texts = [cell or "" for cell in cells]
    return np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)) <= LONGEST_TEXT, texts


def _categories(words: list[str | None], categories: dict[str, str]) -> _Screened:
    known = {
        word: DEFAULT_CATEGORY if word is None else categories.get(word.casefold()) for word in set(words)
    }
    found = [known[word] for word in words]
    return np.array([each is not None for each in found], dtype=bool), found


def _measures(cells: list[Any], *, zero_allowed: bool) -> _Screened:
    """Numbers within bounds, None where a cell is blank; one that has to be read as a person writes it is odd."""
    told = np.array([type(cell) in (int, float) for cell in cells], dtype=bool)
    blank = np.array([cell is None for cell in cells], dtype=bool)
    numbers = np.array(
        [float(cell) if fine else 0.0 for cell, fine in zip(cells, told, strict=True)], dtype=np.float64
    )
    inside = (numbers >= 0) & (numbers <= LARGEST_MEASURE) & ((numbers > 0) | zero_allowed)
    found = [number if fine else None for number, fine in zip(numbers.tolist(), told, strict=True)]
    return (told & inside) | blank, found


def _made_codes(places: NDArray[np.float64], told: dict[str, list[Any]]) -> list[str | None]:
    blank = [""] * len(places)
    words = zip(told.get("name", blank), told.get("address", blank), strict=True)
    return [code_of("p", pair, x, y) for pair, (x, y) in zip(words, places.tolist(), strict=True)]
