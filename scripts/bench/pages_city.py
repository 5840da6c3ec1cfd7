"""The large city of the pages' benchmark: 9 005 grids below ten districts, 50 000 points, a day of 200 shifts, a leader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.store.base import transaction
from scripts.bench.coverage_ours import Ours
from scripts.bench.workload import CORNER, EPSG, SIDE_M, make_tracks, make_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED, GRIDS, DISTRICTS, POINTS, SHIFTS = 20261122, 9_005, 10, 50_000, 200
LEADER_GRIDS, LEADER_POINTS = 60, 400
PASSWORD = "right-horse-battery"
LOGINS = {Role.DISPATCHER: "desk", Role.LEADER: "leader", Role.GIS: "gis"}

BELOW_DISTRICTS = """
WITH d AS (INSERT INTO zone (level, code) SELECT 'district', lpad(n::text, 6, '4403') FROM generate_series(1, :count) n RETURNING id, code),
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
ANSWER = """
WITH l AS (INSERT INTO leader (code, name, title) VALUES ('L1', '王建国', '主任') RETURNING id),
     z AS (INSERT INTO contract (leader_id, role, zone_id, valid_from)
           SELECT l.id, 'leader', z.id, DATE '2026-01-01' FROM l, (SELECT id FROM zone WHERE level = 'grid' AND id = ANY(:zones)) z)
SELECT id FROM l
"""


def fill(database_url: str) -> Ours:
    """Store the city and its users; the day that was patrolled is coverage_ours.DAY."""
    rng = np.random.default_rng(SEED)
    ours = Ours(database_url)
    grids = make_zones(GRIDS, rng)
    ours.store_zones(grids)
    _add_districts(ours, grids)
    _add_points(ours, grids, rng)
    ours.store_tracks(make_tracks(SHIFTS, rng))
    ours.cover()
    with transaction(ours.engine) as session:
        leader_id = session.scalar(text(ANSWER), {"zones": _around(ours, grids)})
        for role, login in LOGINS.items():
            accounts.add_user(
                session,
                NewUser(login, login, role, leader_id=leader_id if role is Role.LEADER else None),
                PASSWORD,
            )
    with ours.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return ours


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


def _around(ours: Ours, grids: NDArray[np.object_]) -> list[int]:
    """The grids nearest to the middle of the city."""
    middle = shapely.Point(CORNER + SIDE_M / 2)
    nearest = np.argsort(shapely.distance(grids, middle))[:LEADER_GRIDS]
    with transaction(ours.engine) as session:
        return [
            session.scalar(
                text("SELECT id FROM zone WHERE level = 'grid' AND code = :code"), {"code": f"{n:05d}"}
            )
            for n in nearest
        ]
