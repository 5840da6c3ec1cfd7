"""What people read as the same."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.duplicates import ALIKE, code_keys, groups_of, name_keys, pairs_within


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("东门 市场", "东门市场"),
        ("Ａ区（北）", "a区(北)"),
        ("东门·市场", "东门市场"),
        ("Market  1", "market１"),
    ],
)
def test_names_that_differ_in_width_case_blanks_or_punctuation_are_the_same(one: str, other: str) -> None:
    assert len(set(name_keys([one, other]))) == 1


@pytest.mark.parametrize(("one", "other"), [("东门市场", "西门市场"), ("市场1", "市场2")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert len(set(name_keys([one, other]))) == 2


@pytest.mark.parametrize(
    ("one", "other"), [("P-01", "ｐ 01"), ("O12", "012"), ("0042", "42"), ("AB_1", "ab-l")]
)
def test_codes_that_are_nearly_the_same(one: str, other: str) -> None:
    assert len(set(code_keys([one, other]))) == 1


@pytest.mark.parametrize(("one", "other"), [("1-11", "11-1"), ("100", "10"), ("A1", "A2")])
def test_codes_whose_parts_differ_are_others(one: str, other: str) -> None:
    assert len(set(code_keys([one, other]))) == 2


def test_groups_leave_out_what_is_alone_or_has_no_key() -> None:
    assert groups_of(["a", "b", "A", "", "x"], ["a", "b", "a", "", ""]) == [["a", "A"]]


@given(st.lists(st.text(max_size=8), max_size=6))
def test_many_keys_at_once_are_those_of_each(texts: list[str]) -> None:
    """Held against the definition, letter by letter."""

    def plain(text: str) -> str:
        return unicodedata.normalize("NFKC", text.replace("\n", " ")).casefold()

    parts = ["".join(each if each.isalnum() else " " for each in plain(text)).split() for text in texts]
    assert name_keys(texts) == ["".join(part) for part in parts]
    assert code_keys(texts) == ["-".join(part).translate(ALIKE).lstrip("0") for part in parts]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=12), st.integers(0, 12))
def test_pairs_are_those_that_measuring_each_finds(places: list[tuple[int, int]], reach: int) -> None:
    xy = np.array(places, float).reshape(-1, 2)
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    wanted = {(int(a), int(b)) for a, b in np.argwhere(apart <= reach) if a < b}
    assert {(int(a), int(b)) for a, b in pairs_within(xy, reach)} == wanted


def test_a_crowd_on_one_spot_gives_a_pair_each_and_not_every_pair_of_it() -> None:
    pairs = pairs_within(np.zeros((1_000, 2)), 50.0)
    assert len(pairs) <= 1_000 and set(pairs.ravel().tolist()) == set(range(1_000))
    assert (pairs[:, 0] < pairs[:, 1]).all()
