"""Counts of pieces against sets of pieces."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.street_tally import Ground, Network, find_stretches, join_groups

COUNTS = st.lists(st.sampled_from([1, 2, 3, 5, 63, 64, 65, 130]), min_size=1, max_size=4)


def network_of(counts, tunnels=()) -> Network:
    count = np.array(counts, np.int64)
    return Network(
        np.arange(len(counts)) * 10 + 10, count * 15.0, count, np.isin(np.arange(len(counts)), list(tunnels))
    )


@st.composite
def networks(draw):
    counts = draw(COUNTS)
    tunnels = draw(st.sets(st.integers(0, len(counts) - 1), max_size=1))
    return network_of(counts, tunnels)


def draw_flags(data, network):
    total = int(network.piece_count.sum())
    runs = data.draw(st.lists(st.integers(1, 40), max_size=12))
    flags = np.zeros(total, dtype=bool)
    at = 0
    for turn, run in enumerate(runs):
        flags[at : at + run] = turn % 2 == 0
        at += run
    return np.roll(flags, data.draw(st.integers(0, total)))


@given(networks(), st.data())
def test_flags_and_bits_are_the_same_pieces(network, data):
    flags = draw_flags(data, network)
    bits = network.bits(flags)
    assert np.array_equal(network.flags(bits), flags)
    assert int(np.bitwise_count(bits).sum()) == flags.sum()
    places = np.arange(len(bits))
    row, piece = network.piece_places(places, bits)
    assert piece.tolist() == np.flatnonzero(flags).tolist()
    assert (
        network.street_of_word[row].tolist()
        == (np.searchsorted(network.first_piece, piece, side="right") - 1).tolist()
    )


@given(networks(), st.data())
def test_covered_unseen_excluded_and_tunnel_are_the_whole(network, data):
    seen, excluded = draw_flags(data, network), draw_flags(data, network)
    ground = Ground(network, network.bits(seen), network.bits(excluded))
    place = np.arange(len(network.whole))
    found = ground.lengths(network.street_of_word, place, network.whole, len(network.street_id))
    unseen = network.flags(ground.unseen)
    street = np.repeat(np.arange(len(network.street_id)), network.piece_count)
    for each in range(len(network.street_id)):
        mine = street == each
        tunnel = bool(network.tunnel[each])
        pieces = [
            int(mine.sum()),
            int(mine.sum()) if tunnel else 0,
            0 if tunnel else int((mine & excluded).sum()),
            0 if tunnel else int((mine & ~excluded & seen).sum()),
        ]
        columns = (found.length_m, found.tunnel_m, found.excluded_m, found.covered_m)
        assert [round(column[each] / network.piece_m[each]) for column in columns] == pieces
        assert pieces[0] == pieces[1] + pieces[2] + pieces[3] + int((mine & unseen).sum())
        assert found.asked_m[each] == pytest.approx(15.0 * (pieces[0] - pieces[1] - pieces[2]))


@given(networks(), st.data())
def test_stretches_are_the_runs_of_two_and_more_or_a_whole_street(network, data):
    flags = draw_flags(data, network)
    runs = find_stretches(network, network.bits(flags))
    expected, base = [], 0
    for street, count in enumerate(network.piece_count.tolist()):
        at = 0
        while at < count:
            end = at
            while end < count and flags[base + end]:
                end += 1
            if end - at >= 2 or end - at == count:
                expected.append((street, base + at, base + end))
            at = max(end, at + 1)
        base += count
    assert list(zip(runs.street.tolist(), runs.first.tolist(), runs.end.tolist(), strict=True)) == expected
    values = np.arange(len(flags)) * 7 % 11
    assert runs.greatest(values).tolist() == [values[first:end].max() for _, first, end in expected]
    covered = np.zeros(len(flags), dtype=bool)
    for _, first, end in expected:
        covered[first:end] = True
    assert np.array_equal(runs.flags(len(flags)), covered)


def test_words_of_unknown_streets_and_beyond_the_end_are_passed_over():
    network = network_of([64, 3])
    place = network.place(np.array([10, 10, 20, 20, 30, 5]), np.array([0, 1, 0, 1, 0, 0]))
    assert place.tolist() == [0, -1, 1, -1, -1, -1]
    bits = network.gather(place, np.full(6, -1, np.int64))
    assert np.bitwise_count(bits).tolist() == [64, 3]
    nothing = network_of([])
    assert nothing.place(np.array([10]), np.array([0])).tolist() == [-1]
    assert len(find_stretches(nothing, nothing.whole).street) == 0


def test_a_piece_in_two_rows_of_a_group_counts_once():
    group, place, bits = join_groups(
        np.array([1, 0, 1]), np.array([2, 2, 2]), np.array([0b011, 0b1, 0b110], np.uint64)
    )
    assert (group.tolist(), place.tolist(), bits.tolist()) == ([0, 1], [2, 2], [0b1, 0b111])
