"""How files get into PostGIS without us: GDAL's own dump through psql, pyogrio → COPY → GiST, and the same into kept tables.

`dump` and `copy` write whatever they find into a new table and index it at the end: an invalid border, a code that is there twice and a
second import of the same file all go in. That is the bare work, by which our target is set.

`kept` is what somebody writes who wants of his database what our import promises: tables that stand already (of polygons with their
versions apart), codes there once, only valid shapes, the same keys and indexes, what came compared with what is stored, who and when,
what was before, nothing but what differs written, all in one transaction. It still knows no dry run, no undo, no list of what is
wrong with which row, no row-level security and no child process with limits.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pyogrio
import pyogrio.raw
from sqlalchemy.engine import make_url

from scripts.bench.importing_work import KEY
from scripts.bench.processor import Processor

if TYPE_CHECKING:
    import numpy as np

# kind of shape → the tables that stand, and how what came gets into them.
BATCHES = """
CREATE TABLE peer_batch (id serial PRIMARY KEY, file text NOT NULL, sha256 text NOT NULL, by text NOT NULL DEFAULT current_user, at timestamptz NOT NULL DEFAULT now());
"""
KEPT_TABLES = {
    "Polygon": """
        CREATE TABLE peer_zone (id serial PRIMARY KEY, code text NOT NULL UNIQUE);
        CREATE TABLE peer_version (
            id serial PRIMARY KEY, zone_id int NOT NULL, name text NOT NULL, parent_id int, attributes jsonb NOT NULL,
            geom geometry(Polygon, 4326) NOT NULL CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
            valid_from date, valid_to date, batch_id int NOT NULL
        );
        CREATE INDEX ON peer_version (zone_id);
        CREATE INDEX ON peer_version (parent_id);
        CREATE INDEX ON peer_version USING gist (geom);
    """,
    "Point": """
        CREATE TABLE peer_point (
            id serial PRIMARY KEY, code text NOT NULL UNIQUE, name text NOT NULL, zone_id int, attributes jsonb NOT NULL,
            geom geometry(Point, 4326) NOT NULL CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)), batch_id int NOT NULL
        );
        CREATE INDEX ON peer_point (zone_id);
        CREATE INDEX ON peer_point USING gist (geom);
        CREATE TABLE peer_history (at timestamptz NOT NULL DEFAULT now(), before jsonb NOT NULL);
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO peer_history (before) VALUES (to_jsonb(OLD)); RETURN NULL; END $$;
        CREATE TRIGGER keep AFTER UPDATE ON peer_point FOR EACH ROW EXECUTE FUNCTION keep();
    """,
}
KEEP = {
    "Polygon": """
        INSERT INTO peer_zone (code) SELECT code FROM came ON CONFLICT (code) DO NOTHING;
        CREATE TEMPORARY TABLE differs AS
        SELECT z.id, c.name, jsonb_build_object({rest}) AS attributes, c.geom, v.id AS version_id
        FROM came c JOIN peer_zone z USING (code) LEFT JOIN peer_version v ON v.zone_id = z.id AND v.valid_to IS NULL
        WHERE (v.name, v.attributes, v.geom) IS DISTINCT FROM (c.name, jsonb_build_object({rest}), c.geom);
        UPDATE peer_version v SET valid_to = current_date FROM differs d WHERE v.id = d.version_id;
        INSERT INTO peer_version (zone_id, name, attributes, geom, valid_from, batch_id)
        SELECT id, name, attributes, geom, current_date, (SELECT max(b.id) FROM peer_batch b) FROM differs;
        ANALYZE peer_zone, peer_version;
    """,
    "Point": """
        INSERT INTO peer_point (code, name, attributes, geom, batch_id)
        SELECT code, name, jsonb_build_object({rest}), geom, (SELECT max(b.id) FROM peer_batch b) FROM came
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, attributes = excluded.attributes, geom = excluded.geom
        WHERE (peer_point.name, peer_point.attributes, peer_point.geom) IS DISTINCT FROM (excluded.name, excluded.attributes, excluded.geom);
        ANALYZE peer_point;
    """,
}
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
    """As `pyogrio_copy` into a table in between, then one statement that keeps what our import promises (`KEPT`)."""
    kind = "Point" if "point" in Path(path).stem else "Polygon"
    with _connected(database_url) as connection:
        connection.cursor().execute(BATCHES + KEPT_TABLES[kind])
    processor = Processor(database_url)
    started = time.perf_counter()
    meta, shapes, columns = read(path)
    read_s = time.perf_counter() - started
    names = [str(name) for name in meta["fields"]]
    told = [f"{name} {_kind(column)}" for name, column in zip(names, columns, strict=True)]
    rest = ", ".join(f"'{name}', {name}" for name in names if name not in KEY)
    with _connected(database_url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"CREATE TEMPORARY TABLE came ({', '.join(told)}, geom geometry(Geometry, 4326))")
        cursor.copy_expert("COPY came FROM STDIN", _as_text(columns, shapes), size=1 << 20)
        copied_s = time.perf_counter() - started
        cursor.execute("ANALYZE came")
        cursor.execute("INSERT INTO peer_batch (file, sha256) VALUES (%s, %s)", (path, _sha256(path)))
        cursor.execute(KEEP[kind].format(rest=rest))
    seconds = time.perf_counter() - started
    parts = {"read_s": read_s, "copy_s": copied_s - read_s, "keep_s": seconds - copied_s}
    return {"seconds": seconds, **parts, **processor.used()}


def _sha256(path: str) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
