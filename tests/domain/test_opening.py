"""Opening hours read what people write, write what they read, and name what they can't."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.opening import Opening, opening_from_rows, parse_opening
from geoservice.errors import BadRequest

MINUTES = st.integers(0, 23 * 60 + 59)


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    week = []
    for _ in range(7):
        ends = sorted(draw(st.sets(MINUTES, max_size=6)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        week.append(tuple((_clock(first), _clock(last)) for first, last in pairs))
    return Opening(tuple(week))


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


@given(openings())
def test_what_is_written_is_read_again(opening: Opening) -> None:
    assert parse_opening(str(opening)) == (opening if any(opening.week) else None)


@given(openings())
def test_what_is_stored_is_read_again(opening: Opening) -> None:
    assert opening_from_rows(opening.rows) == opening


@given(st.text(alphabet="1234567890:-,; 周一五日至：－；", max_size=40))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        opening = parse_opening(text)
    except BadRequest as error:
        assert error.code.startswith("opening_")
    else:
        assert opening is None or parse_opening(str(opening)) == opening


@pytest.mark.parametrize(
    "text",
    [
        "1-5 08:00-11:30,14:00-17:30; 6 9:00-12:00",
        "1-5 08:00-11:30, 14:00 - 17:30；6 09:00-12:00",
        "周一至周五 8:00-11:30、14:00-17:30；周六 9:00～12:00",
        "星期一到五 08：00－11：30，14：00－17：30\n６ 09:00—12:00",
        "1,2,3-5 14:00-17:30,08:00-11:30;6 09:00-12:00;",
    ],
)
def test_the_same_hours_written_in_several_ways(text: str) -> None:
    opening = parse_opening(text)
    assert opening is not None
    assert opening.on(3) == ((time(8), time(11, 30)), (time(14), time(17, 30)))
    assert opening.on(6) == ((time(9), time(12)),)
    assert opening.on(7) == ()


def test_hours_without_days_hold_every_day_and_nothing_means_always() -> None:
    assert (
        parse_opening("每天 08:00-24:00") == parse_opening("08:00-23:59") == parse_opening("1-7 8:00-23:59")
    )
    assert parse_opening("  ") is None


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("1-5 8-12", "opening_unreadable", "1-5 8-12"),
        ("1-5 08:00", "opening_unreadable", "1-5 08:00"),
        ("1-9 08:00-09:00", "opening_unreadable", "1-9 08:00-09:00"),
        ("5-1 08:00-09:00", "opening_days_unreadable", "5-1 08:00-09:00"),
        ("22:00-02:00", "opening_reversed", "22:00-02:00"),
        ("1 25:00-26:00", "opening_unreadable", "1 25:00-26:00"),
        ("1 08:00-10:00; 1 09:00-11:00", "opening_overlap", "09:00-11:00"),
        ("morning", "opening_unreadable", "morning"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, code: str, named: str) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_opening(text)
    assert caught.value.code == code
    assert named in caught.value.values.values()


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(BadRequest, match="opening_too_long"):
        parse_opening("1 08:00-09:00;" * 100)
