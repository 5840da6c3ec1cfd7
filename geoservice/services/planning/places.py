"""The places of a plan on the streets: what it costs to go between them in each mode, and by which ways."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geoservice.domain.crs import to_lonlat, to_metric
from geoservice.domain.road_classes import speed_mps
from geoservice.domain.roads import Network, Roads, components
from geoservice.domain.tracks import Mode
from geoservice.domain.ways import NOWHERE, Costs, StopGraph, Stops, put_stops
from geoservice.services.ground import read_grid
from geoservice.services.road_network import lines_of, network_of
from geoservice.store import road_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.streets import StreetLines
    from geoservice.store.road_rows import Box, RoadRow

# How much longer ways are than the straight line: China's figure in Ballou, Rahardja and Sakai, "Selected country circuity
# factors for road travel distance estimation", Transportation Research A 36 (2002).
DETOUR = 1.33
# Up to here off a street the last metres are walked straight; beyond, the plan is called approximate.
NEAR_M = 100.0
# A place further from every street than this is joined to nothing: straight lines lead to it.
FAR_M = 5000.0
# A street that hangs together with the others is preferred to a nearer one that does not, if it is at most so much further.
ACROSS_M = 50.0
# Ways may lead around: streets are read this much beyond the places, in degrees, or a quarter of their spread.
_MARGIN_DEG = 0.02

# Costs are kept in these parts of a second or metre, as whole numbers; a way that is not there as `_NONE`.
_UNIT, _NONE, _MOST = 0.01, -1, 2e7

Pair = tuple[float, float]


@dataclass(frozen=True)
class Streets:
    """The streets around some places as they are stored."""

    rows: Sequence[RoadRow]
    epsg: int

    @cached_property
    def lines(self) -> StreetLines:
        """Their lines in metres."""
        return lines_of(self.rows, self.epsg)


@dataclass(frozen=True)
class Laid:
    """Places laid on the streets for one mode. `approximate`: some are far from every street, or there are none."""

    costs: Costs
    graph: StopGraph | None
    xy: NDArray[np.float64]
    graph_s: NDArray[np.float64]
    approximate: bool
    epsg: int

    def legs(self, pairs: Sequence[tuple[int, int]]) -> list[list[Pair]]:
        """Return the way of each pair of places as [lon, lat] with six decimals, both places included."""
        ways: list[shapely.LineString | None] = [None] * len(pairs)
        if self.graph is not None:
            known = [at for at, pair in enumerate(pairs) if np.isfinite(self.graph_s[pair])]
            found = self.graph.ways(
                [pairs[at] for at in known], [float(self.graph_s[pairs[at]]) for at in known]
            )
            for at, way in zip(known, found, strict=True):
                ways[at] = way
        return [self._leg(pair, way) for pair, way in zip(pairs, ways, strict=True)]

    def _leg(self, pair: tuple[int, int], way: shapely.LineString | None) -> list[Pair]:
        start, end = self.xy[pair[0]], self.xy[pair[1]]
        between = np.empty((0, 2)) if way is None else shapely.get_coordinates(way)
        places = np.vstack((start, between, end))
        keep = np.concatenate(([True], np.hypot(*np.diff(places, axis=0).T) > 0.1))
        return [
            (round(lon, 6), round(lat, 6)) for lon, lat in to_lonlat(self.epsg, places[keep]).tolist()
        ] or [self._place(pair[0])]

    def _place(self, place: int) -> Pair:
        lon, lat = to_lonlat(self.epsg, self.xy[[place]])[0].tolist()
        return round(lon, 6), round(lat, 6)


def read_streets(session: Session, places: Sequence[Pair]) -> Streets:
    """Return the streets around places (lon, lat), also those beyond the session's ground."""
    epsg = read_grid(session).metric_epsg
    return Streets(road_rows.roads_around(session, _box(places)) if places else [], epsg)


def lay(streets: Streets, places: Sequence[Pair], depots: Iterable[int], mode: Mode) -> Laid:
    """Lay places (lon, lat) on the streets for a mode; `depots` are those where its teams start and end.

    What is joined to no street on which a team of the mode starts can't be reached. Without streets, and to places far from
    them, the straight line times `DETOUR` counts.
    """
    xy = to_metric(streets.epsg, np.array(places, np.float64).reshape(-1, 2))
    straight_m = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * DETOUR
    speed = speed_mps(mode, "residential")
    network = network_of(streets.rows, streets.lines, mode)
    if len(network.tail) == 0:
        nowhere = np.full_like(straight_m, np.inf)
        costs = _rounded(Costs(straight_m / speed, straight_m))
        return Laid(costs, None, xy, nowhere, True, streets.epsg)
    network, stops, cut_off = _joined(network, xy, sorted(set(depots)))
    graph = StopGraph(network, stops)
    costs = graph.costs()
    off = np.where(stops.edge == NOWHERE, 0.0, stops.off_m)
    far = off > NEAR_M
    access_m = np.where(far, off * DETOUR, off)
    access_s = access_m / np.where(far, speed, speed_mps(Mode.FOOT, "footway"))
    seconds = costs.seconds + access_s[:, None] + access_s[None]
    metres = costs.metres + access_m[:, None] + access_m[None]
    lost = stops.edge == NOWHERE
    # Where the way to the street and back is longer than straight across, or where no street is.
    across = (straight_m <= (off[:, None] + off[None])) | (lost[:, None] | lost[None])
    across &= ~(cut_off[:, None] | cut_off[None])
    across &= straight_m / speed < seconds
    seconds = np.where(across, straight_m / speed, seconds)
    metres = np.where(across, straight_m, metres)
    np.fill_diagonal(seconds, 0.0)
    np.fill_diagonal(metres, 0.0)
    approximate = bool((far | (lost & ~cut_off)).any())
    return Laid(
        _rounded(Costs(seconds, metres)),
        graph,
        xy,
        np.where(across, np.inf, costs.seconds),
        approximate,
        streets.epsg,
    )


def _joined(
    network: Network, xy: NDArray[np.float64], depots: Sequence[int]
) -> tuple[Network, Stops, NDArray[np.bool_]]:
    """Return the part of a network that teams reach from their depots, the places on it, and which are cut off from it."""
    part_of_node, _ = components(network)
    part = part_of_node[
        network.tail[np.searchsorted(network.street, np.arange(len(network.roads.speed_mps)))]
    ]
    nearest = put_stops(network, xy, FAR_M)
    largest = _only(network, part == 0)
    on_largest = put_stops(largest, xy, FAR_M)
    rather = on_largest.off_m <= nearest.off_m + ACROSS_M
    homes = {
        0 if rather[place] else int(part[network.street[nearest.edge[place]]])
        for place in depots
        if nearest.edge[place] != NOWHERE
    } or {0}
    reached = _only(network, np.isin(part, sorted(homes)))
    stops = put_stops(reached, xy, FAR_M)
    cut_off = (nearest.edge != NOWHERE) & (stops.off_m > nearest.off_m + ACROSS_M)
    return reached, replace(stops, edge=np.where(cut_off, NOWHERE, stops.edge)), cut_off


def _only(network: Network, keep: NDArray[np.bool_]) -> Network:
    """Return a network of some of its streets."""
    roads = network.roads
    number = np.cumsum(keep) - 1
    edges = keep[network.street]
    chosen = np.flatnonzero(keep)
    return Network(
        Roads(roads.lines.take(chosen), roads.speed_mps[chosen], roads.one_way[chosen]),
        network.node_xy, network.tail[edges], network.head[edges], number[network.street[edges]],
        network.start_m[edges], network.end_m[edges],
    )  # fmt: skip


def _box(places: Sequence[Pair]) -> Box:
    lonlat = np.array(places, np.float64)
    low, high = lonlat.min(axis=0), lonlat.max(axis=0)
    margin = np.maximum(_MARGIN_DEG, (high - low) / 4)
    (west, south), (east, north) = (low - margin).tolist(), (high + margin).tolist()
    return west, south, east, north


def pack(costs: Costs) -> bytes:
    """Return costs as bytes to be kept, to the hundredth, as `lay` rounds them."""
    whole = {
        name: np.where(np.isfinite(each), np.rint(np.minimum(each, _MOST) / _UNIT), _NONE).astype(np.int32)
        for name, each in (("seconds", costs.seconds), ("metres", costs.metres))
    }
    stream = io.BytesIO()
    np.savez_compressed(stream, **whole)  # type: ignore[arg-type]
    return stream.getvalue()


def unpack(payload: bytes) -> Costs:
    """Return costs that were kept, equal to those that were packed."""
    with np.load(io.BytesIO(payload)) as kept:
        return Costs(
            *(np.where(kept[name] == _NONE, np.inf, kept[name] * _UNIT) for name in ("seconds", "metres"))
        )


def _rounded(costs: Costs) -> Costs:
    """Return costs to the hundredth, so that what is kept of them times a patrol as the solver did."""
    return Costs(np.rint(costs.seconds / _UNIT) * _UNIT, np.rint(costs.metres / _UNIT) * _UNIT)
