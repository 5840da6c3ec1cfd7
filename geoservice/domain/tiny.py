"""Zones of a few cells only, measured exactly: what lies within reach of a segment, as polygons instead of cells.

A zone smaller than a cell may hold no cell's centre at all; one of a dozen cells would have a rate in steps of 8 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from geoservice.domain.tracks import Segments

# A zone with fewer cells is measured exactly.
TINY_CELLS = 16
# Sides of a quarter circle: the polygon of a capsule lacks 0.008 % of its radius at most.
QUARTER_SIDES = 64


@dataclass(frozen=True)
class TinyZones:
    """Versions of zones as polygons in metres; arrays (z,)."""

    version_id: NDArray[np.int64]
    polygon: NDArray[np.object_]


@dataclass(frozen=True)
class TinySeen:
    """What was seen of tiny zones; arrays (n,), no (device, slot, version) twice, sorted by these; polygons in metres."""

    device: NDArray[np.int64]
    slot: NDArray[np.int64]
    version_id: NDArray[np.int64]
    polygon: NDArray[np.object_]


def see_exactly(
    segments: Segments, slot: NDArray[np.int64], zones: TinyZones, reach_m: Mapping[int, float]
) -> TinySeen:
    """Return the ground of each zone within its mode's reach of a segment, apart by device and `slot` (n,).

    A pure function of each device's segments: what other devices did does not matter.
    """
    if len(slot) == 0 or len(zones.version_id) == 0:
        return _nothing()
    ends = np.column_stack((segments.ax, segments.ay, segments.bx, segments.by)).reshape(-1, 2, 2)
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    # Nothing is found within a distance of a line without length (GEOS 3.14).
    still = np.all(ends[:, 0] == ends[:, 1], axis=1)
    lines[still] = shapely.points(ends[still, 0])
    reach = np.array([reach_m[mode] for mode in segments.mode.tolist()])
    near, zone = shapely.STRtree(zones.polygon).query(lines, predicate="dwithin", distance=reach)
    if len(near) == 0:
        return _nothing()
    # Segments keep their order within a group: a union's coordinates depend on the order of what is united.
    order = np.lexsort((near, zones.version_id[zone], slot[near], segments.device[near]))
    near, zone = near[order], zone[order]
    groups = np.column_stack((segments.device[near], slot[near], zones.version_id[zone]))
    starts = np.flatnonzero(np.append(True, np.any(groups[1:] != groups[:-1], axis=1)))
    seen = [
        _seen_of(zones.polygon[zone[first]], lines[part], reach[part])
        for first, part in zip(starts, np.split(near, starts[1:]), strict=True)
    ]
    polygon = np.empty(len(seen), dtype=object)
    polygon[:] = seen
    some = ~shapely.is_empty(polygon)
    device, slots, version = groups[starts[some]].T
    return TinySeen(device, slots, version, polygon[some])


def _seen_of(
    polygon: shapely.Geometry, lines: NDArray[np.object_], reach: NDArray[np.float64]
) -> shapely.MultiPolygon:
    """Return the part of a polygon within reach of any of the lines (n,)."""
    corners = np.asarray(shapely.points(shapely.get_coordinates(polygon)), dtype=object)
    farthest = np.maximum.reduce([shapely.distance(corner, lines) for corner in corners])
    # A capsule is convex: it holds a polygon whose corners it holds.
    if np.any(farthest <= reach):
        return shapely.MultiPolygon(list(shapely.get_parts(polygon)))
    # Clipped first, since the union of a thousand whole capsules of somebody who waits beside the zone takes a second.
    capsules = shapely.intersection(shapely.buffer(lines, reach, quad_segs=QUARTER_SIDES), polygon)
    parts = shapely.get_parts(shapely.union_all(capsules))
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _nothing() -> TinySeen:
    empty = np.empty(0, np.int64)
    return TinySeen(empty, empty, empty, np.empty(0, dtype=object))
