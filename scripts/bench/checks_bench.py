"""Gaps and overlaps of a city of 9 005 zones: `./scripts/bench/checks` prints what finding them costs, here and with the peers.

The zones are irregular and fit each other exactly; then a corner of every fiftieth is pulled up to 60 m away, which leaves gaps
on one side and overlaps on the other. All answer the same two questions of the same borders: which pairs overlap and by how
many square metres, and how much ground inside the city is nobody's.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_lonlat
from geoservice.domain.topology import LEAST_AREA_M2, find_gaps, find_overlaps, plane_of
from geoservice.services.ground_checks.checking import check_ground
from geoservice.services.ground_checks.findings import CHECKS
from geoservice.services.ground_checks.snapping import propose_snap
from geoservice.store import check_rows
from geoservice.store.base import transaction
from scripts.bench.city_ours import apart
from scripts.bench.coverage_bench import new_database
from scripts.bench.coverage_ours import DAY, Ours
from scripts.bench.workload import EPSG, make_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED, ZONES, EVERY, FARTHEST_M = 20261122, 9_005, 50, 60.0
PAGE_TARGET_S = 2.0


def faulty_zones() -> NDArray[np.object_]:
    """Zones that would fit each other but for a corner of every fiftieth, in metres."""
    rng = np.random.default_rng(SEED)
    zones = make_zones(ZONES, rng)
    for index in range(0, ZONES, EVERY):
        ring = shapely.get_coordinates(zones[index])
        ring[1] += rng.uniform(-FARTHEST_M, FARTHEST_M, 2)
        pulled = shapely.Polygon(ring)
        zones[index] = pulled if pulled.is_valid else zones[index]
    return zones


def ours(database_url: str) -> dict:
    """What the page asks: everything, and each check by itself; and the proposal to snap."""
    city = Ours(database_url)
    seconds = {}
    with transaction(city.engine) as session:
        for name in (*CHECKS, "all"):
            started = time.perf_counter()
            check_ground(session, city.settings, DAY, level="grid", only=CHECKS if name == "all" else (name,))
            seconds[name] = time.perf_counter() - started
        started = time.perf_counter()
        proposed = propose_snap(session, city.settings, DAY, "grid", tolerance_m=5.0)
        seconds["snap"] = time.perf_counter() - started
        # The lists of the page are cut; what is compared with the peers is whole.
        started = time.perf_counter()
        shapes = [zone.geom for zone in check_rows.zone_borders(session, DAY, level="grid")]
        plane = plane_of(shapes)
        overlaps, gaps = find_overlaps(shapes, plane), find_gaps(shapes, plane)
        whole_s = time.perf_counter() - started
    pairs = {fault.zones for fault in overlaps}
    return {
        "seconds": seconds, "whole_s": whole_s, "snapped": len(proposed), "pairs": len(pairs),
        "overlap_m2": sum(fault.area_m2 for fault in overlaps), "gap_m2": sum(fault.area_m2 for fault in gaps),
    }  # fmt: skip


def postgis(database_url: str) -> dict:
    """The usual statements: a join of the zones with themselves, and the union taken from its own outline."""
    city = Ours(database_url)
    m2 = _square_metres()
    with transaction(city.engine) as session:
        started = time.perf_counter()
        shared = session.execute(
            text(
                "SELECT count(*), coalesce(sum(area), 0) FROM ("
                "SELECT ST_Area(ST_Intersection(a.geom, b.geom)) * :m2 AS area FROM zone_version a JOIN zone_version b "
                "ON a.geom && b.geom AND a.id < b.id AND ST_Intersects(a.geom, b.geom) AND NOT ST_Touches(a.geom, b.geom)"
                ") s WHERE area >= :least"
            ),
            {"m2": m2, "least": LEAST_AREA_M2},
        ).one()
        overlap_s = time.perf_counter() - started
        started = time.perf_counter()
        gap = session.scalar(
            text(
                "SELECT ST_Area(ST_Difference(ST_MakePolygon(ST_ExteriorRing(u)), u)) * :m2 "
                "FROM (SELECT ST_GeometryN(ST_Multi(ST_Union(geom)), 1) AS u FROM zone_version) s"
            ),
            {"m2": m2},
        )
    seconds = overlap_s + time.perf_counter() - started
    return {"seconds": seconds, "pairs": shared[0], "overlap_m2": shared[1], "gap_m2": gap}


def geopandas_overlay(database_url: str) -> dict:
    """GeoPandas on borders already in memory: the overlay of the zones with themselves, and the union's holes."""
    import geopandas

    city, m2 = Ours(database_url), _square_metres()
    with transaction(city.engine) as session:
        shapes = [zone.geom for zone in check_rows.zone_borders(session, DAY, level="grid")]
    frame = geopandas.GeoDataFrame({"number": range(len(shapes))}, geometry=shapes, crs=4326)
    started = time.perf_counter()
    both = geopandas.overlay(frame, frame, how="intersection", keep_geom_type=True)
    both = both[both.number_1 < both.number_2]
    areas = shapely.area(both.geometry.values) * m2
    union = frame.geometry.union_all()
    gap = shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union)[0])).difference(union).area * m2
    seconds = time.perf_counter() - started
    real = areas >= LEAST_AREA_M2
    return {
        "seconds": seconds,
        "pairs": int(real.sum()),
        "overlap_m2": float(areas[real].sum()),
        "gap_m2": float(gap),
    }


def _square_metres() -> float:
    """Square metres a square degree, where the zones are."""
    return float(plane_of(to_lonlat(EPSG, faulty_zones())).scale.prod())


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/checks", description=__doc__)
    options.add_argument("--without", nargs="*", default=[], choices=["geopandas", "postgis"])
    chosen = options.parse_args()
    database_url = new_database()
    Ours(database_url).store_zones(faulty_zones())
    mine = apart(ours, database_url)
    print(f"{ZONES} zones, a corner of every {EVERY}th pulled up to {FARTHEST_M:.0f} m away\n")
    for name, seconds in mine["seconds"].items():
        print(f"  {name:<12}{seconds:8.2f} s" + (f"   (target {PAGE_TARGET_S} s)" if name == "all" else ""))
    print(f"\n{'gaps and overlaps':<20}{'s':>8}{'times':>8}{'pairs':>8}{'overlap m²':>14}{'gap m²':>14}")
    answers = {"ours": {**mine, "seconds": mine["whole_s"]}}
    if "postgis" not in chosen.without:
        answers["PostGIS"] = apart(postgis, database_url)
    if "geopandas" not in chosen.without:
        answers["GeoPandas"] = apart(geopandas_overlay, database_url)
    for name, each in answers.items():
        print(
            f"{name:<20}{each['seconds']:8.2f}{each['seconds'] / mine['whole_s']:8.1f}{each['pairs']:8d}"
            f"{each['overlap_m2']:14.0f}{each['gap_m2']:14.0f}"
        )


if __name__ == "__main__":
    main()
