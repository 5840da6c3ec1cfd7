"""Publishing: routes, stops and patrols as planned; what somebody has started stays; and plans side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict
from geoservice.services import planning
from geoservice.services.plans import planned_coverage
from geoservice.store import audit
from tests.services.planning.conftest import MONDAY, NOW, stops_of


def published(town, plan_id):
    rows = town.session.execute(
        text(
            "SELECT p.id, p.status, r.code, p.starts_at, p.ends_at, r.mode, t.code AS team, "
            "ST_NPoints(r.geom) AS vertices FROM patrol p JOIN route r ON r.id = p.route_id "
            "JOIN team t ON t.id = p.team_id WHERE p.plan_id = :id ORDER BY r.code"
        ),
        {"id": plan_id},
    )
    return list(rows)


def withdraw(town, view):
    return planning.withdraw(town.session, town.settings, view.id, version=view.newest, by=None, now=NOW)


def test_a_plan_becomes_patrols_with_stops_people_and_times(town):
    town.session.execute(
        text("INSERT INTO member (code, name, team_id) SELECT 'M' || code, code, id FROM team")
    )
    wanted = planning.want(
        town.session, kind="point", point_id=town.points["P3"], from_on=MONDAY, by=None, now=NOW
    )
    view = town.plan()
    done = town.publish(view)
    assert sorted(done.published) == ["2026-06-08/A", "2026-06-08/B"]
    assert (
        planning.read(town.session, view.id).state,
        planning.read(town.session, view.id).published_version,
    ) == ("published", 1)
    rows = published(town, view.id)
    assert [(row.status, row.code, row.team) for row in rows] == [
        ("published", f"P{view.id}-2026-06-08-{team}", team) for team in "AB"
    ]
    for row, patrol in zip(rows, view.content["patrols"], strict=True):
        assert row.vertices == len(patrol["line"])
        midnight = datetime(2026, 6, 7, 16, tzinfo=UTC)
        assert row.starts_at == midnight + timedelta(seconds=patrol["starts_s"])
        assert row.ends_at == midnight + timedelta(seconds=patrol["ends_s"])
        stops = town.session.execute(
            text("SELECT s.* FROM route_stop s JOIN patrol p ON p.route_id = s.route_id WHERE p.id = :id ORDER BY position"),
            {"id": row.id},
        ).all()  # fmt: skip
        assert [f"point:{stop.point_id}" for stop in stops] == [stop["key"] for stop in patrol["stops"]]
        assert [stop.arrive_s + patrol["starts_s"] for stop in stops] == [
            stop["arrive_s"] for stop in patrol["stops"]
        ]
        assert [stop.wanted_id for stop in stops if stop.wanted_id] in ([], [wanted])
    assert town.session.scalar(text("SELECT count(*) FROM assignment")) == 2
    [waiting] = planning.wanted(town.session, town.settings, now=NOW)
    assert waiting.planned_on == MONDAY
    assert audit.verify_chain(town.session) is None


def test_publishing_again_replaces_only_what_nobody_has_started(town):
    view = town.plan()
    town.publish(view)
    before = published(town, view.id)
    town.session.execute(
        text("UPDATE patrol SET status = 'under_way', started_at = now() WHERE id = :id"),
        {"id": before[0].id},
    )
    changed = view
    for key in stops_of(view)["2026-06-08/B"][1:]:
        changed = town.change(changed, do="drop", stop=key)
    changed = town.change(changed, do="drop", stop=stops_of(changed)["2026-06-08/A"][0])
    done = town.publish(changed)
    assert (done.published, done.kept) == (("2026-06-08/B",), ("2026-06-08/A",))
    after = published(town, view.id)
    assert [row.id for row in after] == [row.id for row in before]
    assert (after[0].status, after[0].vertices) == ("under_way", before[0].vertices)
    counts = town.session.scalars(
        text(
            "SELECT count(*) FROM route_stop s JOIN patrol p ON p.route_id = s.route_id GROUP BY p.id ORDER BY p.id"
        )
    ).all()
    assert counts == [len(stops_of(view)["2026-06-08/A"]), 1]
    emptied = town.change(
        planning.read(town.session, view.id), do="drop", stop=stops_of(changed)["2026-06-08/B"][0]
    )
    assert len(town.publish(emptied).removed) == 1
    assert [row.status for row in published(town, view.id)] == ["under_way", "cancelled"]
    taken = withdraw(town, planning.read(town.session, view.id))
    assert (taken.removed, len(taken.kept)) == ((), 1)
    assert planning.read(town.session, view.id).state == "withdrawn"


def test_two_plans_do_not_send_one_team_out_twice(town):
    view, other = town.plan(), town.plan(seed=2)
    town.publish(view)
    with pytest.raises(Conflict, match="plan_team_taken"):
        town.publish(other)
    withdraw(town, view)
    assert len(town.publish(other).published) == 2
    with pytest.raises(Conflict, match="plan_team_taken"):
        town.publish(view)


def test_what_can_not_be_published_says_why(town):
    with pytest.raises(BadRequest, match="plan_not_ready"):
        planning.publish(town.session, town.settings, town.ask().id, version=0, by=None, now=NOW)
    empty = town.plan(include=planning.Include(False, False, False, False))
    with pytest.raises(BadRequest, match="plan_empty"):
        town.publish(empty)
    view = town.plan()
    town.session.execute(text("DELETE FROM check_in"))
    town.session.execute(text("DELETE FROM point WHERE code = 'P4'"))
    with pytest.raises(BadRequest, match="plan_stop_gone"):
        town.publish(view)
    with pytest.raises(BadRequest, match="plan_not_published"):
        withdraw(town, view)


def test_a_plan_of_streets_is_locked_and_published_but_not_changed_stop_by_stop(town):
    view = town.plan()
    key = stops_of(view)["2026-06-08/A"][0]
    town.session.execute(text("UPDATE plan SET kind = 'streets'"))
    locked = town.change(view, do="lock", patrol="2026-06-08/A")
    with pytest.raises(BadRequest, match="plan_kind_fixed"):
        town.change(locked, do="drop", stop=key)
    with pytest.raises(BadRequest, match="plan_kind_fixed"):
        planning.resolve(town.session, town.settings, view.id, version=locked.newest, by=None, now=NOW)
    assert len(town.publish(locked).published) == 2


def test_two_plans_are_compared_by_what_they_would_cover(town):
    all_day, one = town.plan(), town.plan(team_codes=("A",))
    found = planning.compare(town.session, town.settings, all_day.id, one.id)
    assert (found.one.stops, found.other.stops) == (9, 9)
    assert found.one.fairness <= 1.15
    assert found.other.fairness == 1
    assert {moved.other for moved in found.moved} == {("A", "2026-06-08")}
    assert len(found.moved) == len(stops_of(all_day)["2026-06-08/B"])
    town.publish(all_day)
    expected = planned_coverage(town.session, town.settings, MONDAY)
    assert found.one.covered_m2 == pytest.approx(sum(row.covered_m2 for row in expected))
    assert 0 < found.other.rate < 1
