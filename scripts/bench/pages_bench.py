"""Pages and maps under load: `./scripts/bench/pages` prints p95 of each kind beside its goal, and the first view behind a slow line.

Two cities: the demo city, and one of 9 005 grids with 50 000 points. Each is served by gunicorn as ./scripts/run starts it, and asked 50
times a second by people of three roles; a latency counts from the instant a request was due. Browser, clients, server and database share
the machine. The first answer of each page after the start, when nothing is kept yet, is told apart. No peer has these pages; tiles beside
tipg are measured by ./scripts/bench/serving.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.roles import Role
from geoservice.domain.windows import local_day
from geoservice.services.accounts import DEMO_LOGINS
from geoservice.services.demo import seeding
from geoservice.services.passwords import DEMO_PASSWORD
from geoservice.store.base import make_engine, transaction
from scripts.bench import pages_city
from scripts.bench.pages_load import (
    CITY_MAP,
    GOALS_MS,
    KEPT,
    Answers,
    Ground,
    kept_tiles,
    log_in,
    looked_at,
    mix_of,
    send,
)
from scripts.bench.pages_processor import show_processor
from scripts.bench.pages_view import first_views, median_ms
from scripts.bench.serving_bench import KEY, drop_database, new_database, served

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED, ZONES_ASKED = 20261122, 400
VIEW_GOAL_MS, HTML_GOAL_KB = 1500, 300
ROLES = {"dispatcher": Role.DISPATCHER, "gis": Role.GIS, "leader": Role.LEADER}


@dataclass(frozen=True)
class Stage:
    """A city in a database: who logs in, and with which settings it is served."""

    name: str
    url: str
    logins: Mapping[Role, str]
    password: str
    demo: bool


def demo_stage(url: str) -> Stage:
    settings = Settings(database_url=url, secret_key=KEY, demo_mode=True)
    with transaction(make_engine(url)) as session:
        seeding.seed(session, settings, now=datetime.now(UTC))
    return Stage("demo city", url, DEMO_LOGINS, DEMO_PASSWORD, demo=True)


def large_stage(url: str) -> Stage:
    pages_city.fill(url, datetime.now(UTC))
    name = f"{pages_city.GRIDS} grids, {pages_city.POINTS} points"
    return Stage(name, url, pages_city.LOGINS, pages_city.PASSWORD, demo=False)


STAGES = {"demo": demo_stage, "large": large_stage}


def ground_of(url: str) -> Ground:
    with transaction(make_engine(url)) as session:
        rows = session.execute(
            text("SELECT z.id, z.level FROM zone z WHERE z.level = 'grid' ORDER BY md5(z.code) LIMIT :most"),
            {"most": ZONES_ASKED},
        ).all()
        box = session.execute(
            text(
                "SELECT ST_XMin(b), ST_YMin(b), ST_XMax(b), ST_YMax(b) FROM (SELECT ST_Extent(geom) AS b FROM zone_version) AS e"
            )
        ).one()
    today = local_day(datetime.now(UTC), Settings(database_url=url, secret_key=KEY).zone_info)
    return Ground([row.id for row in rows], looked_at(tuple(box), random.Random(SEED)), today)


def profile_stage(stage: Stage) -> None:
    """Tell the processor's time of each address, without a server: what load makes of it is measured elsewhere."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=stage.url, redis_url=os.environ["TEST_REDIS_URL"], secret_key=KEY, var_dir=Path(folder),
            demo_mode=stage.demo, login_rate="1000 per minute",
        )  # fmt: skip
        logins = {who: stage.logins[role] for who, role in ROLES.items()}
        show_processor(settings, logins, stage.password, ground_of(stage.url))


def run_stage(stage: Stage, port: int, rate: float, seconds: float, show: bool) -> bool:
    with ExitStack() as cleanup:
        folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
        environment = {
            "DATABASE_URL": stage.url, "REDIS_URL": os.environ["TEST_REDIS_URL"], "SECRET_KEY": KEY, "VAR_DIR": str(folder),
            "DEMO_MODE": str(int(stage.demo)),
        }  # fmt: skip
        gunicorn = [
            sys.executable, "-P", "-m", "gunicorn", "--config", "python:scripts.house.gunicorn_settings", "--bind",
            f"127.0.0.1:{port}", "--access-logfile", str(folder / "access.log"),
        ]  # fmt: skip
        ground = ground_of(stage.url)
        make_engine(stage.url).dispose()
        cleanup.enter_context(served(gunicorn, environment, port, folder / "web.log"))
        cookies = {who: log_in(port, stage.logins[role], stage.password) for who, role in ROLES.items()}
        mix = mix_of(ground, random.Random(SEED))
        first = send(port, cookies, list(_one_of_each(ground)), rate=2)
        tiles = send(port, cookies, kept_tiles(ground), rate=20)
        _say_slowest("  asked first, nothing kept:", first)
        send(port, cookies, [next(mix) for _ in range(int(rate * 5))], rate)
        answers = send(port, cookies, [next(mix) for _ in range(int(rate * seconds))], rate)
        good = _report(answers)
        views = first_views(f"http://127.0.0.1:{port}", stage.logins[Role.LEADER], stage.password, show=show)
        return _report_views(views) and good and not first.faults + tiles.faults


def _one_of_each(ground: Ground):
    """Each address of the mix once, tiles left out."""
    seen: set[str] = set()
    mix = mix_of(ground, random.Random(SEED))
    for _ in range(3000):
        one = next(mix)
        key = one.like if "…" in one.like else one.path
        if "tile" not in one.kind and key not in seen:
            seen.add(key)
            yield one


def _report(answers: Answers) -> bool:
    good = not answers.faults
    print(f"  {len(answers.asked) / answers.wall_s:.1f} answers a second, {len(answers.faults)} errors")
    for fault in sorted(set(answers.faults))[:10]:
        print(f"    {fault}")
    print(f"  {'':<18}{'asked':>7}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'goal':>7}")
    for kind in (*GOALS_MS, CITY_MAP):
        goal, took = GOALS_MS.get(kind), 1000 * np.array(answers.of(kind))
        if not len(took):  # a short trial may ask none of a kind
            continue
        p50, p95, p99 = np.percentile(took, (50, 95, 99))
        met = "" if goal is None else "met" if p95 <= goal else "MISSED"
        good &= goal is None or p95 <= goal
        print(f"  {kind:<18}{len(took):>7}{p50:>9.0f}{p95:>9.0f}{p99:>9.0f}{goal or '':>7}  {met}")
    _say_slowest("  slowest by their p95:", answers)
    return good


def _say_slowest(heading: str, answers: Answers, most: int = 8) -> None:
    p95 = {
        one.like: 1000 * float(np.percentile(answers.of(one.like), 95))
        for one in answers.asked
        if one.kind != KEPT
    }
    print(heading)
    for like in sorted(p95, key=p95.__getitem__, reverse=True)[:most]:
        print(f"    {p95[like]:8.0f} ms  {like}")


def _report_views(views) -> bool:
    first, again = [one for one, _ in views], [other for _, other in views]
    html = max(size for path, size in first[-1].bytes_of.items() if path.startswith("/leader/"))
    drawn = median_ms(first)
    met = {True: "met", False: "MISSED"}
    print("  leader's map behind 1.6 Mbit/s and 150 ms, on a phone:")
    print(
        f"    first view  {drawn:6.0f} ms, {first[-1].total / 1000:6.1f} KB in {len(first[-1].bytes_of)} answers   "
        f"goal {VIEW_GOAL_MS} ms  {met[drawn <= VIEW_GOAL_MS]}"
    )
    print(f"    second view {median_ms(again):6.0f} ms, {again[-1].total / 1000:6.1f} KB")
    print(
        f"    largest HTML {html / 1000:5.1f} KB packed   goal {HTML_GOAL_KB} KB  {met[html <= 1000 * HTML_GOAL_KB]}"
    )
    return drawn <= VIEW_GOAL_MS and html <= 1000 * HTML_GOAL_KB


def main() -> int:
    options = argparse.ArgumentParser(prog="scripts/bench/pages", description=__doc__)
    options.add_argument("--city", choices=[*STAGES, "both"], default="both")
    options.add_argument("--rate", type=float, default=50.0, help="requests a second")
    options.add_argument("--seconds", type=float, default=40.0)
    options.add_argument("--port", type=int, default=18473)
    options.add_argument("--processor", action="store_true", help="tell what each address costs, one by one")
    options.add_argument("--show", action="store_true", help="tell what the first view loads")
    chosen = options.parse_args()
    good = True
    for name in STAGES if chosen.city == "both" else [chosen.city]:
        url = new_database()
        try:
            began = time.monotonic()
            stage = STAGES[name](url)
            print(f"{stage.name} (filled in {time.monotonic() - began:.0f} s)", flush=True)
            if chosen.processor:
                profile_stage(stage)
            else:
                good &= run_stage(stage, chosen.port, chosen.rate, chosen.seconds, chosen.show)
        finally:
            make_engine(url).dispose()
            drop_database(url)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
