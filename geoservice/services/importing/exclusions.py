"""Exclusions from a file: ground that no patrol can or must see, versioned as zones are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from geoservice.services import ground
from geoservice.services.importing.columns import Column, Header, shown
from geoservice.services.importing.flow import Report, Run, importing, reject_repeated
from geoservice.services.importing.measurable import keep_measurable
from geoservice.services.importing.one_point import made_code
from geoservice.services.importing.reading import read_rows
from geoservice.services.importing.rows import (
    LONGEST_TEXT,
    Input,
    code_fault,
    metric_epsg,
    normal_wkb,
    wkb_of,
)
from geoservice.services.importing.versions import Action, Decision, Timing, Version, decide
from geoservice.services.importing.zone_rows import polygon_of
from geoservice.store import batches, exclusion_rows
from geoservice.store.exclusion_rows import ExclusionRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.row_list import Row

DEFAULT_KIND = "other"


@dataclass(frozen=True)
class ExclusionOptions:
    """Which columns of a layer of polygons hold what; `kind_value` and `reason_value` hold for all rows."""

    code: str | None = None
    kind: str | None = None
    kind_value: str | None = None
    name: str | None = None
    reason: str | None = None
    reason_value: str | None = None
    valid_from: date | None = None
    full: bool = False
    correct: bool = False


@dataclass(frozen=True)
class Excluded:
    """A row that can be taken. What the file does not tell (kind, name, reason) stays as it is stored."""

    row: Row
    code: str
    shape: BaseGeometry
    told: dict[str, str]


def import_exclusions(
    session: Session, settings: Settings, source: Input, options: ExclusionOptions, run: Run
) -> Report:
    """Take a file of exclusions."""
    timing = Timing(run.today(settings.zone_info), options.valid_from, options.correct)
    told = {**asdict(options), "crs": source.crs, "encoding": source.encoding, "layer": source.layer}
    with importing(session, "exclusions", source.parts(), told, run) as report:
        header, rows = read_rows(source, report, run, metric_epsg(session))
        columns = _columns(header, options)
        report.detected["guessed"] = header.guessed
        if columns["code"] is None:
            report.detected["code_from"] = "name, lon, lat"
        code = columns["code"]
        mentioned = {value for row in rows if code and (value := code.code(row))}
        excluded = _checked(rows, columns, report)
        mentioned |= {each.code for each in excluded}
        run.progress("writing", 0.3)
        kept = keep_measurable(session, settings, [(each.row, each.shape) for each in excluded], report)
        excluded = [excluded[index] for index in kept]
        _apply(session, excluded, (timing, mentioned if options.full else None), run, report)
        if not run.dry_run:
            run.progress("rasters", 0.5)
            ground.refresh_masks(session, settings)
    return report


def _columns(header: Header, options: ExclusionOptions) -> dict[str, Column | None]:
    return {
        "code": header.find("exclusion_code", options.code),
        "name": header.find("exclusion_name", options.name),
        "kind": Column("--kind-value", fixed=options.kind_value)
        if options.kind_value
        else header.find("exclusion_kind", options.kind),
        "reason": Column("--reason-value", fixed=options.reason_value)
        if options.reason_value
        else header.find("reason", options.reason),
    }


def _checked(rows: Sequence[Row], columns: dict[str, Column | None], report: Report) -> list[Excluded]:
    """The rows that are a polygon with a code of their own."""
    found: list[Excluded] = []
    for row in rows:
        told = {role: column.text(row) or "" for role, column in columns.items() if column and role != "code"}
        if "kind" in told:
            told["kind"] = told["kind"] or DEFAULT_KIND
        long = next((role for role, text in told.items() if len(text) > LONGEST_TEXT), None)
        if long:
            title = shown(columns[long])
            report.rejected.append(row.problem("text_too_long", title, told[long], most=LONGEST_TEXT))
        elif (shape := polygon_of(row, report)) is not None:
            column = columns["code"]
            code = column.code(row) if column else made_code("x", row, shape, told)
            if fault := code_fault(row, shown(column), code):
                report.rejected.append(fault)
            else:
                found.append(Excluded(row, code or "", shape, told))
    title = shown(columns["code"])
    kept = reject_repeated(
        [(each.code, each.row.place) for each in found],
        lambda index, first: found[index].row.problem(
            "duplicate_code", title, found[index].code, first=first
        ),
        report,
    )
    return [found[index] for index in kept]


def _apply(
    session: Session, excluded: list[Excluded], when: tuple[Timing, set[str] | None], run: Run, report: Report
) -> None:
    """Write what differs; `when` holds the timing and, if the file is the whole layer, every code it mentions."""
    timing, whole = when
    stored = _stored(session)
    inserts: list[ExclusionRow] = []
    rewrites: dict[int, ExclusionRow] = {}
    ends: list[int] = []
    for each, geom in zip(excluded, wkb_of([each.shape for each in excluded]), strict=True):
        known = stored.get(each.code, [])
        current = next((row for version, row in known if version.is_valid_on(timing.day)), None)
        base = current or ExclusionRow(each.code, DEFAULT_KIND, "", "", geom, None, None)
        row = replace(base, geom=geom, **each.told)  # type: ignore[arg-type]
        decision = decide([version for version, _ in known], (geom, row.kind), (row.name, row.reason), timing)
        _sort(decision, row, (inserts, rewrites, ends), report)
    exclusion_rows.end_exclusions(session, ends, timing.day)
    exclusion_rows.insert_exclusions(session, inserts, report.batch_id, run.by)
    exclusion_rows.rewrite_exclusions(session, list(rewrites), list(rewrites.values()), report.batch_id)
    if whole is not None:
        gone = [
            version
            for code, known in stored.items()
            if code not in whole
            for version, _ in known
            if version.valid_to is None or version.valid_to > timing.day
        ]
        exclusion_rows.end_exclusions(session, [version.id for version in gone], timing.day)
        report.removed = sum(1 for version in gone if version.is_valid_on(timing.day))
    batches.settle(session, report.written, "exclusion")


def _sort(
    decision: Decision,
    version: ExclusionRow,
    into: tuple[list[ExclusionRow], dict[int, ExclusionRow], list[int]],
    report: Report,
) -> None:
    inserts, rewrites, ends = into
    dated = replace(version, valid_from=decision.valid_from, valid_to=decision.valid_to)
    match decision.action, decision.version:
        case Action.NEW, _:
            inserts.append(dated)
            report.new += 1
        case Action.SUCCEED, Version(id=old):
            ends.append(old)
            inserts.append(dated)
            report.changed += 1
        case Action.REWRITE, Version(id=old):
            rewrites[old] = dated
            report.changed += 1
        case _:
            report.unchanged += 1
            report.unchanged_codes.append(version.code)


def _stored(session: Session) -> dict[str, list[tuple[Version, ExclusionRow]]]:
    rows = exclusion_rows.stored_exclusions(session)
    found: dict[str, list[tuple[Version, ExclusionRow]]] = {}
    for (key, row), geom in zip(rows, normal_wkb([row.geom for _, row in rows]), strict=True):
        version = Version(key, row.valid_from, row.valid_to, (geom, row.kind), (row.name, row.reason))
        found.setdefault(row.code, []).append((version, row))
    return found
