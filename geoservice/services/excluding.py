"""Ground excluded, changed and taken in again one piece at a time, versioned as imports version it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_metric
from geoservice.domain.kernels import SIDE
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict, InvalidGeometry, NotFound
from geoservice.services.ground import ensure_deployment, refresh_masks
from geoservice.store import audit, batches, exclusion_rows
from geoservice.store import exclusion_edits as store
from geoservice.store.exclusion_rows import ExclusionRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

# Tiles in the box around one piece; at cells of 5 m a box of 90 km by 90 km.
MOST_TILES = 5_000


@dataclass(frozen=True)
class NewExclusion:
    """Ground nobody has to see; `geom` a valid MultiPolygon in lon/lat, from `valid_from` (None: since ever) on."""

    code: str
    kind: str
    name: str
    reason: str
    geom: shapely.MultiPolygon
    valid_from: date | None = None
    valid_to: date | None = None


def add_exclusion(session: Session, settings: Settings, new: NewExclusion, *, by: int | None) -> int:
    """Exclude ground → the id of its version; Conflict where the code holds at that time already."""
    if new.valid_from and new.valid_to and new.valid_to <= new.valid_from:
        raise BadRequest("validity_reversed", from_on=new.valid_from, to_on=new.valid_to)
    if store.holds_later(session, new.code, new.valid_from):
        raise Conflict("code_taken", code=new.code)
    _refuse_too_large(session, settings, new.geom)
    row = ExclusionRow(
        new.code,
        new.kind,
        new.name,
        new.reason,
        shapely.to_wkb(new.geom),
        new.valid_from,
        new.valid_to,
    )
    added = store.insert_exclusion(session, row, by)
    _settle(session, settings, by, "exclusion.add", added)
    return added


def change_exclusion(  # noqa: PLR0913 - which, what is to change, who and when
    session: Session,
    settings: Settings,
    exclusion_id: int,
    words: Mapping[str, str],
    geom: shapely.MultiPolygon | None,
    *,
    by: int | None,
    now: datetime,
) -> int:
    """Change an exclusion → the id of the version that holds now.

    Another border or kind holds from today on, so that past scores stand; a version that began today is changed itself.
    """
    old = _read(session, exclusion_id)
    if geom is not None:
        _refuse_too_large(session, settings, geom)
    on = local_day(now, settings.zone_info)
    new = replace(old, **{**words, **({"geom": shapely.to_wkb(geom)} if geom is not None else {})})  # type: ignore[arg-type]
    _refuse_past(old, on)
    holds_on = exclusion_id
    if (new.geom, new.kind) != (old.geom, old.kind) and (old.valid_from is None or old.valid_from < on):
        exclusion_rows.end_exclusions(session, [exclusion_id], on)
        holds_on = store.insert_exclusion(session, replace(new, valid_from=on), by)
    else:
        store.update_words(session, exclusion_id, {"kind": new.kind, "name": new.name, "reason": new.reason})
        if new.geom != old.geom:
            store.update_border(session, exclusion_id, new.geom)
    _settle(session, settings, by, "exclusion.change", holds_on)
    return holds_on


def end_exclusion(
    session: Session, settings: Settings, exclusion_id: int, *, by: int | None, now: datetime
) -> None:
    """Let ground be seen again from today on; an exclusion that began today or later vanishes."""
    on = local_day(now, settings.zone_info)
    _refuse_past(_read(session, exclusion_id), on)
    exclusion_rows.end_exclusions(session, [exclusion_id], on)
    _settle(session, settings, by, "exclusion.end", exclusion_id)


def _read(session: Session, exclusion_id: int) -> ExclusionRow:
    found = store.read_exclusion(session, exclusion_id)
    if found is None:
        raise NotFound
    return ExclusionRow(**found)


def _refuse_too_large(session: Session, settings: Settings, geom: shapely.MultiPolygon) -> None:
    centre = geom.centroid
    grid = ensure_deployment(session, settings, centre.x, centre.y)
    west, south, east, north = shapely.bounds(to_metric(grid.metric_epsg, np.array([geom], dtype=object))[0])
    tiles = ((east - west) / (SIDE * grid.cell_m) + 1) * ((north - south) / (SIDE * grid.cell_m) + 1)
    if not tiles <= MOST_TILES:
        raise InvalidGeometry("geometry_too_large")


def _refuse_past(row: ExclusionRow, on: date) -> None:
    if row.valid_to is not None and row.valid_to <= on:
        raise Conflict("exclusion_is_past", code=row.code)


def _settle(session: Session, settings: Settings, by: int | None, action: str, exclusion_id: int) -> None:
    audit.record(session, by, action, "exclusion", str(exclusion_id))
    batches.settle(session, 1, "exclusion")
    refresh_masks(session, settings)
