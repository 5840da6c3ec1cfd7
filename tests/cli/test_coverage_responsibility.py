"""`coverage responsibility`, `unvisited` and `exclusions` as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.contract_kit import add_leader, add_point, add_street, contract
from tests.services.ground_kit import add_zone, cover, fixes, receive
from tests.services.test_exclusions_list import exclude

DAYS = ("--from", "2026-06-01", "--to", "2026-06-01")
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def run(new_database, redis_url, tmp_path_factory):
    """A command line on a city of two grids: one led and walked, the other neither."""
    url = new_database()
    folder = tmp_path_factory.mktemp("var")
    settings = Settings(database_url=url, redis_url=redis_url, demo_mode=True, var_dir=folder)
    with transaction(make_engine(url)) as session:
        led = add_zone(session, settings, "led", shapely.box(0, 0, 200, 200))
        add_zone(session, settings, "alone", shapely.box(1000, 0, 1200, 200))
        add_street(session, settings, "R", [(5, 100), (195, 100)])
        add_point(session, "P", [1100, 100])
        contract(session, add_leader(session, "甲"), zone=led)
        add_leader(session, "idle")
        exclude(session, settings, "lake", shapely.box(0, 0, 200, 50), reason="water")
        xs = np.arange(0, 200, 10.0)
        metres = np.column_stack((xs, np.full(len(xs), 100.0)))
        receive(session, settings, fixes("a", MORNING, np.arange(len(xs)) * 10, metres))
        cover(session, settings)
    environment = {"DATABASE_URL": url, "REDIS_URL": redis_url, "DEMO_MODE": "1", "VAR_DIR": str(folder)}

    def run(*arguments, code=0):
        result = CliRunner(env=environment).invoke(main, ["coverage", *arguments], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result

    return run


def test_who_answers_for_everything_and_what_is_wrong(run):
    answer = json.loads(run("responsibility", "--on", "2026-06-01", "--json").stdout)
    assert list(answer) == ["on", "ground", "nobody", "two_leaders", "idle_leaders", "breaks"]
    ground = {(each["kind"], each["code"]): each["answers"] for each in answer["ground"]}
    assert ground.keys() == {("zone", "led"), ("zone", "alone"), ("street", "R"), ("point", "P")}
    (street,) = ground["street", "R"]
    assert (street["role"], street["name"], street["direct"], street["via_code"]) == (
        "leader",
        "甲",
        False,
        "led",
    )
    assert [(each["kind"], each["code"]) for each in answer["nobody"]] == [("zone", "alone"), ("point", "P")]
    assert [each["name"] for each in answer["idle_leaders"]] == ["idle"]
    shown = run("responsibility", "--on", "2026-06-01").stdout
    assert "2 without a leader" in shown
    assert "leader 甲 (direct)" in shown


def test_who_answers_for_one_thing_or_why_that_cannot_be_said(run):
    asked = ("responsibility", "--on", "2026-06-01", "--kind", "zone")
    (zone,) = json.loads(run(*asked, "--code", "led", "--json").stdout)["ground"]
    assert [answer["direct"] for answer in zone["answers"]] == [True]
    assert "There is no zone with the code nowhere" in run(*asked, "--code", "nowhere", code=1).output
    assert "--kind" in run("responsibility", "--on", "2026-06-01", "--code", "led", code=2).output
    assert "--on" in run("responsibility", code=2).output
    assert "--from" in run("responsibility", "--leaders", code=2).output


def test_leaders_by_their_own_coverage(run):
    (row,) = json.loads(run("responsibility", "--leaders", *DAYS, "--json").stdout)["leaders"]
    assert (row["name"], row["rank"], row["zone_count"]) == ("甲", 1, 1)
    assert row["excluded_m2"] == 10_000
    assert row["rate"] == row["covered_m2"] / (row["area_m2"] - row["excluded_m2"])
    assert row["street_rate"] > 0.8
    assert row["gap_score"] is not None
    assert "甲" in run("responsibility", "--leaders", *DAYS).stdout


def test_the_never_visited_list(run):
    answer = json.loads(run("unvisited", *DAYS, "--json").stdout)
    assert len(answer["zones"]) == 8
    seen = [(row["code"], row["period"]) for row in answer["zones"] if not row["never_visited"]]
    assert seen == [("led", "all"), ("led", "day")]
    assert [point["code"] for point in answer["points"]] == ["P"]
    assert answer["streets"] == []
    assert answer["totals"]["zone_periods_never_visited"] == 6
    shown = run("unvisited", *DAYS)
    assert "zone    grid       alone            night" in shown.stdout
    empty = run("unvisited", "--from", "2026-01-01", "--to", "2026-01-02")
    assert "not the same as 0 %" in empty.stderr
    assert "zone " not in empty.stdout
    assert (
        json.loads(run("unvisited", "--from", "2026-01-01", "--to", "2026-01-02", "--json").stdout)[
            "has_data"
        ]
        is False
    )


def test_exclusions_and_their_share_of_each_zone(run):
    answer = json.loads(run("exclusions", "--on", "2026-06-01", "--json").stdout)
    assert [(each["code"], each["reason"]) for each in answer["exclusions"]] == [("lake", "water")]
    assert [(zone["code"], zone["share"]) for zone in answer["zones"]] == [("led", 0.25)]
    shown = run("exclusions").stdout
    assert "lake" in shown
    assert "25.0% of grid led" in shown
