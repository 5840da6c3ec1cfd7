"""The zones as they were on a day, without their borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.store.kept import kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

READ = ("zone", "zone_level", "zone_version")
"""The tables that tell which zones there are on a day."""

_ZONES = """
    WITH current AS MATERIALIZED (
        SELECT id, zone_id, parent_id, name, path FROM zone_version
        WHERE (valid_from IS NULL OR valid_from <= :on) AND (valid_to IS NULL OR valid_to > :on)
    )
    SELECT v.id AS version_id, v.zone_id, z.code, v.name, z.level, v.path, p.parent_id IS NULL AS is_leaf
    FROM current v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
    LEFT JOIN (SELECT DISTINCT parent_id FROM current) p ON p.parent_id = v.zone_id
    ORDER BY l.rank, z.code
"""


@dataclass(frozen=True)
class ZoneOn:
    """A zone as it was on a day; `path` from the widest zone down to itself."""

    version_id: int
    zone_id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]
    is_leaf: bool


def zones_on(session: Session, on: date) -> Sequence[ZoneOn]:
    """Return every zone of a day, the widest level first, then by code."""
    return kept(session, READ, ("zones_on", on), lambda: _read_zones(session, on))


def _read_zones(session: Session, on: date) -> tuple[ZoneOn, ...]:
    return tuple(
        ZoneOn(version_id, zone_id, code, name, level, tuple(path), is_leaf)
        for version_id, zone_id, code, name, level, path, is_leaf in session.execute(text(_ZONES), {"on": on})
    )
