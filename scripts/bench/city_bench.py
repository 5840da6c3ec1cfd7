"""A city's month: `./scripts/bench/city` prints what each question costs, its target, and the peers on the same day's work.

2 637 zones over 2 134 km²; every day 40 patrols of 8 hours at one fix in 5 s: 6.9 million fixes in 30 days. Ours starts from
stored tracks in PostgreSQL; the peers start from metres in memory, one day of the same tracks.
"""

from __future__ import annotations

import argparse
import time
from datetime import timedelta

import numpy as np
import shapely

from geoservice.jobs.kinds import preload
from geoservice.jobs.worker import learn_the_ground
from scripts.bench import coverage_peers as peers
from scripts.bench.city_ours import DAY, City, apart, timed, window
from scripts.bench.coverage_bench import new_database
from scripts.bench.coverage_ours import Ours
from scripts.bench.street_workload import drive_streets, make_streets
from scripts.bench.workload import FIXES_A_SHIFT, Tracks, make_tracks, make_zones

SEED = 20260601
ZONES, PATROLS, DAYS = 2637, 40, 30
CURVE = (1, 4, 16)


def city_workload() -> tuple[np.ndarray, list[Tracks]]:
    rng = np.random.default_rng(SEED)
    zones = make_zones(ZONES, rng)
    return zones, [make_tracks(PATROLS, rng) for _ in range(DAYS)]


def build_city(database_url: str) -> dict:
    """The area of a whole city: build, windows, gaps, one late track."""
    zones, days = city_workload()
    city = City(database_url)
    Ours(database_url).store_zones(zones)
    receive_s = timed(
        lambda: [city.store_day(tracks, DAY + timedelta(days=n)) for n, tracks in enumerate(days)]
    )
    city.forget(DAY)
    # Kernels are compiled once in a version's life.
    city.cover(2)
    city.gaps(window(1, DAY))
    curve = {}
    for count in CURVE:
        city.forget(DAY + timedelta(days=count - 1))
        curve[count] = city.cover(2)
    city.forget()
    alone_s = city.cover(1)
    alone = city.fingerprint()
    city.forget()
    build_s = city.cover(2)
    same = city.fingerprint() == alone
    one_day_s, rates = best(lambda: city.rates(window(1, DAY)))
    month_s, _ = best(lambda: city.rates(window(DAYS)))
    city.repeat_month(12)
    year_s, _ = best(lambda: city.rates(window(365)))
    gap_s, gaps = city.gaps(window(DAYS))
    late = make_tracks(1, np.random.default_rng(SEED + 1))
    city.store_day(late, DAY + timedelta(days=14), "late")
    return {
        "receive_s": receive_s, "curve": curve, "alone_s": alone_s, "build_s": build_s, "same": same, "one_day_s": one_day_s,
        "rates": rates, "month_s": month_s, "year_s": year_s, "gap_s": gap_s, "gaps": gaps, "late_s": city.cover(1),
    }  # fmt: skip


def build_streets(database_url: str) -> dict:
    """The streets of a town: a month of patrols along 1 030 km."""
    rng = np.random.default_rng(SEED + 2)
    city = City(database_url)
    lines = make_streets()
    city.store_streets(lines)
    for day in range(DAYS):
        city.store_day(drive_streets(PATROLS, rng), DAY + timedelta(days=day))
    city.forget(DAY)
    city.cover(2)
    city.forget()
    all_s = city.cover(2)
    pieces_s = city.rematch(2)
    rates_s, rate = best(lambda: city.street_rates(window(DAYS)))
    late = drive_streets(1, rng)
    city.store_day(late, DAY + timedelta(days=14), "late")
    preload()  # as every worker does when it starts
    learn_the_ground(city.settings)
    return {
        "km": sum(line.length for line in lines) / 1000, "all_s": all_s, "pieces_s": pieces_s, "rates_s": rates_s,
        "rate": rate, "late_s": city.cover(1),
    }  # fmt: skip


def nearest_street(days: int) -> dict:
    """The simple way beside ours: every fix to the nearest piece within 20 m, by shapely's tree. No database, no judgement."""
    rng = np.random.default_rng(SEED + 2)
    lines = make_streets()
    pieces = np.concatenate([shapely.get_parts(shapely.segmentize(line, 15.0)) for line in lines])
    tracks = [drive_streets(PATROLS, rng) for _ in range(days)]
    started = time.perf_counter()
    tree = shapely.STRtree(pieces)
    for one in tracks:
        tree.query_nearest(shapely.points(one.x.ravel(), one.y.ravel()), max_distance=20.0, all_matches=False)
    return {"seconds": time.perf_counter() - started}


def peer(name: str, database_url: str) -> dict:
    zones, days = city_workload()
    if name == "postgis":
        seconds, rates = peers.postgis_per_zone(database_url, zones, days[0])
    elif name == "duckdb":
        seconds, rates = peers.duckdb_per_zone(zones, days[0])
    else:
        started = time.perf_counter()
        method = peers.geopandas_union if name == "geopandas" else peers.shapely_per_zone
        rates = method(zones, days[0])
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rates": [float(rate) for rate in rates]}


def best(ask, rounds: int = 3):
    """Return the quickest of several answers to one question."""
    return min((ask() for _ in range(rounds)), key=lambda answer: answer[0])


def main() -> None:
    options = argparse.ArgumentParser(prog="scripts/bench/city", description=__doc__)
    options.add_argument(
        "--without", nargs="*", default=[], choices=["geopandas", "postgis", "duckdb", "shapely", "streets"]
    )
    chosen = options.parse_args()
    mine = apart(build_city, new_database())
    report_city(mine)
    if "streets" not in chosen.without:
        report_streets(apart(build_streets, new_database()), apart(nearest_street, 1))
    print(f"\none day, {PATROLS * FIXES_A_SHIFT} fixes, all {ZONES} zones; ours from stored fixes to rates")
    ours_s = mine["curve"][1] + mine["one_day_s"]
    print(f"{'ours':<22}{ours_s:>8.2f} s   1.0   {mine['peak_mb']:.0f} MB")
    for name in ("shapely", "duckdb", "postgis", "geopandas"):
        if name not in chosen.without:
            other = apart(peer, name, new_database())
            error = 100 * np.abs(np.array(other["rates"]) - np.array(mine["rates"])).mean()
            print(
                f"{name:<22}{other['seconds']:>8.2f} s {other['seconds'] / ours_s:>5.1f}   {other['peak_mb']:.0f} MB   "
                f"(rates differ from ours by {error:.3f} points in the mean)"
            )


def report_city(mine: dict) -> None:
    fixes = PATROLS * FIXES_A_SHIFT * DAYS
    print(
        f"{ZONES} zones over 2 134 km², {DAYS} days × {PATROLS} patrols: {fixes / 1e6:.1f} M fixes; seed {SEED}"
    )
    print(f"received once in {mine['receive_s']:.0f} s\n")
    rows = [
        ("full build, 2 processes", mine["build_s"], 60),
        ("full build, 1 process", mine["alone_s"], None),
        ("rates of all zones, 30 days", mine["month_s"], 1),
        ("rates of all zones, 365 days", mine["year_s"], 5),
        (f"gaps of the city ({mine['gaps']})", mine["gap_s"], 10),
        ("one 8-hour track into a year", mine["late_s"], 0.3),
    ]
    show(rows)
    print(f"peak memory of all its processes together {mine['all_mb']:.0f} MB (target: 2 000)")
    print("1 and 2 processes give " + ("the same bits" if mine["same"] else "DIFFERENT BITS"))
    first = mine["curve"][1]
    print(
        "cost by days: "
        + ", ".join(f"×{n} {s:.2f} s ({s / first / n:.2f} of linear)" for n, s in mine["curve"].items())
    )


def report_streets(mine: dict, other: dict) -> None:
    print(f"\n{mine['km']:.0f} km of streets, {DAYS} days × {PATROLS} patrols along them")
    rows = [
        ("street pieces of the month", mine["pieces_s"], 20),
        ("the whole build, streets with area", mine["all_s"], 60),
        ("rates of all streets, 30 days", mine["rates_s"], 1),
        ("one 8-hour track, all measures", mine["late_s"], 0.3),
    ]
    show(rows)
    print(f"seen {100 * mine['rate']:.1f} % of the length")
    ratio = other["seconds"] * DAYS / mine["pieces_s"]
    print(
        f"nearest street by shapely, one day from memory: {other['seconds']:.2f} s; 30 days would be {ratio:.1f} × ours"
    )


def show(rows: list[tuple[str, float, float | None]]) -> None:
    for what, seconds, target in rows:
        wanted = (
            "" if target is None else f"   target {target} s: {'kept' if seconds <= target else 'MISSED'}"
        )
        print(f"{what:<38}{seconds:>8.2f} s{wanted}")


if __name__ == "__main__":
    main()
