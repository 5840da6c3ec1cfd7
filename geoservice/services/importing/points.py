"""Points from a file: by their code, changed in place."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from geoservice.domain.geometry import clean_point
from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.formats.values import as_number
from geoservice.services import ground
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.flow import Report, Run, importing, reject_repeated
from geoservice.services.importing.rows import (
    LONGEST_TEXT,
    BadRow,
    Input,
    Row,
    as_json,
    code_fault,
    metric_epsg,
    other_cells,
    read_rows,
    wkb_of,
)
from geoservice.store import batches, placing, point_rows
from geoservice.store.point_rows import PointRow

if TYPE_CHECKING:
    import shapely
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

DEFAULT_CATEGORY = "other"
MEASURES = {"required_interval_days": "interval", "service_minutes": "minutes", "weight": "weight"}
LARGEST_MEASURE = 1e6
CODE_DIGITS = 12
NOWHERE_DEGREES = 1e-6


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
    """A row that can be taken. What the file does not tell is not in `told` and leaves what is stored as it is."""

    row: Row
    code: str
    shape: shapely.Point
    told: dict[str, Any]
    attributes: dict[str, Any]


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
        _apply(session, settings, points, report)
        placing.place_points(session, run.today(settings.zone_info))
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
    rows: list[Row],
    header: Header,
    columns: dict[str, Column | None],
    categories: dict[str, str],
    report: Report,
) -> list[Candidate]:
    """The rows that are one point with a code of their own and values that make sense."""
    points = []
    for row in rows:
        try:
            points.append(_candidate(row, header, columns, categories))
        except BadRow as bad:
            report.rejected.append(bad.args[0])
    title = shown(columns["code"])
    kept = reject_repeated(
        [(point.code, point.row.place) for point in points],
        lambda index, first: points[index].row.problem(
            "duplicate_code", title, points[index].code, first=first
        ),
        report,
    )
    return [points[index] for index in kept]


def _candidate(
    row: Row, header: Header, columns: dict[str, Column | None], categories: dict[str, str]
) -> Candidate:
    shape = _place(row)
    told = _told(row, columns, categories)
    column = columns["code"]
    code = column.code(row) if column else made_code("p", row, shape, told)
    if fault := code_fault(row, shown(column), code):
        raise BadRow(fault)
    return Candidate(row, code or "", shape, told, other_cells(row, header))


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
    parts = (told.get("name") or "", told.get("address") or "", f"{middle.x:.5f}", f"{middle.y:.5f}")
    return f"{prefix}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:CODE_DIGITS]}"


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


def _apply(session: Session, settings: Settings, points: list[Candidate], report: Report) -> None:
    if points:
        ground.ensure_deployment(session, settings, points[0].shape.x, points[0].shape.y)
    stored = point_rows.stored_points(session, [point.code for point in points])
    new: list[tuple[PointRow, str]] = []
    changed: list[tuple[PointRow, str]] = []
    for point, geom in zip(points, wkb_of([point.shape for point in points]), strict=True):
        before = stored.get(point.code)
        after = _merged(point, geom, before)
        if before is None:
            new.append((after, as_json(after.attributes)))
        elif any(getattr(before, item.name) != getattr(after, item.name) for item in fields(PointRow)):
            changed.append((after, as_json(after.attributes)))
    point_rows.insert_points(session, new, report.batch_id)
    point_rows.update_points(session, changed, report.batch_id)
    report.new, report.changed = len(new), len(changed)
    report.unchanged = len(points) - report.new - report.changed


def _merged(point: Candidate, geom: bytes, before: PointRow | None) -> PointRow:
    base = before or PointRow(point.code, DEFAULT_CATEGORY, "", "", geom, None, None, None, True, {})
    after = replace(base, geom=geom, active=True, attributes=point.attributes, **point.told)
    return after if after.name else replace(after, name=point.code)
