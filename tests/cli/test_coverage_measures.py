"""`geoservice coverage show --measure …` and `coverage streets`, as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pyogrio
import pytest
import shapely
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import add_zone, cover, fixes, place, receive
from tests.services.street_kit import add_exclusion, add_street

DAY = ("--from", "2026-06-01", "--to", "2026-06-01")
NOBODY_OUT = ("--from", "2026-05-01", "--to", "2026-05-02")
AREA = {
    "code", "name", "level", "area_m2", "excluded_m2", "covered_m2", "rate", "gap_count", "leader", "others"
}  # fmt: skip


@pytest.fixture(scope="module")
def database(new_database):
    """A street walked in one of two cells, another in the other cell that nobody walked, a tunnel, a point on the way."""
    url = new_database()
    settings = Settings(database_url=url, secret_key="a test key of more than thirty-two characters")
    with transaction(make_engine(url)) as session:
        parent = add_zone(session, settings, "P", shapely.box(0, 0, 600, 150), level="street")
        add_zone(session, settings, "L", shapely.box(0, 0, 300, 150), parent=parent)
        add_zone(session, settings, "R", shapely.box(300, 0, 600, 150), parent=parent)
        add_street(session, settings, "walked", [(0, 75), (300, 75)], street_class="primary")
        add_street(session, settings, "empty", [(360, 0), (360, 150)])
        add_street(session, settings, "under", [(420, 0), (420, 150)], tunnel="yes")
        add_exclusion(session, "hill", shapely.box(0, 0, 30, 150))
        (lon, lat) = place([150, 75])[0].tolist()
        session.execute(
            text(
                "INSERT INTO point (code, name, category, geom, zone_id) SELECT 'T1', 'a toilet', c.code, "
                "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), z.id FROM zone z, "
                "(SELECT code FROM point_category ORDER BY code LIMIT 1) c WHERE z.code = 'L'"
            ),
            {"lon": lon, "lat": lat},
        )
        steps = np.arange(0, 301, 7)
        walk = np.column_stack((steps, np.full(len(steps), 75)))
        receive(session, settings, fixes("a", datetime(2026, 6, 1, 1, tzinfo=UTC), steps / 1.4, walk))
        cover(session, settings)
    yield url
    make_engine(url).dispose()


@pytest.fixture
def run(database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("SECRET_KEY", "a test key of more than thirty-two characters")
    return lambda *words: CliRunner().invoke(main, ["coverage", *words])


def shown(run, *words):
    result = run("show", *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_area_is_what_is_shown_unless_another_measure_is_asked_for(run):
    answer = shown(run, *DAY)
    assert answer["measure"] == "area"
    assert {frozenset(zone) for zone in answer["zones"]} == {frozenset(AREA)}
    assert {"window", "reach_m", "cell_m", "metric_epsg", "has_data", "pending", "totals", "refused"} <= set(
        answer
    )
    assert (answer["has_data"], answer["pending"]) == (True, False)


def test_streets_by_zone_street_and_class(run):
    answer = shown(run, *DAY, "--measure", "streets")
    streets = {row["code"]: row for row in answer["streets"]}
    assert streets["walked"]["length_m"] == pytest.approx(300, abs=0.01)
    assert streets["walked"]["excluded_m"] == pytest.approx(30, abs=0.01)
    assert streets["walked"]["rate"] > 0.9
    assert streets["empty"]["rate"] == 0.0
    assert (streets["under"]["rate"], round(streets["under"]["tunnel_m"])) == (None, 150)
    zones = {row["code"]: row for row in answer["zones"]}
    assert zones["P"]["covered_m"] == pytest.approx(zones["L"]["covered_m"] + zones["R"]["covered_m"])
    asked = answer["totals"]["length_m"] - answer["totals"]["tunnel_m"] - answer["totals"]["excluded_m"]
    assert answer["totals"]["rate"] == pytest.approx(answer["totals"]["covered_m"] / asked)
    assert [row["street_class"] for row in answer["classes"]] == ["primary", "residential"]
    assert isinstance(answer["refused_m"], dict)


def test_a_zone_or_a_level_narrows_every_measure(run):
    for measure in ("area", "streets", "points", "interval", "all"):
        assert {zone["code"] for zone in shown(run, *DAY, "--measure", measure, "--zone", "R")["zones"]} == {
            "R"
        }
        at_level = shown(run, *DAY, "--measure", measure, "--level", "grid")["zones"]
        assert {zone["code"] for zone in at_level} == {"L", "R"}
        assert run("show", *DAY, "--measure", measure, "--zone", "nowhere").exit_code == 1
    only = shown(run, *DAY, "--measure", "streets", "--zone", "R")
    assert {row["code"] for row in only["streets"]} == {"empty", "under"}
    assert only["totals"]["rate"] == 0.0


def test_all_measures_stand_beside_one_another_in_each_zone(run):
    answer = shown(run, *DAY, "--measure", "all")
    alone = {zone["code"]: zone for zone in shown(run, *DAY, "--measure", "streets")["zones"]}
    for zone in answer["zones"]:
        assert set(zone) == AREA | {"streets", "points", "interval"}
        assert zone["streets"]["covered_m"] == alone[zone["code"]]["covered_m"]
    assert {"area_m2", "rate", "streets", "points", "interval"} <= set(answer["totals"])


@pytest.mark.parametrize("measure", ["area", "streets", "all"])
def test_a_window_in_which_nobody_was_out_says_so_and_is_not_0(run, measure):
    answer = shown(run, *NOBODY_OUT, "--measure", measure)
    assert not answer["has_data"]
    rates = {zone["rate"] for zone in answer["zones"]} | {answer["totals"]["rate"]}
    if measure == "all":
        rates |= {zone["streets"]["rate"] for zone in answer["zones"]}
    assert rates == {None}
    text_answer = run("show", *NOBODY_OUT, "--measure", measure)
    assert "not the same as 0 %" in text_answer.stderr
    assert "0.0%" not in text_answer.stdout


def test_people_read_lines(run):
    lines = run("show", *DAY, "--measure", "streets").stdout.splitlines()
    assert any("empty" not in line and "0.0%" in line and " R " in line for line in lines)
    assert any("primary" in line for line in lines)
    for measure in ("points", "interval", "all"):
        assert run("show", *DAY, "--measure", measure).exit_code == 0


def test_unseen_stretches_go_to_a_file_others_can_read(run, tmp_path):
    for kind in ("geojson", "gpkg"):
        out = tmp_path / f"unseen.{kind}"
        assert run("streets", *DAY, "--format", kind, "-o", str(out)).exit_code == 0
        meta, _, geometry, columns = pyogrio.raw.read(out)
        rows = dict(zip(meta["fields"], columns, strict=True))
        assert "4326" in meta["crs"]
        assert rows["street_code"].tolist()[0] == "empty"
        assert bool(rows["never_seen"][0])
        assert rows["length_m"][0] == pytest.approx(150, abs=0.01)
        assert rows["score"].tolist() == sorted(rows["score"], reverse=True)
        ends = np.array([[360, 0], [360, 150]])
        assert np.allclose(shapely.get_coordinates(shapely.from_wkb(geometry[0])), place(ends), atol=1e-6)
    out = tmp_path / "left.geojson"
    assert run("streets", *DAY, "--zone", "L", "-o", str(out)).exit_code == 0
    assert "empty" not in out.read_text()
    kept = out.read_text()
    assert run("streets", *NOBODY_OUT, "-o", str(out)).exit_code == 1
    assert out.read_text() == kept


def test_gaps_are_ranked_with_a_reason_each_and_the_first_is_the_most_urgent(run):
    answer = json.loads(run("rank", *DAY, "--json").stdout)["ranked"]
    assert [row["rank"] for row in answer] == list(range(1, len(answer) + 1))
    assert [row["score"] for row in answer] == sorted((row["score"] for row in answer), reverse=True)
    worst = answer[0]
    assert (worst["code"], worst["days_unseen"]) == ("R", None)
    assert worst["why"].endswith(f"= {worst['score']:.0f}")
    assert worst["answers"] == []


def test_stretches_are_ranked_apart_and_a_window_without_data_ranks_nothing(run):
    (row,) = json.loads(run("rank", *DAY, "--streets", "--json").stdout)["ranked"]
    assert (row["code"], row["length_m"]) == ("empty", pytest.approx(150, abs=0.2))
    refused = run("rank", *NOBODY_OUT)
    assert refused.exit_code == 1
    assert "2026-05-01" in refused.output
