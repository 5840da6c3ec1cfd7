"""What is written to files, column by column; every statement runs under the scope of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.scope import NOTHING

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime

    from sqlalchemy.orm import Session

Columns = dict[str, list[Any]]
Bounds = tuple[float, float, float, float]

_VALID = "({0}.valid_from IS NULL OR {0}.valid_from <= :on) AND ({0}.valid_to IS NULL OR {0}.valid_to > :on)"
# The box of a shape is what an index finds, and what a `bbox` is commonly held against.
_INSIDE = (
    "(CAST(:west AS float8) IS NULL OR {0}.geom && "
    "ST_MakeEnvelope(CAST(:west AS float8), CAST(:south AS float8), CAST(:east AS float8), CAST(:north AS float8), 4326))"
)
_AMONG = "(CAST(:zones AS int[]) IS NULL OR {0} = ANY(CAST(:zones AS int[])))"

_ZONES = f"""
    SELECT z.level, z.code, v.name, p.code AS parent_code, v.valid_from, v.valid_to, v.attributes,
           ST_AsBinary(v.geom) AS geom
    FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
    LEFT JOIN zone p ON p.id = v.parent_id
    WHERE {_VALID.format("v")} AND (CAST(:level AS text) IS NULL OR z.level = :level)
      AND {_AMONG.format("v.zone_id")} AND {_INSIDE.format("v")}
    ORDER BY l.rank, z.code
"""
_POINTS = f"""
    SELECT p.code, p.name, p.category, p.address, p.required_interval_days, p.service_minutes, p.weight, p.attributes,
           ST_AsBinary(p.geom) AS geom
    FROM point p WHERE p.active AND {_AMONG.format("p.zone_id")} AND {_INSIDE.format("p")} ORDER BY p.code
"""
_STREETS = f"""
    SELECT s.code, s.name, s.street_class, s.one_way, s.attributes, ST_AsBinary(s.geom) AS geom
    FROM street s WHERE {_INSIDE.format("s")} AND (CAST(:zones AS int[]) IS NULL OR s.zone_id = ANY(CAST(:zones AS int[]))
      OR s.id IN (SELECT zs.street_id FROM zone_street zs JOIN zone_version v ON v.id = zs.zone_version_id
                  WHERE v.zone_id = ANY(CAST(:zones AS int[])) AND {_VALID.format("v")}))
    ORDER BY s.code
"""
# Exclusions have no owner: whoever sees a part of the city gets what of them lies on it.
_EXCLUSIONS = f"""
    WITH mine AS MATERIALIZED (
        SELECT v.geom FROM zone_version v
        WHERE {_VALID.format("v")} AND (CAST(:zones AS int[]) IS NULL OR v.zone_id = ANY(CAST(:zones AS int[])))
    )
    SELECT e.code, e.name, e.kind, e.reason, e.valid_from, e.valid_to, ST_AsBinary(cut.geom) AS geom
    FROM exclusion e CROSS JOIN LATERAL (
        SELECT CASE WHEN :whole THEN e.geom ELSE (
            SELECT ST_Multi(ST_CollectionExtract(ST_Union(ST_Intersection(e.geom, mine.geom)), 3))
            FROM mine WHERE mine.geom && e.geom AND ST_Intersects(mine.geom, e.geom)) END AS geom
    ) AS cut
    WHERE {_VALID.format("e")} AND {_INSIDE.format("e")} AND cut.geom IS NOT NULL AND NOT ST_IsEmpty(cut.geom)
    ORDER BY e.code
"""
_CONTRACTS = f"""
    SELECT l.code AS leader_code, l.name AS leader_name,
           CASE WHEN c.zone_id IS NOT NULL THEN 'zone' WHEN c.street_id IS NOT NULL THEN 'street' ELSE 'point' END AS kind,
           z.level, coalesce(z.code, s.code, p.code) AS code, coalesce(v.name, s.name, p.name) AS name, c.role,
           c.valid_from, CAST(c.valid_to - 1 AS date) AS last_on
    FROM contract c JOIN leader l ON l.id = c.leader_id
    LEFT JOIN zone z ON z.id = c.zone_id
    LEFT JOIN zone_version v ON v.zone_id = c.zone_id AND {_VALID.format("v")}
    LEFT JOIN street s ON s.id = c.street_id LEFT JOIN point p ON p.id = c.point_id
    WHERE {_VALID.format("c")} AND (CAST(:zones AS int[]) IS NULL OR c.zone_id = ANY(CAST(:zones AS int[])))
    ORDER BY kind DESC, code, c.role, l.code, c.id
"""
_CHECK_INS = f"""
    SELECT p.code AS point_code, p.name AS point_name, c.at, m.code AS member_code, m.name AS member_name, c.has_findings,
           c.note, c.distance_m, ST_AsBinary(p.geom) AS geom
    FROM check_in c JOIN point p ON p.id = c.point_id LEFT JOIN member m ON m.id = c.member_id
    WHERE c.at >= :since AND c.at < :before AND {_AMONG.format("p.zone_id")} AND {_INSIDE.format("p")}
    ORDER BY c.at, c.id
"""
_ROUTES = f"""
    SELECT r.code, r.name, r.mode, CAST((SELECT count(*) FROM route_stop s WHERE s.route_id = r.id) AS int) AS stops,
           ST_AsBinary(r.geom) AS geom
    FROM route r WHERE r.geom IS NOT NULL AND {_INSIDE.format("r")} ORDER BY r.code
"""
_PATROLS = f"""
    SELECT p.on_day, t.code AS team_code, t.name AS team_name, r.code, r.name, r.mode, p.status, p.starts_at, p.ends_at,
           ST_AsBinary(r.geom) AS geom
    FROM patrol p JOIN route r ON r.id = p.route_id JOIN team t ON t.id = p.team_id
    WHERE p.on_day BETWEEN :from_on AND :to_on AND r.geom IS NOT NULL AND {_INSIDE.format("r")}
    ORDER BY p.on_day, t.code, r.code
"""


@dataclass(frozen=True)
class Part:
    """Which part of a layer: as of a day, of one level, in some zones (None: all), whose boxes meet `bbox`."""

    on: date
    level: str | None = None
    zone_ids: Collection[int] | None = None
    bbox: Bounds | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What the statements bind."""
        west, south, east, north = self.bbox or (None, None, None, None)
        return {
            "on": self.on,
            "level": self.level,
            "zones": None if self.zone_ids is None else sorted(self.zone_ids),
            "west": west,
            "south": south,
            "east": east,
            "north": north,
        }


def sees_everything(session: Session) -> bool:
    """Tell whether this session sees the whole city."""
    return bool(session.info.get("scope", NOTHING).everything)


def zones(session: Session, part: Part) -> Columns:
    """Return the zones of a day with the attributes that came with them."""
    return _columns(session, _ZONES, part.values)


def points(session: Session, part: Part) -> Columns:
    """Return the active points."""
    return _columns(session, _POINTS, part.values)


def streets(session: Session, part: Part) -> Columns:
    """Return the streets, each as a whole."""
    return _columns(session, _STREETS, part.values)


def exclusions(session: Session, part: Part) -> Columns:
    """Return the exclusions of a day, cut to the ground that is asked for or seen."""
    whole = sees_everything(session) and part.zone_ids is None
    return _columns(session, _EXCLUSIONS, {**part.values, "whole": whole})


def contracts(session: Session, part: Part) -> Columns:
    """Return the contracts of a day; `last_on` is the last day on which one holds."""
    return _columns(session, _CONTRACTS, part.values)


def check_ins(session: Session, part: Part, since: datetime, before: datetime) -> Columns:
    """Return the check-ins of a span at the points that are seen."""
    return _columns(session, _CHECK_INS, {**part.values, "since": since, "before": before})


def routes(session: Session, part: Part) -> Columns:
    """Return the routes that have a line."""
    return _columns(session, _ROUTES, part.values)


def patrols(session: Session, part: Part, from_on: date, to_on: date) -> Columns:
    """Return the patrols of some days with the lines of their routes."""
    return _columns(session, _PATROLS, {**part.values, "from_on": from_on, "to_on": to_on})


def count_rows(session: Session, table: str) -> int:
    """Return about how many rows of a layer's table this session sees."""
    assert table in {"zone_version", "point", "street", "exclusion", "contract", "check_in"}
    return session.scalar(text(f"SELECT count(*) FROM {table}")) or 0


def count_fixes(session: Session, since: datetime, before: datetime, device: str | None) -> int:
    """Return how many fixes the tracks of a span hold, at most."""
    return (
        session.scalar(
            text(
                "SELECT CAST(coalesce(sum(t.fix_count), 0) AS bigint) FROM track t JOIN device d ON d.id = t.device_id "
                "WHERE t.ended_at >= :since AND t.started_at < :before "
                "AND (CAST(:device AS text) IS NULL OR d.code = :device)"
            ),
            {"since": since, "before": before, "device": device},
        )
        or 0
    )


def devices(session: Session, code: str | None) -> dict[int, str]:
    """Return id → code of every device, or of one."""
    rows = session.execute(
        text("SELECT id, code FROM device WHERE CAST(:code AS text) IS NULL OR code = :code"), {"code": code}
    )
    return {row.id: row.code for row in rows}


def street_middles(session: Session, ids: Collection[int]) -> dict[int, bytes]:
    """Return the middle of each of these streets, WKB."""
    rows = session.execute(
        text(
            "SELECT id, ST_AsBinary(ST_LineInterpolatePoint(geom, 0.5)) AS geom FROM street WHERE id = ANY(:ids)"
        ),
        {"ids": sorted(ids)},
    )
    return {row.id: bytes(row.geom) for row in rows}


def words_of(session: Session, table: str) -> list[tuple[str, str, str]]:
    """Return (code, Chinese, English) of the levels, roles or categories of this deployment, in their order."""
    orders = {"zone_level": "rank", "contract_role": "code", "point_category": "code"}
    rows = session.execute(text(f"SELECT code, name_zh, name_en FROM {table} ORDER BY {orders[table]}"))
    return [(row.code, row.name_zh, row.name_en) for row in rows]


def some_codes(session: Session, table: str, most: int) -> list[str]:
    """Return a few codes of points or streets that this session sees."""
    assert table in {"point", "street"}
    active = "WHERE active" if table == "point" else ""
    return list(
        session.scalars(text(f"SELECT code FROM {table} {active} ORDER BY code LIMIT :most"), {"most": most})
    )


def some_place(session: Session) -> tuple[float, float] | None:
    """Return a place on the ground of this session, lon and lat; None while there is none."""
    row = session.execute(
        text(
            "SELECT ST_X(c) AS lon, ST_Y(c) AS lat FROM (SELECT ST_Centroid(geom) AS c FROM zone_version LIMIT 1) AS z"
        )
    ).one_or_none()
    return None if row is None else (row.lon, row.lat)


def exclusion_kinds(session: Session) -> list[str]:
    """Return the kinds of exclusions there are, the most frequent first."""
    return list(
        session.scalars(
            text("SELECT kind FROM exclusion GROUP BY kind ORDER BY count(*) DESC, kind LIMIT 30")
        )
    )


def _columns(session: Session, sql: str, values: dict[str, Any]) -> Columns:
    result = session.execute(text(sql), values)
    names = list(result.keys())
    rows = result.all()
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    found = dict(zip(names, columns, strict=True))
    if "geom" in found:
        found["geom"] = [None if wkb is None else bytes(wkb) for wkb in found["geom"]]
    return found
