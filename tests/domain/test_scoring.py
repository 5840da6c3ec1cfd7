"""Points by hand, and what holds of any ranking."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.indicators import LESS_IS_BETTER, RATES
from geoservice.domain.scoring import Lists, ranks, read_formula, red_and_black, score
from geoservice.errors import BadRequest

SUPERVISOR = {
    "valid_report_rate": 40, "missed_report_rate": 20, "on_time_verification_rate": 20, "on_time_check_rate": 20,
}  # fmt: skip
EVERYBODY = dict.fromkeys(("zone", "leader", "department", "person"), SUPERVISOR)
LISTS = Lists(red=2, black=2, red_from=80, black_below=60)


def test_a_supervisor_by_hand():
    values = {
        "valid_report_rate": 0.9, "missed_report_rate": 0.1, "on_time_verification_rate": 0.5, "on_time_check_rate": 1.0,
    }  # fmt: skip
    told = score(SUPERVISOR, values, 0.5)
    assert told.points == 84.0  # 40 × 0.9 + 20 × (1 − 0.1) + 20 × 0.5 + 20 × 1
    assert told.parts == pytest.approx(
        {
            "valid_report_rate": 36,
            "missed_report_rate": 18,
            "on_time_verification_rate": 10,
            "on_time_check_rate": 20,
        }
    )


def test_what_is_unknown_takes_its_weight_with_it():
    told = score(
        SUPERVISOR, {"valid_report_rate": 0.5, "missed_report_rate": None, "on_time_check_rate": 1.0}, 0.5
    )
    assert (told.points, told.known) == (66.67, 60)  # (40 × 0.5 + 20) / 60
    assert score(SUPERVISOR, {"on_time_check_rate": 1.0}, 0.5).points is None
    assert score(SUPERVISOR, {}, 0.0).points is None


def test_equal_points_share_a_place_and_the_next_is_left_out():
    assert ranks({"a": 90.0, "b": 90.0, "c": 80.0, "d": None}) == {"a": 1, "b": 1, "c": 3}


def test_lists_need_both_a_place_and_the_points():
    points = {"a": 95.0, "b": 85.0, "c": 84.0, "d": 70.0, "e": 59.0, "f": 40.0, "g": None}
    assert red_and_black(points, LISTS) == {"a": "red", "b": "red", "e": "black", "f": "black"}
    assert red_and_black({"a": 99.0, "b": 98.0, "c": 97.0}, LISTS) == {"a": "red", "b": "red"}
    assert red_and_black({"a": 10.0}, LISTS) == {}


def test_who_shares_the_last_place_of_a_list_is_on_it():
    assert red_and_black({"a": 90.0, "b": 85.0, "c": 85.0, "d": 61.0}, LISTS) == dict.fromkeys("abc", "red")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"zone": {"luck": 5}}, "formula_indicator_unknown"),
        ({"zone": {"closing_rate": -1}}, "formula_number_bad"),
        ({"zone": {"closing_rate": math.nan}}, "formula_number_bad"),
        ({"zone": {"closing_rate": "much"}}, "formula_number_bad"),
        ({"zone": {"closing_rate": 0}}, "formula_empty"),
        ({"person": {}}, "formula_empty"),
        ({"least_known": 1.5}, "formula_number_bad"),
        ({"lists": {"red": -1}}, "formula_number_bad"),
    ],
)
def test_a_formula_without_sense_is_refused_by_name(change, code):
    with pytest.raises(BadRequest) as caught:
        read_formula({**EVERYBODY, **change})
    assert caught.value.code == code


weights = st.dictionaries(st.sampled_from(RATES), st.integers(1, 100), min_size=1)
shares = st.none() | st.floats(0, 1)


@given(weights, st.data())
def test_points_lie_between_0_and_100_and_never_fall_when_something_gets_better(given_weights, data):
    values = {code: data.draw(shares) for code in given_weights}
    told = score(given_weights, values, 0.0)
    if told.points is None:
        assert all(value is None for value in values.values())
        return
    assert 0 <= told.points <= 100
    code = data.draw(st.sampled_from([code for code, value in values.items() if value is not None]))
    best = 0.0 if code in LESS_IS_BETTER else 1.0
    assert score(given_weights, {**values, code: best}, 0.0).points >= told.points


@given(st.dictionaries(st.integers(0, 30), st.none() | st.integers(0, 1000).map(lambda n: n / 10)))
def test_a_place_is_one_more_than_those_who_are_better(points):
    found = ranks(points)
    assert set(found) == {key for key, value in points.items() if value is not None}
    for key, place in found.items():
        assert place == 1 + sum(value is not None and value > points[key] for value in points.values())
    listed = red_and_black(points, LISTS)
    assert all(points[key] >= 80 if colour == "red" else points[key] < 60 for key, colour in listed.items())
