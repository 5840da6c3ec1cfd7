"""Work on several processors: shapely and the database's driver let go of Python while they are busy."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

Item = TypeVar("Item")

# Below it a thread costs more than it saves; above it a processor that is busy elsewhere holds nobody up for long.
FEWEST_SHAPES = 2_000
PARTS_A_PROCESSOR = 4


def side_by_side(
    work: Callable[[NDArray[np.object_]], NDArray[np.object_]], shapes: NDArray[np.object_]
) -> NDArray[np.object_]:
    """What `work` makes of a column, cell by cell; it must not look from one cell to another."""
    processors = os.cpu_count() or 1
    count = min(processors * PARTS_A_PROCESSOR, len(shapes) // FEWEST_SHAPES)
    if processors == 1 or count < 2:
        return work(shapes)
    with ThreadPoolExecutor(processors) as pool:
        return np.concatenate(list(pool.map(work, np.array_split(shapes, count))))


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, the next of which is already being made while one is looked at."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
