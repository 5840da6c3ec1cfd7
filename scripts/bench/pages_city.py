"""The large city of the pages' benchmark: 9 005 grids below ten districts, 50 000 points, a week of 200 shifts a day, a leader."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.domain.roles import Role
from geoservice.domain.windows import Window, day_start, local_day
from geoservice.services import accounts, gap_reports
from geoservice.services.accounts import NewUser
from geoservice.store import bitmaps
from geoservice.store.base import transaction
from scripts.bench.coverage_ours import Ours, fill_day
from scripts.bench.workload import CORNER, EPSG, SIDE_M, make_tracks, make_zones

if TYPE_CHECKING:
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

SEED, GRIDS, DISTRICTS, POINTS, SHIFTS, DAYS = 20261122, 9_005, 10, 50_000, 200, 8
LEADER_GRIDS, LEADER_POINTS = 60, 400
PASSWORD = "right-horse-battery"
LOGINS = {Role.DISPATCHER: "desk", Role.LEADER: "leader", Role.GIS: "gis"}

BELOW_DISTRICTS = """
WITH d AS (INSERT INTO zone (level, code) SELECT 'district', '4403' || lpad(n::text, 2, '0') FROM generate_series(1, :count) n RETURNING id, code),
     w AS (INSERT INTO zone_version (zone_id, name, path, geom)
           SELECT d.id, '第' || right(d.code, 2) || '区', ARRAY[d.id], ST_Multi(ST_GeomFromWKB(s.wkb, 4326))
           FROM d JOIN unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS s(wkb, n) ON s.n = right(d.code, 2)::int RETURNING zone_id, name)
UPDATE zone_version v SET parent_id = d.id, path = ARRAY[d.id, v.zone_id], name = '网格' || g.code
FROM zone g, d, unnest(CAST(:bands AS int[])) WITH ORDINALITY AS b(band, n)
WHERE g.id = v.zone_id AND g.level = 'grid' AND b.n = g.code::int + 1 AND right(d.code, 2)::int = b.band + 1
"""
ADD_POINTS = """
INSERT INTO point (code, category, name, geom, zone_id)
SELECT 'P' || lpad(n::text, 6, '0'), c.code, '点位' || n, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326), z.id
FROM unnest(CAST(:lon AS float8[]), CAST(:lat AS float8[]), CAST(:zone AS int[])) WITH ORDINALITY AS p(lon, lat, place, n)
JOIN zone z ON z.level = 'grid' AND z.code = lpad(p.place::text, 5, '0')
JOIN (SELECT code, row_number() OVER (ORDER BY code) AS number, count(*) OVER () AS kinds FROM point_category) c ON c.number = n % c.kinds + 1
"""
# On each day one point in four, half an hour after the day's first.
ADD_VISITS = """
INSERT INTO visit (day, device_id, point_id, arrived_at, left_at, dwell_s, nearest_m, period)
SELECT CAST(:day AS date), 1, id, CAST(:at AS timestamptz), CAST(:at AS timestamptz) + interval '5 minutes', 300, 12, 1
FROM point WHERE (id + CAST(:number AS int)) % 4 = 0
"""
ANSWER = """
WITH l AS (INSERT INTO leader (code, name, title) VALUES ('L1', '王建国', '主任') RETURNING id),
     z AS (INSERT INTO contract (leader_id, role, zone_id, valid_from)
           SELECT l.id, 'leader', unnest(CAST(:zones AS int[])), DATE '2026-01-01' FROM l),
     p AS (INSERT INTO contract (leader_id, role, point_id, valid_from)
           SELECT l.id, 'leader', outside.id, DATE '2026-01-01' FROM l, (
               SELECT p.id FROM point p WHERE NOT p.zone_id = ANY(:zones)
               ORDER BY p.geom <-> (SELECT ST_Centroid(geom) FROM zone_version WHERE zone_id = (CAST(:zones AS int[]))[1])
               LIMIT greatest(:points - (SELECT count(*) FROM point WHERE zone_id = ANY(:zones)), 0)) AS outside)
SELECT id FROM l
"""


def fill(database_url: str, now: datetime) -> Ours:
    """Store the city and its users, with patrols on today and the days before, and find its blind spots as the scheduler does.

    What was seen is filled straight from the tracks: no page asks for the fixes themselves.
    """
    rng = np.random.default_rng(SEED)
    ours = Ours(database_url)
    grids = make_zones(GRIDS, rng)
    ours.store_zones(grids)
    _add_districts(ours, grids)
    _add_points(ours, grids, rng)
    today = local_day(now, ours.settings.zone_info)
    for number in range(DAYS):
        _patrol(ours, today - timedelta(days=number), number, rng)
    _add_users(ours, grids)
    _analyze(ours)
    for days in gap_reports.STANDARD_DAYS:
        with transaction(ours.engine) as session:
            gap_reports.build(session, ours.settings, Window.ending(today, days), now=now)
    _analyze(ours)
    return ours


def _patrol(ours: Ours, on: date, number: int, rng: np.random.Generator) -> None:
    filled = fill_day(make_tracks(SHIFTS, rng), on)
    at = day_start(on, ours.settings.zone_info) + timedelta(minutes=30)
    with transaction(ours.engine) as session:
        bitmaps.merge_days(session, filled)
        session.execute(text(ADD_VISITS), {"day": on, "at": at, "number": number})


def _add_users(ours: Ours, grids: NDArray[np.object_]) -> None:
    with transaction(ours.engine) as session:
        asked = {"zones": _around(session, grids), "points": LEADER_POINTS}
        leader_id = session.scalar(text(ANSWER), asked)
        for role, login in LOGINS.items():
            belongs = {"leader_id": leader_id} if role is Role.LEADER else {}
            accounts.add_user(session, NewUser(login, login, role, **belongs), PASSWORD)


def _analyze(ours: Ours) -> None:
    with ours.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _add_districts(ours: Ours, grids: NDArray[np.object_]) -> None:
    """Ten bands from west to east, each of whole grids."""
    order = np.argsort(shapely.get_x(shapely.centroid(grids)))
    bands = np.empty(len(grids), dtype=np.int64)
    bands[order] = np.arange(len(grids)) * DISTRICTS // len(grids)
    parts = np.array([shapely.union_all(grids[bands == band]) for band in range(DISTRICTS)])
    shapes = [shapely.to_wkb(part) for part in to_lonlat(EPSG, parts)]
    with transaction(ours.engine) as session:
        session.execute(
            text(BELOW_DISTRICTS), {"count": DISTRICTS, "shapes": shapes, "bands": bands.tolist()}
        )


def _add_points(ours: Ours, grids: NDArray[np.object_], rng: np.random.Generator) -> None:
    places = rng.uniform(0, SIDE_M, (POINTS, 2)) + CORNER
    tree = shapely.STRtree(grids)
    zone = tree.query_nearest(shapely.points(places), all_matches=False)[1]
    lonlat = to_lonlat(EPSG, places)
    with transaction(ours.engine) as session:
        session.execute(
            text(ADD_POINTS),
            {"lon": lonlat[:, 0].tolist(), "lat": lonlat[:, 1].tolist(), "zone": zone.tolist()},
        )


def _around(session: Session, grids: NDArray[np.object_]) -> list[int]:
    """The zones of the grids nearest to the middle of the city, the nearest first."""
    middle = shapely.Point(CORNER + SIDE_M / 2)
    nearest = np.argsort(shapely.distance(grids, middle))[:LEADER_GRIDS]
    found = session.execute(text("SELECT code, id FROM zone WHERE level = 'grid'")).all()
    ids = {row.code: row.id for row in found}
    return [ids[f"{number:05d}"] for number in nearest]
