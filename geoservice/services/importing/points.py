"""Points from a file: by their code, changed in place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.geometry import clean_point
from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.formats.values import as_number
from geoservice.services import ground
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.flow import Report, Run, importing, reject_repeated
from geoservice.services.importing.point_columns import (
    DEFAULT_CATEGORY,
    LARGEST_MEASURE,
    MEASURES,
    NOWHERE_DEGREES,
    code_of,
    screen_points,
)
from geoservice.services.importing.rows import (
    LONGEST_TEXT,
    BadRow,
    Input,
    code_fault,
    metric_epsg,
    other_json,
    read_rows,
)
from geoservice.store import batches, placing, point_rows

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.row_list import Row, Rows


@dataclass(frozen=True)
class PointOptions:
    """Which columns of a file of points hold what; `category_value` is one category for all rows."""

    code: str | None = None
    name: str | None = None
    category: str | None = None
    category_value: str | None = None
    address: str | None = None
    interval: str | None = None
    minutes: str | None = None
    weight: str | None = None


@dataclass(frozen=True)
class Candidate:
    """One row that can be taken. What the file does not tell is not in `told` and leaves what is stored as it is."""

    code: str
    shape: shapely.Point
    told: dict[str, Any]


@dataclass
class Points:
    """The rows that can be taken, by columns of equal length; `told` as in `Candidate`, `attributes` JSON."""

    rows: NDArray[np.intp]
    codes: list[str]
    shapes: NDArray[np.object_]
    told: dict[str, list[Any]]
    attributes: list[str]

    def __len__(self) -> int:
        return len(self.codes)


def import_points(
    session: Session, settings: Settings, source: Input, options: PointOptions, run: Run
) -> Report:
    """Take a file of points."""
    told = {
        **asdict(options),
        "crs": source.crs,
        "encoding": source.encoding,
        "lon": source.lon,
        "lat": source.lat,
    }
    with importing(session, "points", source.parts(), told, run) as report:
        header, rows = read_rows(source, report, run, metric_epsg(session))
        columns = _columns(session, header, options, source)
        report.detected["guessed"] = header.guessed
        if columns["code"] is None:
            report.detected["code_from"] = "name, address, lon, lat"
        points = check_points(rows, header, columns, _categories(session), report)
        run.progress("writing", 0.5)
        _apply(session, settings, points, run.today(settings.zone_info), report)
        batches.settle(session, report.written, "point")
    return report


def _columns(
    session: Session, header: Header, options: PointOptions, source: Input
) -> dict[str, Column | None]:
    columns = {
        "code": header.find("point_code", options.code),
        "name": header.find("point_name", options.name),
        "category": header.find("category", options.category) if options.category_value is None else None,
        **{
            name: header.find(name, getattr(options, name))
            for name in ("address", "interval", "minutes", "weight")
        },
    }
    if options.category_value is not None:
        known = {category.code for category in point_rows.categories(session)}
        if options.category_value not in known:
            raise BadRequest(
                "unknown_category", value=options.category_value, categories=", ".join(sorted(known))
            )
        columns["category"] = Column("--category-value", fixed=options.category_value)
    header.used |= {name for name in (source.lon, source.lat, source.wkt) if name}
    return columns


def _categories(session: Session) -> dict[str, str]:
    """Code or name in either language, in small letters → code."""
    rows = point_rows.categories(session)
    names = {name.casefold(): row.code for row in rows for name in (row.name_zh, row.name_en)}
    return names | {row.code.casefold(): row.code for row in rows}


def check_points(
    rows: Rows,
    header: Header,
    columns: dict[str, Column | None],
    categories: dict[str, str],
    report: Report,
) -> Points:
    """The rows that are one point with a code of their own and values that make sense.

    Whole columns are looked at first; a row in which anything is odd is then looked at by itself, which says what it is.
    """
    sound, codes, told = screen_points(rows, columns, categories)
    shapes = rows.shapes.copy()
    for index in np.flatnonzero(~sound).tolist():
        try:
            one = _candidate(rows[index], columns, categories)
        except BadRow as bad:
            report.rejected.append(bad.args[0])
            continue
        sound[index], codes[index], shapes[index] = True, one.code, one.shape
        for name, value in one.told.items():
            told[name][index] = value
    return _without_repeated(rows, (sound, codes, shapes, told), header, shown(columns["code"]), report)


def _without_repeated(
    rows: Rows,
    checked: tuple[NDArray[np.bool_], list[str | None], NDArray[np.object_], dict[str, list[Any]]],
    header: Header,
    title: str | None,
    report: Report,
) -> Points:
    """The sound rows of what was checked, of each code the first."""
    sound, codes, shapes, told = checked
    kept = np.flatnonzero(sound)
    found = [code or "" for code in _at(codes, kept)]
    if len(set(found)) < len(found):
        first = reject_repeated(
            [(code, rows[index].place) for code, index in zip(found, kept.tolist(), strict=True)],
            lambda place, first: rows[int(kept[place])].problem(
                "duplicate_code", title, found[place], first=first
            ),
            report,
        )
        kept, found = kept[first], [found[place] for place in first]
    return Points(
        kept,
        found,
        shapes[kept],
        {name: _at(cells, kept) for name, cells in told.items()},
        _at(other_json(rows, header), kept),
    )


def _at(cells: list[Any], places: NDArray[np.intp]) -> list[Any]:
    return cells if len(places) == len(cells) else [cells[place] for place in places.tolist()]


def _candidate(row: Row, columns: dict[str, Column | None], categories: dict[str, str]) -> Candidate:
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


def _told(row: Row, columns: dict[str, Column | None], categories: dict[str, str]) -> dict[str, Any]:
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


def _category(row: Row, column: Column, categories: dict[str, str]) -> str:
    name = column.code(row)
    if name is None:
        return DEFAULT_CATEGORY
    if name.casefold() not in categories:
        known = ", ".join(sorted(set(categories.values())))
        raise BadRow(row.problem("unknown_category", column.shown, name, categories=known))
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


def _apply(session: Session, settings: Settings, points: Points, today: date, report: Report) -> None:
    if not len(points):
        return
    ground.ensure_deployment(session, settings, points.shapes[0].x, points.shapes[0].y)
    columns = {
        "code": points.codes,
        "geom": shapely.to_wkb(points.shapes, output_dimension=2).tolist(),
        "attributes": points.attributes,
        **points.told,
    }
    report.new, report.changed = point_rows.merge_points(session, columns, report.batch_id, today)
    report.unchanged = len(points) - report.new - report.changed
    if report.unchanged:
        report.unchanged_codes = point_rows.codes_kept(session, report.batch_id)
    placing.place_other_points(session, today, report.batch_id)
