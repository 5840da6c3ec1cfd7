"""The ground of zones as bitmaps: the union of their leaves by the borders of a day, less what is excluded then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from geoservice.store.bitmaps import TILE, as_tiles
from geoservice.store.copying import INT4, copy_out

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.coverage import Tiles

_PARTS = """
    WITH current AS MATERIALIZED (
        SELECT v.id, v.zone_id, v.parent_id, v.path FROM zone_version v
        WHERE (v.valid_from IS NULL OR v.valid_from <= %(on)s) AND (v.valid_to IS NULL OR v.valid_to > %(on)s)
    ),
    leaf AS (SELECT c.id, c.path FROM current c WHERE NOT EXISTS (SELECT FROM current b WHERE b.parent_id = c.zone_id)),
    excluded AS MATERIALIZED (
        SELECT m.tx, m.ty, ~bit_or(m.bits) AS kept FROM exclusion_mask m JOIN exclusion e ON e.id = m.exclusion_id
        WHERE (e.valid_from IS NULL OR e.valid_from <= %(on)s) AND (e.valid_to IS NULL OR e.valid_to > %(on)s)
        GROUP BY m.tx, m.ty
    )
"""
_BITS = "coalesce(bit_or(m.bits) & e.kept, bit_or(m.bits)) AS bits"


def ground_of_all(session: Session, on: date, zone_id: int | None) -> Tiles:
    """Return the cells of all ground of a day that this session sees, or of a zone and all below it; slot 0."""
    rows = copy_out(
        session,
        f"{_PARTS} SELECT m.tx, m.ty, {_BITS} FROM leaf l JOIN zone_mask m ON m.zone_version_id = l.id "
        "LEFT JOIN excluded e ON e.tx = m.tx AND e.ty = m.ty "
        "WHERE CAST(%(zone)s AS int) IS NULL OR CAST(%(zone)s AS int) = ANY (l.path) "
        "GROUP BY m.tx, m.ty, e.kept ORDER BY m.tx, m.ty",
        TILE,
        {"on": on, "zone": zone_id},
    )
    return as_tiles(np.zeros(len(rows), np.int64), rows)


def ground_by_zone(session: Session, on: date, zone_ids: Collection[int]) -> Tiles:
    """Return the cells of each of some zones on a day; slot: the zone's id."""
    rows = copy_out(
        session,
        f"{_PARTS} SELECT a.zone_id AS id, m.tx, m.ty, {_BITS} FROM leaf l CROSS JOIN LATERAL unnest(l.path) AS a(zone_id) "
        "JOIN zone_mask m ON m.zone_version_id = l.id LEFT JOIN excluded e ON e.tx = m.tx AND e.ty = m.ty "
        "WHERE a.zone_id = ANY (%(zones)s) GROUP BY a.zone_id, m.tx, m.ty, e.kept ORDER BY 1, 2, 3",
        {"id": INT4, **TILE},
        {"on": on, "zones": sorted(zone_ids)},
    )
    return as_tiles(rows["id"].astype(np.int64), rows)


def versions_below(session: Session, version_ids: Collection[int], cells: int) -> list[int]:
    """Return those versions of zones whose mask has fewer cells."""
    query = "SELECT id FROM zone_version WHERE id = ANY (:ids) AND cell_count < :cells ORDER BY id"
    return list(session.scalars(text(query), {"ids": list(version_ids), "cells": cells}))
