"""Streets to cover: gdb, kshs and val against the best known; a real network against the proved optimum.

The network is OpenStreetMap's, of which a disc of a few km² is to be walked; ways may leave it. networkx, which holds the same
matching in Python, pairs the same odd nodes for comparison.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import networkx as nx
import numpy as np
import pyogrio
import shapely

from geoservice.domain.arcs.carp import Drives, drive
from geoservice.domain.arcs.ground import lay_out
from geoservice.domain.arcs.matching import Ways, join_odd_nodes
from geoservice.domain.arcs.patrols import share_out
from geoservice.domain.arcs.postman import solve_postman
from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.domain.road_classes import speed_mps
from geoservice.domain.roads import Roads, make_network
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.streets import StreetLines
from geoservice.domain.tracks import Mode

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def read_instance(file: Path) -> tuple[Drives, int]:
    """Return an instance and the best known length; the depot is the first node."""
    numbers = list(map(int, file.read_text().split()))
    nodes, edges = numbers[:2]
    table = np.array(numbers[2 : 2 + 4 * edges]).reshape(edges, 4)
    vehicles, capacity, _, best = numbers[2 + 4 * edges : 6 + 4 * edges]
    both = np.ones(edges, np.bool_)
    tail, head = table[:, 0] - table[:, :2].min(), table[:, 1] - table[:, :2].min()
    return Drives(
        nodes,
        tail,
        head,
        table[:, 2].astype(float),
        both,
        both,
        table[:, 3] > 0,
        table[:, 3],
        0,
        capacity,
        vehicles * 2,
    ), best


def bench_carp(data: Path, seconds: float) -> bool:
    gaps = []
    print("instance    edges   best   ours     gap  seconds")
    for file in sorted(data.glob("*.dat")):
        drives, best = read_instance(file)
        began = time.monotonic()
        found = drive(drives, seconds)
        took = time.monotonic() - began
        gaps.append(found.length_m / best - 1)
        print(
            f"{file.stem:<10} {int(drives.required.sum()):6d} {best:6d} {found.length_m:6.0f} {gaps[-1]:7.2%} {took:8.1f}"
            + ("" if found.is_feasible else "  over capacity"),
            flush=True,
        )
    print(
        f"{len(gaps)} instances: {np.mean(gaps):.2%} over the best known on average, {max(gaps):.2%} at most"
    )
    return float(np.mean(gaps)) <= 0.03


def read_network(file: Path, box: tuple[float, float, float, float]):
    table = pyogrio.read_dataframe(
        file, layer="lines", bbox=box, columns=["highway", "other_tags", "z_order"]
    )
    table = table[table.highway.notna()]
    lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    epsg = metric_epsg_for(lon, lat)
    lonlat, index = shapely.get_coordinates(table.geometry.values, return_index=True)
    count = len(table)
    tags = [level_and_tunnel(_tags(text)) for text in table.other_tags]
    lines = StreetLines(
        np.arange(count), np.array([tag[0] for tag in tags], np.int16), np.array([tag[1] for tag in tags]),
        np.ones(count, np.int32), to_metric(epsg, lonlat), np.searchsorted(index, np.arange(count + 1)).astype(np.int64),
    )  # fmt: skip
    speed = np.array([speed_mps(Mode.FOOT, each) for each in table.highway])
    return make_network(Roads(lines, speed, np.zeros(count, np.bool_)))


def _tags(text: str | None) -> dict[str, str]:
    return dict(
        pair.strip('"').split('"=>"')
        for pair in (text if isinstance(text, str) else "").split('","')
        if '"=>"' in pair
    )


def bench_network(file: Path, centre: tuple[float, float], radius_m: float) -> bool:
    lon, lat = centre
    network = read_network(file, (lon - 0.06, lat - 0.05, lon + 0.06, lat + 0.05))
    middle = to_metric(metric_epsg_for(lon, lat), np.array([[lon, lat]]))[0]
    ground = lay_out(network, shapely.Point(middle).buffer(radius_m))
    arcs = ground.arcs
    print(
        f"{file.name}: {int(arcs.required.sum())} stretches, {arcs.required_m / 1000:.1f} km to walk, "
        f"{len(ground.apart)} on islands; {len(arcs.tail)} stretches around"
    )
    began = time.monotonic()
    alone = solve_postman(arcs, 30.0)
    took = time.monotonic() - began
    print(
        f"one patrol: {alone.length_m / 1000:.2f} km, bound {alone.bound_m / 1000:.2f} km, {alone.length_m / alone.bound_m - 1:.3%} over it, {took:.1f} s"
    )
    good = alone.length_m <= 1.01 * alone.bound_m
    peer(arcs)
    for count in (2, 4, 6):
        began = time.monotonic()
        found = share_out(arcs, count, 30.0)
        print(
            f"{count} patrols: {found.length_m / alone.bound_m:.4f} of the bound in total, longest {found.longest_over_mean:.3f} × mean, "
            f"{time.monotonic() - began:.1f} s",
            flush=True,
        )
        good &= found.length_m <= 1.10 * alone.bound_m and found.longest_over_mean <= 1.15
    return good


def peer(arcs) -> None:
    """Pair the odd nodes by networkx's matching over all pairs."""
    nodes = np.flatnonzero(arcs.odd_nodes(arcs.required.astype(np.int64)))
    if len(nodes) > 300:
        print(f"networkx: {len(nodes)} odd nodes are too many to wait for")
        return
    metres = Ways(arcs).metres(nodes)
    began = time.monotonic()
    total = sum(metres[pair] for pair in nx.min_weight_matching(nx.from_numpy_array(metres)))
    took = time.monotonic() - began
    began = time.monotonic()
    ours = join_odd_nodes(arcs, arcs.odd_nodes(arcs.required.astype(np.int64)))
    print(
        f"{len(nodes)} odd nodes joined: networkx {total / 1000:.3f} km in {took:.1f} s, "
        f"ours {ours.length_m / 1000:.3f} km in {time.monotonic() - began:.1f} s"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with carp/, beijing/, shenzhen/")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each published instance")
    parser.add_argument("--only", choices=["carp", "network"])
    parser.add_argument("--radius", type=float, default=1000.0, help="metres: of the disc that is walked")
    options = parser.parse_args()
    if not (options.data / "carp").is_dir():
        print(
            f"the published instances are not in {options.data}: name their folder with --data",
            file=sys.stderr,
        )
        return 2
    good = True
    if options.only != "network":
        good &= bench_carp(options.data / "carp", options.seconds)
    if options.only != "carp":
        good &= bench_network(
            options.data / "beijing" / "beijing_2012_rebuilt.osm.pbf", (116.397, 39.93), options.radius
        )
        good &= bench_network(
            options.data / "shenzhen" / "shenzhen_futian.osm.pbf", (114.02, 22.539), options.radius
        )
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
