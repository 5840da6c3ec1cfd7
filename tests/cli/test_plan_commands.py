"""`geoservice plan …`, as somebody types it."""

from __future__ import annotations

import json

import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_point, add_street, add_zone, lay_raster, place

ON = ("--on", "2026-06-08")


@pytest.fixture(scope="module")
def database(new_database):
    """A street with four points, two teams on it and one without a depot, an island with a point."""
    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        lay_raster(session, settings)
        add_zone(session, settings, "Z", shapely.box(-50, -50, 900, 50))
        add_street(session, settings, "S", [(0, 0), (800, 0)])
        add_street(session, settings, "ISLAND", [(3000, 0), (3400, 0)])
        for number in range(4):
            add_point(session, settings, f"P{number}", (100 + 200 * number, 5))
        add_point(session, settings, "LOST", (3200, 5))
        for code, x in (("A", 0), ("B", 800)):
            lon, lat = place((x, 0))[0].tolist()
            session.execute(
                text(
                    "INSERT INTO team (code, name, depot) VALUES (:code, :code, ST_Point(:lon, :lat, 4326))"
                ),
                {"code": code, "lon": lon, "lat": lat},
            )
        session.execute(text("INSERT INTO team (code, name) VALUES ('C', 'C')"))
    yield url
    make_engine(url).dispose()


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")

    def command(*words: str, ok: bool = True) -> str:
        result = CliRunner().invoke(main, ["plan", *words], catch_exceptions=False)
        assert (result.exit_code == 0) is ok, result.output
        return result.stdout if ok else result.output

    return command


def test_a_day_is_solved_published_shown_and_compared(run):
    run("want", "--point", "P2", "--from", "2026-06-08")
    due = json.loads(run("due", *ON, "--json"))
    assert {stop["code"] for stop in due["stops"]} == {"P0", "P1", "P2", "P3", "LOST"}
    assert due["stops"][0]["code"] == "P2"

    found = json.loads(run("solve", *ON, "--seconds", "0.5", "--name", "Monday", "--publish", "--json"))
    assert (found["name"], found["state"], found["days"]) == ("Monday", "published", ["2026-06-08"])
    stops = {stop["code"]: stop for patrol in found["patrols"] for stop in patrol["stops"]}
    assert set(stops) == {"P0", "P1", "P2", "P3"}
    assert all("08:30" <= stop["arrive"] <= stop["leave"] <= "17:30" for stop in stops.values())
    [lost] = found["unserved"]
    assert (lost["code"], lost["reason"]) == ("LOST", "unreachable")
    assert "streets" in lost["sentence"]
    assert [(one["team"], one["reason"]) for one in found["idle"]] == [("C", "no_depot")]
    assert found["totals"]["stops"] == 4

    shown = run("show", str(found["id"]))
    assert all(code in shown for code in ("P0", "P3", "LOST", "no place to start from"))
    other = json.loads(run("solve", *ON, "--seconds", "0.5", "--teams", "A", "--json"))
    assert {patrol["team"] for patrol in other["patrols"]} == {"A"}
    compared = json.loads(run("compare", str(found["id"]), str(other["id"]), "--json"))
    assert compared["one"]["stops"] == compared["other"]["stops"] == 4
    assert {plan["id"] for plan in json.loads(run("list", "--json"))["plans"]} >= {found["id"], other["id"]}
    refused = run("publish", str(other["id"]), ok=False)
    assert "Monday" in refused
    run("withdraw", str(found["id"]))
    assert "1 published" in run("publish", str(other["id"]))


def test_what_can_not_be_asked_is_said_in_a_sentence(run):
    assert "zone" in run("solve", *ON, "--zone", "NOWHERE", ok=False)
    assert "NOBODY" in run("solve", *ON, "--teams", "NOBODY", ok=False)
    assert "31 days" in run("solve", *ON, "--days", "400", ok=False)
    assert "no plan 999" in run("show", "999", ok=False)
