"""What is to be covered: a graph of stretches of streets, some of which are required."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Arcs:
    """Edges (e,) between nodes 0 to `node_count` - 1, usable both ways: their metres, and whether each must be gone over."""

    node_count: int
    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    metres: NDArray[np.float64]
    required: NDArray[np.bool_]

    @property
    def required_m(self) -> float:
        """The length of all that is required: no tour is shorter."""
        return float(self.metres[self.required].sum())

    def requiring(self, edges: NDArray[np.int64]) -> Arcs:
        """Return the same graph with only these edges required."""
        required = np.zeros(len(self.tail), np.bool_)
        required[edges] = True
        return Arcs(self.node_count, self.tail, self.head, self.metres, required)

    def odd_nodes(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which nodes (n,) an odd number of edges meets when each is there so many `times` (e,)."""
        degree = np.bincount(self.tail, times, self.node_count) + np.bincount(
            self.head, times, self.node_count
        )
        odd: NDArray[np.bool_] = degree.astype(np.int64) % 2 == 1
        return odd

    def parts(self, edges: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the component of each node (n,) when only these edges are there."""
        graph = coo_array(
            (np.ones(int(edges.sum())), (self.tail[edges], self.head[edges])),
            shape=(self.node_count, self.node_count),
        )
        _, label = connected_components(graph, directed=False)
        part: NDArray[np.int64] = label.astype(np.int64)
        return part

    def required_parts(self, also: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the component of each node when required edges and those `also` are there, and which hold required ones."""
        label = self.parts(self.required | also)
        return label, np.unique(label[self.tail[self.required]])
