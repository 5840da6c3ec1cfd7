"""The ground of zones as one mask: the union of their leaves less what is excluded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.store.bitmaps import TILE, as_tiles
from geoservice.store.copying import copy_out
from geoservice.store.window_pieces import for_copy

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.coverage import Tiles

_VALID = "({0}.valid_from IS NULL OR {0}.valid_from <= :on) AND ({0}.valid_to IS NULL OR {0}.valid_to > :on)"
_GROUND = (
    "WITH current AS MATERIALIZED (SELECT v.id, v.zone_id, v.parent_id, v.path FROM zone_version v WHERE "
    f"{_VALID.format('v')}), "
    "ground AS (SELECT m.tx, m.ty, bit_or(m.bits) AS bits FROM current c JOIN zone_mask m ON m.zone_version_id = c.id "
    "WHERE (CAST(:zones AS int[]) IS NULL OR c.path && CAST(:zones AS int[])) "
    "AND NOT EXISTS (SELECT FROM current d WHERE d.parent_id = c.zone_id) GROUP BY m.tx, m.ty), "
    "excluded AS (SELECT m.tx, m.ty, bit_or(m.bits) AS bits FROM exclusion_mask m JOIN exclusion e "
    f"ON e.id = m.exclusion_id WHERE {_VALID.format('e')} GROUP BY m.tx, m.ty) "
    "SELECT g.tx, g.ty, CASE WHEN e.bits IS NULL THEN g.bits ELSE g.bits & ~e.bits END AS bits "
    "FROM ground g LEFT JOIN excluded e ON e.tx = g.tx AND e.ty = g.ty ORDER BY g.tx, g.ty"
)


def ground_of(session: Session, on: date, zone_ids: Collection[int] | None) -> Tiles:
    """Return the cells of the leaves at or below `zone_ids` (None: all) on a day, less the excluded ones; slot 0."""
    zones = None if zone_ids is None else sorted(zone_ids)
    rows = copy_out(session, for_copy(_GROUND), TILE, {"on": on, "zones": zones})
    return as_tiles(np.zeros(len(rows), np.int64), rows)
