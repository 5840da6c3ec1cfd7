"""What the usual coverage by the hour is made from and kept in: the result of the newest job that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.store.bitmaps import TILE, as_tiles
from geoservice.store.copying import copy_out

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.coverage import Tiles

KIND = "usual_hours"


def newest(session: Session) -> dict[str, Any]:
    """Return what the newest finished job of the kind made; nothing before the first."""
    found: dict[str, Any] | None = session.scalar(
        text(
            "SELECT result FROM job WHERE kind = :kind AND state = 'done' AND result IS NOT NULL ORDER BY id DESC LIMIT 1"
        ),
        {"kind": KIND},
    )
    return found or {}


def scope_zones(session: Session) -> list[int]:
    """Return the zones to which somebody's view of the city is limited."""
    query = (
        "SELECT DISTINCT scope_zone_id FROM app_user WHERE active AND scope_zone_id IS NOT NULL ORDER BY 1"
    )
    return list(session.scalars(text(query)))


def devices_of_day(session: Session, day: date) -> list[int]:
    """Return the devices of which anything is known of a day."""
    return list(
        session.scalars(
            text("SELECT device_id FROM device_day WHERE day = :day ORDER BY device_id"), {"day": day}
        )
    )


def ground(session: Session, on: date, zone_id: int | None) -> Tiles:
    """Return the cells of all ground of a day, or of a zone and all below it, less what is excluded; slot 0."""
    rows = copy_out(
        session,
        """
        WITH current AS (
            SELECT v.id, v.zone_id, v.parent_id, v.path FROM zone_version v
            WHERE (v.valid_from IS NULL OR v.valid_from <= %(on)s) AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
        ),
        own AS (
            SELECT m.tx, m.ty, bit_or(m.bits) AS bits FROM current c JOIN zone_mask m ON m.zone_version_id = c.id
            WHERE NOT EXISTS (SELECT FROM current b WHERE b.parent_id = c.zone_id)
              AND (CAST(%(zone)s AS int) IS NULL OR CAST(%(zone)s AS int) = ANY (c.path))
            GROUP BY m.tx, m.ty
        ),
        excluded AS (
            SELECT m.tx, m.ty, bit_or(m.bits) AS bits FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id
            WHERE (e.valid_from IS NULL OR e.valid_from <= %(on)s) AND (e.valid_to IS NULL OR e.valid_to > %(on)s)
            GROUP BY m.tx, m.ty
        )
        SELECT o.tx, o.ty, CASE WHEN e.bits IS NULL THEN o.bits ELSE o.bits & ~e.bits END AS bits
        FROM own o LEFT JOIN excluded e ON e.tx = o.tx AND e.ty = o.ty ORDER BY o.tx, o.ty
        """,
        TILE,
        {"on": on, "zone": zone_id},
    )
    return as_tiles(np.zeros(len(rows), np.int64), rows)
