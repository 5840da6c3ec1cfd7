"""Phones report their positions: every app in its own words, nothing answered that is not stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO

import pytest
from sqlalchemy import text

from geoservice.services import devices
from geoservice.services.devices import Owner
from geoservice.services.positions import MOST_POSITIONS
from geoservice.store.base import make_engine, transaction
from tests.web.conftest import NOON, csrf

SECONDS = int(NOON.timestamp()) - 600
LAT, LON = 22.5301, 114.0502


@pytest.fixture
def database(web_settings, city):
    """The deployment's database; what devices left there is taken away again."""
    engine = make_engine(web_settings.database_url)
    yield engine
    with transaction(engine) as session:
        for table in ("fix", "quarantined_fix", "arrival"):
            session.execute(
                text(
                    f"DELETE FROM {table} WHERE device_id IN (SELECT id FROM device WHERE code LIKE 'live %')"
                )
            )
        session.execute(
            text("DELETE FROM track WHERE device_id IN (SELECT id FROM device WHERE code LIKE 'live %')")
        )
        session.execute(text("DELETE FROM device WHERE code LIKE 'live %'"))


@pytest.fixture
def token(database) -> str:
    with transaction(database) as session:
        row = devices.add_device(session, "live phone", Owner(), by=None)
        return devices.make_token(session, row.id, now=NOON, by=None)


@pytest.fixture
def fixes(database):
    """What is stored of the device, in the order of its times: (seconds, lon, lat, accuracy, speed, heading)."""

    def read() -> list[tuple]:
        with transaction(database) as session:
            rows = session.execute(
                text(
                    "SELECT extract(epoch FROM recorded_at), lon, lat, accuracy_m, speed_mps, heading_deg FROM fix "
                    "WHERE device_id = (SELECT id FROM device WHERE code = 'live phone') ORDER BY recorded_at"
                )
            )
            return [tuple(float(value) for value in row) for row in rows]

    return read


EXPECTED = (SECONDS, LON, LAT, 6.0, pytest.approx(10, rel=1e-6), 45.0)
OSMAND = {
    "lat": LAT, "lon": LON, "timestamp": SECONDS, "accuracy": 6, "speed": 19.4384449, "bearing": 45,
    "altitude": 30, "batt": 80,
}  # fmt: skip
TRACCAR = {
    "location": {
        "timestamp": datetime.fromtimestamp(SECONDS, UTC).isoformat().replace("+00:00", "Z"),
        "coords": {"latitude": LAT, "longitude": LON, "accuracy": 6, "speed": 10, "heading": 45, "altitude": 30},
        "is_moving": True, "battery": {"level": 0.8, "is_charging": False}, "activity": {"type": "walking"},
    },
}  # fmt: skip
OWNTRACKS = {
    "_type": "location", "lat": LAT, "lon": LON, "tst": SECONDS, "acc": 6, "vel": 36, "cog": 45, "batt": 80,
    "tid": "ph",
}  # fmt: skip
GPSLOGGER = {"lat": LAT, "lon": LON, "timestamp": SECONDS, "spd": 10, "dir": 45, "acc": 6}
REPORTS = {
    "OsmAnd, token in the path": lambda c, t: c.get(f"/positions/osmand/{t}", query_string=OSMAND),
    "OsmAnd, token as id": lambda c, t: c.get("/positions/osmand", query_string={"id": t, **OSMAND}),
    "Traccar, address posted": lambda c, t: c.post("/positions/osmand", query_string={"id": t, **OSMAND}),
    "Traccar, form": lambda c, t: c.post("/positions/osmand", data={"deviceid": t, **OSMAND}),
    "Traccar, JSON": lambda c, t: c.post("/positions/osmand", json={**TRACCAR, "device_id": t}),
    "Traccar, many as JSON": lambda c, t: c.post(
        f"/positions/osmand/{t}", json={"location": [TRACCAR["location"]] * 2}
    ),
    "OwnTracks, Basic": lambda c, t: c.post("/positions/owntracks", json=OWNTRACKS, auth=("anyone", t)),
    "OwnTracks, many": lambda c, t: c.post(f"/positions/owntracks/{t}", json=[OWNTRACKS, {"_type": "lwt"}]),
    "GPSLogger, address": lambda c, t: c.get(f"/positions/gpslogger/{t}", query_string=GPSLOGGER),
    "GPSLogger, form": lambda c, t: c.post(f"/positions/gpslogger/{t}", data=GPSLOGGER),
    "GPSLogger, JSON, bearer": lambda c, t: c.post(
        "/positions/gpslogger", json=[GPSLOGGER], headers={"Authorization": f"Bearer {t}"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("report", REPORTS)
def test_every_app_is_understood_and_a_repetition_changes_nothing(client, token, fixes, report):
    for _ in range(2):
        answer = REPORTS[report](client, token)
        assert answer.status_code == 200, answer.text
        assert fixes() == [EXPECTED]
    expected = (
        []
        if "OwnTracks" in report
        else {"new": 0, "repeated": answer.json["repeated"], "quarantined": 0, "refused": {}}
    )
    assert answer.json == expected


@pytest.mark.parametrize("report", REPORTS)
def test_a_wrong_token_is_told_so_and_stores_nothing(client, token, fixes, report):
    answer = REPORTS[report](client, "a" * 32)
    by_header = "Basic" in report or "bearer" in report
    assert answer.status_code == (401 if by_header else 403)
    assert ("WWW-Authenticate" in answer.headers) == by_header
    assert answer.json["code"] == "device_token_wrong"
    assert fixes() == []


def test_what_else_owntracks_tells_is_acknowledged(client, token, fixes):
    address = f"/positions/owntracks/{token}"
    for body in (b"", json.dumps({"_type": "transition", "lat": 1, "lon": 1, "tst": 1}).encode(), b"[]"):
        answer = client.post(address, data=body, content_type="application/json")
        assert (answer.status_code, answer.json) == (200, [])
    assert client.post(address, json={"_type": "encrypted", "data": "x"}).status_code == 400
    assert fixes() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("lat", "north"), ("lat", "91"), ("lon", "NaN"), ("timestamp", "yesterday"), ("speed", "1e999"), ("accuracy", "<b>")],
)  # fmt: skip
def test_a_bad_number_is_named_and_costs_nothing_stored(client, token, fixes, field, value):
    address = f"/positions/osmand/{token}"
    client.get(address, query_string=OSMAND)
    answer = client.get(address, query_string={**OSMAND, "timestamp": SECONDS + 5, field: value})
    assert answer.status_code == 400
    assert field in answer.json["detail"]
    assert value in answer.json["detail"]
    assert fixes() == [EXPECTED]


def test_one_bad_position_refuses_its_body_and_is_counted_out(client, token, fixes):
    locations = [TRACCAR["location"], {**TRACCAR["location"], "coords": {"latitude": 22, "longitude": "x"}}]
    answer = client.post(f"/positions/osmand/{token}", json={"location": locations})
    assert answer.status_code == 400
    assert "2" in answer.json["detail"]
    assert "longitude" in answer.json["detail"]
    assert fixes() == []


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"[" * 200_000, b"7", b'"x"', b"[1]", b"null", b'{"location": 3}']
)
@pytest.mark.parametrize("door", ["osmand", "owntracks", "gpslogger"])
def test_what_is_no_report_is_refused(client, token, fixes, door, body):
    answer = client.post(f"/positions/{door}/{token}", data=body, content_type="application/json")
    assert answer.status_code == 400, answer.text
    assert fixes() == []


def test_too_many_are_refused_whole_and_a_full_body_is_taken(client, token, fixes):
    client.get(f"/positions/osmand/{token}", query_string=OSMAND)
    many = [{**OWNTRACKS, "tst": SECONDS - 10_000 + index} for index in range(10_000)]
    address = f"/positions/owntracks/{token}"
    for body, most in (
        (json.dumps(many[: MOST_POSITIONS + 1]), str(MOST_POSITIONS)),
        (json.dumps(many), "1048576"),
        (json.dumps([1] * 10_000), str(MOST_POSITIONS)),
    ):
        answer = client.post(address, data=body, content_type="application/json")
        assert answer.status_code == 413
        assert most in answer.json["detail"]
        assert fixes() == [EXPECTED]
    assert client.post(address, json=many[-MOST_POSITIONS:]).status_code == 200
    assert len(fixes()) == MOST_POSITIONS + 1


def test_a_body_without_a_length_is_cut_off_and_told_so(client, token):
    answer = client.post(
        f"/positions/owntracks/{token}",
        input_stream=BytesIO(b" " * 2_000_000),
        environ_overrides={"wsgi.input_terminated": True},
        content_type="application/json",
    )
    assert answer.status_code == 413
    assert "1048576" in answer.json["detail"]


def test_a_clock_far_ahead_is_answered_and_kept_apart(client, token, fixes, database):
    answer = client.get(
        f"/positions/osmand/{token}", query_string={**OSMAND, "timestamp": SECONDS + 86_400 * 900}
    )
    assert (answer.status_code, answer.json["quarantined"]) == (200, 1)
    assert fixes() == []
    with transaction(database) as session:
        row = next(row for row in devices.list_devices(session) if row.code == "live phone")
        assert row.kept_apart == 1


def test_a_device_that_is_switched_off_is_told_so(client, token, fixes, database):
    with transaction(database) as session:
        row = devices.find_device(session, code="live phone")
        devices.give_device(session, row.id, Owner(), active=False, by=None)
    answer = client.get(f"/positions/osmand/{token}", query_string=OSMAND)
    assert (answer.status_code, answer.json["code"]) == (403, "device_inactive")
    assert fixes() == []


def test_wrong_tokens_are_counted_and_a_right_one_passes_all_the_same(web_settings, city, token, clock):
    from dataclasses import replace

    from geoservice.app import create_app

    strict = create_app(replace(web_settings, login_rate="3 per minute"), clock=clock, TESTING=True)
    client = strict.test_client()
    home = {"environ_base": {"REMOTE_ADDR": "192.0.2.77"}}
    answers = [
        client.get("/positions/osmand/wrong", query_string=OSMAND, **home).status_code for _ in range(5)
    ]
    assert answers[-1] == 429
    assert client.get(f"/positions/osmand/{token}", query_string=OSMAND, **home).status_code == 200


GPX = """<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>{name}</name><trkseg>{points}</trkseg></trk></gpx>"""
POINT = '<trkpt lat="{lat}" lon="114.0502"><time>{time}</time></trkpt>'


def gpx(*times: str, name: str = "walk") -> bytes:
    points = "".join(POINT.format(lat=22.53 + index / 1e4, time=time) for index, time in enumerate(times))
    return GPX.format(name=name, points=points).encode()


def bring(client, content: bytes, name: str = "walk.gpx"):
    data = {"csrf_token": csrf(client, "/field/tracks/"), "file": (BytesIO(content), name)}
    return client.post("/field/tracks/", data=data, follow_redirects=True)


def test_a_member_brings_his_own_track_and_twice_does_no_harm(as_user, database):
    client = as_user("member")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/field/tracks/")})
    content = gpx("2026-03-18T01:00:00Z", "2026-03-18T01:00:20Z", "2036-01-01T00:00:00Z")
    assert "2 positions are new, 0 were known, 1 lie in the future" in bring(client, content).text
    again = bring(client, content, "CON<b>.GPX").text
    assert "0 positions are new, 2 were known, 1 lie in the future" in again
    with transaction(database) as session:
        found = session.execute(
            text(
                "SELECT d.code, t.source, t.fix_count FROM track t JOIN device d ON d.id = t.device_id WHERE t.source = 'walk.gpx'"
            )
        ).all()
        assert [row.fix_count for row in found] == [2]
        ours = {"code": found[0].code}
        session.execute(
            text("DELETE FROM fix WHERE track_id IN (SELECT id FROM track WHERE source = 'walk.gpx')")
        )
        session.execute(text("DELETE FROM track WHERE source = 'walk.gpx'"))
        session.execute(text("DELETE FROM quarantined_fix"))
        session.execute(
            text(
                "DELETE FROM device_day WHERE day = '2026-03-18' AND device_id = (SELECT id FROM device WHERE code = :code)"
            ),
            ours,
        )


BOMB = b'<!DOCTYPE g [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><gpx>&b;</gpx>'


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"", "a.gpx"), (b"no xml", "a.gpx"), (BOMB, "a.gpx"), (gpx(), "a.gpx"), (gpx("never"), "a.gpx"), (b"<kml/>", "a.gpx"),
     (gpx("2026-03-18T01:00:00Z"), "a.vrt"), (gpx("2026-03-18T01:00:00Z"), "")],
)  # fmt: skip
def test_what_is_no_track_is_said_beside_the_form(as_user, database, content, name):
    client = as_user("member")
    answer = bring(client, content, name)
    assert answer.status_code in {400, 422}
    assert 'role="alert"' in answer.text
    with transaction(database) as session:
        assert session.scalar(text("SELECT count(*) FROM track WHERE source IN ('a.gpx', 'a.vrt')")) == 0
