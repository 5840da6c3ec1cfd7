"""Streets made ready for matching: a grid to find them, the junctions where they meet, short paths between these.

Built for the streets of one call; time and memory follow the length of the streets given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geoservice.domain.street_kernels import (
    CELL_M,
    grid_entries,
    hash_cells,
    paths_from_nodes,
    sums_by_street,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.streets import StreetLines

# Layers that are not noded end their streets a little beside the one they run into.
SNAP_M = 1.0
# Between two fixes a patrol moves less; farther moves are joined only along one street or over one junction.
PATH_M = 120.0


class StreetIndex(NamedTuple):
    """What the kernels read; rows lie together in memory as they are read together. Columns are named in `street_kernels`.

    Segments (m, 8) and junctions (p, 3) by street and offset; cells in an open-addressing table; paths (r, 2) from each node
    to those within `PATH_M`, nearest first, and by which edge each ends (r, 3).
    """

    segments: NDArray[np.float64]
    first_segment: NDArray[np.int64]  # (s + 1,)
    length: NDArray[np.float64]  # (s,)
    piece_count: NDArray[np.int64]  # (s,)
    first_word: NDArray[np.int64]  # (s + 1,)
    cells: NDArray[np.int64]
    cell_first: NDArray[np.int64]
    cell_segments: NDArray[np.int64]
    junctions: NDArray[np.float64]
    first_junction: NDArray[np.int64]  # (s + 1,)
    paths: NDArray[np.float64]
    last_edges: NDArray[np.int64]
    first_path: NDArray[np.int64]  # (nodes + 1,)


class _Segments(NamedTuple):
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    ux: NDArray[np.float64]
    uy: NDArray[np.float64]
    metres: NDArray[np.float64]
    offset: NDArray[np.float64]
    street: NDArray[np.int64]


class Meetings(NamedTuple):
    """Where streets meet: street (index), offset along it in metres, place (n,); rows of one place are one junction."""

    street: NDArray[np.int64]
    offset: NDArray[np.float64]
    place: NDArray[np.int64]

    def take(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Meetings:
        """Return the rows where `keep` holds, or those it numbers."""
        return Meetings(self.street[keep], self.offset[keep], self.place[keep])


def find_meetings(lines: StreetLines) -> tuple[Meetings, NDArray[np.float64]]:
    """Return where at least two streets, or two ends of one, meet, sorted by street and offset; and each street's length.

    Streets of different level (or one of them a tunnel) meet only where they share a vertex.
    """
    segments, along = _cut(lines)
    length = np.zeros(len(lines.street_id))
    np.maximum.at(length, segments.street, segments.offset + segments.metres)
    return _meetings(lines, segments, along), length


def index_streets(lines: StreetLines, search_m: float) -> StreetIndex:
    """Return the index of streets sorted by id; `search_m` is how far from a fix a street is looked for."""
    segments, along = _cut(lines)
    streets = np.arange(len(lines.street_id) + 1)
    length = np.zeros(len(lines.street_id))
    np.maximum.at(length, segments.street, segments.offset + segments.metres)
    keys, numbers = grid_entries(
        segments.x, segments.y, segments.ux, segments.uy, segments.metres, search_m, CELL_M
    )
    order = np.argsort(keys, kind="stable")
    new = np.concatenate(([True], np.diff(keys[order]) != 0))[: len(keys)]
    first = np.append(np.flatnonzero(new), len(keys))
    meetings = _meetings(lines, segments, along)
    nodes, node = np.unique(meetings.place, return_inverse=True)
    by_node = np.argsort(node, kind="stable")
    first_path, paths, last_edges = paths_from_nodes(
        meetings.street, meetings.offset, node.astype(np.int64), by_node,
        np.searchsorted(node[by_node], np.arange(len(nodes) + 1)), PATH_M,
    )  # fmt: skip
    words = -(-lines.piece_count.astype(np.int64) // 64)
    return StreetIndex(
        np.column_stack((*segments, lines.tunnel[segments.street])).astype(np.float64),
        np.searchsorted(segments.street, streets).astype(np.int64), length,
        lines.piece_count.astype(np.int64), np.concatenate(([0], np.cumsum(words))),
        hash_cells(keys[order][first[:-1]]), first, numbers[order],
        np.column_stack((meetings.offset, node, meetings.street)).astype(np.float64),
        np.searchsorted(meetings.street, streets).astype(np.int64), paths, last_edges, first_path,
    )  # fmt: skip


def _cut(lines: StreetLines) -> tuple[_Segments, NDArray[np.float64]]:
    """Return the segments between successive vertices, and how far along its street each vertex lies."""
    of_vertex = np.repeat(np.arange(len(lines.street_id)), np.diff(lines.starts))
    step = np.diff(lines.xy, axis=0)
    inside = of_vertex[1:] == of_vertex[:-1]
    metres = np.where(inside, np.hypot(step[:, 0], step[:, 1]), 0.0)
    along = sums_by_street(metres, lines.starts)
    start = np.flatnonzero(metres > 0)
    ux, uy = (step[start] / metres[start, None]).T
    return _Segments(
        lines.xy[start, 0].copy(), lines.xy[start, 1].copy(), ux.copy(), uy.copy(),
        metres[start], along[start], of_vertex[start],
    ), along  # fmt: skip


def _meetings(lines: StreetLines, segments: _Segments, along: NDArray[np.float64]) -> Meetings:
    """Return every (street, offset, place) where at least two streets, or two ends of one, meet; sorted by these."""
    of_vertex = np.repeat(np.arange(len(lines.street_id)), np.diff(lines.starts))
    places, place = np.unique(lines.xy[:, 0] + 1j * lines.xy[:, 1], return_inverse=True)
    ends = np.unique(np.concatenate((lines.starts[:-1], lines.starts[1:] - 1)))
    level = 2 * lines.level.astype(np.int64) + lines.tunnel
    end_x = segments.x + segments.ux * segments.metres
    end_y = segments.y + segments.uy * segments.metres
    ways = np.stack((np.column_stack((segments.x, segments.y)), np.column_stack((end_x, end_y))), axis=1)
    tree = shapely.STRtree(np.atleast_1d(np.asarray(shapely.linestrings(ways))))
    parts = [
        Meetings(of_vertex, along, place),
        _crossings(segments, level, tree, len(places)),
        _touching_ends(lines.xy[ends], of_vertex[ends], place[ends], segments, level, tree),
    ]
    found = Meetings(
        np.concatenate([part.street for part in parts]),
        np.concatenate([part.offset for part in parts]),
        np.concatenate([part.place for part in parts]),
    )
    found = found.take(np.lexsort((found.place, found.offset, found.street)))
    again = (np.diff(found.street) == 0) & (np.diff(found.offset) == 0) & (np.diff(found.place) == 0)
    found = found.take(np.concatenate(([True], ~again))[: len(found.street)])
    _, inverse, count = np.unique(found.place, return_inverse=True, return_counts=True)
    return found.take(count[inverse] > 1)


def _crossings(
    segments: _Segments, level: NDArray[np.int64], tree: shapely.STRtree, first_place: int
) -> Meetings:
    """Return where segments of different streets on one level cross between their vertices."""
    a, b = tree.query(tree.geometries)
    street_a, street_b = segments.street[a], segments.street[b]
    keep = (a < b) & (street_a != street_b) & (level[street_a] == level[street_b])
    # The tree's order hangs on all streets; places are numbered the same whichever others there are.
    order = np.lexsort((b[keep], a[keep]))
    a, b = a[keep][order], b[keep][order]
    turn = segments.ux[a] * segments.uy[b] - segments.uy[a] * segments.ux[b]
    dx, dy = segments.x[b] - segments.x[a], segments.y[b] - segments.y[a]
    with np.errstate(divide="ignore", invalid="ignore"):
        on_a = (dx * segments.uy[b] - dy * segments.ux[b]) / turn
        on_b = (dx * segments.uy[a] - dy * segments.ux[a]) / turn
    meet = (np.abs(turn) > 1e-9) & (on_a > 0) & (on_a < segments.metres[a])
    meet &= (on_b > 0) & (on_b < segments.metres[b])
    a, b, on_a, on_b = a[meet], b[meet], on_a[meet], on_b[meet]
    place = first_place + np.arange(len(a))
    return Meetings(
        np.concatenate((segments.street[a], segments.street[b])),
        np.concatenate((segments.offset[a] + on_a, segments.offset[b] + on_b)),
        np.concatenate((place, place)),
    )


def _touching_ends(
    ends: NDArray[np.float64],
    of_street: NDArray[np.int64],
    place: NDArray[np.int64],
    segments: _Segments,
    level: NDArray[np.int64],
    tree: shapely.STRtree,
) -> Meetings:
    """Return where a street's end lies within `SNAP_M` of another street of its level."""
    end, onto = tree.query(shapely.box(*(ends - SNAP_M).T, *(ends + SNAP_M).T))
    other = segments.street[onto]
    keep = (of_street[end] != other) & (level[of_street[end]] == level[other])
    end, onto = end[keep], onto[keep]
    dx, dy = ends[end, 0] - segments.x[onto], ends[end, 1] - segments.y[onto]
    on = np.clip(dx * segments.ux[onto] + dy * segments.uy[onto], 0, segments.metres[onto])
    near = np.hypot(dx - on * segments.ux[onto], dy - on * segments.uy[onto]) <= SNAP_M
    end, onto, on = end[near], onto[near], on[near]
    return Meetings(segments.street[onto], segments.offset[onto] + on, place[end])
