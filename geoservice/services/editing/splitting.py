"""Zones cut in two along a line, and neighbours made one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.ops import split

from geoservice.errors import BadRequest, InvalidGeometry
from geoservice.services.editing.applying import Edit, ZoneDraft, editing_ground, end_zones, write_zones
from geoservice.services.editing.checking import refuse_foreign_parent, sound_code, sound_text
from geoservice.services.editing.zones import held_zones, make_zone
from geoservice.services.importing.rows import wkb_of
from geoservice.store import audit, editing_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.editing_rows import EditedZone

# Neighbours whose borders were drawn apart by less than a decimetre touch.
TOUCH_DEGREES = 1e-6
MOST_MERGED = 200


@dataclass(frozen=True)
class NewPart:
    """Code and name of a part of a zone that is split."""

    code: str
    name: str


def split_zone(  # noqa: PLR0913 - which zone as it was seen, how, who and when
    session: Session,
    settings: Settings,
    zone_id: int,
    line: BaseGeometry,
    parts: Sequence[NewPart],
    *,
    row_version: int,
    by: int | None,
    now: datetime,
) -> list[int]:
    """Cut a zone along a line from today on → the ids of the zones it becomes, the largest first, as `parts` name them.

    A part with the zone's own code stays this zone, with its contracts; without one it ends. What belongs to the zone
    goes to the part that it lies in.
    """
    edit = Edit(by, now)
    named = [NewPart(sound_code(part.code), sound_text("name", part.name)) for part in parts]
    with editing_ground(session, settings, edit):
        zone = held_zones(session, settings, {zone_id: row_version}, edit)[zone_id]
        pieces = cut(zone.code, border_of(zone.geom), line)
        if len(pieces) != len(named) or len({part.code for part in named}) != len(named):
            raise BadRequest("split_parts", code=zone.code, count=len(pieces))
        if not editing_rows.sees_everything(session):
            refuse_foreign_parent(session, zone.level, zone.parent_id, edit.today(settings))
        ids = _become(session, settings, [zone], list(zip(named, pieces, strict=True)), edit)
        detail = {"code": zone.code, "into": [part.code for part in named]}
        audit.record(session, by, "zone.split", "zone", str(zone_id), detail)
    return ids


def merge_zones(  # noqa: PLR0913 - which zones as they were seen, into what, who and when
    session: Session,
    settings: Settings,
    zones: Sequence[tuple[int, int]],
    *,
    code: str,
    name: str,
    by: int | None,
    now: datetime,
) -> int:
    """Make one zone of several neighbours, (id, row version) each, from today on → its id.

    With the code of one of them it stays that one, with its contracts; the others end. What belonged to them goes to it.
    """
    edit = Edit(by, now)
    seen = dict(zones)
    if not 2 <= len(seen) <= MOST_MERGED:
        raise BadRequest("merge_few")
    part = NewPart(sound_code(code), sound_text("name", name))
    with editing_ground(session, settings, edit):
        found = held_zones(session, settings, seen, edit)
        merged = [found[zone_id] for zone_id in seen]
        if len({zone.level for zone in merged}) > 1:
            raise BadRequest("merge_levels")
        border = join([border_of(zone.geom) for zone in merged])
        (zone_id,) = _become(session, settings, merged, [(part, border)], edit)
        detail = {"code": part.code, "of": sorted(zone.code for zone in merged)}
        audit.record(session, by, "zone.merge", "zone", str(zone_id), detail)
    return zone_id


def cut(code: str, border: MultiPolygon, line: BaseGeometry) -> list[MultiPolygon]:
    """The pieces of a border along a line, the largest first; areas that the line misses go to the piece nearest to them."""
    if (
        line.is_empty
        or line.geom_type != "LineString"
        or not np.isfinite(shapely.get_coordinates(line)).all()
    ):
        raise InvalidGeometry("split_misses", code=code)
    whole: list[Polygon] = []
    pieces: list[Polygon] = []
    for part in border.geoms:
        halves = [each for each in split(part, line).geoms if isinstance(each, Polygon) and each.area > 0]
        (pieces if len(halves) > 1 else whole).extend(halves)
    if not pieces:
        raise InvalidGeometry("split_misses", code=code)
    groups = [[piece] for piece in pieces]
    for part in whole:
        nearest = int(np.argmin(shapely.distance(np.array(pieces, dtype=object), part)))
        groups[nearest].append(part)
    return sorted((MultiPolygon(group) for group in groups), key=lambda piece: -piece.area)


def join(borders: Sequence[MultiPolygon]) -> MultiPolygon:
    """One border around several that touch; BadRequest when they are apart."""
    reached, waiting = [0], set(range(1, len(borders)))
    for at in reached:
        near = {other for other in waiting if borders[at].distance(borders[other]) <= TOUCH_DEGREES}
        reached += sorted(near)
        waiting -= near
    if waiting:
        raise BadRequest("merge_apart")
    whole = shapely.union_all(list(borders))
    return MultiPolygon([part for part in shapely.get_parts(whole) if isinstance(part, Polygon)])


def border_of(geom: bytes) -> MultiPolygon:
    """A stored border."""
    border = shapely.from_wkb(geom)
    assert isinstance(border, MultiPolygon)
    return border


def _become(
    session: Session,
    settings: Settings,
    old: Sequence[EditedZone],
    new: Sequence[tuple[NewPart, MultiPolygon]],
    edit: Edit,
) -> list[int]:
    """Put new borders in place of zones of one level; their children follow to where they lie."""
    today, first = edit.today(settings), old[0]
    by_code = {zone.code: zone for zone in old}
    drafts, ids = [], []
    for part, border in new:
        kept = by_code.get(part.code)
        zone_id = kept.zone_id if kept else make_zone(session, first.level, part.code, today)
        attributes = kept.attributes if kept else {}
        parent_id = (kept or first).parent_id
        drafts.append(ZoneDraft(zone_id, part.name or part.code, parent_id, wkb_of([border])[0], attributes))
        ids.append(zone_id)
    timing = edit.timing(settings, starts_today=True)
    write_zones(session, drafts, timing)
    gone = [zone.zone_id for zone in old if zone.zone_id not in ids]
    with editing_rows.whole_city(session):
        children = editing_rows.zones_below(session, [zone.zone_id for zone in old], today)
    borders = dict(zip(ids, (border for _, border in new), strict=True))
    write_zones(session, _moved(children, borders), timing)
    end_zones(session, gone, today)
    return ids


def _moved(children: Sequence[EditedZone], borders: Mapping[int, MultiPolygon]) -> list[ZoneDraft]:
    """The children under the new zone whose ground holds their middle, or is nearest to it."""
    drafts = []
    for child in children:
        shape = shapely.from_wkb(child.geom)
        middle = shapely.point_on_surface(shape)
        parent_id = min(borders, key=lambda zone_id: borders[zone_id].distance(middle))
        draft = ZoneDraft(child.zone_id, child.name, child.parent_id, wkb_of([shape])[0], child.attributes)
        drafts.append(replace(draft, parent_id=parent_id))
    return drafts
