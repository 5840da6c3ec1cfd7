"""Contracts of a day with the ground they name, and the ground that somebody ought to answer for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

from geoservice.domain.contracts import Holding, Term

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from geoservice.domain.contracts import Ground

_VALID = "({0}.valid_from IS NULL OR {0}.valid_from <= :on) AND ({0}.valid_to IS NULL OR {0}.valid_to > :on)"
_HOLDS, _CURRENT = _VALID.format("c"), _VALID.format("v")
# What every contract names; a zone has the name it had on the day.
_NAMED = f"""
    SELECT CASE WHEN c.zone_id IS NOT NULL THEN 'zone' WHEN c.street_id IS NOT NULL THEN 'street' ELSE 'point' END AS kind,
           coalesce(c.zone_id, c.street_id, c.point_id) AS ground_id, coalesce(z.code, s.code, p.code) AS code,
           coalesce(v.name, s.name, p.name, name_above(c.zone_id, :on), '') AS name, c.role, c.leader_id, l.name AS leader, c.valid_from, c.valid_to
    FROM contract c
    JOIN leader l ON l.id = c.leader_id
    LEFT JOIN zone z ON z.id = c.zone_id
    LEFT JOIN zone_version v ON v.zone_id = c.zone_id AND {_CURRENT}
    LEFT JOIN street s ON s.id = c.street_id
    LEFT JOIN point p ON p.id = c.point_id
"""
_NOT_A_PARENT = f"NOT EXISTS (SELECT FROM zone_version child WHERE child.parent_id = v.zone_id AND {_VALID.format('child')})"
_SHAPES = {
    "zone": f"SELECT v.zone_id AS id, ST_AsBinary(v.geom) AS wkb FROM zone_version v WHERE v.zone_id = ANY(:ids) AND {_CURRENT}",
    "street": "SELECT id, ST_AsBinary(geom) AS wkb FROM street WHERE id = ANY(:ids) AND CAST(:on AS date) IS NOT NULL",
    "point": "SELECT id, ST_AsBinary(geom) AS wkb FROM point WHERE id = ANY(:ids) AND CAST(:on AS date) IS NOT NULL",
}


@dataclass(frozen=True)
class IdleLeader:
    """A leader who contracts nothing on a day, and until when he last did (that day excluded; None: never)."""

    leader_id: int
    code: str
    name: str
    until_on: date | None


@dataclass(frozen=True)
class Chain:
    """Every contract there ever was of one role on one ground."""

    ground: Ground
    code: str
    name: str
    role: str
    terms: tuple[Term, ...]


def holdings_on(
    session: Session, on: date, *, of: tuple[Sequence[int], int | None, int | None] | None = None
) -> list[Holding]:
    """Return every contract that is valid on a day, or those of some zones, a point and a street, by ground and role."""
    values: dict[str, Any] = {"on": on}
    kept = _HOLDS
    if of is not None:
        kept += " AND (c.zone_id = ANY(:zones) OR c.point_id = :point OR c.street_id = :street)"
        values |= {"zones": list(of[0]), "point": of[1], "street": of[2]}
    rows = session.execute(
        text(f"{_NAMED} WHERE {kept} ORDER BY kind, ground_id, c.role, l.name, c.id"), values
    )
    return [
        Holding((row.kind, row.ground_id), row.code, row.name, row.role, row.leader_id, row.leader)
        for row in rows
    ]


def chains(session: Session, on: date) -> list[Chain]:
    """Return the contracts of each ground and role that was contracted more than once; names as of a day."""
    rows = session.execute(
        text(
            "SELECT kind, ground_id, code, name, role, array_agg(leader ORDER BY valid_from NULLS FIRST, valid_to) AS leaders, "
            "array_agg(valid_from ORDER BY valid_from NULLS FIRST, valid_to) AS starts, "
            "array_agg(valid_to ORDER BY valid_from NULLS FIRST, valid_to) AS ends "
            f"FROM ({_NAMED}) AS named GROUP BY kind, ground_id, code, name, role HAVING count(*) > 1 "
            "ORDER BY kind DESC, code, role"
        ),
        {"on": on},
    )
    return [
        Chain(
            (row.kind, row.ground_id),
            row.code,
            row.name,
            row.role,
            tuple(Term(*term) for term in zip(row.leaders, row.starts, row.ends, strict=True)),
        )
        for row in rows
    ]


def zone_at(session: Session, on: date, lon: float, lat: float) -> int | None:
    """Return the leaf zone on which a place lies on a day; where two touch, the one that was there first."""
    found: int | None = session.scalar(
        text(
            "SELECT v.zone_id FROM zone_version v WHERE ST_Covers(v.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) "
            f"AND {_CURRENT} AND {_NOT_A_PARENT} ORDER BY v.zone_id LIMIT 1"
        ),
        {"on": on, "lon": lon, "lat": lat},
    )
    return found


def streets(session: Session, code: str | None = None) -> Sequence[Row[Any]]:
    """Return (id, code, name) of every street, or of the one with a code."""
    return session.execute(
        text(
            "SELECT id, code, name FROM street WHERE CAST(:code AS text) IS NULL OR code = :code ORDER BY code"
        ),
        {"code": code},
    ).all()


def points(session: Session, code: str | None = None) -> Sequence[Row[Any]]:
    """Return (id, code, name) of every active point, or of the one with a code, active or not."""
    return session.execute(
        text(
            "SELECT id, code, name FROM point WHERE CASE WHEN CAST(:code AS text) IS NULL THEN active ELSE code = :code END "
            "ORDER BY code"
        ),
        {"code": code},
    ).all()


def zones_of_streets(session: Session, on: date, street_ids: Sequence[int] | None) -> dict[int, list[int]]:
    """Return the leaf zones of a day that streets have pieces in, most pieces first."""
    rows = session.execute(
        text(
            "SELECT zs.street_id, v.zone_id FROM zone_street zs JOIN zone_version v ON v.id = zs.zone_version_id "
            f"WHERE {_CURRENT} AND {_NOT_A_PARENT} "
            "AND (CAST(:streets AS int[]) IS NULL OR zs.street_id = ANY(CAST(:streets AS int[]))) "
            "GROUP BY zs.street_id, v.zone_id ORDER BY zs.street_id, sum(bit_count(zs.pieces::bit(64))) DESC, v.zone_id"
        ),
        {"on": on, "streets": None if street_ids is None else list(street_ids)},
    )
    found: dict[int, list[int]] = {}
    for row in rows:
        found.setdefault(row.street_id, []).append(row.zone_id)
    return found


def idle_leaders(session: Session, on: date) -> list[IdleLeader]:
    """Return the leaders without a contract on a day; what begins later does not count as their last."""
    rows = session.execute(
        text(
            "SELECT l.id, l.code, l.name, max(c.valid_to) FILTER (WHERE c.valid_to <= :on) AS until_on FROM leader l "
            "LEFT JOIN contract c ON c.leader_id = l.id GROUP BY l.id "
            f"HAVING count(c.id) FILTER (WHERE {_HOLDS}) = 0 ORDER BY l.code"
        ),
        {"on": on},
    )
    return [IdleLeader(*row) for row in rows]


def shapes(session: Session, kind: str, ids: Collection[int], on: date) -> dict[int, BaseGeometry]:
    """Return the geometry, in lon/lat, of zones (as of a day), streets or points."""
    rows = session.execute(text(_SHAPES[kind]), {"ids": sorted(ids), "on": on}).all()
    found = shapely.from_wkb([bytes(row.wkb) for row in rows])
    return dict(zip((row.id for row in rows), found, strict=True))


def gap_marks(session: Session, report_id: int) -> Sequence[Row[Any]]:
    """Return (zone_id, area_m2, point_weight, last_seen_on) of a report's gaps: what their scores are made of."""
    return session.execute(
        text("SELECT zone_id, area_m2, point_weight, last_seen_on FROM gap WHERE report_id = :report"),
        {"report": report_id},
    ).all()
