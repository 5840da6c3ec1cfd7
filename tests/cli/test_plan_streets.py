"""`geoservice plan streets`, as somebody types it."""

from __future__ import annotations

import json

import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_street, add_zone


@pytest.fixture(scope="module")
def database(new_database):
    """A zone with a block of streets and an island."""
    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        add_zone(session, settings, "Z", shapely.box(-50, -50, 350, 250))
        add_street(session, settings, "RING", [(0, 0), (300, 0), (300, 200), (0, 200), (0, 0)])
        add_street(session, settings, "MIDDLE", [(150, 0), (150, 200)])
        add_street(session, settings, "ISLAND", [(50, 90), (100, 110)])
    return url


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")
    return lambda *words: CliRunner().invoke(main, ["plan", "streets", *words])


def test_the_plan_and_its_map_are_answered(run, tmp_path):
    file = tmp_path / "ways.geojson"
    answer = run("--zone", "Z", "--on", "2026-06-08", "--geojson", str(file), "--json")
    assert answer.exit_code == 0, answer.output
    plan = json.loads(answer.stdout)
    assert plan["kind"] == "streets"
    sums = plan["content"]["totals"]
    # The ring, the street across, and that street once more.
    assert (sums["streets_m"], sums["tours_m"]) == pytest.approx((1200, 1400), abs=5)
    assert sums["proven"] is True
    assert [one["code"] for one in plan["content"]["unserved"]] == ["ISLAND"]
    [way] = json.loads(file.read_text())["features"]
    assert way["geometry"]["coordinates"] == plan["content"]["patrols"][0]["line"]


def test_people_read_the_order_of_streets(run):
    answer = run("--zone", "Z", "--patrols", "2", "--mode", "ebike", "--seconds", "0.3")
    assert answer.exit_code == 0, answer.output
    assert "RING" in answer.output
    assert "ISLAND: No way leads there" in answer.output.replace("ISLAND ISLAND", "ISLAND")
    assert "longest" in answer.output


def test_an_unknown_zone_is_one_line(run):
    answer = run("--zone", "NONE")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert len(answer.output.splitlines()) == 1
