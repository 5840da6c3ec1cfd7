"""Small problems, drawn and made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from geoservice.domain.planning.problem import Job, Keep, Problem, Rest, Shift
from geoservice.domain.ways import Costs

HOUR = 3600.0


def line_costs(*at_m: float, mps: float = 1.0) -> Costs:
    """Places along a line."""
    places = np.array(at_m, dtype=float)
    metres = np.abs(places[:, None] - places[None])
    return Costs(metres / mps, metres)


def job(key: str, place: int, **more) -> Job:
    fields = {"service_s": 600.0, "weight": 1.0, "days": frozenset([0])} | more
    return Job(key, place, fields.pop("place_out", place), **fields)


def shift(key: str = "d0/T1", **more) -> Shift:
    fields = {
        "team": key.split("/")[-1],
        "day": 0,
        "mode": 1,
        "hours": (8 * HOUR, 12 * HOUR),
        "start": 0,
        "end": 0,
    }
    return Shift(key, **(fields | more))


def problem(shifts, jobs, costs, **more) -> Problem:
    return Problem(tuple(shifts), tuple(jobs), {1: costs}, **more)


@st.composite
def problems(draw, *, plain: bool = False, most_jobs: int = 7) -> Problem:
    """A problem of a few places on a plane, some cut off; `plain`: one day, no groups, breaks, zones or locks."""
    days = 1 if plain else draw(st.integers(1, 2))
    seed = draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    places = draw(st.integers(2, 6))
    costs = {1: _plane(rng, places, 1.0), 3: _plane(rng, places, 4.0)}
    shifts = draw(st.lists(_shifts(places, days, plain), min_size=1, max_size=3))
    shifts = [replace(one, key=f"d{one.day}/T{index}", team=f"T{index}") for index, one in enumerate(shifts)]
    jobs = draw(st.lists(_jobs(places, days, plain), min_size=1, max_size=most_jobs))
    jobs = [replace(one, key=f"point:{index}") for index, one in enumerate(jobs)]
    if plain:
        return Problem(tuple(shifts), tuple(jobs), costs)
    keys = st.sampled_from([one.key for one in jobs])
    pins = draw(st.dictionaries(keys, st.sampled_from([one.key for one in shifts]), max_size=2))
    locked = draw(st.lists(keys, unique=True, max_size=3))
    group = st.frozensets(keys, min_size=2, max_size=3)
    groups = st.lists(group, max_size=1).map(tuple) if len(jobs) > 1 else st.just(())
    return Problem(
        tuple(shifts),
        tuple(replace(one, pinned_to=pins.get(one.key)) for one in jobs),
        costs,
        together=draw(groups),
        apart=draw(groups),
        locked={shifts[0].key: tuple(locked)} if locked else {},
        previous=draw(st.dictionaries(keys, st.sampled_from(["T0", "T1"]), max_size=2)),
        keep_zones=draw(st.sampled_from(Keep)),
    )


def _plane(rng: np.random.Generator, places: int, mps: float) -> Costs:
    """Ways that are longer one way than the other; now and then a place nobody reaches."""
    xy = rng.uniform(0, 4000, (places, 2))
    metres = np.ceil(
        np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) * rng.uniform(1, 1.3, (places, places))
    )
    np.fill_diagonal(metres, 0)
    if rng.random() < 0.2:
        metres[:, -1] = metres[-1, :] = np.inf
    return Costs(np.ceil(metres / mps), metres)


def _shifts(places: int, days: int, plain: bool):
    depots = st.integers(0, places - 1)
    rest = (
        st.none()
        if plain
        else st.none()
        | st.builds(
            Rest,
            st.tuples(
                st.sampled_from([6 * HOUR, 10 * HOUR, 11 * HOUR]), st.sampled_from([11.5 * HOUR, 12 * HOUR])
            ),
            st.just(45.0),
        )
    )
    return st.builds(
        Shift,
        key=st.just(""),
        team=st.just(""),
        day=st.integers(0, days - 1),
        mode=st.sampled_from([1, 3]),
        hours=st.tuples(
            st.sampled_from([8 * HOUR, 9 * HOUR]),
            st.sampled_from([10 * HOUR, 11 * HOUR, 12.5 * HOUR, 14 * HOUR]),
        ),
        start=depots if plain else st.none() | depots | depots | depots,
        end=depots,
        skills=st.frozensets(st.sampled_from("ab")),
        zone_ids=st.none() if plain else st.none() | st.frozensets(st.integers(1, 2), min_size=1),
        rest=rest,
    )


def _jobs(places: int, days: int, plain: bool):
    span = st.tuples(st.integers(7, 14), st.integers(0, 2)).map(
        lambda at: (at[0] * HOUR, (at[0] + at[1]) * HOUR)
    )
    windows = st.dictionaries(
        st.integers(0, days - 1),
        st.lists(span, min_size=1, max_size=1 if plain else 2).map(tuple),
        max_size=2,
    )
    place = st.integers(0, places - 1)
    return st.builds(
        Job,
        key=st.just(""),
        place_in=place,
        place_out=place,
        service_s=st.integers(0, 5).map(lambda quarters: 900.0 * quarters),
        weight=st.integers(1, 9).map(float),
        days=st.frozensets(st.integers(0, days - 1), min_size=1),
        windows=windows,
        skills=st.frozensets(st.sampled_from("ab"), max_size=1),
        zone_id=st.none() | st.integers(1, 3),
    )
