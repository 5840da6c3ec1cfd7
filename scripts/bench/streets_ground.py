"""The ground of the street benchmark: a network, walks on it whose true way is known, and fixes of these walks."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from geoservice.domain.streets import StreetLines, count_pieces
from geoservice.domain.tracks import Segments

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PIECE_M = 15.0
PARALLEL_M = 25.0
PARALLEL_DEG = 30.0
FIX_EVERY_S = 5.0
# Correlation of successive errors, 5 s apart, of the second kind of noise: a receiver's error lasts about a minute.
CORRELATION = 0.92


def read_osm(path: Path, epsg: int) -> StreetLines:
    """Read the ways of an OpenStreetMap extract in metres; those under ground are tunnels."""
    import pyogrio  # the self-made network needs no reader
    from pyproj import Transformer

    meta, _, shapes, columns = pyogrio.raw.read(path, layer="lines")
    fields = dict(zip(meta["fields"], columns, strict=True))
    lines = shapely.from_wkb(shapes)
    roads = np.array([value is not None for value in fields["highway"]]) & (shapely.length(lines) > 0)
    to_metres = Transformer.from_crs(4326, epsg, always_xy=True)
    metric = shapely.transform(
        lines[roads], lambda xy: np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1]))
    )
    tunnel = np.array(['"tunnel"=>"yes"' in (tags or "") for tags in fields["other_tags"][roads]])
    return lines_of(metric, tunnel)


def lines_of(shapes: NDArray[np.object_], tunnel: NDArray[np.bool_] | None = None) -> StreetLines:
    count = len(shapes)
    starts = np.concatenate(([0], np.cumsum(shapely.get_num_coordinates(shapes)))).astype(np.int64)
    return StreetLines(
        np.arange(1, count + 1), np.zeros(count, np.int16),
        np.zeros(count, bool) if tunnel is None else tunnel,
        count_pieces(shapely.length(shapes), PIECE_M), shapely.get_coordinates(shapes), starts,
    )  # fmt: skip


def grid_city(total_km: float, block_m: float, rng: np.random.Generator) -> StreetLines:
    """Streets of about `total_km` in blocks of about `block_m`, each a way of some blocks, slightly bent."""
    side = max(2, round(total_km * 1000 / block_m / 2) ** 0.5)
    n = int(side)
    grid = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1) * block_m
    grid = grid + rng.uniform(-0.15, 0.15, grid.shape) * block_m + 400_000.0
    ways = []
    for i in range(n):
        for start in range(0, n - 1, 3):
            ways.append(shapely.LineString(grid[i, start : start + 4]))
            ways.append(shapely.LineString(grid[start : start + 4, i]))
    return lines_of(np.array(ways))


@dataclass(frozen=True)
class Pieces:
    """Pieces of all streets in a row: middle (n, 2), direction (n, 2), half length (n,), street (n,), first (s + 1,)."""

    middle: NDArray[np.float64]
    direction: NDArray[np.float64]
    half: NDArray[np.float64]
    street: NDArray[np.int64]
    first: NDArray[np.int64]


def shapes_of(lines: StreetLines) -> NDArray[np.object_]:
    return shapely.linestrings(
        lines.xy, indices=np.repeat(np.arange(len(lines.street_id)), np.diff(lines.starts))
    )


def pieces_of(lines: StreetLines) -> Pieces:
    shapes = shapes_of(lines)
    size = shapely.length(shapes) / lines.piece_count
    first = np.concatenate(([0], np.cumsum(lines.piece_count))).astype(np.int64)
    street = np.repeat(np.arange(len(lines.street_id)), lines.piece_count)
    along = (np.arange(first[-1]) - first[street] + 0.5) * size[street]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(shapes[street], along))
    step = np.minimum(1.0, size[street] / 4)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(shapes[street], along + step))
    back = shapely.get_coordinates(shapely.line_interpolate_point(shapes[street], along - step))
    way = ahead - back
    return Pieces(
        middle, way / np.maximum(np.linalg.norm(way, axis=1), 1e-9)[:, None], size[street] / 2, street, first
    )


def has_parallel(pieces: Pieces) -> NDArray[np.bool_]:
    """Whether another street runs beside a piece: within 25 m, in its direction within 30°, not just ahead or behind."""
    tree = shapely.STRtree(shapely.points(pieces.middle))
    # Another street's piece reaches half its length beyond its middle.
    a, b = tree.query(tree.geometries, predicate="dwithin", distance=PARALLEL_M + PIECE_M)
    keep = pieces.street[a] != pieces.street[b]
    a, b = a[keep], b[keep]
    away = pieces.middle[b] - pieces.middle[a]
    along_b = np.clip(-(away * pieces.direction[b]).sum(1), -pieces.half[b], pieces.half[b])
    away = away + along_b[:, None] * pieces.direction[b]
    metres = np.linalg.norm(away, axis=1)
    ahead = np.abs((away * pieces.direction[a]).sum(1))
    alike = np.abs((pieces.direction[a] * pieces.direction[b]).sum(1)) >= np.cos(np.radians(PARALLEL_DEG))
    beside = alike & (metres <= PARALLEL_M) & (metres > 1.0) & (ahead <= 0.7 * metres)
    out = np.zeros(len(pieces.street), bool)
    out[a[beside]] = True
    return out


class Walker:
    """Shortest ways between random junctions; streets meet where they share a vertex, and nowhere else."""

    def __init__(self, lines: StreetLines, rng: np.random.Generator) -> None:
        self.lines, self.rng = lines, rng
        self.vertices, self.vertex = np.unique(lines.xy[:, 0] + 1j * lines.xy[:, 1], return_inverse=True)
        of_street = np.repeat(np.arange(len(lines.street_id)), np.diff(lines.starts))
        metres = np.linalg.norm(np.diff(lines.xy, axis=0), axis=1)
        steps = np.concatenate(([0.0], np.cumsum(np.where(of_street[1:] == of_street[:-1], metres, 0.0))))
        self.along = steps - steps[lines.starts[:-1]][of_street]
        inside = (of_street[1:] == of_street[:-1]) & (metres > 0) & ~lines.tunnel[of_street[1:]]
        self.first = np.flatnonzero(inside)  # an edge runs from this vertex of a street to the next
        self.of_street = of_street
        a, b = self.vertex[self.first], self.vertex[self.first + 1]
        self.edge = {}
        for i, (u, v) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
            best = self.edge.get((u, v))
            if best is None or metres[self.first[best]] > metres[self.first[i]]:
                self.edge[u, v] = self.edge[v, u] = i
        kept = np.unique(np.array(list(self.edge.values())))
        self.graph = coo_array(
            (metres[self.first[kept]], (a[kept], b[kept])), shape=(len(self.vertices),) * 2
        ).tocsr()

    def walk(
        self, least_m: float, most_m: float
    ) -> tuple[NDArray[np.float64], list[tuple[int, float, float]]]:
        """Return a way as points (n, 2) and as stretches (street, from, to)."""
        while True:
            start = self.rng.integers(len(self.vertices))
            metres, before = dijkstra(
                self.graph, directed=False, indices=start, limit=most_m, return_predecessors=True
            )
            ends = np.flatnonzero((metres >= least_m) & np.isfinite(metres))
            if len(ends) == 0:
                continue
            chain = [int(self.rng.choice(ends))]
            while chain[-1] != start:
                chain.append(int(before[chain[-1]]))
            stretches = []
            for u, v in itertools.pairwise(chain):
                at = self.first[self.edge[u, v]]
                stretches.append((int(self.of_street[at]), self.along[at], self.along[at + 1]))
            points = self.vertices[chain]
            return np.column_stack((points.real, points.imag)), stretches


def truth(pieces: Pieces, walks: list[list[tuple[int, float, float]]]) -> NDArray[np.bool_]:
    """Return the pieces whose middle was walked over, which is those walked at least to their half from an end."""
    out = np.zeros(len(pieces.street), bool)
    for stretches in walks:
        for street, start, end in stretches:
            middles = (np.arange(pieces.first[street + 1] - pieces.first[street]) + 0.5) * (
                2 * pieces.half[pieces.first[street]]
            )
            out[pieces.first[street] : pieces.first[street + 1]] |= (middles >= start) & (middles <= end)
    return out


def fixes_of(
    way: NDArray[np.float64], speed: float, sigma: float, correlation: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Positions (n, 2) every 5 s at a speed that varies by a tenth, with Gaussian error of `sigma` an axis."""
    line = shapely.LineString(way)
    seconds = int(line.length / speed / FIX_EVERY_S) + 1
    steps = speed * FIX_EVERY_S * (1 + 0.1 * rng.standard_normal(seconds))
    along = np.concatenate(([0.0], np.cumsum(np.abs(steps))))
    along = np.append(along[along < line.length], line.length)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    error = rng.standard_normal(points.shape)
    for i in range(1, len(error) if correlation else 0):
        error[i] = correlation * error[i - 1] + np.sqrt(1 - correlation**2) * error[i]
    return points + sigma * error


def segments_of(tracks: list[NDArray[np.float64]]) -> Segments:
    """One device a track, a fix every 5 s."""
    device = np.repeat(np.arange(len(tracks)), [len(track) - 1 for track in tracks])
    number = np.concatenate([np.arange(len(track) - 1) for track in tracks])
    start = np.concatenate([track[:-1] for track in tracks])
    end = np.concatenate([track[1:] for track in tracks])
    step = int(FIX_EVERY_S * 1e6)
    return Segments(
        device, number * step, (number + 1) * step, start[:, 0].copy(), start[:, 1].copy(),
        end[:, 0].copy(), end[:, 1].copy(), np.ones(len(device), np.int16),
    )  # fmt: skip
