"""Changes by hand: timed at once, kept as versions, undone and done again; pins and locks hold when solved again."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import planning
from tests.services.planning.conftest import NOW, stops_of
from tests.services.planning.test_solving import check_line, check_times

A, B = "2026-06-08/A", "2026-06-08/B"


def undo(town, view):
    return planning.undo(town.session, view.id, version=view.newest, by=None, now=NOW)


def redo(town, view):
    return planning.redo(town.session, view.id, version=view.newest, by=None, now=NOW)


def patrol(view, key):
    return next(one for one in view.content["patrols"] if one["key"] == key)


def test_a_stop_moves_to_another_team_and_both_are_timed_anew(town):
    view = town.plan()
    key = stops_of(view)[A][0]
    moved = town.change(view, do="move", stop=key, to=B, at=1)
    assert key not in stops_of(moved)[A]
    assert stops_of(moved)[B][1] == key
    for each in moved.content["patrols"]:
        check_times(each)
        check_line(each)
    assert moved.content["totals"]["stops"] == 9
    assert patrol(moved, B)["metres"] > patrol(view, B)["metres"]
    assert next(stop for stop in patrol(moved, B)["stops"] if stop["key"] == key)["pinned"]


def test_the_best_place_is_found_and_the_way_back_is_the_plan_before(town):
    view = town.plan()
    key = stops_of(view)[A][1]
    dropped = town.change(view, do="drop", stop=key)
    assert [(one["key"], one["reason"]) for one in dropped.content["unserved"]] == [(key, "dropped")]
    assert dropped.content["totals"]["weight"] == view.content["totals"]["weight"]
    added = town.change(dropped, do="add", stop=key, to=A)
    assert patrol(added, A)["metres"] <= patrol(view, A)["metres"]
    assert sorted(stops_of(added)[A]) == sorted(stops_of(view)[A])
    first = undo(town, undo(town, added))
    assert first.content == view.content
    assert (first.can_undo, first.can_redo) == (False, True)
    with pytest.raises(BadRequest, match="plan_nothing_to_undo"):
        undo(town, first)
    second = redo(town, first)
    assert second.content == dropped.content
    locked = town.change(second, do="lock", patrol=B)
    assert locked.can_redo is False
    with pytest.raises(BadRequest, match="plan_nothing_to_redo"):
        redo(town, locked)
    assert undo(town, locked).content == dropped.content


def test_a_version_that_somebody_else_has_changed_is_not_changed_unseen(town):
    view = town.plan()
    key = stops_of(view)[A][0]
    town.change(view, do="pin", stop=key)
    with pytest.raises(Conflict, match="plan_changed_meanwhile"):
        town.change(view, do="drop", stop=key)
    # A number once seen never names anything else, also after an undo.
    back = undo(town, planning.read(town.session, view.id))
    again = town.change(back, do="lock", patrol=A)
    assert again.newest == 3
    assert planning.read(town.session, view.id, 2).content != again.content


@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        ({"do": "move", "stop": "point:0", "to": B}, NotFound, "plan_stop_not_found"),
        ({"do": "lock", "patrol": "2026-06-08/Z"}, NotFound, "plan_patrol_not_found"),
        ({"do": "explode"}, BadRequest, "plan_change_unknown"),
        ({"do": "add", "stop": "point:0", "to": B}, NotFound, "plan_stop_not_found"),
    ],
)
def test_what_makes_no_sense_is_refused(town, change, error, code):
    view = town.plan()
    with pytest.raises(error, match=code):
        town.change(view, **change)
    assert planning.read(town.session, view.id).newest == 1


def test_a_change_that_no_shift_has_room_for_says_how_much_is_missing(town):
    for code in ("P0", "P1", "P3", "P4"):
        town.set_point(code, service_minutes=150)
    view = town.plan(zone_codes=("WEST",))
    assert view.content["unserved"] == []
    with pytest.raises(BadRequest, match="plan_misfit_no_time") as caught:
        for key in stops_of(view)[B]:
            view = town.change(view, do="move", stop=key, to=A)
    # Four of 150 minutes in a shift of 540, besides the ways and what takes ten.
    assert 60 < caught.value.values["minutes"] < 120


def test_opening_hours_and_skills_hold_for_changes_too(town):
    town.rule("P0", skills=["ladder"])
    town.session.execute(text("UPDATE team SET skills = '{ladder}' WHERE code = 'A'"))
    view = town.plan()
    key = f"point:{town.points['P0']}"
    assert key in stops_of(view)[A]
    with pytest.raises(BadRequest, match="plan_misfit_no_skill"):
        town.change(view, do="move", stop=key, to=B)


def test_pins_and_locks_hold_when_the_rest_is_solved_again(town):
    view = town.plan()
    key = stops_of(view)[A][0]
    other = stops_of(view)[B][0]
    moved = town.change(view, do="move", stop=key, to=B, at=0)
    dropped = town.change(moved, do="drop", stop=stops_of(moved)[A][0])
    again = town.solve(view.id, version=dropped.newest)
    assert key in stops_of(again)[B]
    assert [one["reason"] for one in again.content["unserved"]] == ["dropped"]
    assert again.change["do"] == "resolve"
    assert undo(town, again).content == dropped.content
    back = town.change(redo(town, planning.read(town.session, view.id)), do="lock", patrol=B)
    with pytest.raises(BadRequest, match="plan_patrol_locked"):
        town.change(back, do="move", stop=other if other in stops_of(back)[B] else key, to=A)
    kept = town.solve(view.id, version=back.newest)
    assert stops_of(kept)[B] == stops_of(back)[B]
    assert patrol(kept, B)["locked"]
    assert len(kept.content["unserved"]) == 1


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_changed_nothing_is_lost_and_undo_leads_all_the_way_back(town, seed):
    chance = random.Random(seed)
    view = town.plan()
    contents = [view.content]
    everything = sorted(key for keys in stops_of(view).values() for key in keys)
    for _ in range(15):
        try:
            view = town.change(view, **_any_change(chance, view))
        except BadRequest as refused:
            assert refused.code == "plan_patrol_locked"
            continue
        contents.append(view.content)
        kept = [key for keys in stops_of(view).values() for key in keys]
        assert sorted(kept + [one["key"] for one in view.content["unserved"]]) == everything
        for each in view.content["patrols"]:
            if each["stops"]:
                check_times(each)
                check_line(each)
        sums = view.content["totals"]
        assert (sums["stops"], sums["unserved"]) == (len(kept), 9 - len(kept))
    for content in contents[-2::-1]:
        view = undo(town, view)
        assert view.content == content
    assert not view.can_undo


def _any_change(chance: random.Random, view) -> dict:
    planned = [key for keys in stops_of(view).values() for key in keys]
    left = [one["key"] for one in view.content["unserved"]]
    to = chance.choice([A, B])
    at = chance.choice([None, 0, 1, 99])
    placed = {"to": to} if at is None else {"to": to, "at": at}
    do = chance.choice(["move", "move", "drop", "add", "pin", "unpin", "lock", "unlock", "unlock"])
    if do in {"lock", "unlock"}:
        return {"do": do, "patrol": to}
    if do == "add" or not planned:
        return {"do": "add", "stop": chance.choice(left), **placed} if left else {"do": "lock", "patrol": to}
    return {"do": do, "stop": chance.choice(planned), **(placed if do == "move" else {})}
