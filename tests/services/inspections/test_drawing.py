"""Samples become tasks: spread, even, drawn again from the seed, and made only as they were shown."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.inspections import drawing, results
from geoservice.services.inspections.wishes import read_wish
from tests.services.inspections.kit import NOW, TODAY, lay, wish


@pytest.fixture
def town(session):
    return lay(session)


def _preview(session, settings, **given):
    return drawing.preview(session, settings, wish(**given), now=NOW)


def test_a_sample_is_spread_over_categories_and_zones_in_proportion(session, settings, town):
    found = _preview(session, settings)
    assert {(one.category, one.zone_code): (one.size, one.drawn) for one in found.strata} == {
        ("market", "990100"): (12, 4),
        ("market", "990101"): (4, 1),
        ("park", "990100"): (6, 2),
        ("park", "990101"): (2, 1),
    }
    assert found.without_checklist == {"other": 3}
    assert (found.points, found.frame_size) == (8, 24)


def test_the_same_seed_draws_the_same_and_another_does_not(session, settings, town):
    first = _preview(session, settings)
    assert _preview(session, settings) == first
    others = [_preview(session, settings, seed=seed) for seed in range(5)]
    assert {other.frame_sha256 for other in others} == {first.frame_sha256}
    assert len({tuple(task.point.code for task in other.tasks) for other in others}) > 1


def test_every_stratum_gets_its_minimum(session, settings, town):
    drawn = [one.drawn for one in _preview(session, settings, minimum=2).strata]
    assert (min(drawn), sum(drawn)) == (2, 8)


def test_days_are_working_days_and_work_is_even(session, settings, town):
    found = _preview(session, settings, size=24, to_on=TODAY + timedelta(days=6))
    assert found.days == tuple(date(2026, 3, day) for day in (18, 19, 20, 23, 24))
    per_slot = Counter((task.on_day, task.inspector.login) for task in found.tasks)
    assert sorted(per_slot.values()) == [2] * 6 + [3] * 4
    with pytest.raises(BadRequest, match="inspection_no_working_day"):
        _preview(session, settings, from_on=date(2026, 3, 21), to_on=date(2026, 3, 22))
    assert _preview(session, settings, from_on=date(2026, 3, 21), to_on=date(2026, 3, 22), rest_days=True)


def test_a_fixed_inspection_comes_back_and_goes_by_turns(session, settings, town):
    codes = ("market-0-00", "market-0-01")
    found = _preview(
        session, settings, kind="fixed", points=codes, to_on=TODAY + timedelta(days=9), every_days=2
    )
    days = sorted({task.on_day for task in found.tasks})
    assert days == [date(2026, 3, day) for day in (18, 20, 24, 26)]
    assert len(found.tasks) == len(days) * len(codes)
    for code in codes:
        assert len({task.inspector.login for task in found.tasks if task.point.code == code}) == 2


def test_points_never_inspected_are_likelier_when_asked(session, settings, town):
    everything = drawing.make(
        session, settings, wish(kind="open", size=None, zones=("990100",)), by=None, now=NOW
    )
    session.execute(
        text("UPDATE inspection_task SET done_at = :now WHERE inspection_id = :id"),
        {"now": NOW - timedelta(days=1), "id": everything},
    )
    never = 0
    for seed in range(40):
        found = _preview(session, settings, size=6, seed=seed, by_unseen=True, level="district")
        never += sum(one.drawn for one in found.strata) - sum(
            task.point.last_at is not None for task in found.tasks
        )
    assert never > 0.8 * 40 * 6  # 6 of 24 were never inspected, and each weighs as much as 400 of the others
    assert (
        _preview(session, settings, by_unseen=True).frame_sha256 != _preview(session, settings).frame_sha256
    )


def test_what_is_made_is_what_was_shown(session, settings, town):
    shown = _preview(session, settings)
    made = drawing.make(session, settings, wish(), by=town.desk.account_id, now=NOW, seen=shown.seen)
    detail = results.read_inspection(session, settings, made, now=NOW)
    assert sorted((task.code, task.on_day) for task in detail.tasks) == sorted(
        (task.point.code, task.on_day) for task in shown.tasks
    )
    row = detail.view.row
    assert (row.seed, row.spec["frame_sha256"], row.spec["frame_size"]) == (7, shown.frame_sha256, 24)
    session.execute(text("UPDATE point SET active = false WHERE id = :id"), {"id": shown.tasks[0].point.id})
    with pytest.raises(Conflict, match="inspection_frame_changed"):
        drawing.make(session, settings, wish(), by=None, now=NOW, seen=shown.seen)


def test_cancelling_keeps_what_was_found(session, settings, town):
    made = drawing.make(session, settings, wish(), by=None, now=NOW)
    session.execute(
        text("UPDATE inspection_task SET done_at = :now WHERE id = (SELECT min(id) FROM inspection_task)"),
        {"now": NOW},
    )
    assert drawing.cancel(session, settings, made, by=None, now=NOW) == 7
    view = results.read_inspection(session, settings, made, now=NOW).view
    assert (view.state, view.counts.done, view.counts.tasks) == ("cancelled", 1, 8)
    with pytest.raises(Conflict, match="inspection_cancelled"):
        drawing.cancel(session, settings, made, by=None, now=NOW)
    with pytest.raises(NotFound):
        drawing.cancel(session, settings, 999_999, by=None, now=NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"inspectors": ()}, "inspection_needs_inspectors"),
        ({"inspectors": ("nobody",)}, "inspection_inspector_unknown"),
        ({"categories": ("zoo",)}, "unknown_category"),
        ({"zones": ("12345",)}, "zones_not_there"),
        ({"categories": ("other",)}, "inspection_nothing_to_draw"),
        ({"kind": "directed", "points": ("market-0-00", "nowhere")}, "inspection_points_unknown"),
        ({"kind": "directed", "points": ("other-0-00",)}, "inspection_points_unknown"),
    ],
)
def test_what_can_not_be_drawn_says_why(session, settings, town, given, code):
    with pytest.raises(BadRequest, match=code):
        _preview(session, settings, **given)


FORM = {"name": "抽查", "kind": "random", "from_on": "2026-03-18", "size": "5", "seed": "1"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "secret"}, "inspection_kind_unknown"),
        ({"name": " "}, "field_needed"),
        ({"size": ""}, "inspection_size_needed"),
        ({"size": "0"}, "inspection_number_invalid"),
        ({"size": "²"}, "inspection_number_invalid"),
        ({"seed": "-1"}, "inspection_number_invalid"),
        ({"seed": "9" * 11}, "inspection_number_invalid"),
        ({"kind": "directed"}, "inspection_points_needed"),
        ({"kind": "fixed", "points": " ,"}, "inspection_points_needed"),
        ({"to_on": "2026-03-17"}, "inspection_days_reversed"),
        ({"from_on": "2026-03-17"}, "inspection_days_past"),
        ({"from_on": "tomorrow"}, "day_unreadable"),
        ({"to_on": "2026-12-31"}, "inspection_days_many"),
    ],
)
def test_a_form_that_makes_no_sense_says_why(change, code):
    with pytest.raises(BadRequest, match=code):
        read_wish({**FORM, **change}, {}, today=TODAY)


def test_a_random_inspection_takes_no_points_by_name():
    assert read_wish({**FORM, "points": "market-0-00"}, {}, today=TODAY).points == ()
