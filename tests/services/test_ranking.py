"""Gaps by rank: size × weight × days, explained in one line that anybody can check."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.ranking import gap_score, stretch_score
from geoservice.domain.windows import Window
from geoservice.services import coverage, ranking
from tests.services.contract_kit import add_leader, add_point, add_street, contract
from tests.services.ground_kit import add_zone, cover, fixes, receive

DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
TODAY = Window(DAY, DAY)
sizes = st.floats(1, 1e8)
days = st.one_of(st.none(), st.integers(0, 400))


@given(sizes, st.floats(0, 100), days, st.floats(1.01, 10))
def test_more_ground_more_weight_and_more_days_each_rank_higher(area_m2, weight, unseen, factor):
    score = gap_score(area_m2, weight, unseen, 365)
    assert score > 0
    assert gap_score(area_m2 * factor, weight, unseen, 365) == pytest.approx(score * factor)
    assert gap_score(area_m2, weight + 1, unseen, 365) > score
    assert gap_score(area_m2, weight, (365 if unseen is None else unseen) + 2, 365) > score
    assert gap_score(area_m2, weight, None, 365) == gap_score(area_m2, weight, 365, 365)


@given(sizes, days)
def test_a_stretch_s_score_is_its_length_times_its_days(length_m, unseen):
    counted = 365 if unseen is None else max(unseen, 1)
    assert stretch_score(length_m, unseen, 365) == pytest.approx(length_m / 100 * counted)


@pytest.fixture
def city(session, settings):
    """Subdistrict S of S1 and S2, and U beside it; S1 was seen in part four days ago, today only a path far away."""
    whole = add_zone(session, settings, "S", shapely.box(0, 0, 400, 200), level="street")
    ids = {
        "S": whole,
        "S1": add_zone(session, settings, "S1", shapely.box(0, 0, 200, 200), parent=whole),
        "S2": add_zone(session, settings, "S2", shapely.box(200, 0, 400, 200), parent=whole),
        "U": add_zone(session, settings, "U", shapely.box(1000, 0, 1150, 150)),
    }
    add_point(session, "P1", [1050, 50], weight=3)
    add_point(session, "P2", [1050, 100], weight=3)
    ids["R"] = add_street(session, settings, "R", [(10, 20), (190, 20)])
    ids["far"] = add_street(session, settings, "far", [(5000, 0), (5300, 0)])
    for start, metres in (
        (MORNING - timedelta(days=4), [(20, 100), (150, 100)]),
        (MORNING, [(700, 0), (750, 0)]),
    ):
        receive(session, settings, fixes("a", start, np.arange(2) * 60, metres))
    cover(session, settings)
    return ids


def codes(ranked):
    return [each.gap.zone_code for each in ranked]


def test_gaps_stand_by_score_and_ranks_count_within_what_was_asked(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    leader = add_leader(session, "乙")
    contract(session, leader, zone=city["S2"])
    ranked = ranking.ranked_gaps(session, settings, TODAY)
    # U is smaller, but its points weigh; S1 is as large as S2, but somebody was there lately.
    assert codes(ranked) == ["U", "S2", "S1"]
    assert [each.rank for each in ranked] == [1, 2, 3]
    for each in ranked:
        assert each.score == pytest.approx(each.hectares * (1 + each.point_weight) * each.days)
    assert [(each.days, each.is_never) for each in ranked] == [(365, True), (365, True), (4, False)]
    assert [answer.name for answer in ranked[1].answers] == ["乙"]
    assert [answer.name for answer in ranked[2].answers] == ["甲"]
    assert ranked[0].answers == ()
    inside = ranking.ranked_gaps(session, settings, TODAY, zone_ids=[city["S"]])
    assert [(each.rank, each.gap.zone_code) for each in inside] == [(1, "S2"), (2, "S1")]
    assert codes(ranking.ranked_gaps(session, settings, TODAY, leader_id=leader)) == ["S2"]
    assert codes(ranking.ranked_gaps(session, settings, TODAY, leader_id=leader, zone_ids=[city["U"]])) == []
    assert codes(ranking.ranked_gaps(session, settings, TODAY, limit=1)) == ["U"]
    assert {each.gap for each in ranked} == set(coverage.zone_gaps(session, settings, TODAY))


def test_one_line_explains_a_score_and_its_numbers_multiply(session, settings, city):
    first, _, last = ranking.ranked_gaps(session, settings, TODAY)
    line = ranking.explain(first, "en")
    assert line == "2.25 ha × (1 + 6 for 2 point(s)) × 365 days in which it was never seen = 5749"
    assert ranking.explain(last, "en").startswith("4 ha × 4 days unseen = 16")
    for each in (first, last):
        said = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", ranking.explain(each, "en"))]
        assert said[-1] == pytest.approx(each.score, rel=0.005)


def test_stretches_are_ranked_apart_and_a_leader_sees_those_of_his_zones_and_streets(session, settings, city):
    leader, other = add_leader(session, "甲"), add_leader(session, "乙")
    contract(session, leader, zone=city["S1"])
    contract(session, other, street=city["far"])
    ranked = ranking.ranked_stretches(session, settings, TODAY)
    assert [(each.rank, each.stretch.code) for each in ranked] == [(1, "far"), (2, "R")]
    for each in ranked:
        assert each.score == pytest.approx(each.hectometres * each.days)
    assert [answer.name for answer in ranked[0].answers] == ["乙"]
    assert [answer.name for answer in ranked[1].answers] == ["甲"]
    mine = ranking.ranked_stretches(session, settings, TODAY, leader_id=leader)
    assert [(each.rank, each.stretch.code) for each in mine] == [(1, "R")]
    his = ranking.ranked_stretches(session, settings, TODAY, leader_id=other)
    assert [each.stretch.code for each in his] == ["far"]
    assert "× 365 days in which it was never seen" in ranking.explain(ranked[0], "en")


def test_a_leader_without_zones_has_no_gaps(session, settings, city):
    assert ranking.ranked_gaps(session, settings, TODAY, leader_id=add_leader(session, "甲")) == []
