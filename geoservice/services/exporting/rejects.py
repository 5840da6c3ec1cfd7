"""What an import refused or repaired, as the user's own file back in Excel with the problem before each row."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.errors import Problem
from geoservice.formats.kinds import KIND_OF_SUFFIX, Kind
from geoservice.formats.reader import Reader
from geoservice.formats.writing_rejects import Marked, MarkedSheet, write_marked_rows
from geoservice.formats.writing_tables import LETTERS_OF_A_CELL, ROWS_OF_A_SHEET
from geoservice.messages import sentence
from geoservice.services import desk
from geoservice.store import draft_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats import FeatureTable
    from geoservice.services.desk import Draft

# No header that an import reads for something: the file may come back with this column still in it.
ADDED = {"zh_Hans_CN": "导入问题", "en": "import_problem"}
NOTES = {
    "zh_Hans_CN": "红色：未导入的行；黄色：已修复的行。按第一列的说明改正后，可直接用此文件重新导入。",
    "en": "Red: rows that were not taken; yellow: rows that were repaired. Correct them as the first column says, then import this file.",
}
SHEETS = {Kind.CSV, Kind.WORKBOOK}


def rejected_workbook(
    tables: Sequence[FeatureTable],
    problems: Sequence[tuple[Problem, bool]],
    folder: Path,
    locale: str,
    *,
    all_rows: bool = False,
) -> Path:
    """Write the rows of some files that were refused or repaired, or all, each with its sentences → the workbook.

    `problems`: (problem, whether its row was refused). They are matched by file and row number; those of rows that could not
    even be read stand on rows of their own.
    """
    language = "en" if locale == "en" else "zh_Hans_CN"
    sheets = []
    for table in tables:
        own = [pair for pair in problems if pair[0].file in {None, table.file} or len(tables) == 1]
        if own or all_rows:
            sheets.append(_sheet(table, own, locale, all_rows=all_rows))
    path = folder / "rejected.xlsx"
    write_marked_rows(path, sheets, ADDED[language], NOTES[language])
    return path


def draft_rejects(
    session: Session, settings: Settings, draft: Draft, folder: Path, locale: str, *, all_rows: bool = False
) -> Path:
    """Write what a checked draft would refuse or repair, in the words of the files as they were sent."""
    problems = [
        (Problem(**row.problem), outcome == "rejected")
        for outcome in ("rejected", "repaired")
        for row in draft_items.page_of_items(session, draft.id, outcome, first=1, size=ROWS_OF_A_SHEET)
        if row.problem
    ]
    encoding, layer = draft.choices.get("encoding") or "auto", draft.choices.get("layer") or None
    tables = [
        read_as_sent(path, path.name, layer=layer, encoding=encoding)
        for path in desk.file_paths(settings, draft)
    ]
    return rejected_workbook(tables, problems, folder, locale, all_rows=all_rows)


def read_as_sent(path: Path, name: str, *, layer: str | None, encoding: str) -> FeatureTable:
    """Read a user's file once more as it is: of a sheet every row, whether or not it has a place."""
    with Reader() as reader:
        if KIND_OF_SUFFIX.get(path.suffix.lower()) in SHEETS:
            return reader.read_table(path, sheet=layer, encoding=encoding, name=name)
        return reader.read_features(path, layer=layer, encoding=encoding, name=name)


def _sheet(
    table: FeatureTable, problems: Sequence[tuple[Problem, bool]], locale: str, *, all_rows: bool
) -> MarkedSheet:
    by_row: dict[int | None, list[tuple[Problem, bool]]] = defaultdict(list)
    for pair in problems:
        by_row[pair[0].row].append(pair)
    fields, cells = _cells(table)
    rows = []
    for number, values in zip(table.row_numbers, cells, strict=True):
        own = by_row.pop(number, [])
        if own or all_rows:
            rows.append(_marked(values, own, locale))
    blank = [None] * len(fields)
    in_order = sorted(by_row.items(), key=lambda item: (item[0] is None, item[0] or 0))
    unread = [_marked(blank, own, locale, numbered=True) for _, own in in_order]
    return MarkedSheet(table.sheet or table.layer or table.file, fields, [*rows, *unread])


def _cells(table: FeatureTable) -> tuple[list[str], list[list[Any]]]:
    """Header and rows; shapes that are in no column yet become WKT, where a cell can hold it."""
    fields = list(table.fields)
    rows = [[row.get(field) for field in fields] for row in table.rows]
    if table.sheet is not None or not any(table.geometry):
        return fields, rows
    texts = shapely.to_wkt(shapely.from_wkb(table.geometry), rounding_precision=-1)
    for row, text in zip(rows, texts, strict=True):
        row.append(text if text is not None and len(text) <= LETTERS_OF_A_CELL else None)
    return [*fields, "wkt"], rows


def _marked(
    cells: Sequence[Any], own: Iterable[tuple[Problem, bool]], locale: str, *, numbered: bool = False
) -> Marked:
    said, faults, is_bad = [], {}, False
    for problem, bad in own:
        text = sentence_of(problem, locale)
        if numbered and problem.row is not None:
            text = f"#{problem.row}: {text}"
        said.append(text)
        is_bad = is_bad or bad
        if problem.column:
            faults[problem.column] = text
    return Marked(cells, "\n".join(said), faults, is_bad)


def sentence_of(problem: Problem, locale: str) -> str:
    """Return the sentence of a problem, its place filled in."""
    places = {"file": problem.file, "sheet": problem.sheet, "row": problem.row, "column": problem.column}
    places["value"] = problem.value
    told = {name: value for name, value in places.items() if value is not None}
    return sentence(problem.code, {**told, **problem.values}, locale)
