"""Streets from a file: any layer of lines, or an OSM extract, of which the ways with a highway tag are taken."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.geometry import clean_line
from geoservice.errors import InvalidGeometry
from geoservice.services import ground
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.flow import Report, Run, importing, reject_repeated
from geoservice.services.importing.one_point import made_code
from geoservice.services.importing.reading import read_rows
from geoservice.services.importing.rows import (
    LONGEST_CODE,
    LONGEST_TEXT,
    Input,
    as_json,
    code_fault,
    metric_epsg,
    other_cells,
)
from geoservice.store import batches, placing, street_rows
from geoservice.store.street_rows import StreetRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.row_list import Row

UNCLASSIFIED = "unclassified"
FORWARD = {"yes", "true", "1", "t", "y", "f", "ft", "是", "单向", "单行", "正向"}
BACKWARD = {"-1", "reverse", "tf", "逆向", "反向"}
IMPLIED_ONE_WAY = {"motorway", "motorway_link"}
OSM_SUFFIX = ".pbf"
STAGES = {"proposed", "construction", "abandoned", "razed", "platform", "no"}


@dataclass(frozen=True)
class StreetOptions:
    """Which columns of a layer of lines hold what."""

    code: str | None = None
    name: str | None = None
    street_class: str | None = None
    one_way: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns found; None where the file has none."""

    code: Column | None
    name: Column | None
    street_class: Column | None
    one_way: Column | None


@dataclass(frozen=True)
class Stretch:
    """One line that can be taken, and the row it comes from."""

    row: Row
    street: StreetRow


def import_streets(
    session: Session, settings: Settings, source: Input, options: StreetOptions, run: Run
) -> Report:
    """Take a file of streets."""
    told = {**asdict(options), "crs": source.crs, "encoding": source.encoding, "layer": source.layer}
    with importing(session, "streets", source.parts(), told, run) as report:
        header, rows = read_rows(source, report, run, metric_epsg(session))
        columns = Columns(
            header.find("street_code", options.code),
            header.find("street_name", options.name),
            header.find("street_class", options.street_class),
            header.find("one_way", options.one_way),
        )
        report.detected["guessed"] = header.guessed
        if columns.code is None:
            report.detected["code_from"] = "name, lon, lat"
        stretches = check_streets(_without_other_ways(rows, report), header, columns, report)
        run.progress("writing", 0.5)
        _apply(session, settings, stretches, report)
        placing.place_streets(session, run.today(settings.zone_info))
        # Pages show streets by their pieces: they should not have to wait for the next computation.
        ground.refresh_masks(session, settings)
        batches.settle(session, report.written, "street")
    return report


def _without_other_ways(rows: Sequence[Row], report: Report) -> list[Row]:
    """Leave out what OSM draws as lines and is no street: rivers, railways, walls, what is only planned."""
    kept = [row for row in rows if not row.file.lower().endswith(OSM_SUFFIX) or _is_street(row)]
    if len(kept) < len(rows):
        report.detected["skipped"] = len(rows) - len(kept)
    return kept


def _is_street(row: Row) -> bool:
    highway = row.cells.get("highway")
    return highway is not None and highway not in STAGES


def check_streets(rows: list[Row], header: Header, columns: Columns, report: Report) -> list[Stretch]:
    """The lines of every row that has a code of its own; several lines of one row are numbered."""
    stretches: list[Stretch] = []
    for row in rows:
        try:
            lines = clean_line(row.shape)
        except InvalidGeometry as error:
            report.rejected.append(row.problem(error.code, "geometry", row.shape_kind, **error.values))
            continue
        name = (columns.name.text(row) if columns.name else None) or ""
        whole = shapely.MultiLineString(lines)
        code = columns.code.code(row) if columns.code else made_code("s", row, whole, {"name": name})
        if fault := _fault(row, columns, code, name):
            report.rejected.append(fault)
            continue
        stretches += _stretches(row, header, columns, (code or "", name), lines)
    title = shown(columns.code)
    kept = reject_repeated(
        [(stretch.street.code, stretch.row.place) for stretch in stretches],
        lambda index, first: stretches[index].row.problem(
            "duplicate_code", title, stretches[index].street.code, first=first
        ),
        report,
    )
    return [stretches[index] for index in kept]


def _fault(row: Row, columns: Columns, code: str | None, name: str) -> Any:
    if len(name) > LONGEST_TEXT:
        return row.problem("text_too_long", shown(columns.name), name, most=LONGEST_TEXT)
    if code is not None and len(code) > LONGEST_CODE - 8:
        return row.problem("text_too_long", shown(columns.code), code, most=LONGEST_CODE - 8)
    return code_fault(row, shown(columns.code), code)


def _stretches(
    row: Row, header: Header, columns: Columns, named: tuple[str, str], lines: list[shapely.LineString]
) -> list[Stretch]:
    code, name = named
    street_class = (columns.street_class.code(row) if columns.street_class else None) or UNCLASSIFIED
    one_way, backward = _direction(row, columns, street_class)
    attributes = other_cells(row, header)
    numbered = [code] if len(lines) == 1 else [f"{code}-{number}" for number in range(1, len(lines) + 1)]
    return [
        Stretch(
            row,
            StreetRow(
                code=part,
                name=name,
                street_class=street_class[:LONGEST_CODE],
                one_way=one_way,
                geom=shapely.to_wkb(line.reverse() if backward else line, output_dimension=2),
                attributes=attributes,
            ),
        )
        for part, line in zip(numbered, lines, strict=True)
    ]


def _direction(row: Row, columns: Columns, street_class: str) -> tuple[bool, bool]:
    """Whether a street is one-way, and whether traffic runs against the way it is drawn."""
    word = ((columns.one_way.code(row) if columns.one_way else None) or "").casefold()
    if word in BACKWARD:
        return True, True
    implied = not word and (street_class in IMPLIED_ONE_WAY or row.cells.get("junction") == "roundabout")
    return word in FORWARD or implied, False


def _apply(session: Session, settings: Settings, stretches: list[Stretch], report: Report) -> None:
    if stretches:
        x, y = shapely.get_coordinates(shapely.from_wkb(stretches[0].street.geom))[0]
        ground.ensure_deployment(session, settings, float(x), float(y))
    stored = street_rows.stored_streets(session, [stretch.street.code for stretch in stretches])
    new: list[tuple[StreetRow, str]] = []
    changed: list[tuple[StreetRow, str]] = []
    for stretch in stretches:
        street, before = stretch.street, stored.get(stretch.street.code)
        if before is None:
            new.append((street, as_json(street.attributes)))
        elif any(getattr(before, item.name) != getattr(street, item.name) for item in fields(StreetRow)):
            changed.append((street, as_json(street.attributes)))
        else:
            report.unchanged_codes.append(street.code)
    street_rows.insert_streets(session, new, report.batch_id)
    street_rows.update_streets(session, changed, report.batch_id)
    report.new, report.changed = len(new), len(changed)
    report.unchanged = len(stretches) - report.new - report.changed
