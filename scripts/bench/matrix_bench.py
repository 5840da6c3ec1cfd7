"""Costs between stops: `./scripts/bench/matrix` prints seconds for 300 × 300 stops on 50 000 crossings, and networkx beside.

The city is a jittered grid of streets of four speeds, a fifth of them one-way, noded by our own code; the stops stand at
crossings, so that networkx's Dijkstra, run from each of them over a graph made of the same edges, must agree on every pair.
"""

from __future__ import annotations

import argparse
import sys
import time

import networkx as nx
import numpy as np
import shapely

from geoservice.domain.roads import Network, Roads, components, make_network
from geoservice.domain.streets import StreetLines
from geoservice.domain.ways import StopGraph, put_stops

SEED, SIDE, BLOCK_M, STOPS = 20261122, 224, 120.0, 300
SPEEDS_MPS = (1.3, 4.2, 8.3, 13.9)
GOAL_S = 5.0


def make_roads(side: int) -> Roads:
    """Streets along and across a jittered grid of `side` × `side` crossings."""
    rng = np.random.default_rng(SEED)
    rows, columns = np.mgrid[0:side, 0:side]
    at = BLOCK_M * np.stack([columns, rows], axis=-1) + rng.uniform(-30, 30, (side, side, 2))
    lines = [shapely.LineString(at[row]) for row in range(side)]
    lines += [shapely.LineString(at[:, column]) for column in range(side)]
    count = len(lines)
    xy, index = shapely.get_coordinates(np.array(lines, dtype=object), return_index=True)
    starts = np.searchsorted(index, np.arange(count + 1)).astype(np.int64)
    streets = StreetLines(
        np.arange(count), np.zeros(count, np.int16), np.zeros(count, bool), np.ones(count, np.int32), xy, starts
    )  # fmt: skip
    return Roads(streets, rng.choice(SPEEDS_MPS, count), rng.random(count) < 0.2)


def peer_seconds(network: Network, nodes: np.ndarray) -> np.ndarray:
    """The same by networkx: seconds (k, k) between nodes, inf where there is no way."""
    graph = nx.DiGraph()
    seconds = network.length_m / network.roads.speed_mps[network.street]
    for tail, head, street, cost in zip(
        network.tail.tolist(), network.head.tolist(), network.street.tolist(), seconds.tolist(), strict=True
    ):
        ways = [(tail, head)] if network.roads.one_way[street] else [(tail, head), (head, tail)]
        for one, other in ways:
            graph.add_edge(
                one, other, cost=min(cost, graph.get_edge_data(one, other, {"cost": cost})["cost"])
            )
    found = np.full((len(nodes), len(nodes)), np.inf)
    for row, node in enumerate(nodes.tolist()):
        reached = nx.single_source_dijkstra_path_length(graph, node, weight="cost")
        found[row] = [reached.get(other, np.inf) for other in nodes.tolist()]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=SIDE, help="crossings along one side of the city")
    parser.add_argument("--stops", type=int, default=STOPS)
    options = parser.parse_args()
    roads = make_roads(options.side)
    put_stops(make_network(make_roads(4)), np.zeros((1, 2)), 1.0)  # what is compiled is compiled before
    began = time.monotonic()
    network = make_network(roads)
    noded = time.monotonic()
    whole = np.flatnonzero(components(network)[0] == 0)
    nodes = np.random.default_rng(SEED).choice(whole, options.stops, replace=False)
    StopGraph(network, put_stops(network, network.node_xy[nodes[:2]], 1.0)).costs()
    started = time.monotonic()
    costs = StopGraph(network, put_stops(network, network.node_xy[nodes], 1.0)).costs()
    ours = time.monotonic() - started
    print(
        f"network   {len(network.node_xy)} crossings, {len(network.tail)} edges, noded in {noded - began:.1f} s"
    )
    print(
        f"ours      {options.stops} × {options.stops} stops with seconds and metres in {ours:.2f} s (goal {GOAL_S:.0f})",
        flush=True,
    )
    started = time.monotonic()
    theirs = peer_seconds(network, nodes)
    peer = time.monotonic() - started
    same = np.array_equal(np.isinf(costs.seconds), np.isinf(theirs))
    apart = np.abs(np.where(np.isinf(theirs), 0, costs.seconds) - np.where(np.isinf(theirs), 0, theirs)).max()
    print(f"networkx  the same seconds alone in {peer:.1f} s: ours takes {ours / peer:.2f} of it")
    print(
        f"furthest apart of all pairs: {apart:.2e} s of {theirs[np.isfinite(theirs)].max():.0f} s; the same pairs have no way: {same}"
    )
    return int(not same or apart > 1e-6 or ours > GOAL_S)


if __name__ == "__main__":
    sys.exit(main())
