"""Street credit on made-up streets: what was walked and nothing else, whatever runs beside, across, above or below."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.streets import MatchRules, StreetLines, count_pieces, credit_streets
from geoservice.domain.tracks import Segments

RULES = MatchRules(reach_m=20.0, heading_deg=30.0, piece_m=15.0)
STEP_S = 5
FOOT = 1.3


def streets(*paths, level=None, tunnel=None, ids=None):
    count = len(paths)
    shapes = [shapely.LineString(path) for path in paths]
    return StreetLines(
        np.array(ids if ids is not None else range(1, count + 1), np.int64),
        np.array(level if level is not None else [0] * count, np.int16),
        np.array(tunnel if tunnel is not None else [False] * count),
        count_pieces(shapely.length(shapes), RULES.piece_m),
        np.concatenate([np.asarray(path, float) for path in paths]) if paths else np.empty((0, 2)),
        np.concatenate(([0], np.cumsum([len(path) for path in paths]))).astype(np.int64),
    )


def along(path, speed=FOOT, sigma=0.0, seed=0):
    """Fixes every 5 s along a path."""
    line = shapely.LineString(path)
    at = np.append(np.arange(0.0, line.length, speed * STEP_S), line.length)
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, at))
    return points + sigma * np.random.default_rng(seed).standard_normal(points.shape)


def walk(*tracks, devices=None):
    parts = []
    for device, fixes in zip(devices or range(1, len(tracks) + 1), tracks, strict=True):
        times = np.arange(len(fixes) - 1) * STEP_S * 1_000_000
        parts.append(
            (np.full(len(times), device), times, times + STEP_S * 1_000_000, *fixes[:-1].T, *fixes[1:].T)
        )
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Segments(*columns, np.ones(len(columns[0]), np.int16))


def credit(segments, lines, rules=RULES, slot=None):
    return credit_streets(
        segments, np.zeros(len(segments.device), np.int64) if slot is None else slot, lines, rules
    )


def pieces(credits):
    """(device, slot, street, piece) of everything credited."""
    out = set()
    for row in zip(
        credits.device, credits.slot, credits.street_id, credits.word, credits.pieces, strict=True
    ):
        device, slot, street, word, bits = (int(value) for value in row)
        out |= {(device, slot, street, 64 * word + bit) for bit in range(64) if bits >> bit & 1}
    return out


def of_street(credits, street):
    return {piece for _, _, number, piece in pieces(credits) if number == street}


def test_streets_are_cut_into_pieces_of_about_the_length_asked_for():
    lengths = np.array([0.0, 3.0, 22.0, 23.0, 300.0, 1000.0])
    assert count_pieces(lengths, 15.0).tolist() == [1, 1, 1, 2, 20, 67]


def test_a_walk_along_a_street_credits_exactly_its_pieces():
    credits, refused = credit(walk(along([(30, 3), (270, 3)])), streets([(0, 0), (150, 0), (300, 0)]))
    assert of_street(credits, 1) == set(range(2, 18))
    assert sum(sum(devices.values()) for devices in refused.values()) < 5


def test_walking_against_the_line_counts_the_same():
    lines = streets([(0, 0), (1200, 0)])
    there, _ = credit(walk(along([(0, 2), (1200, 2)])), lines)
    back, _ = credit(walk(along([(1200, 2), (0, 2)])), lines)
    assert of_street(there, 1) == of_street(back, 1) == set(range(80))
    assert set(there.word.tolist()) == {0, 1}


def test_crossing_a_street_credits_none_of_it():
    lines = streets([(-200, 0), (200, 0)])
    credits, refused = credit(walk(along([(0, -150), (0, 150)])), lines)
    assert pieces(credits) == set()
    assert set(refused) == {"no_street_near", "crossing"}
    assert 20 <= refused["crossing"][1] <= 80


def test_a_crossing_street_does_not_steal_from_the_walked_one():
    lines = streets([(-300, 0), (300, 0)], [(0, -200), (0, 0), (0, 200)])
    for seed in range(5):
        credits, _ = credit(walk(along([(-300, 0), (300, 0)], sigma=5, seed=seed)), lines)
        assert len(of_street(credits, 1)) >= 38
        assert len(of_street(credits, 2)) <= 1


def test_a_turn_at_a_junction_credits_both_arms_up_to_it():
    lines = streets([(-150, 0), (150, 0)], [(0, -150), (0, 0), (0, 150)])
    credits, _ = credit(walk(along([(-150, 0), (0, 0), (0, 150)])), lines)
    assert of_street(credits, 1) == set(range(10))
    assert of_street(credits, 2) == set(range(10, 20))


def test_of_two_streets_20_m_apart_only_the_walked_one_is_credited():
    lines = streets([(0, 0), (400, 0)], [(0, 20), (400, 20)], [(0, 0), (0, 20)], [(400, 0), (400, 20)])
    stolen = missed = 0
    for seed in range(10):
        credits, _ = credit(walk(along([(0, 0), (400, 0)], sigma=5, seed=seed)), lines)
        stolen += len(of_street(credits, 2))
        missed += 27 - len(of_street(credits, 1))
    assert stolen <= 5  # of 270
    assert missed <= 8


def test_a_tunnel_below_a_walked_street_gets_nothing_and_takes_nothing():
    lines = streets([(0, 0), (300, 0)], [(0, 4), (300, 4)], tunnel=[False, True], level=[0, -1])
    credits, _ = credit(walk(along([(0, 1), (300, 1)])), lines)
    assert of_street(credits, 1) == set(range(20))
    assert of_street(credits, 2) == set()


def test_fixes_on_a_tunnel_alone_are_refused_as_such():
    credits, refused = credit(walk(along([(0, 0), (300, 0)])), streets([(0, 0), (300, 0)], tunnel=[True]))
    assert pieces(credits) == set()
    assert refused == {"tunnel": {1: pytest.approx(300, abs=15)}}


def test_a_bridge_across_gets_nothing_and_is_no_way_round():
    lines = streets([(-300, 0), (300, 0)], [(0, -300), (0, 300)], level=[0, 1])
    straight, _ = credit(walk(along([(-300, 0), (300, 0)])), lines)
    assert (len(of_street(straight, 1)), of_street(straight, 2)) == (40, set())
    # The same turn on one level is a junction.
    path = [(-300, 0), (0, 0), (0, 300)]
    level, _ = credit(walk(along(path)), streets([(-300, 0), (300, 0)], [(0, -300), (0, 300)]))
    assert of_street(level, 2) == set(range(20, 40))


def test_an_end_a_little_beside_the_street_it_runs_into_is_a_junction():
    lines = streets([(-300, 0), (300, 0)], [(0, 0.6), (0, 300)])
    _, refused = credit(walk(along([(-300, 0), (0, 0), (0, 300)], speed=12)), lines)
    assert "no_route" not in refused


@pytest.mark.parametrize("drift", [0.0, 0.92])
def test_standing_for_an_hour_credits_nothing(drift):
    lines = streets([(0, 0), (300, 0)], [(150, -100), (150, 0), (150, 100)])
    for sigma, seed in ((0, 0), (3, 1), (5, 2), (5, 3), (8, 4)):
        error = np.random.default_rng(seed).standard_normal((720, 2))
        for i in range(1, 720):
            error[i] = drift * error[i - 1] + np.sqrt(1 - drift**2) * error[i]
        credits, refused = credit(walk(np.array([150.0, 2.0]) + sigma * error), lines)
        assert pieces(credits) == set()
        assert set(refused) <= {"standing", "crossing"}


def test_a_stop_on_the_way_costs_no_piece():
    still = np.repeat([[150.0, 0.0]], 60, axis=0)
    way = np.concatenate((along([(0, 0), (150, 0)]), still, along([(150, 0), (300, 0)])))
    credits, _ = credit(
        walk(way + np.random.default_rng(5).normal(0, 3, way.shape)), streets([(0, 0), (300, 0)])
    )
    assert len(of_street(credits, 1)) >= 19


def test_a_car_is_credited_between_its_fixes_but_not_across_a_silence():
    lines = streets([(0, 0), (900, 0)])
    credits, _ = credit(walk(along([(0, 0), (900, 0)], speed=12)), lines)
    assert len(of_street(credits, 1)) >= 58
    jump = np.array([[0.0, 0], [60, 0], [120, 0], [820, 0], [860, 0], [900, 0]])
    credits, refused = credit(walk(jump), lines)
    assert not of_street(credits, 1) & set(range(14, 48))
    assert {0, 1, 2, 3} <= of_street(credits, 1)
    assert refused["sparse"][1] > 400


def test_a_piece_belongs_to_the_slot_of_the_fix_that_saw_it():
    fixes = along([(0, 0), (300, 0)])
    segments = walk(fixes)
    slot = np.where(segments.ax < 150, 7, 4)  # the slots need not ascend: a night ends and begins a day
    credits, _ = credit(segments, streets([(0, 0), (300, 0)]), slot=slot)
    assert {p for _, s, _, p in pieces(credits) if s == 7} == set(range(10))
    assert {p for _, s, _, p in pieces(credits) if s == 4} == set(range(10, 20))
    assert (np.diff(credits.slot) >= 0).all()


def test_nothing_in_nothing_out():
    line = streets([(0, 0), (300, 0)])
    segments = walk(along([(0, 0), (300, 0)]))
    nobody = segments.take(np.zeros(len(segments.device), bool))
    assert pieces(credit(nobody, line)[0]) == set()
    credits, refused = credit(segments, streets())
    assert pieces(credits) == set()
    assert set(refused) == {"no_street_near"}
    assert pieces(credit(segments, streets([(5, 5), (5, 5)]))[0]) == set()
    assert pieces(credit(segments, line, MatchRules(0.0, 30.0, 15.0))[0]) == set()


def city(rng, side=7, block=90.0):
    """Bent blocks; every street runs three blocks, so that streets also end in each other."""
    grid = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), axis=-1) * block
    grid = grid + rng.uniform(-0.12, 0.12, grid.shape) * block
    paths = []
    for i in range(side):
        for start in range(0, side - 1, 3):
            paths += [grid[i, start : start + 4], grid[start : start + 4, i]]
    return grid, paths


def ramble(grid, rng, blocks=25):
    """A way over junctions that goes straight on at most of them and never turns back."""
    at, way, last = np.array([3, 3]), [], np.array([0, 0])
    way.append(at)
    for _ in range(blocks):
        steps = [np.array(s) for s in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        steps = [
            s for s in steps if (s != -last).any() and (at + s >= 0).all() and (at + s < len(grid)).all()
        ]
        straight = any((s == last).all() for s in steps) and rng.random() < 0.6
        last = last if straight else steps[rng.integers(len(steps))]
        at = at + last
        way.append(at)
    return np.array([grid[tuple(place)] for place in way])


def walked(way, paths):
    """(street, piece) whose middle lies on the way, by shapely."""
    line, out = shapely.LineString(way), set()
    for number, path in enumerate(paths, 1):
        shape = shapely.LineString(path)
        count = int(count_pieces(np.array([shape.length]), RULES.piece_m)[0])
        middles = shapely.line_interpolate_point(shape, (np.arange(count) + 0.5) * shape.length / count)
        out |= {(number, piece) for piece in np.flatnonzero(shapely.distance(line, middles) < 1e-6)}
    return out


@pytest.mark.parametrize(
    ("sigma", "precision", "recall"), [(5.0, 0.95, 0.95), (10.0, 0.90, 0.85)], ids=["5 m", "10 m"]
)
@pytest.mark.parametrize("speed", [1.3, 4.5, 10.0], ids=["foot", "e-bike", "car"])
def test_walks_in_a_city_are_found_again(speed, sigma, precision, recall):
    rng = np.random.default_rng(42)
    grid, paths = city(rng)
    lines = streets(*paths)
    right = found = true = 0
    for seed in range(12):
        way = ramble(grid, rng)
        credits, _ = credit(walk(along(way, speed, sigma, seed)), lines)
        seen = {(street, piece) for _, _, street, piece in pieces(credits)}
        truth = walked(way, paths)
        right, found, true = right + len(seen & truth), found + len(seen), true + len(truth)
    assert right / found >= precision
    assert right / true >= recall


@st.composite
def rambles(draw):
    """A city, two noisy walks in it, and a generator."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    grid, paths = city(rng, side=4)
    sigma, speed = draw(st.sampled_from([0.0, 5.0, 15.0])), draw(st.sampled_from([1.3, 4.5, 10.0]))
    tracks = [along(ramble(grid, rng, blocks=8), speed, sigma, int(rng.integers(1000))) for _ in range(2)]
    return paths, tracks, rng


def shuffled(lines_paths, rng):
    order = rng.permutation(len(lines_paths))
    return streets(*[lines_paths[i] for i in order], ids=[i + 1 for i in order])


@given(rambles())
@settings(max_examples=12, deadline=None)
def test_order_of_streets_streets_far_away_and_other_devices_do_not_matter(case):
    paths, tracks, rng = case
    lines = streets(*paths)
    together, refused = credit(walk(*tracks), lines)
    alone = [credit(walk(track, devices=[number]), lines) for number, track in enumerate(tracks, 1)]
    assert pieces(together) == set().union(*(pieces(credits) for credits, _ in alone))
    for reason, devices in refused.items():
        assert devices == {d: r[reason][d] for d, (_, r) in enumerate(alone, 1) if reason in r}
    far = [np.asarray(path) + 5000.0 for path in paths]
    assert pieces(credit(walk(*tracks), shuffled([*paths, *far], rng))[0]) == pieces(together)
    order = rng.permutation(len(walk(*tracks).device))
    assert pieces(credit(walk(*tracks).take(order), lines)[0]) == pieces(together)
    keys = np.column_stack((together.device, together.slot, together.street_id, together.word))
    assert (np.unique(keys, axis=0) == keys).all()


@given(rambles(), st.sampled_from([5.0, 12.0, 20.0]))
@settings(max_examples=12, deadline=None)
def test_what_is_credited_lies_within_reach_of_the_track_and_along_it(case, reach_m):
    paths, tracks, _ = case
    credits, refused = credit(walk(tracks[0]), streets(*paths), MatchRules(reach_m, 30.0, 15.0))
    track = shapely.LineString(tracks[0])
    for _, _, street, piece in pieces(credits):
        shape = shapely.LineString(paths[street - 1])
        count = int(count_pieces(np.array([shape.length]), RULES.piece_m)[0])
        middle = shapely.line_interpolate_point(shape, (piece + 0.5) * shape.length / count)
        assert shapely.distance(track, middle) <= reach_m + 1e-6
    assert all(metres > 0 for devices in refused.values() for metres in devices.values())
