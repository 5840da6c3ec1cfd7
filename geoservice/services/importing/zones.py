"""Zones from a file: identities by level and code, borders, names and parents by validity."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.geometry import MOST_VERTICES, SMALLEST_AREA, area_change, clean_polygon
from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.services import ground
from geoservice.services.importing.columns import shown
from geoservice.services.importing.flow import Report, Run, importing, reject_repeated
from geoservice.services.importing.measurable import keep_measurable
from geoservice.services.importing.parents import Parents, find_parents
from geoservice.services.importing.rows import (
    LONGEST_CODE,
    LONGEST_TEXT,
    Input,
    code_fault,
    metric_epsg,
    normal_wkb,
    other_json,
    read_rows,
    wkb_of,
)
from geoservice.services.importing.versions import Action, Decision, Timing, Version, decide
from geoservice.store import batches, placing, zone_paths, zone_versions
from geoservice.store.zone_versions import NewZoneVersion, StoredZoneVersion

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.columns import Column, Header
    from geoservice.services.importing.row_list import Row, Rows


_Stored = tuple[Version, StoredZoneVersion]


@dataclass(frozen=True)
class ZoneOptions:
    """What a file of zones is. Columns are names of fields, `@file`, or templates such as `{COL}-{ROW}`.

    `full`: the file is the whole level, what it lacks ends. `correct`: the stored border was wrong all along.
    `parent_by_place`: a zone belongs to the zone of `parent_level` that contains its middle.
    """

    level: str
    code: str | None = None
    name: str | None = None
    parent_code: str | None = None
    parent_level: str | None = None
    parent_by_place: bool = False
    valid_from: date | None = None
    full: bool = False
    correct: bool = False


@dataclass(slots=True)
class ZoneRow:
    """A row that can be taken: a valid MultiPolygon in 4326 as WKB; `attributes` are JSON.

    What the file does not tell (`name` None, no `parent_told`) stays as it is stored.
    """

    row: Row
    code: str
    name: str | None
    shape: BaseGeometry
    geom: bytes
    attributes: str
    parent_id: int | None = None
    parent_told: bool = False


@dataclass(frozen=True)
class Change:
    """What a set of zones means for its level: from when it holds, and which stored versions it ends."""

    level: str
    timing: Timing
    is_gone: Callable[[StoredZoneVersion], bool] | None = None


def import_zones(
    session: Session, settings: Settings, source: Input, options: ZoneOptions, run: Run
) -> Report:
    """Take a file of zones of one level."""
    timing = Timing(run.today(settings.zone_info), options.valid_from, options.correct)
    level = known_level(session, options.level)
    told = {**asdict(options), "crs": source.crs, "encoding": source.encoding, "layer": source.layer}
    with importing(session, "zones", source.parts(), told, run) as report:
        header, rows = read_rows(source, report, run, metric_epsg(session))
        code = header.need("zone_code", options.code, "--code")
        name = header.find("zone_name", options.name)
        named_parent = header.named(options.parent_code) if options.parent_code else None
        report.detected["guessed"] = header.guessed
        mentioned = {value for value in code.codes(rows) if value}
        zones = check_zones(rows, header, (code, name), report)
        kept = keep_measurable(session, settings, [(zone.row, zone.shape) for zone in zones], report)
        zones = [zones[index] for index in kept]
        parents = Parents(level, options.parent_level, named_parent, by_place=options.parent_by_place)
        zones = find_parents(session, zones, parents, timing, report)
        run.progress("writing", 0.0)
        gone = (lambda version: version.code not in mentioned) if options.full else None
        apply_zones(session, zones, Change(level, timing, gone), report)
        if not run.dry_run:
            run.progress("rasters", 0.5)
            ground.refresh_masks(session, settings)
    return report


def known_level(session: Session, code: str) -> str:
    """The level if there is one, else BadRequest that lists the levels."""
    levels = zone_versions.levels(session)
    if code not in {level.code for level in levels}:
        raise BadRequest("unknown_level", level=code, levels=", ".join(level.code for level in levels))
    return code


def check_zones(
    rows: Rows, header: Header, columns: tuple[Column, Column | None], report: Report
) -> list[ZoneRow]:
    """The rows that have a code of their own and a border that is a polygon, or can be made one."""
    code_column, name_column = columns
    coded = _coded(rows, code_column, report)
    names = name_column.texts(rows) if name_column else None
    sound = sound_polygons(rows.shapes)
    attributes = other_json(rows, header)
    zones = []
    for index, code in coded:
        row, name = rows[index], (names[index] or code if names else None)
        if name is not None and len(name) > LONGEST_TEXT:
            report.rejected.append(row.problem("text_too_long", shown(name_column), name, most=LONGEST_TEXT))
        elif (shape := sound[index] or polygon_of(row, report)) is not None:
            zones.append(ZoneRow(row, code, name, shape, b"", attributes[index]))
    for zone, geom in zip(zones, wkb_of([zone.shape for zone in zones]), strict=True):
        zone.geom = geom
    return zones


def _coded(rows: Rows, column: Column, report: Report) -> list[tuple[int, str]]:
    """Index and code of the rows that have one, of each code the first."""
    coded: list[tuple[int, str]] = []
    for index, code in enumerate(column.codes(rows)):
        if code is not None and len(code) <= LONGEST_CODE:
            coded.append((index, code))
        elif fault := code_fault(rows[index], column.shown, code):
            report.rejected.append(fault)
    if len({code for _, code in coded}) == len(coded):
        return coded
    kept = reject_repeated(
        [(code, rows[index].place) for index, code in coded],
        lambda place, first: rows[coded[place][0]].problem(
            "duplicate_code", column.shown, coded[place][1], first=first
        ),
        report,
    )
    return [coded[place] for place in kept]


def sound_polygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """What `clean_polygon` makes of the shapes to which it has nothing to do; None for the others."""
    kinds = shapely.get_type_id(shapes)
    single = kinds == shapely.GeometryType.POLYGON
    parts, owners = shapely.get_parts(shapes, return_index=True)
    whole = single | (kinds == shapely.GeometryType.MULTIPOLYGON)
    whole[owners[shapely.is_empty(parts)]] = False
    whole &= ~shapely.is_empty(shapes) & ~shapely.has_z(shapes)
    whole &= shapely.get_num_coordinates(shapes) <= MOST_VERTICES
    whole[whole] = shapely.is_valid(shapes[whole])
    whole[whole] = shapely.area(shapes[whole]) > SMALLEST_AREA
    found = np.full(len(shapes), None, dtype=object)
    found[whole] = shapes[whole]
    lone = whole & single
    found[lone] = shapely.multipolygons(shapes[lone], indices=np.arange(lone.sum()))
    return found


def polygon_of(row: Row, report: Report) -> BaseGeometry | None:
    """The row's polygon, repaired if it must be, can be and may be (and told), else None (and told)."""
    try:
        shape, repairs = clean_polygon(row.shape)
    except InvalidGeometry as error:
        report.rejected.append(row.problem(error.code, "geometry", row.shape_kind, **error.values))
        return None
    if repairs and row.shape is not None:
        change = round(100 * area_change(row.shape, shape), 3)
        if not report.take_repairs:
            report.rejected.append(row.problem("repair_not_wanted", "geometry", None, percent=change))
            return None
        report.repaired_shapes[row.file, row.number] = (shapely.to_wkb(row.shape), shapely.to_wkb(shape))
        report.repaired += [row.problem(code, "geometry", None, percent=change) for code in repairs]
    return shape


def apply_zones(session: Session, zones: list[ZoneRow], change: Change, report: Report) -> None:
    """Write what differs from what is stored, end what is gone, and keep paths, points and streets in step."""
    timing = change.timing
    stored = _stored(session, change.level, timing)
    decided = [(zone, *_decision(zone, stored.get(zone.code, []), timing)) for zone in zones]
    ids = {code: versions[0][1].zone_id for code, versions in stored.items()}
    ids |= zone_versions.zone_ids(
        session, change.level, [zone.code for zone in zones if zone.code not in ids]
    )
    ids |= zone_versions.add_zones(
        session, change.level, [zone.code for zone in zones if zone.code not in ids]
    )
    _write(session, decided, ids, timing, report)
    if change.is_gone is not None:
        _end_gone(session, stored, change, report)
    zone_paths.realign_paths(session, timing.day, report.batch_id, in_place=timing.correct)
    placing.place_points(session, timing.today)
    placing.place_streets(session, timing.today)
    batches.settle(session, report.written, "zone", "zone_version")


def _end_gone(session: Session, stored: dict[str, list[_Stored]], change: Change, report: Report) -> None:
    assert change.is_gone is not None
    day = change.timing.day
    gone = [
        (version, kept)
        for versions in stored.values()
        for version, kept in versions
        if (version.valid_to is None or version.valid_to > day) and change.is_gone(kept)
    ]
    zone_versions.end_versions(session, [version.id for version, _ in gone], day)
    report.removed = sum(1 for version, _ in gone if version.is_valid_on(day))


def _stored(session: Session, level: str, timing: Timing) -> dict[str, list[_Stored]]:
    """Code → its versions, the oldest first, ready to be compared."""
    versions = zone_versions.versions_of(session, level, timing.day)
    found: dict[str, list[_Stored]] = {}
    for version, geom in zip(versions, normal_wkb([version.geom for version in versions]), strict=True):
        content = (version.name, version.parent_id, geom)
        comparable = Version(version.id, version.valid_from, version.valid_to, content, version.attributes)
        found.setdefault(version.code, []).append((comparable, version))
    return found


def _decision(zone: ZoneRow, stored: list[_Stored], timing: Timing) -> tuple[Decision, str, int | None]:
    """What to do with a row, its name and its parent: what the file does not tell is left as it is."""
    current = next((kept for version, kept in stored if version.is_valid_on(timing.day)), None)
    parent_id = zone.parent_id if zone.parent_told or current is None else current.parent_id
    name = zone.name or (current.name if current else zone.code)
    content = (name, parent_id, zone.geom)
    aside = json.loads(zone.attributes) if current else None
    return decide([version for version, _ in stored], content, aside, timing), name, parent_id


def _write(
    session: Session,
    decided: list[tuple[ZoneRow, Decision, str, int | None]],
    ids: dict[str, int],
    timing: Timing,
    report: Report,
) -> None:
    inserts: list[NewZoneVersion] = []
    rewrites: dict[int, NewZoneVersion] = {}
    ends: list[int] = []
    for zone, decision, name, parent_id in decided:
        version = NewZoneVersion(
            zone_id=ids[zone.code],
            name=name,
            parent_id=parent_id,
            geom=zone.geom,
            valid_from=decision.valid_from,
            valid_to=decision.valid_to,
            attributes=zone.attributes,
        )
        match decision.action, decision.version:
            case Action.NEW, _:
                inserts.append(version)
                report.new += 1
            case Action.SUCCEED, Version(id=old):
                ends.append(old)
                inserts.append(version)
                report.changed += 1
            case Action.REWRITE, Version(id=old):
                rewrites[old] = version
                report.changed += 1
            case _:
                report.unchanged += 1
                report.unchanged_codes.append(zone.code)
    zone_versions.end_versions(session, ends, timing.day)
    zone_versions.insert_versions(session, inserts, timing.day, report.batch_id)
    zone_versions.rewrite_versions(
        session, list(rewrites), list(rewrites.values()), timing.day, report.batch_id
    )
