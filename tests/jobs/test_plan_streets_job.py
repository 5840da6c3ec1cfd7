"""A plan of streets as a job: its version and sums, and a zone without streets fails with its reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import shapely

from geoservice.jobs.run import execute
from geoservice.services import planning
from geoservice.services.planning.streets import StreetsWish, ask_streets
from tests.services.ground_kit import add_street, add_zone


@pytest.fixture
def town(bench, new_database):
    """A zone with two crossing streets, and one without any."""
    bench.settings = replace(bench.settings, database_url=new_database())
    with bench.transaction() as session:
        add_street(session, bench.settings, "S", [(0, 0), (400, 0)])
        add_street(session, bench.settings, "T", [(200, -200), (200, 200)])
        add_zone(session, bench.settings, "Z", shapely.box(-50, -250, 450, 250))
        add_zone(session, bench.settings, "EMPTY", shapely.box(900, 900, 950, 950))
    return bench


def ask(bench, zone) -> int:
    wish = StreetsWish(zone, date(2026, 6, 8), patrols=2)
    with bench.transaction() as session:
        return ask_streets(session, wish, by=None, now=datetime.now(UTC)).id


def read(bench, plan_id) -> planning.PlanView:
    with bench.transaction() as session:
        return planning.read(session, plan_id)


def test_a_job_makes_the_plan_that_was_asked_for(town):
    plan_id = ask(town, "Z")
    job = town.ask("plan_streets", wake_it=False, plan=plan_id)
    execute(town.settings, job)
    view = read(town, plan_id)
    assert town.read(job).state == "done"
    assert town.read(job).result == {"plan": plan_id, "version": 1, "totals": view.content["totals"]}
    assert (view.state, view.kind, len(view.content["patrols"])) == ("ready", "streets", 2)
    # Two streets without any loop are walked there and back, however they are shared.
    assert view.content["totals"]["tours_m"] == pytest.approx(1600, abs=5)


def test_a_zone_without_streets_fails_with_its_reason(town):
    plan_id = ask(town, "EMPTY")
    job = town.ask("plan_streets", wake_it=False, plan=plan_id)
    execute(town.settings, job)
    assert town.read(job).state == "failed"
    assert town.read(job).error["code"] == "streets_none"
    assert read(town, plan_id).state == "failed"
