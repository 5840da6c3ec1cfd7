"""Codes hold the codes above them: patterns of digits, and what contradicts one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.zone_codes import code_faults, parse_pattern, starts_below

LEVELS = ["city", "district", "street", "community", "grid"]


@pytest.mark.parametrize("text", ["6+3+3+2-3", " 6 + 3+3+2–3 "])
def test_the_usual_pattern_gives_each_level_its_length(text: str) -> None:
    pattern = parse_pattern(text)
    assert pattern is not None
    assert pattern.lengths(LEVELS) == {
        "district": (6, 6),
        "street": (9, 9),
        "community": (12, 12),
        "grid": (14, 15),
    }
    assert pattern.lengths(LEVELS[3:]) == {"community": (3, 3), "grid": (5, 6)}


@pytest.mark.parametrize("text", ["6+", "x", "6,3", "0+3", "3-2", "6+99", "-3", "6++3"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="needs"):
        parse_pattern(text)


def test_no_pattern_is_none() -> None:
    assert parse_pattern("  ") is None


@given(st.text("0123456789", min_size=12, max_size=12), st.text("0123456789", min_size=2, max_size=3))
def test_a_code_made_of_its_parents_is_right_and_any_other_length_or_beginning_is_not(community, own) -> None:
    assert code_faults(community + own, (14, 15), community) == []
    assert "code_wrong_length" in code_faults(community + own + "00", (14, 15), community)
    other = str((int(community[0]) + 1) % 10) + community[1:]
    # Pairs of zeros at the end of the parent's code stand for all below it, but never all of it.
    assert code_faults(other + own, (14, 15), community) == ["code_not_below_parent"]


@pytest.mark.parametrize("code", ["44030500x", "４４０３０５００１", "440305-01"])
def test_codes_are_plain_digits(code: str) -> None:
    assert code_faults(code, (9, 9), "440305")[0] == "code_not_digits"


def test_zeros_at_the_end_of_a_wide_code_stand_for_all_below_it() -> None:
    assert starts_below("440305", "440300")
    assert starts_below("110101", "110000")
    assert not starts_below("450305", "440300")
