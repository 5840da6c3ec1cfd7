"""What every edit is held against: nobody was faster, the shape is sound, and it lies on the editor's own ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.domain.geometry import area_change, clean_polygon
from geoservice.errors import BadRequest, Conflict, InvalidGeometry, NotAllowed
from geoservice.formats.text import text_fault
from geoservice.services.importing.flow import Report
from geoservice.services.importing.measurable import keep_measurable
from geoservice.services.importing.row_list import Row
from geoservice.services.importing.rows import LONGEST_CODE, LONGEST_TEXT, wkb_of
from geoservice.store import editing_rows, zone_versions

if TYPE_CHECKING:
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings


def refuse_stale(
    settings: Settings,
    code: str,
    versions: tuple[int, int],
    changed: tuple[str | None, datetime] | None,
    now: dict[str, Any],
) -> None:
    """Conflict `changed_meanwhile` unless the row is as it was seen; `versions`: as seen, and as it is.

    Its values tell who changed it, when (local time), and what it is `now`.
    """
    seen, stored = versions
    if seen == stored:
        return
    by, at = changed or (None, None)
    raise Conflict(
        "changed_meanwhile",
        code=code,
        by=by or "–",
        at=local_time(settings, at),
        now={**now, "row_version": stored},
    )


def sound_polygon(code: str, geom: BaseGeometry, *, accept_repairs: bool) -> BaseGeometry:
    """The border as it is kept; InvalidGeometry `repair_needed` when that differs from what was drawn and nobody agreed.

    Its values hold the codes of the repairs, the change of area in per cent and the repaired shape.
    """
    try:
        shape, repairs = clean_polygon(geom)
    except InvalidGeometry as error:
        raise InvalidGeometry("shape_unusable", code=code, reason=error.code) from error
    refuse_off_earth(code, shape)
    if repairs and not accept_repairs:
        percent = round(100 * area_change(geom, shape), 3)
        raise InvalidGeometry(
            "repair_needed", code=code, repairs=list(repairs), percent=percent, repaired=shape.wkt
        )
    return shape


def refuse_off_earth(code: str, shape: BaseGeometry) -> None:
    """InvalidGeometry when a shape's coordinates are no longitude and latitude."""
    xy = np.abs(shapely.get_coordinates(shape))
    if not np.isfinite(xy).all() or (xy[:, 0] > 180).any() or (xy[:, 1] > 90).any():
        raise InvalidGeometry("shape_off_earth", code=code)


def refuse_unmeasurable(session: Session, settings: Settings, code: str, shape: BaseGeometry) -> None:
    """InvalidGeometry when the raster can't hold a border."""
    if not keep_measurable(session, settings, [(Row("", None, 1, {}), shape)], Report()):
        raise InvalidGeometry("shape_too_large", code=code)


def refuse_foreign_ground(
    session: Session, code: str, shape: BaseGeometry, day: date, *, touching: bool = False
) -> None:
    """NotAllowed when somebody who looks after a part of the city draws outside it."""
    if editing_rows.sees_everything(session):
        return
    if not editing_rows.lies_in_sight(session, wkb_of([shape])[0], day, touching=touching):
        raise NotAllowed("outside_your_ground", code=code)


def refuse_foreign_parent(session: Session, level: str, parent_id: int | None, day: date) -> None:
    """BadRequest unless a zone of a wider level that this session sees is there to belong to."""
    if parent_id is None:
        if not editing_rows.sees_everything(session):
            raise BadRequest("parent_unusable", level=level)
        return
    ranks = {each.code: each.rank for each in zone_versions.levels(session)}
    parent = editing_rows.zones_on(session, [parent_id], day).get(parent_id)
    if parent is None or ranks[parent.level] >= ranks[level]:
        raise BadRequest("parent_unusable", level=level)


def sound_code(code: str) -> str:
    """A code without blanks around it; BadRequest when there is none or it is too long."""
    trimmed = _storable("code", code).strip()
    if not trimmed or len(trimmed) > LONGEST_CODE:
        raise BadRequest("code_needed", most=LONGEST_CODE)
    return trimmed


def sound_text(field: str, value: str) -> str:
    """A text that is not too long."""
    trimmed = _storable(field, value).strip()
    if len(trimmed) > LONGEST_TEXT:
        raise BadRequest("name_too_long", field=field, most=LONGEST_TEXT)
    return trimmed


def _storable(field: str, value: str) -> str:
    if text_fault(value):
        raise BadRequest("field_invalid", field=field, value=ascii(value)[:80])
    return value


def local_time(settings: Settings, at: datetime | None) -> str:
    """An instant as the city writes it."""
    return f"{at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}" if at else "–"
