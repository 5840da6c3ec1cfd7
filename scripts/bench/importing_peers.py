"""How files get into PostGIS without being looked at: GDAL's own dump through psql, and pyogrio → COPY → GiST."""

from __future__ import annotations

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

if TYPE_CHECKING:
    import numpy as np

FROM_CSV = {"X_POSSIBLE_NAMES": "lon", "Y_POSSIBLE_NAMES": "lat", "AUTODETECT_TYPE": "YES"}


def gdal_dump(database_url: str, path: str) -> dict:
    """What `ogr2ogr -f PGDump | psql` does: GDAL's PostgreSQL writer with COPY, a primary key, then a GiST index."""
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
    return {"seconds": seconds}


def pyogrio_copy(database_url: str, path: str) -> dict:
    """GDAL through pyogrio into numpy, one COPY as text, then a GiST index over all."""
    started = time.perf_counter()
    meta, shapes, columns = read(path)
    read_s = time.perf_counter() - started
    names = [str(name) for name in meta["fields"]]
    kinds = ["text" if column.dtype == object else "double precision" for column in columns]
    as_text = [list(map(str, column.tolist())) for column in columns]
    as_text.append(
        [f"\\\\x{shape.hex()}" for shape in shapes.tolist()] if False else [s.hex() for s in shapes.tolist()]
    )
    body = "\n".join(map("\t".join, zip(*as_text, strict=True))) + "\n"
    url = make_url(database_url)
    with psycopg2.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False)
    ) as connection:
        cursor = connection.cursor()
        told = ", ".join(f"{name} {kind}" for name, kind in zip(names, kinds, strict=True))
        cursor.execute(f"CREATE TABLE peer_copy ({told}, geom geometry(Geometry, 4326))")
        cursor.copy_expert("COPY peer_copy FROM STDIN", io.StringIO(body), size=1 << 20)
        copied_s = time.perf_counter() - started
        cursor.execute("CREATE INDEX ON peer_copy USING gist (geom)")
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "read_s": read_s, "copy_s": copied_s - read_s, "index_s": seconds - copied_s}


def read(path: str) -> tuple[dict, np.ndarray, list[np.ndarray]]:
    options = (
        {"X_POSSIBLE_NAMES": "lon", "Y_POSSIBLE_NAMES": "lat", "AUTODETECT_TYPE": "YES"}
        if path.endswith(".csv")
        else {}
    )
    meta, _, shapes, columns = pyogrio.raw.read(path, **options)
    return meta, shapes, columns


def _server(url) -> dict[str, str]:
    host = url.host or url.query.get("host")
    told = {"PGHOST": host, "PGPORT": url.port, "PGPASSWORD": url.password}
    return {name: str(value) for name, value in told.items() if value}
