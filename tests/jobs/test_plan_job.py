"""A plan as a job: its version and sums, a stop that keeps the best so far, refusals, and nobody waits for a transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from geoservice.jobs.run import execute
from geoservice.services import planning
from geoservice.services.planning import solving
from tests.services.ground_kit import add_point, add_street, place

MONDAY = date(2026, 6, 8)


@pytest.fixture
def town(bench, new_database):
    """A street, four points on it and a team."""
    bench.settings = replace(bench.settings, database_url=new_database())
    with bench.transaction() as session:
        add_street(session, bench.settings, "S", [(0, 0), (800, 0)])
        for number in range(4):
            add_point(session, bench.settings, f"P{number}", (100 + 200 * number, 5))
        lon, lat = place((0, 0))[0].tolist()
        session.execute(
            text("INSERT INTO team (code, name, depot) VALUES ('A', 'A', ST_Point(:lon, :lat, 4326))"),
            {"lon": lon, "lat": lat},
        )
    return bench


def ask(bench, **more) -> int:
    wish = planning.Wish(MONDAY, MONDAY, **{"seconds": 0.5, **more})
    with bench.transaction() as session:
        return planning.ask(session, bench.settings, wish, by=None, now=datetime.now(UTC)).id


def read(bench, plan_id) -> planning.PlanView:
    with bench.transaction() as session:
        return planning.read(session, plan_id)


def test_a_job_solves_what_was_asked_and_solves_it_again_around_pins(town):
    plan_id = ask(town)
    job = town.ask("solve_plan", wake_it=False, plan=plan_id)
    execute(town.settings, job)
    view = read(town, plan_id)
    assert town.read(job).state == "done"
    assert town.read(job).result == {"plan": plan_id, "version": 1, "totals": view.content["totals"]}
    assert (view.state, view.version, view.content["totals"]["stops"]) == ("ready", 1, 4)

    again = town.ask("solve_plan", wake_it=False, plan=plan_id, version=1)
    execute(town.settings, again)
    assert (town.read(again).state, read(town, plan_id).version) == ("done", 2)


def test_a_job_that_is_stopped_keeps_the_best_so_far(town, monkeypatch):
    plan_id = ask(town, seconds=60)
    job = town.ask("solve_plan", wake_it=False, plan=plan_id)
    solve = solving.plan_patrols

    def be_stopped_and_solve(*arguments, **named):
        town.cancel(job)
        return solve(*arguments, **named)

    monkeypatch.setattr(solving, "plan_patrols", be_stopped_and_solve)
    began = datetime.now(UTC)
    execute(town.settings, job)
    assert (datetime.now(UTC) - began).total_seconds() < 50
    assert town.read(job).state == "cancelled"
    view = read(town, plan_id)
    assert (view.state, view.version) == ("ready", 1)
    assert view.content["totals"]["stops"] + view.content["totals"]["unserved"] == 4


def test_a_job_that_is_stopped_before_there_is_anything_leaves_a_failed_plan(town, monkeypatch):
    plan_id = ask(town)
    job = town.ask("solve_plan", wake_it=False, plan=plan_id)
    prepare = planning.prepare

    def prepare_and_be_stopped(*arguments, **named):
        town.cancel(job)
        return prepare(*arguments, **named)

    monkeypatch.setattr(planning, "prepare", prepare_and_be_stopped)
    execute(town.settings, job)
    assert (town.read(job).state, read(town, plan_id).state) == ("cancelled", "failed")


def test_a_plan_that_can_not_be_solved_says_why_and_is_marked(town):
    plan_id = ask(town)
    with town.transaction() as session:
        session.execute(text("UPDATE plan SET kind = 'streets' WHERE id = :id"), {"id": plan_id})
    job = town.ask("solve_plan", wake_it=False, plan=plan_id)
    execute(town.settings, job)
    assert town.read(job).error["code"] == "plan_kind_fixed"
    assert read(town, plan_id).state == "failed"


def test_nothing_is_locked_while_it_solves(town, monkeypatch):
    plan_id = ask(town)
    job = town.ask("solve_plan", wake_it=False, plan=plan_id)
    solve = solving.plan_patrols
    seen = []

    def look_and_solve(*arguments, **named):
        with town.transaction() as session:
            session.execute(text("SELECT id FROM plan WHERE id = :id FOR UPDATE NOWAIT"), {"id": plan_id})
            seen.append(
                session.scalar(
                    text(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                        "AND state LIKE 'idle in transaction%'"
                    )
                )
            )
        return solve(*arguments, **named)

    monkeypatch.setattr(solving, "plan_patrols", look_and_solve)
    execute(town.settings, job)
    assert seen == [0]
