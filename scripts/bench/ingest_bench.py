"""Positions of many phones: `./scripts/bench/ingest` prints fixes per second, p95, and whether exactly what was sent is stored.

gunicorn as the house starts it (two processes) on a PostgreSQL that waits for the disk as in production. Every device walks
for hours; its phone sends single fixes as OsmAnd does and, after a time out of reach, bodies of 10 to 50 as OwnTracks and
Traccar Client do. One in eight requests is sent twice, bodies are shuffled, and each phone's requests go out of order. The
phones run in a process of their own and share the two processors. "floor": the same fixes by plain INSERT … ON CONFLICT,
one statement and one commit a request, without HTTP, tokens, tracks or marks.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from geoservice.services import devices
from geoservice.services.devices import Owner
from geoservice.store.base import make_engine, transaction
from geoservice.store.migrate import upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

SEED, DEVICES, CONNECTIONS = 20260601, 200, 8
SECONDS, LEAST_RATE = 20.0, 2000
# Of all fixes, so many come one by one; the others wait in bodies of 10 to 50.
SINGLE, TWICE = 0.1, 0.125
STEP_S = 5
WEST, SOUTH = 114.0, 22.5
OWNER = "bench_ingest"
KEY = "a benchmark's key of more than thirty-two characters"
FLOOR = "INSERT INTO floor (device_id, recorded_at, lon, lat, accuracy_m) VALUES %s ON CONFLICT DO NOTHING"

Fix = tuple[int, float, float]
"""Seconds since 1970, lon, lat."""


@dataclass(frozen=True)
class Report:
    """One request: by which device, and which of its fixes."""

    device: int
    fixes: tuple[Fix, ...]


@dataclass
class Answered:
    """What one phone line saw: (seconds waited, fixes acknowledged) a request, and what was not answered with 200."""

    waits: list[tuple[float, int]]
    wrong: list[str]
    cpu_s: float = 0.0


def make_reports(count: int, now: int) -> list[Report]:
    """Return requests with `count` fixes or a few more in an order in which phones might send them, repetitions included."""
    rng = random.Random(SEED)
    each = count // DEVICES
    reports = []
    for device in range(DEVICES):
        lon, lat = WEST + rng.random() / 10, SOUTH + rng.random() / 10
        walk = []
        for step in range(each):
            lon, lat = lon + rng.gauss(0, 4e-5), lat + rng.gauss(0, 4e-5)
            walk.append((now - (each - step) * STEP_S, round(lon, 6), round(lat, 6)))
        reports += _as_requests(device, walk, rng)
    reports += [report for report in reports if rng.random() < TWICE]
    rng.shuffle(reports)
    return reports


def _as_requests(device: int, walk: list[Fix], rng: random.Random) -> Iterator[Report]:
    at = 0
    while at < len(walk):
        # Bodies hold 30 on average.
        single = rng.random() < SINGLE * 30 / (SINGLE * 30 + 1 - SINGLE)
        size = 1 if single else rng.randint(10, 50)
        fixes = walk[at : at + size]
        rng.shuffle(fixes)
        yield Report(device, tuple(fixes))
        at += size


def request_of(report: Report, token: str) -> tuple[str, str, bytes | None]:
    """Return method, address and body as the phone's app would send them."""
    if len(report.fixes) == 1:
        seconds, lon, lat = report.fixes[0]
        told = {
            "id": token,
            "lat": lat,
            "lon": lon,
            "timestamp": seconds,
            "speed": 2.5,
            "bearing": 90,
            "accuracy": 5,
        }
        return "GET", f"/positions/osmand?{urlencode({**told, 'altitude': 12, 'batt': 80})}", None
    if report.device % 2:
        bodies = [
            {
                "_type": "location",
                "tst": at,
                "lon": lon,
                "lat": lat,
                "acc": 5,
                "vel": 5,
                "cog": 90,
                "batt": 80,
                "tid": "p",
            }
            for at, lon, lat in report.fixes
        ]
        return "POST", f"/positions/owntracks/{token}", json.dumps(bodies).encode()
    locations = [
        {
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(),
            "coords": {"latitude": lat, "longitude": lon, "accuracy": 5, "speed": 1.3, "heading": 90, "altitude": 12},
            "is_moving": True, "event": "", "battery": {"level": 0.8, "is_charging": False}, "activity": {"type": "walking"},
        }
        for at, lon, lat in report.fixes
    ]  # fmt: skip
    return "POST", "/positions/osmand", json.dumps({"location": locations, "device_id": token}).encode()


def send_all(port: int, reports: list[Report], tokens: list[str]) -> Answered:
    """Send the requests over connections that stay open, each waiting for its answers."""
    answered = Answered([], [])
    line = iter(reports)
    turn = threading.Lock()

    def phone_line() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with turn:
                report = next(line, None)
            if report is None:
                connection.close()
                return
            method, address, body = request_of(report, tokens[report.device])
            began = time.perf_counter()
            connection.request(method, address, body, {"Content-Type": "application/json"} if body else {})
            answer = connection.getresponse()
            said = answer.read()
            answered.waits.append((time.perf_counter() - began, len(report.fixes)))
            if answer.status != 200:
                answered.wrong.append(f"{answer.status} {said[:80]!r}")

    threads = [threading.Thread(target=phone_line) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered.cpu_s = time.process_time()
    return answered


def main() -> int:
    """Run it and say how it went; 1 where a fix was lost, stored twice, or they came too slowly."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fixes", type=int, default=int(SECONDS * LEAST_RATE))
    parser.add_argument("--least", type=float, default=LEAST_RATE, help="fixes per second that are asked for")
    asked = parser.parse_args()
    url, drop = _new_database()
    try:
        engine = make_engine(url)
        tokens = _make_devices(engine)
        reports = make_reports(asked.fixes, int(time.time()))
        wall_s, answered = _serve(url, reports, tokens)
        fine = _say(engine, reports, answered, wall_s)
        floor_s = _floor(url, reports)
        sent = sum(len(report.fixes) for report in reports)
        print(f"floor: {sent / floor_s:7.0f} fixes/s by INSERT … ON CONFLICT alone over one connection")
        engine.dispose()
    finally:
        drop()
    return 0 if fine and sent / wall_s >= asked.least else 1


def _serve(url: str, reports: list[Report], tokens: list[str]) -> tuple[float, Answered]:
    """Answer the reports with gunicorn; return the seconds it took, and what the phones saw."""
    port = 20_000 + os.getpid() % 10_000
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ, "DATABASE_URL": url, "REDIS_URL": os.environ["TEST_REDIS_URL"], "SECRET_KEY": KEY, "VAR_DIR": folder,
        }  # fmt: skip
        with (Path(folder) / "gunicorn.log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "scripts/house/gunicorn_settings.py", "-b", f"127.0.0.1:{port}"],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                _wait_for(port)
                warm = [report for report in reports if len(report.fixes) == 1][:40]
                with multiprocessing.get_context("spawn").Pool(1) as phones:
                    phones.apply(send_all, (port, warm, tokens))
                    began = time.perf_counter()
                    answered = phones.apply(send_all, (port, reports, tokens))
                    wall_s = time.perf_counter() - began
            finally:
                server.terminate()
                server.wait()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"processor time of web and phones together: {spent.ru_utime + spent.ru_stime:.1f} s, of it phones {answered.cpu_s:.1f} s"
    )
    return wall_s, answered


def _say(engine: Engine, reports: list[Report], answered: Answered, wall_s: float) -> bool:
    """Print rate and p95; tell whether exactly the set that was sent is stored and counted."""
    sent = {(report.device, at, lon, lat) for report in reports for at, lon, lat in report.fixes}
    total = sum(len(report.fixes) for report in reports)
    with transaction(engine) as session:
        rows = session.execute(
            text(
                "SELECT CAST(d.code AS int), CAST(extract(epoch FROM f.recorded_at) AS bigint), f.lon, f.lat FROM fix f JOIN device d ON d.id = f.device_id"
            )
        ).all()
        counted = session.scalar(text("SELECT sum(fix_count) FROM track"))
        noted = session.scalar(text("SELECT count(DISTINCT device_id) FROM arrival"))
        settings = [
            session.scalar(text(f"SHOW {name}"))
            for name in ("fsync", "synchronous_commit", "full_page_writes")
        ]
    stored = [tuple(row) for row in rows]
    lost, double = len(sent - set(stored)), len(stored) - len(set(stored))
    wrong = len(set(stored) - sent)
    for name, waits in (
        ("single fixes", sorted(wait for wait, fixes in answered.waits if fixes == 1)),
        ("bodies of 10–50", sorted(wait for wait, fixes in answered.waits if fixes > 1)),
    ):
        middle, high = (waits[int(len(waits) * share)] * 1000 for share in (0.5, 0.95))
        print(f"{name:16} {len(waits):6} requests, median {middle:6.1f} ms, p95 {high:6.1f} ms")
    print(
        f"{total} fixes sent in {len(reports)} requests, {len(sent)} different; fsync, synchronous_commit, full_page_writes: {settings}"
    )
    print(f"ours:  {total / wall_s:7.0f} fixes/s, {len(reports) / wall_s:.0f} requests/s for {wall_s:.1f} s")
    print(f"lost {lost}, double {double}, never sent {wrong}, not answered with 200: {len(answered.wrong)}")
    print(f"tracks count {counted} fixes; {noted} of {DEVICES} devices are noted for coverage")
    for line in answered.wrong[:5]:
        print("  ", line)
    return not (lost or double or wrong or answered.wrong) and counted == len(sent) and noted == DEVICES


def _floor(url: str, reports: list[Report]) -> float:
    """Return the seconds that the same stream takes by plain INSERT."""
    plain = make_url(url)
    with (
        psycopg2.connect(
            host=plain.query["host"], dbname=plain.database, user=plain.username, password=plain.password
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "CREATE TABLE floor (device_id int, recorded_at timestamptz, lon float8, lat float8, accuracy_m real, "
            "PRIMARY KEY (device_id, recorded_at))"
        )
        connection.commit()
        began = time.perf_counter()
        for report in reports:
            rows = [
                (report.device, datetime.fromtimestamp(at, UTC), lon, lat, 5) for at, lon, lat in report.fixes
            ]
            execute_values(cursor, FLOOR, rows)
            connection.commit()
        return time.perf_counter() - began


def _make_devices(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        rows = [devices.add_device(session, str(number), Owner(), by=None) for number in range(DEVICES)]
        return [devices.make_token(session, row.id, now=datetime.now(UTC), by=None) for row in rows]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/health")
            if connection.getresponse().read():
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gunicorn did not start")


def _new_database() -> tuple[str, Callable[[], None]]:
    """Return an empty, migrated database on a server that waits for the disk, and what drops it again."""
    admin_url = make_url(os.environ["TEST_DATABASE_URL"])
    name = f"bench_ingest_{os.getpid()}"
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = on"))
        connection.execute(text("SELECT pg_reload_conf()"))
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
        connection.execute(text("ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF"))
    inside.dispose()
    url = admin_url.set(database=name, username=OWNER, password="bench").render_as_string(hide_password=False)
    upgrade(url)

    def drop() -> None:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()

    return url, drop


if __name__ == "__main__":
    sys.exit(main())
