"""The usual ways to the same numbers. Each starts from metres in memory, which spares it the reading that ours does."""

from __future__ import annotations

import shapely
from sqlalchemy import create_engine, text

from scripts.bench.workload import EPSG, FIXES_A_SHIFT, REACH_M, Tracks, lines


def shapely_per_zone(zones, tracks: Tracks, quad_segs: int = 8):
    """Clip the buffered tracks to each zone, union them, take the difference."""
    buffers = shapely.buffer(lines(tracks), REACH_M, quad_segs=quad_segs)
    tree = shapely.STRtree(buffers)
    rates = []
    for zone in zones:
        near = buffers[tree.query(zone, predicate="intersects")]
        seen = shapely.union_all(shapely.intersection(near, zone))
        rates.append(1 - zone.difference(seen).area / zone.area)
    return rates


def geopandas_union(zones, tracks: Tracks):
    """One union of every track's buffer, then one difference, as one writes it first: a line a track, default buffers.

    Cut into lines of 60 fixes, as for shapely, it is about a fifth faster.
    """
    import geopandas

    frame = geopandas.GeoDataFrame(geometry=list(zones), crs=EPSG)
    seen = geopandas.GeoSeries(lines(tracks, FIXES_A_SHIFT), crs=EPSG).buffer(REACH_M).union_all()
    return (1 - frame.difference(seen).area / frame.area).tolist()


def postgis_per_zone(database_url: str, zones, tracks: Tracks):
    """Buffers subdivided and indexed (GiST), then one difference a zone; returns seconds of the query and the rates.

    Loading and indexing are not counted.
    """
    import time

    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TEMP TABLE z (id int, geom geometry(Polygon, {EPSG}))"))
        connection.execute(text(f"CREATE TEMP TABLE l (geom geometry(LineString, {EPSG}))"))
        connection.execute(
            text(f"INSERT INTO z VALUES (:id, ST_GeomFromWKB(:geom, {EPSG}))"),
            [{"id": number, "geom": shapely.to_wkb(zone)} for number, zone in enumerate(zones)],
        )
        connection.execute(
            text(f"INSERT INTO l VALUES (ST_GeomFromWKB(:geom, {EPSG}))"),
            [{"geom": shapely.to_wkb(line)} for line in lines(tracks)],
        )
        connection.execute(text("CREATE INDEX ON z USING gist (geom)"))
        connection.execute(text("ANALYZE z"))
        started = time.perf_counter()
        connection.execute(
            text(
                f"CREATE TEMP TABLE s AS SELECT ST_Subdivide(ST_Buffer(geom, {REACH_M}, 8), 64) AS geom FROM l"
            )
        )
        connection.execute(text("CREATE INDEX ON s USING gist (geom)"))
        connection.execute(text("ANALYZE s"))
        rates = connection.execute(
            text(
                "SELECT 1 - coalesce(ST_Area(ST_Difference(z.geom, n.seen)), ST_Area(z.geom)) / ST_Area(z.geom) FROM z "
                "CROSS JOIN LATERAL (SELECT ST_Union(ST_Intersection(s.geom, z.geom)) AS seen FROM s "
                "WHERE ST_Intersects(s.geom, z.geom)) n ORDER BY z.id"
            )
        ).scalars().all()  # fmt: skip
        seconds = time.perf_counter() - started
    engine.dispose()
    return seconds, rates


def duckdb_per_zone(zones, tracks: Tracks):
    """Buffers joined to the zones they meet and unioned there, in DuckDB's spatial extension; seconds and rates.

    Loading is not counted; the extension is the packaged one, so that nothing is fetched.
    """
    import time
    from pathlib import Path

    import duckdb
    import duckdb_extension_spatial

    found = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    database = duckdb.connect(config={"allow_unsigned_extensions": "true", "threads": 2})
    database.execute(f"LOAD '{found}'")
    database.execute("CREATE TABLE z (id int, wkb blob)")
    database.executemany(
        "INSERT INTO z VALUES (?, ?)", [(n, shapely.to_wkb(zone)) for n, zone in enumerate(zones)]
    )
    database.execute("CREATE TABLE l (wkb blob)")
    database.executemany("INSERT INTO l VALUES (?)", [(shapely.to_wkb(line),) for line in lines(tracks)])
    database.execute("CREATE TABLE zone AS SELECT id, ST_GeomFromWKB(wkb) AS geom FROM z")
    started = time.perf_counter()
    database.execute(
        f"CREATE TABLE seen AS SELECT ST_Buffer(ST_GeomFromWKB(wkb), {REACH_M}, 8) AS geom FROM l"
    )
    rates = database.execute(
        "SELECT coalesce(n.area, 0) / ST_Area(zone.geom) FROM zone LEFT JOIN (SELECT zone.id, "
        "ST_Area(ST_Union_Agg(ST_Intersection(seen.geom, zone.geom))) AS area FROM zone JOIN seen "
        "ON ST_Intersects(seen.geom, zone.geom) GROUP BY zone.id) n ON n.id = zone.id ORDER BY zone.id"
    ).fetchall()
    return time.perf_counter() - started, [rate for (rate,) in rates]
