"""A plan solved: nothing lost, times that add up, lines along the streets, and the impossible named."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.domain.tracks import Mode
from geoservice.services import planning
from geoservice.services.planning.places import lay, pack, unpack
from tests.services.ground_kit import EPSG, ORIGIN, add_point, add_street
from tests.services.planning.conftest import MONDAY, NOW, SIDE, add_team, stops_of


def metres(lonlat) -> np.ndarray:
    return to_metric(EPSG, np.array(lonlat, np.float64).reshape(-1, 2)) - ORIGIN


def left_out(view) -> dict[str, str]:
    return {one["code"]: one["reason"] for one in view.content["unserved"]}


def seconds(clock: str) -> int:
    return int(clock[:2]) * 3600 + int(clock[3:]) * 60


def test_everything_due_is_served_once_along_the_streets_and_the_sums_add_up(town):
    view = town.plan()
    assert (view.state, view.version, view.content["approximate"]) == ("ready", 1, False)
    served = [key for keys in stops_of(view).values() for key in keys]
    assert sorted(served) == sorted(stop.key for stop in town.due().stops)
    for patrol in view.content["patrols"]:
        check_times(patrol)
        check_line(patrol)
    sums = view.content["totals"]
    assert (sums["stops"], sums["unserved"], sums["weight_served"]) == (9, 0, 9.0)
    assert sums["metres"] == sum(patrol["metres"] for patrol in view.content["patrols"])
    assert sums["fairness"] <= 1.15


def check_times(patrol) -> None:
    """Each stop is reached after the one before at a walk of 1.2 m/s, and the hours hold."""
    at = patrol["starts_s"]
    for stop in patrol["stops"]:
        assert stop["arrive_s"] == pytest.approx(at + stop["travel_s"], abs=2)
        assert stop["travel_s"] == pytest.approx(stop["metres"] / 1.2, abs=2)
        assert stop["begin_s"] >= stop["arrive_s"]
        assert stop["leave_s"] == pytest.approx(stop["begin_s"] + stop["service_s"], abs=1)
        assert abs(seconds(stop["arrive"]) - stop["arrive_s"]) <= 30
        at = stop["leave_s"]
    assert (
        seconds(patrol["shift"][0]) <= patrol["starts_s"] <= patrol["ends_s"] <= seconds(patrol["shift"][1])
    )


def check_line(patrol) -> None:
    """The line runs from start to end through the stops in order, along streets (x or y on a hundred), as long as said."""
    if not patrol["stops"]:
        assert patrol["line"] == [] and patrol["metres"] == 0
        return
    line = metres(patrol["line"])
    assert np.allclose(line[0], metres(patrol["start"]), atol=0.2)
    assert np.allclose(line[-1], metres(patrol["end"]), atol=0.2)
    vertices = [stop["vertex"] for stop in patrol["stops"]]
    assert vertices == sorted(vertices)
    for stop in patrol["stops"]:
        assert np.allclose(line[stop["vertex"]], metres([stop["lon"], stop["lat"]]), atol=0.2)
    off = np.abs((line + 50) % 100 - 50).min(axis=1)
    assert off.max() < 0.3
    assert np.hypot(*np.diff(line, axis=0).T).sum() == pytest.approx(patrol["metres"], abs=3)


def test_the_impossible_is_named_and_the_rest_solved(town):
    town.rule("P0", opening=[{"days": [1], "from": "20:00", "to": "21:00"}])
    town.rule("P1", skills=["ladder"])
    add_street(town.session, town.settings, "ISLAND", [(3000, 0), (3400, 0)])
    add_point(town.session, town.settings, "LOST", (3200, 5))
    add_team(town.session, "HOMELESS", None)
    add_team(town.session, "LATE", (0, 0), shift_from="19:00", shift_to="20:00")
    view = town.plan()
    assert left_out(view) == {"P0": "no_window", "P1": "no_skill", "LOST": "unreachable"}
    assert view.content["totals"]["stops"] == 7
    assert [(one["team"], one["reason"]) for one in view.content["idle"]] == [("HOMELESS", "no_depot")]
    assert view.content["approximate"] is False


def test_without_streets_ways_are_straight_times_a_detour_and_the_plan_says_so(town):
    town.session.execute(text("DELETE FROM street"))
    view = town.plan(team_codes=("A",))
    assert view.content["approximate"] is True
    [patrol] = view.content["patrols"]
    straight = np.hypot(*np.diff(metres(patrol["line"]), axis=0).T).sum()
    assert patrol["metres"] == pytest.approx(1.33 * straight, rel=0.01)
    assert len(patrol["line"]) == len(patrol["stops"]) + 2


def test_a_stop_far_from_every_street_is_reached_straight_and_the_plan_says_so(town):
    add_point(town.session, town.settings, "FAR", (SIDE + 1000, 300))
    view = town.plan()
    assert view.content["approximate"] is True
    assert left_out(view) == {}
    far = next(
        stop for patrol in view.content["patrols"] for stop in patrol["stops"] if stop["code"] == "FAR"
    )
    assert far["metres"] > 1000 * 1.33


def test_short_intervals_come_several_times_spaced_over_the_days(town):
    town.set_point("P4", required_interval_days=2)
    view = town.plan(to_on=MONDAY + timedelta(4), seconds=1.0)
    days = sorted(
        patrol["on"] for patrol in view.content["patrols"] for stop in patrol["stops"] if stop["code"] == "P4"
    )
    assert len(days) == len(set(days)) >= 2
    numbers = [(np.datetime64(day) - np.datetime64(MONDAY)).astype(int) for day in days]
    assert max(np.diff(numbers)) <= 2
    assert view.content["days"] == [str(MONDAY + timedelta(offset)) for offset in range(5)]


def test_opening_hours_hold_and_rest_is_taken(town):
    town.rule("P8", opening=[{"days": [1, 2], "from": "14:00", "to": "14:30"}])
    town.session.execute(
        text(
            "UPDATE team SET break_from = '12:00', break_to = '13:00', break_minutes = 60, active = code = 'A'"
        )
    )
    [patrol] = town.plan().content["patrols"]
    stop = next(stop for stop in patrol["stops"] if stop["code"] == "P8")
    assert seconds("14:00") <= stop["begin_s"] <= stop["leave_s"] <= seconds("14:30")
    if patrol["starts_s"] < seconds("12:00"):
        assert patrol["rest"] == {"at": "12:00", "at_s": seconds("12:00"), "minutes": 60}


def test_a_plan_based_on_another_keeps_its_teams(town):
    first = town.plan()
    again = town.plan(based_on_id=first.id, seed=9)
    found = planning.compare(town.session, town.settings, first.id, again.id)
    assert found.moved == ()
    assert {key: set(keys) for key, keys in stops_of(again).items()} == {
        key: set(keys) for key, keys in stops_of(first).items()
    }


def test_a_street_that_is_wanted_is_walked_from_end_to_end(town):
    street = town.session.scalar(text("SELECT id FROM street WHERE code = 'H3'"))
    planning.want(town.session, kind="street", street_id=street, from_on=MONDAY, by=None, now=NOW)
    view = town.plan()

    def walked(patrol, stop) -> None:
        line, at = metres(patrol["line"]), stop["vertex"]
        assert np.allclose(line[at], (0, 300), atol=0.3)
        along = line[at:][np.abs(line[at:][:, 1] - 300) < 0.3]
        assert along[:, 0].max() == pytest.approx(SIDE, abs=0.3)

    [(patrol, stop)] = [
        (patrol, stop)
        for patrol in view.content["patrols"]
        for stop in patrol["stops"]
        if stop["kind"] == "street"
    ]
    walked(patrol, stop)
    assert stop["service_s"] == pytest.approx(SIDE / 1.2, rel=0.02)
    check_times(patrol)
    dropped = town.change(view, do="drop", stop=stop["key"])
    added = town.change(dropped, do="add", stop=stop["key"], to=patrol["key"], at=0)
    again = next(one for one in added.content["patrols"] if one["key"] == patrol["key"])
    walked(again, again["stops"][0])
    check_times(again)


def test_costs_are_kept_as_they_were_solved_with(town):
    add_street(town.session, town.settings, "ISLAND", [(3000, 0), (3400, 0)])
    add_point(town.session, town.settings, "LOST", (3200, 5))
    draft = planning.prepare(town.session, town.settings, town.ask().id, now=NOW)
    laid = lay(planning.streets_of(town.session, draft), list(draft.places.values()), [0, 1], Mode.FOOT)
    kept = unpack(pack(laid.costs))
    assert np.array_equal(kept.seconds, laid.costs.seconds)
    assert np.array_equal(kept.metres, laid.costs.metres)
    assert np.isinf(kept.seconds).any()


def test_a_point_may_ask_for_a_department(town):
    town.session.execute(
        text(
            "WITH d AS (INSERT INTO department (code, name) VALUES ('cg', 'urban management') RETURNING id) "
            "UPDATE team SET department_id = d.id FROM d WHERE team.code = 'B'"
        )
    )
    town.rule("P0", skills=["cg"])
    view = town.plan()
    assert f"point:{town.points['P0']}" in stops_of(view)["2026-06-08/B"]


def test_progress_rises_and_names_its_stages(town):
    told = []
    plan = town.ask(seconds=1.5)
    town.solve(plan.id, progress=lambda percent, stage: told.append((percent, stage)))
    percents = [percent for percent, _ in told]
    assert percents == sorted(percents)
    assert {stage for _, stage in told} == {"planning_costs", "planning_routes", "planning_lines"}
