"""Features and tiles beside tipg: `./scripts/bench/serving` prints requests per second and p95 of each, same database, same run.

10 000 zones of about 30 corners; ours behind gunicorn with a login, row-level security and paging, tipg behind uvicorn as it
comes, each with two processes, four clients that wait for each answer. "first" asks what nobody asked before (ours changes a
filter, so nothing kept can serve), "again" asks the same once more; tipg keeps nothing. No compression on either side.
"""

from __future__ import annotations

import argparse
import http.client
import math
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
import shapely
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from geoservice.config import Settings
from geoservice.domain.crs import to_lonlat
from geoservice.domain.roles import Role
from geoservice.services import accounts, tokens
from geoservice.services.accounts import NewUser
from geoservice.services.ground import ensure_deployment
from geoservice.store.base import make_engine, transaction
from geoservice.store.migrate import upgrade
from scripts.bench.workload import EPSG, make_zones

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED, ZONES, CLIENTS, PROCESSES, PAGES = 20260601, 10_000, 4, 2, 8
PATIENCE_S = 240.0  # others may use the machine
OWNER = "bench_serving"
KEY = "a benchmark's key of more than thirty-two characters"
# How many tiles a person who looks around asks for, by zoom.
LOOKED_AT = {9: 1, 10: 2, 11: 4, 12: 8, 13: 15, 14: 20, 15: 20, 16: 20}
# The same columns for tipg as ours serves; as a table of its own it need not join, nor ask who may see a row.
PEER_TABLE = """
CREATE TABLE peer_zones AS
SELECT s.id, s.zone_id, z.level, z.code, s.name, p.level AS parent_level, p.code AS parent_code, s.valid_from, s.valid_to,
       s.row_version, s.attributes, s.geom
FROM zone_version s JOIN zone z ON z.id = s.zone_id LEFT JOIN zone p ON p.id = s.parent_id;
ALTER TABLE peer_zones ADD PRIMARY KEY (id);
CREATE INDEX ON peer_zones USING gist (geom);
ANALYZE;
"""


def new_database() -> str:
    """An empty, migrated database owned by a role that row-level security binds."""
    admin_url = make_url(os.environ["TEST_DATABASE_URL"])
    name = f"bench_serving_{os.getpid()}"
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'bench'; "
                "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
        )
        connection.execute(text(f"CREATE DATABASE {name} OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0"))
    inside = create_engine(admin_url.set(database=name), isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        for extension in ("postgis", "btree_gist"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
        # As the house does, see scripts/house/postgresql.py.
        connection.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"))
    inside.dispose()
    admin.dispose()
    url = admin_url.set(database=name, username=OWNER, password="bench").render_as_string(hide_password=False)
    upgrade(url)
    return url


def drop_database(url: str) -> None:
    admin = create_engine(os.environ["TEST_DATABASE_URL"], isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))
    admin.dispose()


def fill(settings: Settings) -> str:
    """Store the zones, and a user; return his token."""
    lonlat = to_lonlat(EPSG, _bend(shapely.segmentize(make_zones(ZONES, np.random.default_rng(SEED)), 60.0)))
    with transaction(make_engine(settings.database_url)) as session:
        lon, lat = shapely.get_coordinates(lonlat[0])[0]
        ensure_deployment(session, settings, lon, lat)
        session.execute(
            text(
                "WITH i AS (INSERT INTO zone (level, code) SELECT 'grid', lpad(n::text, 12, '4403') FROM "
                "generate_series(10000, :last) n RETURNING id, code) "
                "INSERT INTO zone_version (zone_id, name, path, geom, attributes) "
                "SELECT i.id, '网格' || i.code, ARRAY[i.id], ST_Multi(ST_GeomFromWKB(s.wkb, 4326)), "
                "jsonb_build_object('负责人', '王' || i.code, 'households', i.id) FROM i JOIN "
                "unnest(CAST(:shapes AS bytea[])) WITH ORDINALITY AS s(wkb, n) ON s.n = right(i.code, 5)::int - 9999"
            ),
            {"last": 10_000 + len(lonlat) - 1, "shapes": [shapely.to_wkb(zone) for zone in lonlat]},
        )
        account = accounts.add_user(session, NewUser("bench", "bench", Role.GIS), "right-horse-battery")
        token, _ = tokens.make_token(session, account, "bench", now=datetime.now(UTC))
        session.execute(text(PEER_TABLE))
    return token


def _bend(zones):
    """Borders that are no straight lines, the same on both sides."""
    return shapely.transform(zones, lambda xy: xy + 6 * np.sin(xy[:, ::-1] / 31.7 + 1.7 * np.sin(xy / 23.3)))


@contextmanager
def served(command: list[str], environment: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """A server that answers on a port, stopped at the end."""
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
        finally:
            connection.close()
    sys.exit(f"the server on {port} does not answer:\n{log.read_text()[-2000:]}")


def ask(port: int, paths: list[str], headers: dict[str, str]) -> tuple[float, float, int]:
    """Ask for all paths with some clients at once; return requests a second, the 95th percentile in ms, bytes an answer."""
    took: list[float] = []
    sizes: list[int] = []
    waiting = iter(paths)
    lock = threading.Lock()

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        while True:
            with lock:
                path = next(waiting, None)
            if path is None:
                return
            started = time.perf_counter()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            took.append(time.perf_counter() - started)
            sizes.append(len(body))
            if response.status not in {200, 204, 304}:
                raise AssertionError(f"{response.status} {path} {body[:300]!r}")

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    assert len(took) == len(paths)
    found = len(paths) / seconds, 1000 * float(np.percentile(took, 95)), int(np.mean(sizes))
    print(
        f"{found[0]:8.1f}/s p95 {found[1]:6.0f} ms {found[2]:9d} bytes  {paths[0][:70]}",
        file=sys.stderr,
        flush=True,
    )
    return found


def tiles() -> list[tuple[int, int, int]]:
    """Zoom, column and row of tiles within the city, as somebody looks at them."""
    chance = random.Random(SEED)
    west, south, east, north = shapely.total_bounds(
        to_lonlat(EPSG, np.array([shapely.box(480_000, 2_480_000, 526_200, 2_526_200)]))
    )
    found = []
    for zoom, count in LOOKED_AT.items():
        for _ in range(count):
            lon, lat = chance.uniform(west, east), chance.uniform(south, north)
            scale = 2**zoom
            row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * scale
            found.append((zoom, int((lon + 180) / 360 * scale), int(row)))
    return found


def new_filters() -> Callable[[], str]:
    """A maker of filters that leave nothing out and that were never asked before."""
    number = iter(range(1, 10**9))
    return lambda: "filter=" + quote(f"zone_id > -{next(number)}")


def rounds_of(
    ours: int, peer: int, token: str, rounds: int
) -> dict[str, dict[str, list[tuple[float, float, int]]]]:
    headers = {"Authorization": "Basic " + b64encode(f"bench:{token}".encode()).decode()}
    fresh, looked = new_filters(), tiles()
    items = "/ogc/collections/zones/items?limit=10000"
    mine = [f"/ogc/collections/zones/tiles/WebMercatorQuad/{z}/{y}/{x}" for z, x, y in looked]
    theirs = [f"/collections/public.peer_zones/tiles/WebMercatorQuad/{z}/{x}/{y}" for z, x, y in looked]
    their_items = "/collections/public.peer_zones/items?limit=10000"
    results: dict[str, dict[str, list[tuple[float, float, int]]]] = {}
    for _ in range(rounds + 1):  # the first round warms both up and is not counted
        row = results.setdefault("10 000 features", {"ours, first": [], "ours, again": [], "tipg": []})
        row["ours, first"].append(ask(ours, [f"{items}&{fresh()}" for _ in range(PAGES)], headers))
        row["ours, again"].append(ask(ours, [items] * PAGES, headers))
        row["tipg"].append(ask(peer, [their_items] * PAGES, {}))
        row = results.setdefault(f"{len(mine)} tiles", {"ours, first": [], "ours, again": [], "tipg": []})
        row["ours, first"].append(ask(ours, [f"{path}?{fresh()}" for path in mine], headers))
        row["ours, again"].append(ask(ours, mine, headers))
        row["tipg"].append(ask(peer, theirs, {}))
    return {what: {name: one[1:] for name, one in row.items()} for what, row in results.items()}


def report(results: dict[str, dict[str, list[tuple[float, float, int]]]]) -> None:
    print(f"{'':<18}{'':<14}{'requests/s':>11}{'p95 ms':>9}{'KB each':>9}{'of tipg':>9}")
    for what, row in results.items():
        theirs = float(np.median([one[0] for one in row["tipg"]]))
        for name, measured in row.items():
            speed, slow, size = (float(np.median([one[part] for one in measured])) for part in range(3))
            print(f"{what:<18}{name:<14}{speed:>11.1f}{slow:>9.0f}{size / 1000:>9.1f}{speed / theirs:>9.2f}")


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/serving", description=__doc__)
    options.add_argument(
        "--tipg", type=Path, required=True, help="Python of the folder that tipg is installed in"
    )
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--port", type=int, default=18471, help="the first of two free ports")
    chosen = options.parse_args()
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        database_url = new_database()
        cleanup.callback(drop_database, database_url)
        settings = Settings(database_url=database_url, secret_key=KEY, metric_epsg=EPSG, var_dir=folder)
        token = fill(settings)
        make_engine(database_url).dispose()
        ours, peer = chosen.port, chosen.port + 1
        gunicorn = [
            sys.executable, "-m", "gunicorn", "-c", "scripts/house/gunicorn_settings.py", "-b", f"127.0.0.1:{ours}",
            "--access-logfile", "/dev/null", "-w", str(PROCESSES),
        ]  # fmt: skip
        uvicorn = [
            str(chosen.tipg), "-m", "uvicorn", "tipg.main:app", "--port", str(peer), "--workers", str(PROCESSES),
            "--no-access-log", "--timeout-worker-healthcheck", "120",
        ]  # fmt: skip
        mine = {
            "DATABASE_URL": database_url,
            "REDIS_URL": os.environ["TEST_REDIS_URL"],
            "SECRET_KEY": KEY,
            "VAR_DIR": str(folder),
        }
        cleanup.enter_context(served(gunicorn, mine, ours, folder / "ours.log"))
        cleanup.enter_context(served(uvicorn, _peer_environment(database_url), peer, folder / "tipg.log"))
        report(rounds_of(ours, peer, token, chosen.rounds))


def _peer_environment(database_url: str) -> dict[str, str]:
    url = make_url(database_url)
    host = url.query.get("host") or url.host or "127.0.0.1"
    place = f"{quote(str(host), safe='')}:{url.port or 5432}"
    return {
        "DATABASE_URL": f"postgresql://{OWNER}:bench@{place}/{url.database}",
        "TIPG_DB_TABLES": '["public.peer_zones"]',
        "TIPG_TILE_BUFFER": "64",  # as ours
    }


if __name__ == "__main__":
    main()
