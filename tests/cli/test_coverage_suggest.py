"""`geoservice coverage suggest`, as somebody types it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_zone, cover, fixes, receive
from tests.services.street_kit import add_street

DAY = ("--from", "2026-06-01", "--to", "2026-06-01")


@pytest.fixture(scope="module")
def database(new_database):
    """A zone seen along its southern edge, with one street through what was not, and a zone seen whole."""
    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        add_zone(session, settings, "Z", shapely.box(72, 0, 128, 300))
        add_zone(session, settings, "seen", shapely.box(0, -30, 200, 0))
        add_street(session, settings, "N", [(100, 0), (100, 280)], name="North Street")
        receive(
            session, settings, fixes("a", datetime(2026, 6, 1, 1, tzinfo=UTC), [0, 60], [(0, 0), (200, 0)])
        )
        cover(session, settings)
    yield url
    make_engine(url).dispose()


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")
    return lambda *words: CliRunner().invoke(main, ["coverage", "suggest", *words])


def test_what_to_do_is_said_in_sentences_as_json_and_as_a_file(run, tmp_path):
    file = tmp_path / "todo.geojson"
    answer = json.loads(run(*DAY, "--minutes", "12", "--json", "-o", str(file)).stdout)
    assert answer["is_optimal"]
    assert (
        answer["weight_after"] == answer["weight_before"] - answer["weight_closed"] < answer["weight_before"]
    )
    assert answer["minutes_needed"] <= 12
    first = answer["items"][0]
    assert (first["kind"], first["street"], first["closes"][0]["zone"]) == ("detour", "North Street", "Z")
    collection = json.loads(file.read_text())
    assert [each["properties"]["area_m2"] for each in collection["features"]] == [
        item["area_m2"] for item in answer["items"]
    ]
    assert collection["features"][0]["geometry"]["type"] == "LineString"
    said = run(*DAY, "--posts", "2").output
    assert "Stand on North Street at 114." in said
    assert "proven best" in said
    assert "no blind spots" in run(*DAY, "--posts", "2", "--zone", "seen").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*DAY,), "budget"),
        ((*DAY, "--posts", "2", "--minutes", "5"), "budget"),
        ((*DAY, "--posts", "0"), "1 to"),
        ((*DAY, "--minutes", "nan"), "budget"),
        ((*DAY, "--posts", "1", "--zone", "nowhere"), "nowhere"),
        ((*DAY, "--posts", "1", "--leader", "nobody"), "nobody"),
        ((*DAY, "--posts", "1", "--zone", "Z", "--leader", "nobody"), "combined"),
        (("--from", "2026-05-01", "--to", "2026-05-02", "--posts", "1"), "no coverage"),
        ((*DAY, "--posts", "1", "-o", "/nowhere/at/all.geojson"), "can't be written"),
    ],
)
def test_questions_without_an_answer_get_one_clear_line(run, words, said):
    result = run(*words)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_budget_too_small_for_anything_says_so(run):
    assert "Nothing that closes" in run(*DAY, "--minutes", "0.01").output
