"""Leaders, contracts, streets and points on the small ground of `ground_kit`."""

from __future__ import annotations

import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.services import ground
from tests.services.ground_kit import EPSG, ORIGIN, place


def add_leader(session, name: str) -> int:
    return session.scalar(
        text("INSERT INTO leader (code, name) VALUES (:code, :name) RETURNING id"),
        {"code": f"L-{name}", "name": name},
    )


def contract(
    session, leader_id: int, *, zone=None, street=None, point=None, role="leader", days=(None, None)
):
    """Give a leader some ground from a day until before another."""
    session.execute(
        text(
            "INSERT INTO contract (leader_id, zone_id, street_id, point_id, role, valid_from, valid_to) "
            "VALUES (:leader, :zone, :street, :point, :role, :from_on, :to_on)"
        ),
        {"leader": leader_id, "zone": zone, "street": street, "point": point, "role": role,
         "from_on": days[0], "to_on": days[1]},
    )  # fmt: skip


def add_street(session, settings, code: str, metres, *, attributes="{}") -> int:
    """Insert a street along points in metres from the origin, cut into pieces; return its id."""
    line = to_lonlat(EPSG, shapely.transform(shapely.LineString(metres), lambda xy: xy + ORIGIN))
    street_id = session.scalar(
        text(
            "INSERT INTO street (code, name, geom, attributes) VALUES (:code, :name, ST_GeomFromWKB(:wkb, 4326), "
            "CAST(:attributes AS jsonb)) RETURNING id"
        ),
        {"code": code, "name": f"street {code}", "wkb": shapely.to_wkb(line), "attributes": attributes},
    )
    ground.refresh_masks(session, settings)
    return street_id


def add_point(session, code: str, metres, *, weight: float | None = None) -> int:
    """Insert a point at metres from the origin, in the zone whose border holds it; return its id."""
    lon, lat = place(metres)[0].tolist()
    return session.scalar(
        text(
            "INSERT INTO point (code, category, name, geom, weight, zone_id) VALUES (:code, 'other', :name, "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :weight, (SELECT v.zone_id FROM zone_version v WHERE "
            "ST_Covers(v.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) ORDER BY cardinality(v.path) DESC LIMIT 1)) "
            "RETURNING id"
        ),
        {"code": code, "name": f"point {code}", "lon": lon, "lat": lat, "weight": weight},
    )
