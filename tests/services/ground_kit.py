"""Small ground to measure on: zones as rectangles in metres around a place, tracks as lists of points in metres."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.services import covering, following, ground, tracking
from geoservice.store import device_days

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

EPSG = 4547  # CGCS2000, central meridian 114 E
ORIGIN = np.array([500_000.0, 2_500_000.0])  # on that meridian; a corner of four tiles is far away
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


def place(metres: object) -> np.ndarray:
    """(n, 2) metres from the origin → lon, lat."""
    return to_lonlat(EPSG, np.asarray(metres, dtype=np.float64).reshape(-1, 2) + ORIGIN)


def lay_raster(session: Session, settings: Settings) -> None:
    lon, lat = place([0, 0])[0]
    grid = ground.ensure_deployment(session, settings, lon, lat)
    assert grid.metric_epsg == EPSG


def add_zone(session, settings, code, polygon, *, level="grid", parent=None, valid=(None, None)) -> int:
    """Insert a zone whose polygon is in metres from the origin; return its id."""
    lay_raster(session, settings)
    lonlat = to_lonlat(EPSG, shapely.transform(polygon, lambda xy: xy + ORIGIN))
    zone_id = session.scalar(
        text(
            "INSERT INTO zone (level, code) VALUES (:level, :code) ON CONFLICT (level, code) DO UPDATE SET code = :code "
            "RETURNING id"
        ),
        {"level": level, "code": code},
    )
    path = [zone_id]
    if parent is not None:
        path = [
            *session.scalar(
                text("SELECT path FROM zone_version WHERE zone_id = :id LIMIT 1"), {"id": parent}
            ),
            zone_id,
        ]
    session.execute(
        text(
            "INSERT INTO zone_version (zone_id, name, parent_id, path, geom, valid_from, valid_to) VALUES (:id, :name, "
            ":parent, :path, ST_Multi(ST_GeomFromWKB(:wkb, 4326)), :from_on, :to_on)"
        ),
        {
            "id": zone_id, "name": f"zone {code}", "parent": parent, "path": path, "wkb": shapely.to_wkb(lonlat),
            "from_on": valid[0], "to_on": valid[1],
        },
    )  # fmt: skip
    ground.refresh_masks(session, settings)
    return zone_id


def fixes(
    device: object, start: datetime, seconds: object, metres: object, *, mode=1, accuracy=5.0
) -> tracking.Fixes:
    """Fixes of one device (or one name a fix): `seconds` after `start`, at `metres` from the origin."""
    lonlat = place(metres)
    count = len(lonlat)
    nan = np.full(count, np.nan, np.float32)
    return tracking.Fixes(
        np.full(count, device, dtype=object) if isinstance(device, str) else np.asarray(device, dtype=object),
        (start.timestamp() * 1e6 + np.asarray(seconds, dtype=np.float64) * 1e6).astype(np.int64),
        lonlat[:, 0].copy(), lonlat[:, 1].copy(),
        np.full(count, accuracy, np.float32), nan, nan, np.full(count, mode, np.int16),
    )  # fmt: skip


def part(all_fixes: tracking.Fixes, index: object) -> tracking.Fixes:
    return tracking.Fixes(*(getattr(all_fixes, name)[index] for name in tracking.Fixes.__dataclass_fields__))


def receive(
    session: Session, settings: Settings, batch: tracking.Fixes, now: datetime = NOW
) -> tracking.Received:
    return tracking.receive(session, settings, batch, source="test", now=now)


def cover(session: Session, settings: Settings) -> covering.Covered:
    """Cover everything that waits."""
    total = covering.Covered()
    following.prepare(session, settings)
    for day in waiting_days(session):
        while done := covering.cover_some(session, settings, day):
            total.add(done)
    return total


def waiting_days(session: Session) -> Iterable[date]:
    return session.scalars(
        text("SELECT DISTINCT day FROM device_day WHERE dirty OR rematch ORDER BY day")
    ).all()


def bits(session: Session) -> dict[tuple, str]:
    """Every stored day bitmap, by day, period and tile, and every week's under period 0; empty tiles count as absent."""
    rows = session.execute(
        text(
            "SELECT day, period, tx, ty, md5(bits::text) AS sum FROM coverage_tile WHERE bit_count(bits) > 0 "
            "UNION ALL SELECT monday, 0, tx, ty, md5(bits::text) FROM coverage_week WHERE bit_count(bits) > 0"
        )
    )
    return {(row.day, row.period, row.tx, row.ty): row.sum for row in rows}


def fresh_bits(session: Session, settings: Settings) -> dict[tuple, str]:
    """What a build from nothing gives for the fixes that are stored; leaves the stored bitmaps as they were."""
    return fresh(session, settings)[0]


def facts(session: Session) -> dict[str, list[tuple]]:
    """All that device days show beside bits, row by row: pieces of streets, stays, tiny zones, and what was refused."""
    queries = {
        "street": "SELECT day, device_id, street_id, word, period, pieces FROM street_seen",
        "visit": "SELECT day, device_id, point_id, arrived_at, left_at, dwell_s, nearest_m, period FROM visit",
        "tiny": "SELECT day, device_id, zone_version_id, period, encode(ST_AsBinary(geom), 'hex') FROM tiny_zone_seen",
        "day": "SELECT day, device_id, modes, refused::text, street_refused::text, segment_count FROM device_day "
        "WHERE segment_count > 0 OR refused <> '{}'",
    }
    return {
        name: [tuple(row) for row in session.execute(text(f"{query} ORDER BY 1, 2, 3, 4, 5"))]
        for name, query in queries.items()
    }


def fresh(session: Session, settings: Settings) -> tuple[dict[tuple, str], dict[str, list[tuple]]]:
    """The bits and facts that a build from nothing gives for the fixes that are stored; leaves what is stored as it was.

    From nothing: masks and cuts of streets are made anew too, and the local days found from the fixes.
    """
    with session.begin_nested() as savepoint:
        for table in (
            "coverage_tile", "coverage_week", "street_seen", "visit", "tiny_zone_seen", "zone_mask", "exclusion_mask",
            "zone_street", "exclusion_street", "place_change", "device_day",
        ):  # fmt: skip
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("UPDATE street SET length_m = NULL, piece_count = NULL"))
        for table in ("zone_version", "exclusion"):
            session.execute(text(f"UPDATE {table} SET cell_count = NULL, streets_cut = false"))
        session.execute(text("UPDATE deployment SET fill_settings = NULL"))
        device_days.count_days_anew(session, settings.timezone)
        cover(session, settings)
        built = bits(session), facts(session)
        savepoint.rollback()
    return built


def stored(session: Session) -> tuple[dict[tuple, str], dict[str, list[tuple]]]:
    """The bits and facts as they are, to be held against `fresh`."""
    return bits(session), facts(session)


def add_street(session: Session, settings: Settings, code: str, line: object, **attributes: str) -> int:
    """Insert a street along points in metres from the origin; return its id."""
    lay_raster(session, settings)
    return session.scalar(
        text(
            "INSERT INTO street (code, geom, attributes) VALUES (:code, ST_GeomFromWKB(:wkb, 4326), CAST(:tags AS jsonb)) "
            "RETURNING id"
        ),
        {
            "code": code,
            "wkb": shapely.to_wkb(shapely.LineString(place(line))),
            "tags": json.dumps(attributes),
        },
    )


def add_point(session: Session, settings: Settings, code: str, at: object, category: str = "market") -> int:
    """Insert a point in metres from the origin; return its id."""
    lay_raster(session, settings)
    lon, lat = place(at)[0].tolist()
    return session.scalar(
        text(
            "INSERT INTO point (code, category, name, geom) VALUES (:code, :category, :code, "
            "ST_SetSRID(ST_Point(:lon, :lat), 4326)) RETURNING id"
        ),
        {"code": code, "category": category, "lon": lon, "lat": lat},
    )
