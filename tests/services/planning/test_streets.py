"""Every street of a zone: walked once, in order, in time; what can't be is named with its reason."""

from __future__ import annotations

import itertools
from collections import defaultdict

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.errors import BadRequest, NotFound
from geoservice.services import planning
from geoservice.services.planning.streets import StreetsWish, plan_streets
from tests.services.ground_kit import EPSG, add_street, add_zone
from tests.services.planning.conftest import MONDAY, NOW, add_team

SIDE, ROWS = 100, 6


@pytest.fixture
def grid(session, settings):
    """Five by five blocks of 100 m in zone Z, a street that leads out of it, and an island."""
    last = SIDE * (ROWS - 1)
    for number in range(ROWS):
        at = SIDE * number
        add_street(session, settings, f"E{number}", [(0, at), (last, at)])
        add_street(session, settings, f"N{number}", [(at, 0), (at, last)])
    add_street(session, settings, "OUT", [(last, 0), (last + 400, 0)])
    add_street(session, settings, "ISLAND", [(130, 140), (170, 160)])
    add_zone(session, settings, "Z", shapely.box(-5, -5, last + 200, last + 5))
    return session


def plan(session, settings, **more):
    wish = StreetsWish(**{"zone_code": "Z", "from_on": MONDAY, "seconds": 1.0, **more})
    return plan_streets(session, settings, wish, by=None, now=NOW)


def metres_of(line) -> np.ndarray:
    return to_metric(EPSG, np.array(line))


def check(content, *, whole: bool = True) -> None:
    """Every patrol's line is closed or leads from depot to depot; stretches add up to the streets, and time only passes."""
    walked = defaultdict(float)
    for patrol in content["patrols"]:
        line = metres_of(patrol["line"])
        assert np.hypot(*np.diff(line, axis=0).T).sum() == pytest.approx(patrol["metres"], abs=5)
        assert np.hypot(*(line[0] - line[-1])) < 1 or patrol["start"] != patrol["end"]
        keys = [stop["key"] for stop in patrol["stops"]]
        assert len(set(keys)) == len(keys)
        at = patrol["starts_s"]
        for stop in patrol["stops"]:
            assert at - 1 <= stop["begin_s"] < stop["leave_s"]
            at = stop["leave_s"]
            walked[stop["code"]] += stop["length_m"]
            place = metres_of([patrol["line"][stop["vertex"]]])[0]
            assert np.hypot(*(place - metres_of([stop["from"]])[0])) < 1
        assert at <= patrol["ends_s"] + 1
    if whole:
        lengths = {f"{way}{number}": 500 for way in "EN" for number in range(ROWS)} | {"OUT": 200}
        assert walked == pytest.approx(lengths, abs=8)


def test_one_patrol_walks_every_street_once_at_the_proved_least_length(grid, settings):
    view = plan(grid, settings)
    assert (view.kind, view.state, view.version) == ("streets", "ready", 1)
    check(view.content)
    sums = view.content["totals"]
    assert sums["proven"]
    assert sums["ratio"] == 1.0
    assert sums["streets_m"] == pytest.approx(12 * 500 + 200, abs=10)
    # 16 crossings on the border have three streets; one of the corners has the street that leads out, whose end is odd too.
    assert sums["tours_m"] == pytest.approx(sums["streets_m"] + 8 * 100 + 200, abs=15)
    [left] = view.content["unserved"]
    assert (left["code"], left["reason"]) == ("ISLAND", "unreachable")


@pytest.mark.parametrize("patrols", [2, 4])
def test_several_patrols_share_the_streets_evenly(grid, settings, patrols):
    content = plan(grid, settings, patrols=patrols).content
    assert len(content["patrols"]) == patrols
    check(content)
    assert content["totals"]["ratio"] <= 1.10
    assert content["totals"]["longest_over_mean"] <= 1.15


def test_teams_start_and_end_at_their_depots_and_rest(grid, settings):
    add_team(grid, "A", (0, 0), break_from="09:00", break_to="10:00", break_minutes=20)
    add_team(grid, "B", (500, 480))
    add_team(grid, "NOWHERE", None)
    content = plan(grid, settings, team_codes=("A", "B", "NOWHERE")).content
    check(content)
    assert [one["reason"] for one in content["idle"]] == ["no_depot"]
    by_team = {patrol["team"]: patrol for patrol in content["patrols"]}
    assert set(by_team) == {"A", "B"}
    assert by_team["A"]["rest"]["minutes"] == 20
    assert "09:00" <= by_team["A"]["rest"]["at"] <= "09:40"
    assert np.hypot(*(metres_of([by_team["B"]["line"][0]])[0] - metres_of([by_team["B"]["start"]])[0])) < 1


def test_what_a_shift_is_too_short_for_is_left_out(grid, settings):
    add_team(grid, "A", (0, 0), shift_to="09:30")
    content = plan(grid, settings, team_codes=("A",)).content
    check(content, whole=False)
    [patrol] = content["patrols"]
    assert patrol["ends"] <= "09:30"
    left = {one["reason"] for one in content["unserved"]}
    assert left == {"no_time", "unreachable"}
    lengths = [*patrol["stops"], *content["unserved"]]
    assert sum(one["length_m"] for one in lengths) == pytest.approx(6200 + np.hypot(40, 20), abs=20)


def test_one_way_streets_are_driven_one_way_only(grid, settings):
    grid.execute(text("UPDATE street SET one_way = true WHERE code IN ('E1', 'E3', 'N2', 'OUT')"))
    content = plan(grid, settings, mode="ebike", patrols=2).content
    check(content, whole=False)
    for patrol in content["patrols"]:
        line = metres_of(patrol["line"])
        for one, other in itertools.pairwise(line):
            on_e1 = abs(one[1] - other[1]) < 1 and abs(one[1] - metres_of([_at(grid, "E1")])[0][1]) < 1
            assert not on_e1 or other[0] > one[0] - 1
    # Nobody comes back from a street that leads out one way.
    assert {one["code"] for one in content["unserved"]} == {"ISLAND", "OUT"}


def _at(session, code):
    return session.execute(
        text("SELECT ST_X(ST_StartPoint(geom)), ST_Y(ST_StartPoint(geom)) FROM street WHERE code = :code"),
        {"code": code},
    ).one()


def test_teams_without_depots_leave_every_street_to_others(grid, settings):
    add_team(grid, "NOWHERE", None)
    content = plan(grid, settings, team_codes=("NOWHERE",)).content
    assert content["patrols"] == []
    assert {one["reason"] for one in content["unserved"]} == {"no_team", "unreachable"}


def test_a_plan_of_streets_is_published_for_its_teams(grid, settings):
    add_team(grid, "A", (0, 0))
    view = plan(grid, settings, team_codes=("A",))
    done = planning.publish(grid, settings, view.id, version=1, by=None, now=NOW)
    assert done.published == (f"{MONDAY.isoformat()}/A",)
    stops = grid.scalar(text("SELECT count(*) FROM route_stop WHERE street_id IS NOT NULL"))
    assert stops == view.content["totals"]["stops"]


def test_what_makes_no_plan_is_said(grid, settings):
    for more, code in (
        ({"zone_code": "NONE"}, "zone_unknown"),
        ({"team_codes": ("NONE",)}, "team_not_found"),
    ):
        with pytest.raises(NotFound) as error:
            plan(grid, settings, **more)
        assert error.value.code == code
    add_zone(grid, settings, "EMPTY", shapely.box(600, 300, 700, 400))
    with pytest.raises(NotFound, match="streets_none"):
        plan(grid, settings, zone_code="EMPTY")
    for more, code in (
        ({"patrols": -1}, "streets_patrols_bad"),
        ({"patrols": 2, "team_codes": ("A",)}, "streets_teams_or_patrols"),
        ({"mode": "boat"}, "streets_mode_bad"),
    ):
        with pytest.raises(BadRequest) as bad:
            plan(grid, settings, **more)
        assert bad.value.code == code
    add_team(grid, "F", (0, 0))
    add_team(grid, "C", (0, 0), mode=3)
    with pytest.raises(BadRequest, match="streets_modes_differ"):
        plan(grid, settings, team_codes=("F", "C"))
