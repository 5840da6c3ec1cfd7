"""`geoservice check`, as somebody types it."""

from __future__ import annotations

import json

import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_zone


@pytest.fixture(scope="module")
def database(new_database):
    """A street with two cells that leave half a metre between them."""
    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        parent = add_zone(session, settings, "P", shapely.box(0, 0, 400, 200), level="street")
        add_zone(session, settings, "P1", shapely.box(0, 0, 199.5, 200), parent=parent)
        add_zone(session, settings, "P2", shapely.box(200, 0, 400, 200), parent=parent)
    yield url
    make_engine(url).dispose()


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")
    return lambda *words: CliRunner().invoke(main, ["check", *words])


def test_the_exit_code_tells_whether_something_is_wrong(run):
    assert run("hierarchy").exit_code == 0
    found = run("ground", "--json")
    assert found.exit_code == 1
    answer = json.loads(found.stdout)
    assert {name: check["total"] for name, check in answer.items()} == {
        "hierarchy": 0, "topology": 1, "duplicates": 0, "codes": 0,
    }  # fmt: skip
    (gap,) = answer["topology"]["found"]
    assert gap["codes"] == ["P1", "P2"]
    assert gap["area_m2"] == pytest.approx(100, abs=0.5)
    assert gap["can_snap"] is True
    assert (
        shapely.from_geojson(json.dumps(gap["geometry"]))
        .buffer(1e-9)
        .contains(shapely.Point(gap["lon"], gap["lat"]))
    )
    assert "gap" in run("topology", "--level", "grid", "--parent", "P").stdout
    assert run("topology", "--level", "street").exit_code == 0
    refused = run("ground", "--level", "nope")
    assert refused.exit_code == 1
    assert "nope" in refused.output
    help_text = " ".join(run("topology", "--help").stdout.split())
    assert "Exit code 0 when nothing is wrong, 1 when something is." in help_text


def test_snapping_is_dry_until_it_is_told_to_apply(run):
    first = run("snap", "--level", "grid")
    assert first.exit_code == 0
    assert "--apply does it" in first.stdout
    assert run("topology").exit_code == 1, "nothing was written"
    assert json.loads(run("snap", "--level", "grid", "--tolerance", "0.3", "--json").stdout)["zones"] == []
    applied = json.loads(run("snap", "--level", "grid", "--apply", "--json").stdout)
    assert applied["applied"] is True
    assert sum(zone["change_m2"] for zone in applied["zones"]) == pytest.approx(100, abs=0.5)
    assert run("topology").exit_code == 0
    assert run("snap", "--level", "grid", "--tolerance", "50").exit_code == 1
