"""Zones from a file: identities by level and code, borders, names and parents by validity."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.services import ground
from geoservice.services.importing.first_rows import FirstRows
from geoservice.services.importing.flow import Report, Run, importing
from geoservice.services.importing.measurable import grid_of_most, measurable
from geoservice.services.importing.parents import ParentFinder, Parents
from geoservice.services.importing.reading import reading
from geoservice.services.importing.rows import Input, metric_epsg, normal_wkb
from geoservice.services.importing.side_by_side import ahead
from geoservice.services.importing.versions import Action, Decision, Timing, Version, decide
from geoservice.services.importing.zone_rows import Zones, check_zones
from geoservice.store import batches, placing, zone_incoming, zone_paths, zone_versions
from geoservice.store.zone_versions import NewZoneVersion, StoredZoneVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing.row_list import Rows
    from geoservice.store.incoming import Packed

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
    with (
        importing(session, "zones", source.parts(), told, run) as report,
        reading(source, report, run, metric_epsg(session)) as file,
    ):
        header = file.header
        code = header.need("zone_code", options.code, "--code")
        name = header.find("zone_name", options.name)
        named_parent = header.named(options.parent_code) if options.parent_code else None
        report.detected["guessed"] = header.guessed
        parents = Parents(level, options.parent_level, named_parent, by_place=options.parent_by_place)
        finder = ParentFinder(session, parents, timing, report)
        grid = grid_of_most(session, settings, file.begins)
        firsts, mentioned = FirstRows(code.shown), set[str | None]()

        def checked(rows: Rows) -> Zones:
            if options.full:
                mentioned.update(code.codes(rows))
            zones = check_zones(rows, header, (code, name), report, firsts)
            fitting = measurable(grid, zones.shapes, zones.row, report) if grid else []
            return finder.find(zones.only(fitting))

        run.progress("writing", 0.0)
        found = map(checked, file.parts())
        gone = (lambda version: version.code not in mentioned) if options.full else None
        change = Change(level, timing, gone)
        # What asks the database must not do so while rows are written.
        apply_zones(session, list(found) if finder.asks else found, change, report)
        finder.tell()
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


def apply_zones(session: Session, parts: Iterable[Zones], change: Change, report: Report) -> None:
    """Write what differs from what is stored, end what is gone, and keep paths, points and streets in step.

    Zones come in parts, each code once in all of them.
    """
    timing = change.timing
    incoming = zone_incoming.IncomingZones(session, change.level, timing.day, timing.starts, report.batch_id)
    if zone_versions.has_zones(session, change.level):
        _compare(session, incoming, parts, change, report)
    else:
        for packed in ahead(zones.packed(first=0) for zones in parts):
            incoming.take_in([packed])
            report.new += sum(incoming.add_all())
    if change.is_gone is not None:
        gone = _gone(session, change)
        zone_versions.end_versions(session, [version.id for version in gone], timing.day)
        report.removed = sum(1 for version in gone if _span(version).is_valid_on(timing.day))
    zone_paths.realign_paths(session, timing.day, report.batch_id, in_place=timing.correct)
    placing.place_points(session, timing.today)
    placing.place_streets(session, timing.today)
    batches.settle(session, report.written, "zone", zone_versions.PLANNED_BY)


def _compare(
    session: Session,
    incoming: zone_incoming.IncomingZones,
    parts: Iterable[Zones],
    change: Change,
    report: Report,
) -> None:
    """Take all zones in before they are compared, at once, with what is stored; then write what differs."""
    taken: list[Zones] = []
    starts = [0]

    def packed() -> Iterator[Packed]:
        for zones in parts:
            yield zones.packed(first=starts[-1])
            taken.append(zones)
            starts.append(starts[-1] + len(zones))

    incoming.take_in(ahead(packed()))
    known = incoming.compare(taken[0].told if taken else ())
    report.new += sum(incoming.add_unknown())
    for start, zones in zip(starts, taken, strict=False):
        stored = [index for index in range(len(zones)) if start + index in known]
        same = [index for index in stored if known[start + index]]
        report.unchanged += len(same)
        report.unchanged_codes += [zones.codes[index] for index in same]
        _write(session, zones.only(sorted({*stored} - {*same})), change, report)


def _gone(session: Session, change: Change) -> list[StoredZoneVersion]:
    """The stored versions of the level that end, unless they have ended."""
    assert change.is_gone is not None
    day = change.timing.day
    return [
        version
        for version in zone_versions.versions_of(session, change.level, None)
        if (version.valid_to is None or version.valid_to > day) and change.is_gone(version)
    ]


def _span(version: StoredZoneVersion) -> Version:
    return Version(version.id, version.valid_from, version.valid_to, None)


def _stored(session: Session, level: str, codes: list[str], timing: Timing) -> dict[str, list[_Stored]]:
    """Code → its versions, the oldest first, ready to be compared."""
    versions = zone_versions.versions_of(session, level, timing.day, codes)
    found: dict[str, list[_Stored]] = {}
    for version, geom in zip(versions, normal_wkb([version.geom for version in versions]), strict=True):
        content = (version.name, version.parent_id, geom)
        comparable = Version(version.id, version.valid_from, version.valid_to, content, version.attributes)
        found.setdefault(version.code, []).append((comparable, version))
    return found


def _decided(told: dict[str, Any], stored: list[_Stored], timing: Timing) -> tuple[Decision, NewZoneVersion]:
    """What to do with a row, and the version it makes: what the file does not tell is left as it is."""
    known = next((each for each in stored if each[0].is_valid_on(timing.day)), None)
    current = known[1] if known else None
    name = told.get("name") or (current.name if current else told["code"])
    parent_id = told.get("parent_id", current.parent_id if current else None)
    attributes = told["attributes"]
    aside = json.loads(attributes) if current else None
    content = (name, parent_id, told["comparable"])
    decision = decide([version for version, _ in stored], content, aside, timing)
    version = NewZoneVersion(
        zone_id=stored[0][1].zone_id,
        name=name,
        parent_id=parent_id,
        geom=_drawn(told, known),
        valid_from=decision.valid_from,
        valid_to=decision.valid_to,
        attributes=attributes,
    )
    return decision, version


def _drawn(told: dict[str, Any], known: _Stored | None) -> bytes:
    """The border as the file draws it; as it is stored where that is the same one."""
    if known is None or known[1].geom is None or known[0].content[2] != told["comparable"]:
        return bytes(told["geom"])
    return known[1].geom


def _write(session: Session, zones: Zones, change: Change, report: Report) -> None:
    """Write zones that have versions which are not plainly the same."""
    if not len(zones):
        return
    timing = change.timing
    stored = _stored(session, change.level, zones.codes, timing)
    inserts: list[NewZoneVersion] = []
    rewrites: dict[int, NewZoneVersion] = {}
    ends: list[int] = []
    columns = {**zones.columns(), "comparable": normal_wkb(zones.borders)}
    for code, *cells in zip(zones.codes, *columns.values(), strict=True):
        decision, version = _decided(dict(zip(columns, cells, strict=True)), stored[code], timing)
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
                report.unchanged_codes.append(code)
    zone_versions.end_versions(session, ends, timing.day)
    zone_versions.insert_versions(session, inserts, timing.day, report.batch_id)
    zone_versions.rewrite_versions(
        session, list(rewrites), list(rewrites.values()), timing.day, report.batch_id
    )
