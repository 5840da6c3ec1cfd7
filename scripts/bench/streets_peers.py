"""The peers of the street benchmark, on the same fixes: the nearest street, and the node-within-25-m rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from scripts.bench.streets_ground import shapes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geoservice.domain.streets import StreetLines
    from scripts.bench.streets_ground import Pieces

NODE_M = 25.0


class NearestStreet:
    """Credits the street nearest to each fix within reach: its piece there, and those up to the next fix's on it.

    The latter is kinder to it than the bare rule, which a vehicle's sparse fixes would leave with holes.
    """

    def __init__(self, lines: StreetLines, pieces: Pieces, reach_m: float) -> None:
        self.lines, self.pieces, self.reach_m = lines, pieces, reach_m
        self.shapes = shapes_of(lines)
        self.tree = shapely.STRtree(self.shapes)
        self.size = shapely.length(self.shapes) / lines.piece_count

    def credit(self, fixes: NDArray[np.float64]) -> NDArray[np.bool_]:
        points = shapely.points(fixes)
        fix, street = self.tree.query_nearest(points, max_distance=self.reach_m, all_matches=False)
        along = shapely.line_locate_point(self.shapes[street], points[fix])
        piece = np.minimum((along / self.size[street]).astype(int), self.lines.piece_count[street] - 1)
        piece = piece + self.pieces.first[street]
        out = np.zeros(len(self.pieces.street), bool)
        out[piece] = True
        for i in np.flatnonzero((street[1:] == street[:-1]) & (fix[1:] == fix[:-1] + 1)):
            out[min(piece[i], piece[i + 1]) : max(piece[i], piece[i + 1]) + 1] = True
        return out & ~self.lines.tunnel[self.pieces.street]


class NodesNear:
    """Credits the pieces whose middle, a node of a street cut every 15 m, lies within 25 m of a fix."""

    def __init__(self, lines: StreetLines, pieces: Pieces) -> None:
        self.above = ~lines.tunnel[pieces.street]
        self.tree = shapely.STRtree(shapely.points(pieces.middle))

    def credit(self, fixes: NDArray[np.float64]) -> NDArray[np.bool_]:
        _, piece = self.tree.query(shapely.points(fixes), predicate="dwithin", distance=NODE_M)
        out = np.zeros(len(self.above), bool)
        out[piece] = True
        return out & self.above
