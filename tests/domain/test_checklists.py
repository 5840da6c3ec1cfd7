"""Scores are passed weight of what applied, whatever the order; what can't be an item says why."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.checklists import (
    EvidenceAsked,
    Item,
    Result,
    differences,
    fault_of,
    first_repeated,
    needs_photo,
    score_of,
)

FOUND = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=3),
    st.tuples(st.integers(1, 400).map(lambda n: n / 4), st.sampled_from(Result)),
    max_size=12,
)


@given(FOUND)
def test_the_score_is_passed_weight_of_what_applied(found):
    weights = {code: weight for code, (weight, _) in found.items()}
    results = {code: result for code, (_, result) in found.items()}
    score = score_of(weights, results)
    passed = sum((Fraction(w) for w, r in found.values() if r == Result.PASS), Fraction())
    failed = sum((Fraction(w) for w, r in found.values() if r == Result.FAIL), Fraction())
    if passed + failed == 0:
        assert score.per_cent is None
    else:
        assert score.per_cent == pytest.approx(float(100 * passed / (passed + failed)))
        assert 0 <= score.per_cent <= 100


@given(FOUND, st.randoms(use_true_random=False))
def test_the_order_of_results_changes_no_bit(found, shuffler):
    weights = {code: weight / 3 for code, (weight, _) in found.items()}
    results = {code: result for code, (_, result) in found.items()}
    shuffled = list(results.items())
    shuffler.shuffle(shuffled)
    assert score_of(weights, dict(shuffled)) == score_of(weights, results)


@given(FOUND)
def test_turning_a_fail_into_a_pass_never_lowers_the_score(found):
    weights = {code: weight for code, (weight, _) in found.items()}
    results = {code: result for code, (_, result) in found.items()}
    before = score_of(weights, results).per_cent
    for code, result in results.items():
        if result == Result.FAIL:
            after = score_of(weights, {**results, code: Result.PASS}).per_cent
            assert before is not None
            assert after is not None
            assert after > before


def test_nothing_applicable_has_no_score():
    assert score_of({"a": 1.0}, {"a": Result.NOT_APPLICABLE}).per_cent is None
    assert score_of({"a": 1.0}, {}).per_cent is None


@pytest.mark.parametrize(
    ("asked", "wanting"),
    [
        (EvidenceAsked.NONE, set()),
        (EvidenceAsked.ON_FAIL, {Result.FAIL}),
        (EvidenceAsked.ALWAYS, {Result.PASS, Result.FAIL}),
    ],
)
def test_photos_are_wanted_as_the_item_asks_and_never_of_what_does_not_apply(asked, wanting):
    assert {result for result in Result if needs_photo(asked, result)} == wanting


GOOD = Item("MK01", "通道畅通", "无堆物", 2.0)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"code": ""}, "checklist_field_needed", "code"),
        ({"title": ""}, "checklist_field_needed", "title"),
        ({"standard": ""}, "checklist_field_needed", "standard"),
        ({"title": "长" * 101}, "checklist_field_long", "title"),
        ({"weight": 0.0}, "checklist_weight_invalid", "weight"),
        ({"weight": -1.0}, "checklist_weight_invalid", "weight"),
        ({"weight": float("nan")}, "checklist_weight_invalid", "weight"),
        ({"weight": float("inf")}, "checklist_weight_invalid", "weight"),
        ({"weight": 1000.5}, "checklist_weight_invalid", "weight"),
    ],
)
def test_what_can_be_no_item_says_which_field(change, code, field):
    fault = fault_of(Item(**{**vars(GOOD), **change}))
    assert fault is not None
    assert (fault.code, fault.field) == (code, field)
    assert fault_of(GOOD) is None


def test_codes_repeat_whatever_their_case():
    assert first_repeated(["a", "b", "A"]) == "A"
    assert first_repeated(["a", "b"]) is None


def test_differences_name_codes():
    other = Item("MK02", "地面", "无积水", 1.0)
    heavier = Item("MK01", "通道畅通", "无堆物", 3.0)
    assert differences([GOOD], [heavier, other]) == (["MK02"], ["MK01"], [])
    assert differences([GOOD, other], [other]) == ([], [], ["MK01"])
