"""What people read as the same."""

from __future__ import annotations

import pytest

from geoservice.domain.duplicates import code_key, groups_of, name_key


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
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("东门市场", "西门市场"), ("市场1", "市场2")])
def test_other_names_are_others(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("P-01", "ｐ 01"), ("O12", "012"), ("0042", "42"), ("AB_1", "ab-l")]
)
def test_codes_that_are_nearly_the_same(one: str, other: str) -> None:
    assert code_key(one) == code_key(other)


@pytest.mark.parametrize(("one", "other"), [("1-11", "11-1"), ("100", "10"), ("A1", "A2")])
def test_codes_whose_parts_differ_are_others(one: str, other: str) -> None:
    assert code_key(one) != code_key(other)


def test_groups_leave_out_what_is_alone_or_has_no_key() -> None:
    assert groups_of(["a", "b", "A", "", ""], str.casefold) == [["a", "A"]]
