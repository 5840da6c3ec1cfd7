"""Load the compiled loops, so that a process forked from this one starts with them in its hands.

`python -m geoservice.jobs.warm` compiles them, where they are not yet.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import numpy as np
import shapely

from geoservice.domain.coverage import cover_segments, rasterize
from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.domain.gaps import NEVER, describe, find_regions
from geoservice.domain.pieces import piece_midpoints, pieces_inside
from geoservice.domain.roads import Roads, make_network
from geoservice.domain.streets import MatchRules, StreetLines, credit_streets
from geoservice.domain.tracks import Mode, Segments
from geoservice.domain.visits import Spots, find_stays
from geoservice.domain.ways import StopGraph, put_stops


def is_compiled() -> bool:
    """Tell whether the loops were compiled before: loading them takes half a second, compiling them a minute."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    return folder is not None and any(Path(folder).rglob("credit_kernels.credit_device-*.nbc"))


def load_loops() -> None:
    """Run each of them once, on a walk of 100 m along one street over a hectare."""
    fixes = np.arange(6)
    x = (fixes * 20.0).astype(np.float64)
    second = fixes.astype(np.int64) * 5_000_000
    here = np.zeros(5)
    walk = Segments(
        np.ones(5, np.int64), second[:-1], second[1:], x[:-1], here, x[1:], here, np.full(5, Mode.FOOT, np.int16)
    )  # fmt: skip
    slot = np.zeros(5, np.int64)
    street = StreetLines(
        np.ones(1, np.int64), np.zeros(1, np.int16), np.zeros(1, np.bool_), np.full(1, 7, np.int32),
        np.array([[0.0, 1.0], [100.0, 1.0]]), np.array([0, 2], np.int64),
    )  # fmt: skip
    spot = Spots(
        np.ones(1, np.int64), np.full(1, 50.0), np.zeros(1), np.full(1, 30.0), np.zeros(1)
    )  # fmt: skip
    ground = shapely.box(0.0, 0.0, 100.0, 100.0)
    cells = rasterize(ground, 0, 5.0)
    regions = find_regions(cells, 5.0, 1.0)
    assert regions is not None
    regions.look(cells, np.full(len(regions.sizes), NEVER, np.int64))
    list(describe(regions, np.zeros((1, 2)), 5.0))
    pieces_inside(ground, piece_midpoints(street))
    cover_segments(walk, slot, {int(Mode.FOOT): 30.0}, 5.0)
    credit_streets(walk, slot, street, MatchRules(20.0, 30.0, 15.0))
    find_stays(walk, spot, 60.0)
    network = make_network(Roads(street, np.ones(1), np.zeros(1, np.bool_)))
    StopGraph(network, put_stops(network, np.array([[10.0, 0.0], [90.0, 0.0]]), 30.0)).costs()


def settle() -> None:
    """Load what is slow to load, and spare the collector of garbage all that stays: a round over it takes 0.1 s."""
    to_metric(metric_epsg_for(116.0, 40.0), np.array([[116.0, 40.0]]))  # opens the database of projections
    if is_compiled() or __name__ == "__main__":
        load_loops()
    gc.collect()
    gc.freeze()


settle()
