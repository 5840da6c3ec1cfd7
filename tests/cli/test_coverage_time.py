"""`geoservice coverage trend` and `coverage gaps`, as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_zone, cover, fixes, receive

DAYS = ("--from", "2026-06-01", "--to", "2026-06-03")


@pytest.fixture(scope="module")
def database(new_database):
    """Two zones, a walk by day on the first of June and one by night on the third."""
    from geoservice.config import Settings

    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        parent = add_zone(session, settings, "P", shapely.box(0, 0, 400, 200), level="street")
        add_zone(session, settings, "L", shapely.box(0, 0, 200, 200), parent=parent)
        add_zone(session, settings, "R", shapely.box(200, 0, 400, 200), parent=parent)
        for start in (datetime(2026, 6, 1, 1, tzinfo=UTC), datetime(2026, 6, 3, 15, tzinfo=UTC)):
            steps = [(20, 20), (180, 20), (180, 100)]
            receive(session, settings, fixes("a", start, np.arange(3) * 60, steps))
        cover(session, settings)
    yield url
    make_engine(url).dispose()


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")
    return lambda *words: CliRunner().invoke(main, ["coverage", *words])


def test_a_trend_tells_each_step_and_a_day_without_data_is_no_0(run):
    answer = json.loads(run("trend", *DAYS, "--zone", "P", "--json").stdout)
    steps = {zone["code"]: zone["steps"] for zone in answer["zones"]}
    assert set(steps) == {"P", "L", "R"}
    assert [step["from"] for step in steps["L"]] == ["2026-06-01", "2026-06-02", "2026-06-03"]
    first, second, third = steps["L"]
    assert first["rate"] == third["rate"] == first["covered_m2"] / first["area_m2"] > 0
    assert second["rate"] is None
    assert steps["R"][0]["covered_m2"] + first["covered_m2"] == steps["P"][0]["covered_m2"]
    night = json.loads(
        run("trend", *DAYS, "--by", "week", "--period", "night", "--level", "grid", "--json").stdout
    )
    assert night["window"]["period"] == "night"
    assert [len(zone["steps"]) for zone in night["zones"]] == [1, 1]
    assert "–" in run("trend", *DAYS, "--level", "street").stdout


@pytest.mark.parametrize(("measure", "whole"), [("streets", "length_m"), ("points", "points")])
def test_streets_and_points_have_trends_too(run, measure, whole):
    answer = json.loads(run("trend", *DAYS, "--measure", measure, "--json").stdout)
    # There are none here: nothing to be seen has no rate.
    assert {(step[whole], step["rate"]) for zone in answer["zones"] for step in zone["steps"]} == {(0, None)}


def test_gaps_come_by_score_or_by_size_and_of_a_period(run, tmp_path):
    out = tmp_path / "gaps.geojson"
    found = {}
    for rank in ("score", "area"):
        assert run("gaps", *DAYS, "--rank", rank, "-o", str(out)).exit_code == 0
        found[rank] = [feature["properties"] for feature in json.loads(out.read_text())["features"]]
        assert [one["rank"] for one in found[rank]] == list(range(1, len(found[rank]) + 1))
    assert [one["score"] for one in found["score"]] == sorted(
        (one["score"] for one in found["score"]), reverse=True
    )
    assert [one["area_m2"] for one in found["area"]] == sorted(
        (one["area_m2"] for one in found["area"]), reverse=True
    )
    missing = run("gaps", *DAYS, "--period", "evening", "-o", str(out))
    assert missing.exit_code != 0
    assert run("gaps", *DAYS, "--period", "night", "-o", str(out)).exit_code == 0
