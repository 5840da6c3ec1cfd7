"""One row of a file as a point, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.geometry import clean_point
from geoservice.errors import InvalidGeometry
from geoservice.formats.values import as_number
from geoservice.services.importing.columns import shown
from geoservice.services.importing.point_columns import (
    DEFAULT_CATEGORY,
    LARGEST_MEASURE,
    MEASURES,
    NOWHERE_DEGREES,
    code_of,
)
from geoservice.services.importing.rows import LONGEST_TEXT, BadRow, code_fault

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry

    from geoservice.services.importing.columns import Column
    from geoservice.services.importing.row_list import Row


class Categories(dict[str, str]):
    """Code or name in either language, in small letters → code; `names`: those to choose from, as a value of a sentence."""

    def __init__(self, codes: dict[str, str], names: dict[str, str]) -> None:
        super().__init__(codes)
        self.names = names


@dataclass(frozen=True)
class Candidate:
    """One row that can be taken. What the file does not tell is not in `told` and leaves what is stored as it is."""

    code: str
    shape: shapely.Point
    told: dict[str, Any]


def candidate_of(row: Row, columns: dict[str, Column | None], categories: Categories) -> Candidate:
    """What a row says of a point; BadRow where it can't be one."""
    shape = _place(row)
    told = _told(row, columns, categories)
    column = columns["code"]
    code = column.code(row) if column else made_code("p", row, shape, told)
    if fault := code_fault(row, shown(column), code):
        raise BadRow(fault)
    return Candidate(code or "", shape, told)


def _place(row: Row) -> shapely.Point:
    try:
        shape = clean_point(row.shape)
    except InvalidGeometry as error:
        raise BadRow(row.problem(error.code, "geometry", row.shape_kind, **error.values)) from error
    if abs(shape.x) < NOWHERE_DEGREES and abs(shape.y) < NOWHERE_DEGREES:
        raise BadRow(row.problem("at_null_island", "geometry", f"{shape.x:g} {shape.y:g}"))
    return shape


def _told(row: Row, columns: dict[str, Column | None], categories: Categories) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name in ("name", "address"):
        if column := columns[name]:
            told[name] = _text(row, column)
    if column := columns["category"]:
        told["category"] = _category(row, column, categories)
    for name, role in MEASURES.items():
        if column := columns[role]:
            told[name] = _measure(row, column, zero_allowed=role != "interval")
    return told


def made_code(prefix: str, row: Row, shape: BaseGeometry, told: dict[str, Any]) -> str:
    """A code for a row that has none: the same name, address and place (to a metre) give the same code again."""
    middle = shape.centroid
    return code_of(prefix, (told.get("name") or "", told.get("address") or ""), middle.x, middle.y)


def _text(row: Row, column: Column) -> str:
    text = column.text(row) or ""
    if len(text) > LONGEST_TEXT:
        raise BadRow(row.problem("text_too_long", column.shown, text, most=LONGEST_TEXT))
    return text


def _category(row: Row, column: Column, categories: Categories) -> str:
    name = column.code(row)
    if name is None:
        return DEFAULT_CATEGORY
    if name.casefold() not in categories:
        raise BadRow(row.problem("unknown_category", column.shown, name, categories=categories.names))
    return categories[name.casefold()]


def _measure(row: Row, column: Column, *, zero_allowed: bool) -> float | None:
    raw = column.value(row)
    try:
        number = as_number(raw)
    except ValueError as error:
        raise BadRow(row.problem("number_invalid", column.shown, raw)) from error
    if number is None:
        return None
    if number < 0 or number > LARGEST_MEASURE or (number == 0 and not zero_allowed):
        raise BadRow(
            row.problem("number_out_of_range", column.shown, raw, least=0, most=int(LARGEST_MEASURE))
        )
    return number
