"""The stored streets as a network: parts, dead ends, near misses, by mode."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.domain.tracks import Mode
from geoservice.services.road_network import load_network, report_network
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_street

STREETS = {
    "main": ([(0, 500), (1000, 500)], "primary"),
    "side": ([(500, 504), (500, 900)], "residential"),
    "way": ([(200, 0), (200, 500)], "footway"),
    "fast": ([(0, 100), (1000, 100)], "motorway"),
}


def lay(session, settings) -> None:
    for code, (line, street_class) in STREETS.items():
        street_id = add_street(session, settings, code, line)
        session.execute(
            text("UPDATE street SET street_class = :street_class WHERE id = :id"),
            {"street_class": street_class, "id": street_id},
        )


def test_an_end_four_metres_short_of_a_street_is_named(session, settings):
    lay(session, settings)
    report = report_network(session, Mode.FOOT, 10.0)
    [miss] = report.near_misses
    assert (miss.street_code, miss.other_code) == ("side", "main")
    assert miss.gap_m == pytest.approx(4.0, abs=0.01)
    assert report.components_m == pytest.approx([1500, 396], abs=0.5)
    assert {one.street_code for one in report.dead_ends} == {"main", "side", "way"}


@pytest.mark.parametrize(
    ("mode", "codes"), [(Mode.FOOT, {"main", "side", "way"}), (Mode.CAR, {"main", "side", "fast"})]
)
def test_each_mode_has_the_streets_it_may_use(session, settings, mode, codes):
    lay(session, settings)
    network, rows = load_network(session, mode)
    assert {rows[street].code for street in network.street.tolist()} == codes


def test_the_command_answers_json_and_a_map(new_database, monkeypatch):
    url = new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("DEMO_MODE", "1")
    with transaction(make_engine(url)) as session:
        lay(session, Settings(database_url=url, demo_mode=True))
    runner = CliRunner()
    answer = runner.invoke(main, ["streets", "network", "--json"])
    assert json.loads(answer.output)["near_misses"][0]["street_code"] == "side"
    drawn = json.loads(runner.invoke(main, ["streets", "network", "--geojson"]).output)
    assert {feature["properties"]["kind"] for feature in drawn["features"]} == {"near_miss", "dead_end"}
    told = runner.invoke(main, ["streets", "network", "--mode", "car"])
    assert told.exit_code == 0
    assert "1 ends stop short" in told.output
