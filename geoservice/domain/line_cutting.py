"""A line cut where another crosses it, and lines that meet end to end made one; coordinates in degrees."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# About a centimetre: a cut this near to a corner is at the corner, and this near to an end it cuts nothing off.
AT_CORNER_DEGREES = 1e-7
# About a metre, as far as ends lie apart that count as meeting (`street_graph.SNAP_M`).
MEETING_DEGREES = 1e-5


@dataclass(frozen=True)
class Joined:
    """One line through several, the way of the first of them; `turned`: which had to be turned round."""

    line: LineString
    turned: tuple[bool, ...]


def cut_line(line: LineString, across: LineString) -> list[LineString]:
    """The parts of a line between the places where another crosses it, from its beginning on; one part: it is not crossed.

    Parts keep the corners of the line exactly, and each begins at the very place where the one before ends.
    """
    xy = shapely.get_coordinates(line)
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))))
    marks = [0.0, *_crossings(xy, along, across), along[-1]]
    return [LineString(_between(xy, along, *ends)) for ends in pairwise(marks)]


def join_lines(lines: Sequence[LineString]) -> Joined | None:
    """One line through all of several, each end of which meets at most one other; None where they do not follow one another."""
    ends = np.array([[line.coords[0][:2], line.coords[-1][:2]] for line in lines])
    partner = _partners(ends.reshape(-1, 2))
    if partner is None:
        return None
    order = _walk(partner, len(lines))
    if len(order) < len(lines):
        return None
    if dict(order)[0]:
        order = [(which, not turned) for which, turned in reversed(order)]
    pieces = [np.asarray(lines[which].coords)[:, :2][:: -1 if turned else 1] for which, turned in order]
    xy = np.concatenate(pieces)
    again = np.concatenate(([False], (np.diff(xy, axis=0) == 0).all(axis=1)))
    return Joined(LineString(xy[~again]), tuple(turned for _, turned in sorted(order)))


def _crossings(
    xy: NDArray[np.float64], along: NDArray[np.float64], across: LineString
) -> NDArray[np.float64]:
    """How far along a line the other crosses it, in order."""
    segments = shapely.linestrings(np.stack((xy[:-1], xy[1:]), axis=1))
    met, at = shapely.get_coordinates(shapely.intersection(segments, across), return_index=True)
    offsets = along[at] + np.hypot(*(met - xy[at]).T)
    corner = along[np.abs(along[:, None] - offsets).argmin(axis=0)] if len(offsets) else offsets
    offsets = np.unique(np.where(np.abs(corner - offsets) <= AT_CORNER_DEGREES, corner, offsets))
    offsets = offsets[np.diff(offsets, prepend=-np.inf) > AT_CORNER_DEGREES]
    inside: NDArray[np.float64] = offsets[(offsets > 0) & (offsets < along[-1])]
    return inside


def _between(
    xy: NDArray[np.float64], along: NDArray[np.float64], start: float, end: float
) -> NDArray[np.float64]:
    """The coordinates of a line from one place along it to another."""
    places = np.concatenate(([start], along[(along > start) & (along < end)], [end]))
    return np.column_stack([np.interp(places, along, xy[:, axis]) for axis in (0, 1)])


def _partners(ends: NDArray[np.float64]) -> dict[int, int] | None:
    """End → the end of another line that it meets, ends 2i and 2i + 1 being those of line i; None where three meet."""
    points: NDArray[np.object_] = np.asarray(shapely.points(ends), dtype=object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=MEETING_DEGREES)
    keep = one // 2 != other // 2
    one, other = one[keep], other[keep]
    if len(np.unique(one)) < len(one):
        return None
    return dict(zip(one.tolist(), other.tolist(), strict=True))


def _walk(partner: dict[int, int], count: int) -> list[tuple[int, bool]]:
    """The lines in the order in which a walk from a loose end comes to them, and whether it goes against each.

    Where no end is loose they form a ring, which begins with the first.
    """
    end: int | None = next((end for end in range(2 * count) if end not in partner), 0)
    order: list[tuple[int, bool]] = []
    seen: set[int] = set()
    while end is not None and end // 2 not in seen:
        seen.add(end // 2)
        order.append((end // 2, end % 2 == 1))
        end = partner.get(end ^ 1)
    return order
