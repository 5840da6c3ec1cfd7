"""Imports beside their peers: `./scripts/bench/importing` prints seconds, ratios, stages and peak memory.

Ours is everything an import does: read in a child with limits, clean, check, compare with what is stored, version, write,
index, audit. The peers read with the same GDAL. `dump` (what `ogr2ogr -f PGDump | psql` does) and `copy` (pyogrio → COPY → GiST) write
whatever they find into a new table; `kept` keeps what our import promises, as far as a page of SQL can (importing_peers says what
each does and leaves undone). Processor time is that of the client, of what it started and of the server together: it tells more than the
clock while others use the machine. The rasters of new zones are made with `--rasters` only, and never counted: no peer makes any.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import uuid
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from scripts.bench.city_ours import apart
from scripts.bench.coverage_bench import new_database
from scripts.bench.importing_ours import RASTERS, import_twice
from scripts.bench.importing_peers import gdal_dump, pyogrio_copy, pyogrio_kept
from scripts.bench.importing_work import write_points, write_points_csv, write_polygons

TARGET = 1.5
POLYGONS, POINTS = 100_000, 1_000_000
PEERS = {"dump": gdal_dump, "copy": pyogrio_copy, "kept": pyogrio_kept}


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/importing", description=__doc__)
    options.add_argument("--polygons", type=int, default=POLYGONS)
    options.add_argument("--points", type=int, default=POINTS)
    options.add_argument("--only", choices=["polygons", "points", "csv"], nargs="*")
    options.add_argument("--without-peers", action="store_true")
    options.add_argument("--rasters", action="store_true", help="make those of new zones, too")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="geoservice-bench-") as folder:
        works = {
            "polygons": (f"{chosen.polygons} polygons, GeoPackage", "zones", chosen.polygons, write_polygons, "polygons.gpkg"),
            "points": (f"{chosen.points} points, GeoPackage", "points", chosen.points, write_points, "points.gpkg"),
            "csv": (f"{chosen.points} points, CSV", "points", chosen.points, write_points_csv, "points.csv"),
        }  # fmt: skip
        for name, (title, kind, count, write, file) in works.items():
            if not chosen.only or name in chosen.only:
                path = write(Path(folder) / file, count)
                compare(title, kind, path, chosen)


def compare(title: str, kind: str, path: Path, chosen: argparse.Namespace) -> None:
    """Import one file with ours and with every peer, each in a process and a database of its own."""
    print(f"\n{title} ({path.stat().st_size / 1e6:.0f} MB)")
    peers = {}
    for name, peer in PEERS.items() if not chosen.without_peers else ():
        url = bare_database()
        peers[name] = apart(peer, url, str(path))
        drop(url)
    url = new_database()
    mine = apart(import_twice, url, kind, str(path), chosen.rasters)
    drop(url)
    show(mine, peers)


def show(mine: dict, peers: dict[str, dict]) -> None:
    told = ", ".join(f"{mine[each]} {each}" for each in ("new", "changed", "unchanged", "rejected"))
    print(f"  {'ours':<15} {_took(mine)}   {_stages(mine)}   ({told})")
    again = mine["again"]
    print(f"  {'the same again':<15} {_took(again)}   {_stages(again)}   ({again['unchanged']} unchanged)")
    print(f"  peak memory {mine['peak_mb']:.0f} MB, child {mine['child_mb']:.0f} MB")
    if RASTERS in mine["stages"]:
        print(f"  rasters (not counted) {mine['stages'][RASTERS]:.1f} s")
    for name, peer in peers.items():
        ratio, of_processor = mine["seconds"] / peer["seconds"], _cpu(mine) / _cpu(peer)
        parts = ", ".join(f"{key[:-2]} {value:.1f}" for key, value in peer.items() if key.endswith("_s"))
        verdict = "kept" if ratio <= TARGET else "MISSED"
        print(
            f"  {name:<15} {_took(peer)}   {parts or 'dump and psql'}; ours takes {ratio:.2f} × the clock, "
            f"{of_processor:.2f} × the processor ({verdict}: {TARGET})"
        )


def _took(side: dict) -> str:
    shares = f"{side['client_cpu']:.1f} + server {side['server_cpu']:.1f}"
    return f"{side['seconds']:7.2f} s, processor {_cpu(side):5.2f} s ({shares})"


def _cpu(side: dict) -> float:
    return side["client_cpu"] + side["server_cpu"]


def bare_database() -> str:
    """A database with PostGIS and nothing of ours."""
    url = make_url(os.environ["TEST_DATABASE_URL"]).set(database=f"bench_{uuid.uuid4().hex[:10]}")
    _ask(
        os.environ["TEST_DATABASE_URL"], f"CREATE DATABASE {url.database} ENCODING 'UTF8' TEMPLATE template0"
    )
    told = url.render_as_string(hide_password=False)
    _ask(told, "CREATE EXTENSION postgis")
    return told


def drop(url: str) -> None:
    _ask(os.environ["TEST_DATABASE_URL"], f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


def _ask(database_url: str, statement: str) -> None:
    engine = create_engine(database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _stages(side: dict) -> str:
    return ", ".join(
        f"{stage} {seconds:.1f}" for stage, seconds in side["stages"].items() if stage != RASTERS
    )


if __name__ == "__main__":
    main()
