"""Streets driven along: one-way streets one way, no vehicle over its capacity, nothing shorter than the bound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from geoservice.domain.arcs.carp import Drives, drive, least_drive_m, reachable
from geoservice.domain.arcs.postman import solve_postman
from tests.domain.arcs.graphs import town

CARP = Path(__file__).resolve().parents[4] / "shared" / "data" / "carp"


def drives_of(seed: int, *, vehicles: int = 1) -> Drives:
    arcs = town(5, seed)
    both = np.ones(len(arcs.tail), np.bool_)
    load = np.rint(arcs.metres).astype(np.int64)
    capacity = int(load.sum() * 1.3 / vehicles)
    return Drives(
        arcs.node_count, arcs.tail, arcs.head, arcs.metres, both, both, both, load, 0, capacity, vehicles
    )


def check(drives: Drives, seconds: float = 1.0) -> float:
    found = drive(drives, seconds)
    assert found.is_feasible
    served = []
    for steps, length in zip(found.routes, found.lengths_m, strict=True):
        at = drives.depot
        for step in steps:
            first, last = drives.tail[step.edge], drives.head[step.edge]
            assert (drives.forward if step.forward else drives.backward)[step.edge]
            assert at == (first if step.forward else last)
            at = last if step.forward else first
        assert at == drives.depot
        mine = [step.edge for step in steps if step.serves]
        assert drives.load[mine].sum() <= drives.capacity
        assert sum(drives.metres[step.edge] for step in steps) == pytest.approx(length)
        served += mine
    assert sorted(served) == np.flatnonzero(drives.required).tolist()
    assert found.length_m >= least_drive_m(drives) - 1e-6
    return found.length_m


def test_one_vehicle_comes_near_the_postman() -> None:
    drives = drives_of(1)
    arcs = town(5, 1)
    assert solve_postman(arcs).length_m - 1e-6 <= check(drives) <= 1.05 * solve_postman(arcs).length_m


def test_several_vehicles_keep_to_their_capacity() -> None:
    check(drives_of(2, vehicles=3))


def test_one_way_streets_are_driven_one_way() -> None:
    drives = drives_of(3)
    rng = np.random.default_rng(0)
    one_way = rng.random(len(drives.tail)) < 0.3
    drives = replace(drives, backward=~one_way)
    can = reachable(drives)
    assert can.any()
    check(replace(drives, required=can))


def test_what_leads_only_away_is_not_reachable() -> None:
    # 0 ↔ 1 → 2: whoever goes to 2 does not come back.
    drives = Drives(
        3, np.array([0, 1]), np.array([1, 2]), np.array([10.0, 10.0]), np.array([True, True]),
        np.array([True, False]), np.array([True, False]), np.array([1, 1]), 0, 9, 1,
    )  # fmt: skip
    assert reachable(drives).tolist() == [True, False]
    assert check(drives, 0.2) == pytest.approx(20.0)


@pytest.mark.skipif(not CARP.is_dir(), reason="the published arc routing instances are not on this machine")
@pytest.mark.parametrize("name", ["gdb1", "kshs1"])
def test_published_instances_are_solved_to_the_best_known(name: str) -> None:
    from scripts.bench.arcs_bench import read_instance

    drives, best = read_instance(CARP / f"{name}.dat")
    assert best <= check(drives, 2.0) <= 1.03 * best
