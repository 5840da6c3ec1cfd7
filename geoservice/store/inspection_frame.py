"""The points that may be inspected, with their zones and when each was inspected last; who may inspect; working areas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from geoservice.domain.roles import Role
from geoservice.store.people import AppUser
from geoservice.store.zone_versions import VALID_ON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

_FRAME = f"""
    SELECT p.id, p.code, p.name, p.category, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, coalesce(a.code, '') AS zone_code,
           coalesce(a.name, a.code, '') AS zone_name, last.at AS last_at
    FROM point p
    LEFT JOIN zone_version v ON v.zone_id = p.zone_id AND {VALID_ON}
    LEFT JOIN LATERAL (
        SELECT z.code, w.name FROM zone z
        LEFT JOIN zone_version w ON w.zone_id = z.id AND {VALID_ON.replace("v.", "w.")}
        WHERE z.id = ANY(v.path) AND z.level = :level LIMIT 1
    ) a ON true
    LEFT JOIN LATERAL (SELECT max(t.done_at) AS at FROM inspection_task t WHERE t.point_id = p.id) last ON true
    WHERE p.active AND p.category = ANY(CAST(:categories AS text[]))
      AND (CAST(:zones AS int[]) = '{{}}' OR v.path && CAST(:zones AS int[]))
      AND (CAST(:codes AS text[]) = '{{}}' OR p.code = ANY(CAST(:codes AS text[])))
    ORDER BY zone_code, p.code
"""
_AREAS = f"""
    SELECT l.code AS level, l.name_zh, l.name_en, z.id, z.code, v.name
    FROM zone_level l JOIN zone z ON z.level = l.code JOIN zone_version v ON v.zone_id = z.id AND {VALID_ON}
    ORDER BY l.rank, z.code
"""


@dataclass(frozen=True)
class FramePoint:
    """A point that may be inspected; its zone is the one at the level asked for, blank where there is none."""

    id: int
    code: str
    name: str
    category: str
    lon: float
    lat: float
    zone_code: str
    zone_name: str
    last_at: datetime | None


@dataclass(frozen=True)
class Area:
    """A zone with its level."""

    level: str
    level_zh: str
    level_en: str
    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Inspector:
    """An account that may inspect."""

    id: int
    login: str
    name: str


def frame(
    session: Session,
    on: date,
    level: str,
    categories: Sequence[str],
    *,
    zone_ids: Sequence[int] = (),
    codes: Sequence[str] = (),
) -> list[FramePoint]:
    """The points of categories that are in use, within some zones and of some codes (none named: all), by zone and code."""
    rows = session.execute(
        text(_FRAME),
        {
            "day": on,
            "level": level,
            "categories": list(categories),
            "zones": list(zone_ids),
            "codes": list(codes),
        },
    )
    return [FramePoint(*row) for row in rows]


def areas(session: Session, on: date) -> list[Area]:
    """Every zone of a day, the widest level first."""
    return [Area(*row) for row in session.execute(text(_AREAS), {"day": on})]


def inspectors(session: Session) -> list[Inspector]:
    """Every active account that may inspect, by name."""
    rows = session.execute(
        select(AppUser.id, AppUser.login, AppUser.name)
        .where(AppUser.role == Role.INSPECTOR, AppUser.active)
        .order_by(AppUser.name, AppUser.id)
    )
    return [Inspector(*row) for row in rows]
