"""`geoservice tracks receive` and `geoservice devices`, as somebody types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from geoservice.cli import main
from geoservice.services.positions import hash_of
from geoservice.store.base import make_engine, transaction

CSV = """device,time,lon,lat,speed,mode
a,2026-06-01T01:00:00Z,114.05,22.53,1.5,ebike
a,1780275620,114.051,22.53,,ebike
b,2026-06-01 01:00:00,114.05,22.54,2,
"""
LINES = [
    {
        "device": "a",
        "time": "2026-06-01T01:00:00Z",
        "lon": 114.05,
        "lat": 22.53,
        "speed": 1.5,
        "mode": "ebike",
    },
    {"device": "a", "time": 1780275620, "lon": 114.051, "lat": 22.53, "mode": "ebike"},
    {"device": "b", "time": "2026-06-01T01:00:00+00:00", "lon": 114.05, "lat": 22.54, "speed": 2},
]


@pytest.fixture
def database(new_database, settings, monkeypatch):
    url = new_database()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", settings.secret_key)
    yield make_engine(url)
    make_engine(url).dispose()


def run(*arguments: str, told: str | None = None):
    return CliRunner().invoke(main, list(arguments), input=told)


def stored(engine):
    with transaction(engine) as session:
        rows = session.execute(
            text(
                "SELECT d.code, extract(epoch FROM f.recorded_at)::bigint AS at, lon, lat, speed_mps::text, f.mode "
                "FROM fix f JOIN device d ON d.id = f.device_id ORDER BY 1, 2"
            )
        )
        return [tuple(row) for row in rows]


EXPECTED = [
    ("a", 1780275600, 114.05, 22.53, "1.5", 2),
    ("a", 1780275620, 114.051, 22.53, "NaN", 2),
    ("b", 1780275600, 114.05, 22.54, "2", 1),
]


def test_lines_of_json_and_csv_say_the_same_and_are_stored_once(database, tmp_path):
    file = tmp_path / "fixes.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    first = json.loads(run("tracks", "receive", str(file), "--json").stdout)
    assert first == {"new": 3, "repeated": 0, "kept_apart": 0, "refused": {}, "days": ["2026-06-01"]}
    assert stored(database) == EXPECTED
    again = run("tracks", "receive", "--json", told="\n".join(map(json.dumps, reversed(LINES))))
    assert json.loads(again.stdout)["repeated"] == 3
    assert stored(database) == EXPECTED


def test_a_time_far_ahead_is_kept_apart_and_said(database):
    ahead = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    line = json.dumps({"device": "clock", "time": ahead, "lon": 114.05, "lat": 22.53})
    done = json.loads(run("tracks", "receive", "--json", told=line).stdout)
    assert (done["new"], done["kept_apart"], done["refused"]) == (0, 1, {"in_the_future": 1})
    (device,) = json.loads(run("devices", "list", "--json").stdout)["devices"]
    assert (device["code"], device["kept_apart"]) == ("clock", 1)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("device,time,lon\na,1780275600,1\n", "lat"),
        ('{"device": "a", "time": 1780275600, "lon": 1}', "lat"),
        (CSV + "a,1780275640,114.05\n", "Line 5"),
        (CSV + "a,1780275640,east,22.5,,\n", "east"),
        (CSV + "a,noon,114,22.5,,\n", "noon"),
        (CSV + "a,1780275640,114,92,,\n", "92"),
        (CSV + "a,1780275640,114,22,,horse\n", "horse"),
        (CSV + "x" * 65 + ",1780275640,114,22,,\n", "Line 5"),
        ("[1]\n2", "device"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(database, told, said):
    done = run("tracks", "receive", told=told)
    assert done.exit_code == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert stored(database) == []


def test_a_device_is_added_gets_a_new_token_and_loses_it(database):
    first = run("devices", "add", "van 7").stdout.strip()
    second = json.loads(run("devices", "token", "van 7", "--json").stdout)
    assert second["device"] == "van 7"
    assert first != second["token"]
    with transaction(database) as session:
        assert bytes(session.scalar(text("SELECT token_sha256 FROM device"))) == hash_of(second["token"])
    assert "reports" in run("devices", "list").stdout
    assert run("devices", "revoke", "van 7").exit_code == 0
    assert "no token" in run("devices", "list").stdout
    for wrong, said in (
        (("add", "van 7"), "already"),
        (("token", "nobody"), "nobody"),
        (("add", "x", "--team", "T9"), "T9"),
    ):
        done = run("devices", *wrong)
        assert done.exit_code == 1
        assert said in done.stderr
