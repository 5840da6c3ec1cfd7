"""Zones drawn, changed and ended by hand; a border that moves today leaves yesterday's as it was."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import shapely

from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotFound
from geoservice.services.editing.applying import Edit, ZoneDraft, editing_ground, end_zones, write_zones
from geoservice.services.editing.checking import (
    local_time,
    refuse_foreign_ground,
    refuse_foreign_parent,
    refuse_stale,
    refuse_unmeasurable,
    sound_code,
    sound_polygon,
    sound_text,
)
from geoservice.services.importing.rows import normal_wkb, wkb_of
from geoservice.store import audit, editing_rows, zone_versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.editing_rows import EditedZone

CODES_NOTED = 20


class Untold(Enum):
    """What a change does not speak of; None is a value."""

    UNTOLD = "untold"


UNTOLD = Untold.UNTOLD


@dataclass(frozen=True)
class NewZone:
    """A zone to be made; `geom` is a polygon in longitude and latitude."""

    level: str
    code: str
    name: str
    parent_id: int | None
    geom: BaseGeometry


@dataclass(frozen=True)
class ZoneChanges:
    """What is to be different about a zone; what is UNTOLD stays as it is."""

    name: str | Untold = UNTOLD
    parent_id: int | Untold | None = UNTOLD
    code: str | Untold = UNTOLD
    geom: BaseGeometry | Untold = UNTOLD


@dataclass(frozen=True)
class BorderChange:
    """A new border for a zone that was last seen at `row_version`."""

    zone_id: int
    geom: BaseGeometry
    row_version: int


def add_zone(
    session: Session,
    settings: Settings,
    new: NewZone,
    *,
    by: int | None,
    now: datetime,
    accept_repairs: bool = False,
) -> int:
    """Make a zone → its id. It holds since ever, or from today on where its code had been a zone's before."""
    edit = Edit(by, now)
    code, name = sound_code(new.code), sound_text("name", new.name)
    shape = sound_polygon(code, new.geom, accept_repairs=accept_repairs)
    with editing_ground(session, settings, edit):
        level = _level(session, new.level)
        refuse_unmeasurable(session, settings, code, shape)
        today = edit.today(settings)
        refuse_foreign_parent(session, level, new.parent_id, today)
        refuse_foreign_ground(session, code, shape, today)
        zone_id = make_zone(session, level, code, today)
        draft = ZoneDraft(zone_id, name or code, new.parent_id, wkb_of([shape])[0], {})
        write_zones(session, [draft], edit.timing(settings))
        audit.record(session, by, "zone.add", "zone", str(zone_id), {"level": level, "code": code})
    return zone_id


def change_zone(  # noqa: PLR0913 - which zone as it was seen, what is to change, who, when and how
    session: Session,
    settings: Settings,
    zone_id: int,
    changes: ZoneChanges,
    *,
    row_version: int,
    by: int | None,
    now: datetime,
    correct: bool = False,
    accept_repairs: bool = False,
) -> int:
    """Change a zone from today on, or (`correct`) as if it had always been so → its new row version."""
    edit = Edit(by, now, correct)
    with editing_ground(session, settings, edit):
        zone = held_zones(session, settings, {zone_id: row_version}, edit)[zone_id]
        draft = _changed(session, settings, zone, (changes, accept_repairs), edit)
        if changes.code is not UNTOLD and sound_code(changes.code) != zone.code:
            _recode(session, zone, sound_code(changes.code))
        write_zones(session, [draft], edit.timing(settings))
        told = [name for name, value in vars(changes).items() if value is not UNTOLD]
        detail = {"code": zone.code, "changed": told, "correct": correct}
        audit.record(session, by, "zone.change", "zone", str(zone_id), detail)
    return _row_versions(session, [zone_id], edit.today(settings))[0]


def replace_borders(  # noqa: PLR0913 - as above, for several
    session: Session,
    settings: Settings,
    changes: Sequence[BorderChange],
    *,
    by: int | None,
    now: datetime,
    correct: bool = False,
    accept_repairs: bool = False,
) -> list[int]:
    """Give several zones new borders, all or none → their new row versions, in the order of `changes`."""
    edit = Edit(by, now, correct)
    with editing_ground(session, settings, edit):
        seen = {change.zone_id: change.row_version for change in changes}
        zones = held_zones(session, settings, seen, edit)
        drafts = [
            _changed(
                session,
                settings,
                zones[change.zone_id],
                (ZoneChanges(geom=change.geom), accept_repairs),
                edit,
            )
            for change in changes
        ]
        write_zones(session, drafts, edit.timing(settings))
        detail = {"codes": sorted(zone.code for zone in zones.values())[:CODES_NOTED], "correct": correct}
        audit.record(
            session, by, "zone.change", "zone", ",".join(map(str, sorted(seen)[:CODES_NOTED])), detail
        )
    return _row_versions(session, [change.zone_id for change in changes], edit.today(settings))


def end_zone(
    session: Session, settings: Settings, zone_id: int, *, row_version: int, by: int | None, now: datetime
) -> None:
    """Let a zone be no more from today on; its past stays. Conflict while other zones belong to it."""
    edit = Edit(by, now)
    today = edit.today(settings)
    with editing_ground(session, settings, edit):
        zone = held_zones(session, settings, {zone_id: row_version}, edit)[zone_id]
        with editing_rows.whole_city(session):
            children = editing_rows.children_of(session, [zone_id], today)
        if children:
            codes = ", ".join(children[:CODES_NOTED])
            raise Conflict("has_children", code=zone.code, count=len(children), codes=codes)
        end_zones(session, [zone_id], today)
        audit.record(session, by, "zone.end", "zone", str(zone_id), {"level": zone.level, "code": zone.code})


def held_zones(
    session: Session, settings: Settings, seen: Mapping[int, int], edit: Edit
) -> dict[int, EditedZone]:
    """The zones as they are today, if they are still as they were seen (zone id → row version).

    NotFound for what this session does not see; Conflict tells who was faster.
    """
    found = editing_rows.zones_on(session, list(seen), edit.today(settings))
    for zone_id, row_version in seen.items():
        zone = found.get(zone_id)
        if zone is None:
            raise _missing(session, settings, zone_id)
        if zone.row_version != row_version:
            refuse_stale(
                settings,
                zone.code,
                (row_version, zone.row_version),
                editing_rows.last_change_of_zone(session, zone_id),
                {"name": zone.name, "parent_id": zone.parent_id, "wkt": shapely.from_wkb(zone.geom).wkt},
            )
    return found


def make_zone(session: Session, level: str, code: str, day: date) -> int:
    """The identity for a code on a level; Conflict when it is a zone on `day` or will be one later."""
    with editing_rows.whole_city(session):
        known = zone_versions.zone_ids(session, level, [code]).get(code)
        if known is None:
            return zone_versions.add_zones(session, level, [code])[code]
        held = editing_rows.zone_history(session, [known])[known]
        if any(zone.valid_to is None or zone.valid_to > day for zone in held):
            raise Conflict("code_taken", code=code)
        return known


def _changed(
    session: Session, settings: Settings, zone: EditedZone, told: tuple[ZoneChanges, bool], edit: Edit
) -> ZoneDraft:
    """The zone with the changes; what this session may not do is refused."""
    changes, accept_repairs = told
    today = edit.today(settings)
    name = zone.name if changes.name is UNTOLD else sound_text("name", changes.name) or zone.code
    parent_id = zone.parent_id if changes.parent_id is UNTOLD else changes.parent_id
    if parent_id != zone.parent_id:
        refuse_foreign_parent(session, zone.level, parent_id, today)
    geom = normal_wkb([zone.geom])[0] or b""
    if changes.geom is not UNTOLD:
        shape = sound_polygon(zone.code, changes.geom, accept_repairs=accept_repairs)
        refuse_unmeasurable(session, settings, zone.code, shape)
        refuse_foreign_ground(session, zone.code, shape, today)
        geom = wkb_of([shape])[0]
    return ZoneDraft(zone.zone_id, name, parent_id, geom, zone.attributes)


def _recode(session: Session, zone: EditedZone, code: str) -> None:
    with editing_rows.whole_city(session):
        if zone_versions.zone_ids(session, zone.level, [code]):
            raise Conflict("code_taken", code=code)
        editing_rows.set_code(session, zone, code)


def _level(session: Session, code: str) -> str:
    levels = [level.code for level in zone_versions.levels(session)]
    if code not in levels:
        raise BadRequest("level_unknown", level=code, levels=", ".join(levels))
    return code


def _missing(session: Session, settings: Settings, zone_id: int) -> GeoServiceError:
    """Why a zone is not there: it is not for this session, or somebody ended it."""
    held = editing_rows.zone_history(session, [zone_id])[zone_id]
    if not held:
        return NotFound()
    by, at = editing_rows.last_change_of_zone(session, zone_id) or (None, None)
    return Conflict("gone_meanwhile", code=held[-1].code, by=by or "–", at=local_time(settings, at))


def _row_versions(session: Session, zone_ids: Sequence[int], day: date) -> list[int]:
    zones = editing_rows.zones_on(session, zone_ids, day)
    return [zones[zone_id].row_version for zone_id in zone_ids]
