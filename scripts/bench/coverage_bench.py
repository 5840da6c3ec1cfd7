"""Coverage beside its peers: `./scripts/bench/coverage` prints seconds, ratios, peak memory and errors.

Each method runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import time
import uuid

import numpy as np
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from geoservice.store.migrate import upgrade
from scripts.bench import coverage_peers as peers
from scripts.bench.coverage_ours import Ours
from scripts.bench.workload import FIXES_A_SHIFT, Tracks, make_tracks, make_zones

SEED = 20260601
ZONES = 2637
SHIFTS = 200  # × 5 760 fixes = 1.15 million
SHIFTS_A_DAY = 40  # of the 30-day window: 6.9 million fixes in all


def workload(shifts: int = SHIFTS) -> tuple[object, Tracks]:
    rng = np.random.default_rng(SEED)
    zones = make_zones(ZONES, rng)
    tracks = make_tracks(SHIFTS, rng)
    return zones, Tracks(tracks.x[:shifts], tracks.y[:shifts])


def ours(database_url: str, rounds: int) -> dict:
    zones, tracks = workload()
    side = Ours(database_url)
    masks_s = side.store_zones(zones)
    # A first small build compiles the kernels, which a worker does once in its life.
    side.store_tracks(Tracks(tracks.x[:1, :100], tracks.y[:1, :100]), "warm-up")
    side.cover()
    receive_s = side.store_tracks(tracks)
    builds = []
    for _ in range(rounds):
        forget(database_url)
        cover_s = side.cover()
        query_s, rates = side.rates(1)
        builds.append((cover_s + query_s, cover_s, query_s))
    peak = peak_mb()
    extra = make_tracks(2, np.random.default_rng(SEED + 1))
    one = []
    for shift in range(2):
        track = Tracks(extra.x[shift : shift + 1], extra.y[shift : shift + 1])
        near = side.zones_near(zones, track)
        side.store_tracks(track, f"late{shift}")
        one.append((side.cover(), side.rates(1, near)[0], len(near)))
    rng = np.random.default_rng(SEED + 2)
    fixes, tiles = side.fill_days(lambda: make_tracks(SHIFTS_A_DAY, rng), 30)
    windows = {str(days): min(side.rates(days)[0] for _ in range(3)) for days in (1, 7, 30)}
    return {
        "seconds": min(builds)[0], "cover_s": min(builds)[1], "query_s": min(builds)[2], "rates": rates, "peak_mb": peak,
        "masks_s": masks_s, "receive_s": receive_s, "one_track": min(one), "windows_s": windows,
        "window_fixes": fixes + tracks.x.size, "window_tile_days": tiles,
    }  # fmt: skip


def forget(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE coverage_tile, coverage_week"))
        connection.execute(
            text("UPDATE device_day SET dirty = true, rebuild = false, covered_through = NULL, tiles = '{}'")
        )
    engine.dispose()


def peer(database_url: str, name: str, shifts: int) -> dict:
    zones, tracks = workload(shifts)
    started = time.perf_counter()
    if name == "postgis":
        seconds, rates = peers.postgis_per_zone(database_url, zones, tracks)
        return {"seconds": seconds, "rates": [float(rate) for rate in rates], "peak_mb": None}
    if name == "geopandas":
        rates = peers.geopandas_union(zones, tracks)
    else:
        rates = peers.shapely_per_zone(zones, tracks, quad_segs=64 if name == "exact" else 8)
    return {"seconds": time.perf_counter() - started, "rates": rates, "peak_mb": peak_mb()}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(target, *args) -> dict:
    """Run a method in a fresh process and return its answer."""
    receiving, sending = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_answer, args=(sending, target, *args))
    process.start()
    sending.close()
    answer = receiving.recv()
    process.join()
    return answer


def _answer(sending, target, *args) -> None:
    sending.send(target(*args))


def new_database() -> str:
    admin_url = make_url(os.environ["TEST_DATABASE_URL"])
    name = f"bench_{uuid.uuid4().hex[:10]}"
    admin = create_engine(admin_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0"))
    admin.dispose()
    url = admin_url.set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    return url


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/coverage", description=__doc__)
    options.add_argument("--rounds", type=int, default=3, help="builds of ours; the best counts")
    options.add_argument(
        "--without", nargs="*", default=[], choices=["geopandas", "postgis"], help="slow peers to leave out"
    )
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    database_url = new_database()
    mine = run(ours, database_url, chosen.rounds)
    results = {"ours": mine, "shapely per zone": run(peer, database_url, "shapely", SHIFTS)}
    if "geopandas" not in chosen.without:
        results["geopandas one union"] = run(peer, database_url, "geopandas", SHIFTS)
    exact = run(peer, database_url, "exact", SHIFTS)
    tenth = None if "postgis" in chosen.without else run(peer, database_url, "postgis", SHIFTS // 10)
    report(mine, results, exact, tenth)
    if chosen.json:
        print(
            json.dumps(
                {name: {k: v for k, v in one.items() if k != "rates"} for name, one in results.items()}
            )
        )


def report(mine: dict, results: dict, exact: dict, tenth: dict | None) -> None:
    zones, _ = workload()
    large = np.array([zone.area for zone in zones]) > 100_000
    print(
        f"{SHIFTS * FIXES_A_SHIFT} fixes of {SHIFTS} shifts, {ZONES} zones, seed {SEED}; ours starts from stored fixes,"
    )
    print("the peers from metres in memory; best of several builds of ours, one of each peer\n")
    print(
        f"{'method':<22}{'seconds':>9}{'ratio':>8}{'peak MB':>9}{'worst err':>11}{'mean err':>10}  (percentage points)"
    )
    for name, one in results.items():
        error = 100 * np.abs(np.array(one["rates"]) - np.array(exact["rates"]))
        peak = f"{one['peak_mb']:.0f}"
        print(
            f"{name:<22}{one['seconds']:>9.2f}{one['seconds'] / mine['seconds']:>8.1f}{peak:>9}"
            f"{error[large].max():>11.3f}{error[large].mean():>10.4f}"
        )
    if tenth is not None:
        print(
            f"{'PostGIS subdivided':<22}{tenth['seconds']:>9.2f}   on a tenth of the tracks, its loading not counted"
        )
    print(f"\nours: fixes to bitmaps {mine['cover_s']:.2f} s, bitmaps to rates {mine['query_s']:.2f} s")
    print(
        f"ours, once: masks of {ZONES} zones {mine['masks_s']:.2f} s, receiving the fixes {mine['receive_s']:.1f} s"
    )
    merged_s, updated_s, near = mine["one_track"]
    print(
        f"ours, one 8-hour track merged {merged_s:.3f} s, the rates of its {near} zones updated {updated_s:.3f} s: "
        f"{merged_s + updated_s:.3f} s"
    )
    print(
        "ours, rates of any window: "
        + ", ".join(f"{days} days {seconds:.2f} s" for days, seconds in mine["windows_s"].items())
        + f" ({mine['window_fixes'] / 1e6:.1f} M fixes)"
    )
    print(f"errors over {int(large.sum())} zones above 0.1 km², exact = shapely with 64 segments a quadrant")


if __name__ == "__main__":
    main()
