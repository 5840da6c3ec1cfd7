"""How files get into PostGIS without us: GDAL's own dump through psql, pyogrio → COPY → GiST, and the same into a kept table.

`dump` and `copy` write whatever they find into a new table and index it at the end. `kept` is what somebody writes who wants of
his database what ours promises, and nothing more: it reads as `copy` does, files in WGS 84, asks GEOS whether each border is
valid, and copies into a table that stands already, with our table's keys, indexes, checks and zones of their own rows. It still
knows no versions, no comparison with what is stored, no audit, no undo, no row-level security and no child process.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np
import psycopg2
import pyogrio
import pyogrio.raw
import shapely
from sqlalchemy.engine import make_url

from scripts.bench.importing_work import KEY
from scripts.bench.processor import Processor

KEPT_TABLE = """
CREATE TABLE peer_kept (
    id serial PRIMARY KEY, code text NOT NULL UNIQUE, name text NOT NULL, parent_id int REFERENCES peer_kept,
    attributes jsonb NOT NULL, geom geometry(Geometry, 4326) NOT NULL CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom))
);
CREATE INDEX ON peer_kept (parent_id);
CREATE INDEX ON peer_kept USING gist (geom);
"""
FROM_CSV = {"X_POSSIBLE_NAMES": "lon", "Y_POSSIBLE_NAMES": "lat", "AUTODETECT_TYPE": "YES"}


def gdal_dump(database_url: str, path: str) -> dict:
    """What `ogr2ogr -f PGDump | psql` does: GDAL's PostgreSQL writer with COPY, a primary key, then a GiST index."""
    processor = Processor(database_url)
    started = time.perf_counter()
    meta, shapes, columns = read(path)
    script = Path(path).with_suffix(".sql")
    pyogrio.set_gdal_config_options({"PG_USE_COPY": "YES"})
    pyogrio.raw.write(
        script, shapes, columns, list(meta["fields"]), layer="peer", driver="PGDUMP",
        geometry_type=meta["geometry_type"], crs=meta["crs"] or "EPSG:4326", layer_options={"SPATIAL_INDEX": "GIST"},
    )  # fmt: skip
    url = make_url(database_url)
    command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", str(url.database), "-U", str(url.username), "-f", str(script)]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **_server(url)})
    seconds = time.perf_counter() - started
    script.unlink()
    return {"seconds": seconds, **processor.used()}


def pyogrio_copy(database_url: str, path: str) -> dict:
    """GDAL through pyogrio into numpy, one COPY as text, then a GiST index over all."""
    processor = Processor(database_url)
    started = time.perf_counter()
    meta, shapes, columns = read(path)
    read_s = time.perf_counter() - started
    names = [str(name) for name in meta["fields"]]
    told = [f"{name} {_kind(column)}" for name, column in zip(names, columns, strict=True)]
    with _connected(database_url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TABLE peer_copy ({', '.join(told)}, geom geometry(Geometry, 4326))")
        cursor.copy_expert("COPY peer_copy FROM STDIN", _as_text(columns, shapes), size=1 << 20)
        copied_s = time.perf_counter() - started
        cursor.execute("CREATE INDEX ON peer_copy USING gist (geom)")
    seconds = time.perf_counter() - started
    parts = {"read_s": read_s, "copy_s": copied_s - read_s, "index_s": seconds - copied_s}
    return {"seconds": seconds, **parts, **processor.used()}


def pyogrio_kept(database_url: str, path: str) -> dict:
    """As `pyogrio_copy`, but into a table that stands already and refuses what is invalid or there twice."""
    with _connected(database_url) as connection:
        connection.cursor().execute(KEPT_TABLE)
    processor = Processor(database_url)
    started = time.perf_counter()
    meta, shapes, columns = read(path)
    borders = shapely.from_wkb(shapes)
    valid = shapely.is_valid(borders)
    if not valid.all():
        raise ValueError(f"{int((~valid).sum())} invalid")
    names = [str(name) for name in meta["fields"]]
    rest = [place for place, name in enumerate(names) if name not in KEY]
    others = [
        json.dumps(dict(zip([names[place] for place in rest], cells, strict=True)), ensure_ascii=False)
        for cells in zip(*(columns[place].tolist() for place in rest), strict=True)
    ]
    kept = [columns[names.index(name)] for name in KEY]
    checked_s = time.perf_counter() - started
    with _connected(database_url) as connection:
        cursor = connection.cursor()
        cursor.copy_expert(
            f"COPY peer_kept ({', '.join(KEY)}, attributes, geom) FROM STDIN",
            _as_text([*kept, np.array(others, dtype=object)], shapely.to_wkb(shapely.normalize(borders))),
            size=1 << 20,
        )
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "read_s": checked_s, "copy_s": seconds - checked_s, **processor.used()}


def _kind(column: np.ndarray) -> str:
    return "text" if column.dtype == object else "double precision"


def _as_text(columns: list[np.ndarray], shapes: np.ndarray) -> io.StringIO:
    cells = [list(map(str, column.tolist())) for column in columns]
    cells.append([shape.hex() for shape in shapes.tolist()])
    return io.StringIO("\n".join(map("\t".join, zip(*cells, strict=True))) + "\n")


def _connected(database_url: str) -> psycopg2.extensions.connection:
    url = make_url(database_url).set(drivername="postgresql")
    return psycopg2.connect(url.render_as_string(hide_password=False))


def read(path: str) -> tuple[dict, np.ndarray, list[np.ndarray]]:
    meta, _, shapes, columns = pyogrio.raw.read(path, **(FROM_CSV if path.endswith(".csv") else {}))
    return meta, shapes, columns


def _server(url) -> dict[str, str]:
    host = url.host or url.query.get("host")
    told = {"PGHOST": host, "PGPORT": url.port, "PGPASSWORD": url.password}
    return {name: str(value) for name, value in told.items() if value}
