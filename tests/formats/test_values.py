"""Cells as people type them."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.formats.values import EXCEL_EPOCH, as_code, as_day, as_degrees, as_number, as_text, numbers_of

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_code_reads_the_same_however_a_sheet_keeps_it(number: int) -> None:
    assert {
        as_code(number),
        as_code(float(number)),
        as_code(f" {number}.0 "),
        as_code(str(number).translate(FULL_WIDTH)),
    } == {str(number)}


@given(st.from_regex(r"0[0-9]{0,14}", fullmatch=True))
def test_a_code_keeps_its_leading_zeros(code: str) -> None:
    assert as_code(code) == code


def test_codes_that_are_no_numbers_are_left_alone() -> None:
    assert as_code("A-1.05") == "A-1.05"
    assert as_code("1.50") == "1.50"
    assert as_code("  ") is None
    assert as_code(None) is None
    assert as_text(float("nan")) is None
    assert as_text(1.5) == "1.5"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234.5", 1234.5),
        ("－１２．５", -12.5),
        (" 7 ", 7.0),
        (7, 7.0),
        ("1e3", 1000.0),
        ("", None),
        (None, None),
    ],
)
def test_numbers_are_read(cell: object, number: float | None) -> None:
    assert as_number(cell) == number


@pytest.mark.parametrize("cell", ["1,2", "x", "nan", "inf", "1e999", True, float("inf"), "1_000", "0x10"])
def test_what_is_no_finite_number_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_number(cell)


@pytest.mark.parametrize(
    "cell",
    ["114.5", 114.5, "114°30'", "114°30′0″E", "E 114:30:00", "东经114度30分0秒", "114°30'0''", "１１４．５"],
)
def test_degrees_are_read_in_every_hand(cell: object) -> None:
    assert as_degrees(cell) == pytest.approx(114.5)


def test_south_and_west_are_negative_and_sixty_minutes_refused() -> None:
    assert as_degrees("22°30'S") == -22.5
    assert as_degrees("-22°30'") == -22.5
    for cell in ("22°60'", "22°10'61\"", "N", "22 N E"):
        with pytest.raises(ValueError, match=r"."):
            as_degrees(cell)


@given(st.dates(min_value=date(1960, 1, 1), max_value=date(2119, 1, 1)))
def test_a_day_reads_the_same_in_every_form(day: date) -> None:
    serial = (day - EXCEL_EPOCH) // timedelta(days=1)
    forms = [
        day.isoformat(),
        f"{day} 08:15:00",
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y.%m.%d}",
        f"{day:%Y%m%d}",
        int(f"{day:%Y%m%d}"),
        serial,
        serial + 0.75,
    ]
    assert {as_day(form) for form in forms} == {day}


@pytest.mark.parametrize("cell", ["2026-02-30", "x", 3, "2026-13-01", "1"])
def test_what_is_no_day_is_refused(cell: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_day(cell)


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.floats(),
            st.integers(-(10**6), 10**6),
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=5),
            st.sampled_from(["114°30'", "1_0", "１１４"]),
        ),
        max_size=12,
    )
)
def test_a_column_of_numbers_reads_as_each_alone(cells: list[object]) -> None:
    def alone(cell: object) -> float:
        try:
            number = as_degrees(cell)
        except (ValueError, OverflowError):
            return math.nan
        return math.nan if number is None else number

    assert np.array_equal(
        numbers_of(cells, as_degrees), np.array([alone(cell) for cell in cells]), equal_nan=True
    )
