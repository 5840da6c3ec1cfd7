"""Cells as people type them → codes, numbers, days. A cell is None, bool, int, float or str (dates as ISO text)."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

EXCEL_EPOCH = date(1899, 12, 30)
EXCEL_SERIALS = range(20_000, 80_000)  # 1954-10-03 to 2119-01-10
WHOLE_FLOAT = 1e15  # above it a float may stand for several whole numbers
WHOLE_NUMBER = re.compile(r"\d+\.0+")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s].*)?")
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
DEGREES = re.compile(
    r"(?P<before>[NSEW])?\s*(?P<sign>[-+])?(?P<d>\d+(?:\.\d+)?)\s*[°度:]\s*(?:(?P<m>\d+(?:\.\d+)?)\s*['′’分:]?\s*)?"
    r"(?:(?P<s>\d+(?:\.\d+)?)\s*(?:[\"″”秒]|''|′′)?)?\s*(?P<after>[NSEW])?",
    re.IGNORECASE,
)


def as_text(value: Any) -> str | None:
    """A cell as text: a whole number without its ".0"; None when it is blank."""
    if value is None:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        value = int(value) if value.is_integer() and abs(value) < WHOLE_FLOAT else value
    return str(value).strip() or None


def as_code(value: Any) -> str | None:
    """A code as text: 440304001.0, "440304001.0" and "４４０３０４００１" are all "440304001"."""
    text = as_text(value)
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    return text[: text.index(".")] if WHOLE_NUMBER.fullmatch(text) else text or None


def as_number(value: Any) -> float | None:
    """A finite number from a cell; full-width digits and a thousands comma are read. None when it is blank.

    ValueError when it is no number, or no finite one.
    """
    if isinstance(value, bool):
        raise ValueError(value)
    if isinstance(value, (int, float)):
        return _finite(float(value))
    text = as_text(value)
    if text is None:
        return None
    return _finite(float(_plain(text)))


def as_degrees(value: Any) -> float | None:
    """A coordinate from a cell: a number, or degrees, minutes and seconds such as 114°03'12.5"E.

    None when it is blank, ValueError when it is neither.
    """
    try:
        return as_number(value)
    except ValueError:
        text = (
            unicodedata.normalize("NFKC", str(value))
            .replace("北纬", "N")
            .replace("南纬", "S")
            .replace("东经", "E")
            .replace("西经", "W")
        )
        found = DEGREES.fullmatch(text.strip())
        if found is None:
            raise
        return _from_sexagesimal(found)


def numbers_of(cells: Sequence[Any], read: Callable[[Any], float | None] = as_number) -> NDArray[np.float64]:
    """A column of cells as numbers; NaN where a cell is blank or `read` refuses it."""
    try:
        if any("_" in cell for cell in cells if isinstance(cell, str)):
            raise ValueError("Python would read 1_000")
        numbers = np.array(cells, dtype=np.float64)  # a column of plain numbers, as nearly all are
    except (ValueError, TypeError, OverflowError):
        numbers = np.array([_or_nan(cell, read) for cell in cells], dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    return numbers


def _or_nan(cell: Any, read: Callable[[Any], float | None]) -> float:
    try:
        number = read(cell)
    except (ValueError, OverflowError):
        return math.nan
    return math.nan if number is None else number


def as_day(value: Any) -> date | None:
    """A day from a cell: ISO, 2024/1/31, 2024年1月31日, 20240131 or an Excel serial. None when it is blank.

    ValueError when it is none of these.
    """
    text = as_code(value)
    if text is None:
        return None
    if found := DAY.fullmatch(text) or COMPACT_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
        return date(year, month, day)
    serial = int(_finite(float(text)))
    if serial not in EXCEL_SERIALS:
        raise ValueError(text)
    return EXCEL_EPOCH + timedelta(days=serial)


def cell_value(value: Any) -> Any:
    """A cell of a sheet as what we keep: whole floats as int, dates as ISO text, text stripped, blanks as None."""
    match value:
        case float():
            if not math.isfinite(value):
                return None
            return int(value) if value.is_integer() and abs(value) < WHOLE_FLOAT else value
        case str():
            return value.strip() or None
        case datetime():
            return (
                value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
            )
        case timedelta():
            return value.total_seconds()
        case None | bool() | int():
            return value
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


def cell_numbers(column: NDArray[np.floating[Any]]) -> list[Any]:
    """A column of floats as cells: what `cell_value` makes of each."""
    values = column.astype(np.float64)
    finite = np.isfinite(values)
    whole = finite & (np.abs(values) < WHOLE_FLOAT) & (np.trunc(values) == values)
    cells = values.astype(object)
    cells[whole] = values[whole].astype(np.int64).astype(object)
    cells[~finite] = None
    return list(cells.tolist())


def codes_of(cells: Iterable[Any]) -> list[str | None]:
    """A column of cells as codes: what `as_code` makes of each."""
    return [
        cell if type(cell) is str and cell.isascii() and cell.isalnum() else as_code(cell) for cell in cells
    ]


def texts_of(cells: Iterable[Any]) -> list[str | None]:
    """A column of cells as texts: what `as_text` makes of each."""
    return [cell.strip() or None if type(cell) is str else as_text(cell) for cell in cells]


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip()
    if "_" in plain:  # Python would read 1_000
        raise ValueError(text)
    return plain.replace(",", "") if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", plain) else plain


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def _from_sexagesimal(found: re.Match[str]) -> float:
    minutes, seconds = float(found["m"] or 0), float(found["s"] or 0)
    if minutes >= 60 or seconds >= 60:
        raise ValueError(found[0])
    degrees = float(found["d"]) + minutes / 60 + seconds / 3600
    letter = (found["after"] or found["before"] or "").upper()
    return -degrees if found["sign"] == "-" or letter in {"S", "W"} else degrees
