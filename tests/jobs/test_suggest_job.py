"""The suggestion as a job: its result, its refusals, and a stop half-way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import shapely

from geoservice.jobs.run import execute
from geoservice.services import suggest
from tests.services.ground_kit import add_zone, cover, fixes, receive

DAY = {"from": "2026-06-01", "to": "2026-06-01"}


@pytest.fixture
def town(bench, new_database):
    bench.settings = replace(bench.settings, database_url=new_database())
    with bench.transaction() as session:
        add_zone(session, bench.settings, "Z", shapely.box(0, 0, 300, 200))
        receive(
            session,
            bench.settings,
            fixes("a", datetime(2026, 6, 1, 1, tzinfo=UTC), [0, 60], [(0, 0), (300, 0)]),
        )
        cover(session, bench.settings)


def test_a_job_keeps_codes_not_sentences_and_one_that_is_stopped_keeps_nothing(bench, town, monkeypatch):
    done = bench.ask("suggest", wake_it=False, **DAY, posts=2, zone="Z")
    execute(bench.settings, done)
    assert bench.read(done).state == "done"
    result = bench.read(done).result
    assert 0 < result["area_closed_m2"] < result["area_before_m2"]
    assert {item["why"]["code"] for item in result["items"]} == {"suggest_post_open"}

    refused = bench.ask("suggest", wake_it=False, **DAY)
    execute(bench.settings, refused)
    assert bench.read(refused).error["code"] == "suggest_budget_needed"

    stopped = bench.ask("suggest", wake_it=False, **DAY, minutes=30, mode="foot")
    find = suggest.find_candidates

    def find_and_be_stopped(*arguments):
        bench.cancel(stopped)
        return find(*arguments)

    monkeypatch.setattr(suggest, "find_candidates", find_and_be_stopped)
    execute(bench.settings, stopped)
    assert bench.read(stopped).state == "cancelled"
    assert bench.read(stopped).result is None
