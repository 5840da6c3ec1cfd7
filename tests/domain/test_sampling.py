"""Samples can be drawn again by anybody, are spread as they should be, and favour no point."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.sampling import (
    NEVER_DAYS,
    Candidate,
    allocate,
    draw,
    frame_hash,
    seen_weight,
    share_out,
)

SIZES = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 60), max_size=8)
FRAMES = st.dictionaries(
    st.text("0123456789abc点", min_size=1, max_size=6),
    st.tuples(st.sampled_from(["market", "park", "school"]), st.sampled_from(["A", "B", "C"])),
    max_size=40,
).map(lambda found: [Candidate(key, stratum) for key, stratum in found.items()])


@given(SIZES, st.integers(0, 400), st.integers(0, 5))
def test_parts_add_up_keep_their_minimum_and_never_exceed_their_stratum(sizes, total, minimum):
    shares = allocate(sizes, total, minimum)
    floors = sum(min(minimum, size) for size in sizes.values())
    assert set(shares) == set(sizes)
    assert sum(shares.values()) == min(max(total, floors), sum(sizes.values()))
    assert all(min(minimum, sizes[name]) <= share <= sizes[name] for name, share in shares.items())


@given(SIZES, st.integers(0, 400))
def test_without_a_minimum_every_part_is_its_proportion_rounded_up_or_down(sizes, total):
    whole = sum(sizes.values())
    for name, share in allocate(sizes, total).items():
        assert abs(share * whole - min(total, whole) * sizes[name]) < max(whole, 1)


@given(SIZES, st.integers(0, 400), st.integers(0, 5))
def test_a_larger_stratum_never_gets_less(sizes, total, minimum):
    shares = allocate(sizes, total, minimum)
    for one, other in combinations(sizes, 2):
        if sizes[one] > sizes[other]:
            assert shares[one] >= shares[other]


@given(
    FRAMES, st.integers(0, 50), st.integers(0, 2**31), st.integers(0, 2), st.randoms(use_true_random=False)
)
def test_the_order_of_rows_decides_nothing(frame, size, seed, minimum, shuffler):
    shuffled = list(frame)
    shuffler.shuffle(shuffled)
    assert draw(shuffled, size, seed, minimum=minimum) == draw(frame, size, seed, minimum=minimum)


@given(FRAMES, st.integers(0, 50), st.integers(0, 2**31))
def test_a_sample_is_drawn_from_its_frame_without_replacement(frame, size, seed):
    sample = draw(frame, size, seed)
    assert len(sample.keys) == len(set(sample.keys)) == min(size, len(frame))
    homes = {one.key: one.stratum for one in frame}
    assert all(homes[key] == stratum.name for stratum in sample.strata for key in stratum.drawn)


@given(FRAMES, st.integers(0, 2**31))
def test_the_hash_tells_every_other_frame(frame, seed):
    assert frame_hash(frame) == frame_hash(reversed(frame)) == draw(frame, 1, seed).frame_sha256
    for place, one in enumerate(frame):
        for other in (
            Candidate(one.key, one.stratum, 2.0),
            Candidate(one.key, ("x", "y")),
            Candidate(f"{one.key}x", one.stratum),
        ):
            assert frame_hash([*frame[:place], other, *frame[place + 1 :]]) != frame_hash(frame)


def test_known_draw_stays_the_same_in_every_version():
    """The numbers of ten keys, recomputed by hand with sha256sum: the three smallest of -ln(u) are the largest u."""
    frame = [Candidate(f"P{number}", ("market", "A")) for number in range(10)]
    digests = {one.key: hashlib.sha256(b"7\x1f" + one.key.encode()).hexdigest()[:16] for one in frame}
    largest = sorted(sorted(digests, key=lambda key: digests[key])[-3:])
    assert list(draw(frame, 3, 7).keys) == largest


def test_every_set_is_equally_likely():
    """Chi-square over all 10 pairs of 5 points, 4000 seeds: 9 degrees of freedom, the 0.999 quantile is 27.88."""
    frame = [Candidate(key, ("m", "z")) for key in "abcde"]
    seen = Counter(draw(frame, 2, seed).keys for seed in range(4000))
    expected = 4000 / 10
    assert len(seen) == 10
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 27.88


def test_weights_are_the_chances_of_the_first_draw():
    """One of three with weights 1, 2 and 5, 4000 seeds: 2 degrees of freedom, the 0.999 quantile is 13.82."""
    weights = {"a": 1.0, "b": 2.0, "c": 5.0}
    frame = [Candidate(key, ("m", "z"), weight) for key, weight in weights.items()]
    seen = Counter(draw(frame, 1, seed).keys[0] for seed in range(4000))
    assert sum((seen[key] - 500 * weight) ** 2 / (500 * weight) for key, weight in weights.items()) < 13.82


@given(st.integers(0, 60), st.integers(1, 5), st.integers(1, 7), st.integers(0, 999))
def test_people_and_days_are_even_to_one(count, people, days, seed):
    slots = share_out([str(number) for number in range(count)], people, days, seed)
    assert len(slots) == count
    for groups, kinds in (
        (Counter(slots), people * days),
        (Counter(p for p, _ in slots), people),
        (Counter(d for _, d in slots), days),
    ):
        numbers = [*groups.values(), *[0] * (kinds - len(groups))]
        assert max(numbers) - min(numbers) <= 1


def test_neighbours_stay_with_one_person_and_the_seed_says_who():
    keys = [str(number) for number in range(30)]
    slots = share_out(keys, 3, 5, 1)
    people = [person for person, _ in slots]
    assert people == sorted(people, key=people.index)
    assert len({tuple(person for person, _ in share_out(keys, 3, 5, seed)) for seed in range(40)}) == 6


@pytest.mark.parametrize(
    ("days", "weight"), [(None, NEVER_DAYS), (0, 1), (0.2, 1), (30, 30), (9999, NEVER_DAYS)]
)
def test_never_seen_weighs_as_much_as_anything_can(days, weight):
    assert seen_weight(days) == weight


def test_a_sample_of_the_smaller_size_is_part_of_the_larger():
    frame = [Candidate(str(number), ("m", "z")) for number in range(50)]
    seed = random.Random(1).randrange(2**31)
    assert set(draw(frame, 10, seed).keys) < set(draw(frame, 20, seed).keys)
