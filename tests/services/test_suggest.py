"""What is suggested closes, once it is walked, exactly the cells that were promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Mode
from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, NotFound
from geoservice.messages import SENTENCES, sentence
from geoservice.services import coverage, suggest, suggestions, tracking
from geoservice.services.suggestions import Wanted, suggestion_geojson
from tests.services.ground_kit import EPSG, ORIGIN, add_zone, cover, fixes, receive
from tests.services.street_kit import add_street

DAY = date(2026, 6, 1)
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
TODAY = Window(DAY, DAY)


@pytest.fixture
def to_the_cell(settings):
    """Every unseen cell is a gap, so that what is left after a walk can be counted to the last one."""
    return replace(settings, min_gap_area_m2=25.0)


def lay_town(session, settings, seed=0):
    """Two zones side by side, some streets, and a walk along the southern edge."""
    rng = np.random.default_rng(seed)
    left = add_zone(session, settings, "L", shapely.box(0, 0, 400, 500))
    right = add_zone(session, settings, "R", shapely.box(400, 0, 800, 500))
    for number, x in enumerate(rng.uniform(20, 780, 4)):
        add_street(session, settings, f"N{number}", [(x, 0), (x + rng.normal(0, 40), 260), (x, 480)])
    add_street(session, settings, "E", [(0, 240), (800, 300)], name="East Road")
    receive(session, settings, fixes("a", MORNING, np.arange(9) * 60, [(x, 10) for x in range(0, 900, 100)]))
    cover(session, settings)
    return left, right


def unseen_m2(session, settings, **chosen):
    return sum(gap.area_m2 for gap in coverage.zone_gaps(session, settings, TODAY, **chosen))


def do(session, settings, item, number, mode=1):
    """Walk along, or stand at, what was suggested, with a fix at every position that was handed out."""
    lonlat = shapely.get_coordinates(item.geometry)
    lonlat = np.repeat(lonlat, 2, axis=0) if len(lonlat) == 1 else lonlat
    count = len(lonlat)
    start = MORNING + timedelta(hours=1)
    none = np.full(count, np.nan, np.float32)
    batch = tracking.Fixes(
        np.full(count, f"walker {number}", dtype=object),
        (start.timestamp() * 1e6 + np.arange(count) * 60e6).astype(np.int64),
        lonlat[:, 0].copy(), lonlat[:, 1].copy(),
        np.full(count, 5, np.float32), none, none, np.full(count, mode, np.int16),
    )  # fmt: skip
    receive(session, settings, batch)


@pytest.mark.parametrize(
    ("wanted", "seed"),
    [
        (Wanted(posts=4), 1),
        (Wanted(minutes=45.0), 2),
        (Wanted(minutes=8.0, mode=Mode.EBIKE), 3),
        (Wanted(minutes=500.0, mode=Mode.CAR), 4),
    ],
)
def test_done_as_suggested_exactly_what_was_promised_is_closed(session, to_the_cell, wanted, seed):
    lay_town(session, to_the_cell, seed)
    before = unseen_m2(session, to_the_cell)
    found = suggest.suggest(session, to_the_cell, TODAY, wanted)
    assert found.area_before_m2 == before
    assert 0 < found.area_closed_m2 == sum(item.area_m2 for item in found.items)
    assert found.weight_closed == pytest.approx(sum(item.weight for item in found.items))
    for number, item in enumerate(found.items):
        assert sum(each.area_m2 for each in item.closes) == item.area_m2
        do(session, to_the_cell, item, number, wanted.mode)
    cover(session, to_the_cell)
    assert unseen_m2(session, to_the_cell) == before - found.area_closed_m2
    if wanted.posts is not None:
        assert len(found.items) <= wanted.posts
        assert {item.kind for item in found.items} == {"post"}
    else:
        assert found.minutes <= wanted.minutes + 1e-6


def test_more_budget_never_closes_less_and_no_more_than_the_bound(session, settings):
    lay_town(session, settings)
    found = [
        suggest.suggest(session, settings, TODAY, Wanted(minutes=float(minutes))) for minutes in (1, 10, 400)
    ]
    assert all(each.is_optimal for each in found)
    closed = [each.weight_closed for each in found]
    assert closed == sorted(closed)
    assert closed[-1] > closed[1] > 0
    for each in found:
        assert each.weight_closed <= each.bound <= each.weight_before
        assert each.share_closed == each.weight_closed / each.weight_before


def test_joined_in_blocks_the_bound_still_holds_and_nothing_is_called_proven(session, settings, monkeypatch):
    lay_town(session, settings)
    exact = suggest.suggest(session, settings, TODAY, Wanted(posts=5))
    monkeypatch.setattr(suggest, "_MOST_DEMANDS", 150)
    rough = suggest.suggest(session, settings, TODAY, Wanted(posts=5))
    assert exact.block_m == 5.0 < rough.block_m
    assert exact.is_optimal
    assert not rough.is_optimal
    assert rough.weight_closed <= exact.weight_closed + 1e-9
    assert exact.weight_closed <= rough.bound + 1e-9


def test_gaps_of_lower_score_are_left_out_of_a_problem_too_large_and_it_says_so(
    session, settings, monkeypatch
):
    lay_town(session, settings)
    add_zone(session, settings, "S", shapely.box(900, 0, 1000, 100))
    whole = suggest.suggest(session, settings, TODAY, Wanted(posts=3))
    monkeypatch.setattr(suggest, "_MOST_CELLS", 1)
    part = suggest.suggest(session, settings, TODAY, Wanted(posts=3))
    assert whole.left_out_gaps == 0 == whole.left_out_weight
    assert part.left_out_gaps == whole.gap_count - 1 > 0
    assert 0 < part.left_out_weight < part.weight_before == whole.weight_before
    assert {each.rank for item in part.items for each in item.closes} == {1}


def test_tunnels_are_never_suggested_nor_footpaths_and_open_ground_to_a_car(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 600, 300))
    receive(session, settings, fixes("a", MORNING, [0, 60], [(0, -20), (10, -20)]))
    cover(session, settings)
    add_street(session, settings, "under", [(0, 150), (600, 150)], tunnel="yes")
    add_street(session, settings, "path", [(300, 0), (300, 300)], street_class="footway")
    on_foot = suggest.suggest(session, settings, TODAY, Wanted(minutes=300.0))
    assert {item.street for item in on_foot.items} <= {"street path", None}
    assert any(item.street is None for item in on_foot.items)
    assert suggest.suggest(session, settings, TODAY, Wanted(minutes=300.0, mode=Mode.CAR)).items == ()


def test_where_no_street_comes_near_the_ways_stay_in_the_gap_and_say_so(session, settings):
    zone = shapely.box(0, 0, 900, 120)
    add_zone(session, settings, "Z", zone)
    receive(session, settings, fixes("a", MORNING, [0, 60], [(0, 60), (20, 60)]))
    cover(session, settings)
    found = suggest.suggest(session, settings, TODAY, Wanted(minutes=60.0))
    assert found.items
    for item in found.items:
        line = shapely.transform(to_metric(EPSG, item.geometry), lambda xy: xy - ORIGIN)
        assert line.within(zone.buffer(5))
        assert item.length_m <= 401
        assert item.street is None
        code, values = item.why()
        assert "open ground" in sentence(code, values)
        assert "?" not in sentence(code, values)


def test_a_leader_is_told_of_his_own_ground_only(session, settings):
    left, _ = lay_town(session, settings)
    session.execute(text("INSERT INTO leader (code, name) VALUES ('01', '甲'), ('02', '乙')"))
    session.execute(
        text(
            "INSERT INTO contract (leader_id, zone_id, role) SELECT id, :zone, 'leader' FROM leader WHERE code = '01'"
        ),
        {"zone": left},
    )
    mine = suggest.ground_of(session, DAY, leader="01")
    found = suggest.suggest(session, settings, TODAY, Wanted(posts=3, zone_ids=mine))
    assert {each.zone_code for item in found.items for each in item.closes} == {"L"}
    assert found.area_before_m2 == unseen_m2(session, settings, zone_ids=[left])
    assert suggest.ground_of(session, DAY, zone="L") == {left}
    assert suggest.ground_of(session, DAY) is None
    for wrong in ({"leader": "02"}, {"leader": "nobody"}, {"zone": "nowhere"}):
        with pytest.raises(NotFound) as error:
            suggest.ground_of(session, DAY, **wrong)
        assert error.value.code in SENTENCES


def test_no_data_is_no_answer_and_ground_without_gaps_has_nothing_to_do(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 40, 40))
    with pytest.raises(NotFound):
        suggest.suggest(session, settings, TODAY, Wanted(posts=1))
    receive(session, settings, fixes("a", MORNING, [0, 60], [(0, 20), (40, 20)]))
    cover(session, settings)
    found = suggest.suggest(session, settings, TODAY, Wanted(posts=1))
    assert (found.gap_count, found.items, found.share_closed) == (0, (), None)
    assert suggestion_geojson(found) == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize(
    "budget",
    [
        {}, {"posts": 1, "minutes": 1.0}, {"posts": 0}, {"posts": -3}, {"minutes": 0.0}, {"minutes": float("nan")},
        {"minutes": float("inf")}, {"posts": suggestions.MOST_POSTS + 1}, {"posts": 1, "time_limit_s": 0.0},
    ],
)  # fmt: skip
def test_budgets_that_make_no_sense_are_refused_with_a_sentence(budget):
    with pytest.raises(BadRequest) as error:
        Wanted(**budget)
    assert error.value.code in SENTENCES
