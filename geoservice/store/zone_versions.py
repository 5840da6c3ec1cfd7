"""Writing zones: identities, versions of their borders, and the paths that hold the hierarchy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from geoservice.store.bulk import in_chunks, run_in_chunks
from geoservice.store.incoming import take_in
from geoservice.store.zones import ZoneLevel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

VALID_ON = "(v.valid_from IS NULL OR v.valid_from <= :day) AND (v.valid_to IS NULL OR v.valid_to > :day)"

# What plans of questions depend on; the rest is long to look at, and autovacuum does so later.
PLANNED_BY = "zone_version (id, zone_id, parent_id, path, geom, cell_count, valid_from, valid_to, batch_id)"

# What a version travels as.
KINDS = {
    "zone_id": "int",
    "name": "text",
    "parent_id": "int",
    "geom": "geometry(MultiPolygon, 4326)",
    "valid_from": "date",
    "valid_to": "date",
    "attributes": "jsonb",
}

# The path of each parent of rows of `source`: as it is on :day, else as it was or will be nearest to it. A table of its own, for
# what is looked up a row at a time is searched from end to end where the planner takes zone_version to be empty.
_PARENTS = f"""
            SELECT DISTINCT ON (v.zone_id) v.zone_id, v.path FROM zone_version v
            WHERE v.zone_id IN (SELECT s.parent_id FROM {{source}} s)
            ORDER BY v.zone_id, ({VALID_ON}) DESC, v.valid_from DESC NULLS LAST
"""


@dataclass(frozen=True)
class StoredZoneVersion:
    """One version of a zone as it is stored; `geom` is WKB, None for what ended before the day asked for."""

    id: int
    zone_id: int
    code: str
    name: str
    parent_id: int | None
    geom: bytes | None
    valid_from: date | None
    valid_to: date | None
    attributes: dict[str, Any]


@dataclass(frozen=True)
class NewZoneVersion:
    """A version to insert; `geom` is WKB of a MultiPolygon in 4326, `attributes` JSON."""

    zone_id: int
    name: str
    parent_id: int | None
    geom: bytes
    valid_from: date | None
    valid_to: date | None
    attributes: str


def levels(session: Session) -> list[ZoneLevel]:
    """Every level, the widest first."""
    return list(session.scalars(select(ZoneLevel).order_by(ZoneLevel.rank)))


def add_level(session: Session, level: ZoneLevel) -> None:
    """Add a level of the hierarchy."""
    session.add(level)
    session.flush()


def has_zones(session: Session, level: str) -> bool:
    """Whether there is, or was, any zone of a level."""
    sql = "SELECT EXISTS (SELECT FROM zone WHERE level = :level)"
    return bool(session.execute(text(sql), {"level": level}).scalar_one())


def zone_ids(session: Session, level: str, codes: Sequence[str]) -> dict[str, int]:
    """Code → id of the zones of a level that exist, whether or not a version is valid."""
    sql = "SELECT code, id FROM zone WHERE level = :level AND code = ANY(CAST(:codes AS text[]))"
    return {row.code: row.id for row in in_chunks(session, sql, {"codes": codes}, {"level": level})}


def add_zones(session: Session, level: str, codes: Sequence[str]) -> dict[str, int]:
    """Make the identities of new codes → code → id."""
    sql = "INSERT INTO zone (level, code) SELECT :level, unnest(CAST(:codes AS text[])) RETURNING code, id"
    return {row.code: row.id for row in in_chunks(session, sql, {"codes": codes}, {"level": level})}


def versions_of(
    session: Session, level: str, day: date | None, codes: Sequence[str] | None = None
) -> list[StoredZoneVersion]:
    """Every version of the zones of a level (with one of `codes`, where these are given), the oldest first.

    Borders only of those not ended by `day`; without a day none.
    """
    sql = f"""
        SELECT v.id, v.zone_id, z.code, v.name, v.parent_id, v.valid_from, v.valid_to, v.attributes,
               CASE WHEN v.valid_to IS NULL AND CAST(:day AS date) IS NOT NULL OR v.valid_to > :day THEN ST_AsBinary(v.geom) END AS geom
        FROM zone z JOIN zone_version v ON v.zone_id = z.id
        WHERE z.level = :level{"" if codes is None else " AND z.code = ANY(CAST(:codes AS text[]))"}
        ORDER BY v.valid_from NULLS FIRST
    """
    fixed = {"level": level, "day": day}
    rows: Iterable[Any] = (
        session.execute(text(sql), fixed)
        if codes is None
        else in_chunks(session, sql, {"codes": codes}, fixed)
    )
    return [
        StoredZoneVersion(
            id=row.id,
            zone_id=row.zone_id,
            code=row.code,
            name=row.name,
            parent_id=row.parent_id,
            geom=None if row.geom is None else bytes(row.geom),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            attributes=row.attributes,
        )
        for row in rows
    ]


def current_codes(session: Session, level: str, day: date) -> dict[str, int]:
    """Code → id of the zones of a level that are valid on `day`."""
    sql = f"SELECT z.code, z.id FROM zone z JOIN zone_version v ON v.zone_id = z.id WHERE z.level = :level AND {VALID_ON}"
    return {row.code: row.id for row in session.execute(text(sql), {"level": level, "day": day})}


@dataclass(frozen=True)
class ListedZone:
    """A zone as it is listed: valid on the day asked for."""

    id: int
    level: str
    code: str
    name: str
    parent_code: str | None
    valid_from: date | None
    valid_to: date | None


def listed_zones(
    session: Session, day: date, level: str | None = None, code: str | None = None
) -> list[ListedZone]:
    """Zones valid on `day`, the widest level first, then by code."""
    sql = f"""
        SELECT z.id, z.level, z.code, v.name, p.code AS parent_code, v.valid_from, v.valid_to
        FROM zone z JOIN zone_level l ON l.code = z.level JOIN zone_version v ON v.zone_id = z.id
        LEFT JOIN zone p ON p.id = v.parent_id
        WHERE {VALID_ON} AND (CAST(:level AS text) IS NULL OR z.level = :level)
          AND (CAST(:code AS text) IS NULL OR z.code = :code)
        ORDER BY l.rank, z.code
    """
    rows = session.execute(text(sql), {"day": day, "level": level, "code": code}).mappings()
    return [ListedZone(**row) for row in rows]


def border(session: Session, zone_id: int, day: date) -> bytes:
    """The border of a zone on a day on which it is valid, WKB in 4326."""
    sql = f"SELECT ST_AsBinary(v.geom) FROM zone_version v WHERE v.zone_id = :zone AND {VALID_ON}"
    return bytes(session.execute(text(sql), {"zone": zone_id, "day": day}).scalar_one())


def containing(session: Session, level: str, points: Sequence[bytes], day: date) -> dict[int, int]:
    """Index of each point (WKB, 4326) → id of the zone of `level` that contains it on `day`; none, no entry."""
    sql = f"""
        WITH q AS MATERIALIZED (
            SELECT place, ST_GeomFromWKB(wkb, 4326) AS geom
            FROM unnest(CAST(:places AS int[]), CAST(:points AS bytea[])) AS u(place, wkb)
        )
        SELECT DISTINCT ON (p.place) p.place, v.zone_id
        FROM zone z JOIN zone_version v ON v.zone_id = z.id
        CROSS JOIN LATERAL (SELECT q.place FROM q WHERE q.geom && v.geom AND ST_Intersects(v.geom, q.geom)) p
        WHERE z.level = :level AND {VALID_ON}
        ORDER BY p.place, z.code
    """
    columns = {"places": range(len(points)), "points": points}
    return {row.place: row.zone_id for row in in_chunks(session, sql, columns, {"level": level, "day": day})}


def end_versions(session: Session, version_ids: Sequence[int], day: date) -> None:
    """End versions on `day`; those that began on it or later vanish, for they would never have been valid."""
    fixed = {"day": day}
    run_in_chunks(
        session,
        "DELETE FROM zone_version WHERE id = ANY(CAST(:ids AS int[])) AND valid_from >= :day",
        {"ids": version_ids},
        fixed,
    )
    run_in_chunks(
        session,
        "UPDATE zone_version SET valid_to = :day, row_version = row_version + 1 WHERE id = ANY(CAST(:ids AS int[]))",
        {"ids": version_ids},
        fixed,
    )


def insert_versions(
    session: Session, versions: Sequence[NewZoneVersion], day: date, batch_id: int | None
) -> None:
    """Insert versions; a path is the parent's on `day` and the zone itself.

    Row versions go on counting where the zone's other versions stopped: whoever saw one of these is not taken for having
    seen this one.
    """
    sql = f"""
        WITH parent AS MATERIALIZED ({_PARENTS.format(source="incoming_version")}),
        seen AS MATERIALIZED (
            SELECT o.zone_id, max(o.row_version) AS latest FROM zone_version o
            WHERE o.zone_id IN (SELECT r.zone_id FROM incoming_version r) GROUP BY o.zone_id
        )
        INSERT INTO zone_version (zone_id, name, parent_id, path, geom, valid_from, valid_to, attributes, batch_id, row_version)
        SELECT r.zone_id, r.name, r.parent_id, coalesce(p.path, '{{}}') || r.zone_id, r.geom,
               r.valid_from, r.valid_to, r.attributes, :batch, coalesce(seen.latest, 0) + 1
        FROM incoming_version r LEFT JOIN parent p ON p.zone_id = r.parent_id LEFT JOIN seen ON seen.zone_id = r.zone_id
    """
    if versions:
        take_in(session, "incoming_version", KINDS, _columns(versions))
        session.execute(text(sql), {"day": day, "batch": batch_id})


def rewrite_versions(
    session: Session,
    version_ids: Sequence[int],
    versions: Sequence[NewZoneVersion],
    day: date,
    batch_id: int | None,
) -> None:
    """Change versions in place (their validity stays); where the border changed, a trigger has its mask made anew."""
    sql = f"""
        WITH r AS (
            SELECT * FROM unnest(
                CAST(:id AS int[]), CAST(:zone_id AS int[]), CAST(:name AS text[]), CAST(:parent_id AS int[]),
                CAST(:geom AS bytea[]), CAST(:attributes AS text[])
            ) AS u(id, zone_id, name, parent_id, geom, attributes)
        ),
        parent AS MATERIALIZED ({_PARENTS.format(source="r")})
        UPDATE zone_version v SET name = r.name, parent_id = r.parent_id,
               path = coalesce(p.path, '{{}}') || r.zone_id, geom = ST_GeomFromWKB(r.geom, 4326),
               attributes = CAST(r.attributes AS jsonb), batch_id = :batch, row_version = v.row_version + 1
        FROM r LEFT JOIN parent p ON p.zone_id = r.parent_id
        WHERE v.id = r.id
    """
    columns = {name: values for name, values in _columns(versions).items() if not name.startswith("valid_")}
    run_in_chunks(session, sql, {"id": version_ids, **columns}, {"day": day, "batch": batch_id})


def _columns(versions: Sequence[NewZoneVersion]) -> dict[str, list[Any]]:
    return {name: [getattr(version, name) for version in versions] for name in KINDS}
