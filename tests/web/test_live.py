"""The dispatcher sees who is out, who should be and is not, and gives devices their tokens."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import text

from geoservice.domain.positions import Position
from geoservice.services import devices
from geoservice.services.devices import Owner
from geoservice.services.live import FRESH, look
from geoservice.services.positions import receive_positions
from geoservice.store.base import make_engine, transaction
from geoservice.store.patrols import Patrol, Route
from geoservice.store.people import Team
from tests.factories import SCRIPT_NAME
from tests.web.conftest import NOON, csrf

PAGE = "/dispatch/live/"
DEVICES = "/dispatch/live/devices"


@pytest.fixture
def database(web_settings, city):
    engine = make_engine(web_settings.database_url)
    yield engine
    with transaction(engine) as session:
        mine = "device_id IN (SELECT id FROM device WHERE code LIKE 'live %')"
        for table in ("fix", "quarantined_fix", "arrival", "track"):
            session.execute(text(f"DELETE FROM {table} WHERE {mine}"))
        session.execute(text("DELETE FROM device WHERE code LIKE 'live %'"))
        session.execute(
            text("DELETE FROM patrol WHERE route_id IN (SELECT id FROM route WHERE code LIKE 'live %')")
        )
        session.execute(text("DELETE FROM route WHERE code LIKE 'live %'"))
        session.execute(text("DELETE FROM team WHERE code LIKE 'live %'"))


def add_team(session, settings, name, *, hours=(9, 17), heard=None, status="published"):
    """A team with a patrol between local hours of today (None: none) and a phone heard of so long before noon."""
    code = f"live {name}"
    team = Team(code=code, name=name)
    session.add(team)
    session.flush()
    if hours:
        route = Route(code=code, name=name)
        session.add(route)
        session.flush()
        start = NOON - timedelta(hours=12)
        session.add(
            Patrol(
                on_day=NOON.date(), route_id=route.id, team_id=team.id, status=status,
                starts_at=start + timedelta(hours=hours[0]), ends_at=start + timedelta(hours=hours[1]),
            )
        )  # fmt: skip
    row = devices.add_device(session, code, Owner(team=code), by=None)
    if heard is not None:
        token = devices.make_token(session, row.id, now=NOON, by=None)
        at = Position(int((NOON - heard).timestamp() * 1e6), 114.0521, 22.5321)
        receive_positions(session, settings, token, [at], source="osmand", now=NOON)


CASES = {
    "missing": {},
    "missing since before": {"heard": timedelta(hours=5)},
    "silent": {"heard": FRESH + timedelta(seconds=1)},
    "out": {"heard": FRESH},
    "later": {"hours": (13, 17)},
    "later but out": {"hours": (13, 17), "heard": timedelta(0)},
    "over": {"hours": (8, 11), "heard": timedelta(hours=1)},
    "over but out": {"hours": (8, 11), "heard": timedelta(minutes=1)},
    "over as it is done": {"status": "done"},
    "no draft": {"status": "draft"},
    "unplanned": {"hours": None, "heard": timedelta(minutes=1)},
    "no patrol, silent": {"hours": None, "heard": timedelta(hours=1)},
}


def test_who_should_be_out_and_is_not_comes_first(database, web_settings):
    with transaction(database) as session:
        for name, case in CASES.items():
            add_team(session, web_settings, name, **case)
        view = look(session, web_settings, now=NOON)
    states = {team.name: team.state for team in view.teams if team.code.startswith("live ")}
    assert states == {
        "missing": "missing", "missing since before": "missing", "silent": "silent", "out": "out", "later": "later",
        "later but out": "unplanned", "over": "over", "over but out": "unplanned", "over as it is done": "over",
        "unplanned": "unplanned",
    }  # fmt: skip
    order = [team.state for team in view.teams]
    assert order[:2] == ["missing", "missing"]
    assert [row.last_at for row in view.devices if row.last_at] == sorted(
        (row.last_at for row in view.devices if row.last_at), reverse=True
    )


def test_the_page_and_what_it_asks_for_again_say_the_same(as_user, database, web_settings):
    with transaction(database) as session:
        add_team(session, web_settings, "silent", heard=timedelta(minutes=20))
        add_team(session, web_settings, SCRIPT_NAME, heard=timedelta(minutes=1))
    client = as_user("dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, PAGE)})
    page, again = client.get(PAGE).text, client.get(f"{PAGE}now").text
    for shown in (page, again):
        assert "20 minutes ago" in shown
        assert "not heard of" in shown
        assert SCRIPT_NAME not in shown
        shapes = json.loads(unescape(re.search(r'data-shapes="([^"]*)"', shown)[1]))
        assert {"live silent", f"live {SCRIPT_NAME}"} <= set(shapes["titles"])
        assert [22532100, 114052100] in shapes["places"]
    assert "<html" not in again
    drawn = client.get(f"{PAGE}map")
    assert drawn.status_code == 200
    assert "live silent" in drawn.text
    assert SCRIPT_NAME not in drawn.text


def test_asking_again_and_again_is_no_sign_of_life(as_user, clock, web_settings):
    client = as_user("dispatcher")
    for _ in range(4):
        clock.now += timedelta(minutes=web_settings.session_idle_minutes / 3)
        last = client.get(f"{PAGE}now").status_code
    assert last in {302, 401}


def test_a_token_is_shown_once_with_what_to_type_and_works(as_user, app, database):
    client = as_user("dispatcher")
    form = {"code": "live van <7>", "team": "", "member": "", "csrf_token": csrf(client, DEVICES)}
    made = client.post(DEVICES, data=form)
    assert made.status_code == 200
    token = re.search(r'<code class="user-text">([a-z2-7]{32})</code>', made.text)[1]
    assert "live van <7>" not in made.text
    for address in re.findall(r"<code class=\"user-text\">(http[^<]+)</code>", made.text):
        assert address.startswith("http://localhost/positions/")
    osmand = unescape(re.search(r"(http[^<]+osmand\?id=[^<]+)</code>", made.text)[1])
    seconds = int(NOON.timestamp()) * 1000
    sent = osmand.format(22.53, 114.05, seconds, 5.0, 30.0, 1.5, 90.0)
    assert app.test_client().get(sent).json["new"] == 1
    gpslogger = unescape(re.search(r"(http[^<]+gpslogger[^<]+)</code>", made.text)[1])
    for name, value in {"%LAT": 22.53, "%LON": 114.05, "%TIME": "2026-03-18T03:00:00.000Z", "%SPD": 1, "%DIR": 2,
                        "%ACC": 3, "%ALT": 4, "%BATT": 5}.items():  # fmt: skip
        gpslogger = gpslogger.replace(name, str(value))
    assert app.test_client().get(gpslogger).json["new"] == 1
    assert token not in client.get(DEVICES).text
    with transaction(database) as session:
        row = devices.find_device(session, code="live van <7>")
        device_id = row.id
    again = client.post(f"{DEVICES}/{device_id}/token", data={"csrf_token": form["csrf_token"]})
    assert re.search(r'<code class="user-text">([a-z2-7]{32})</code>', again.text)[1] != token
    assert app.test_client().get(sent).status_code == 403
    assert (
        client.post(f"{DEVICES}/{device_id}/revoke", data={"csrf_token": form["csrf_token"]}).status_code
        == 302
    )
    assert (
        client.post(f"{DEVICES}/{device_id}/revoke", data={"csrf_token": form["csrf_token"]}).status_code
        == 404
    )


def test_a_device_is_given_to_a_team_and_switched_off(as_user, database, web_settings):
    with transaction(database) as session:
        add_team(session, web_settings, "one", hours=None)
        device_id = devices.add_device(session, "live phone", Owner(), by=None).id
    client = as_user("dispatcher")
    address, token = f"{DEVICES}/{device_id}/owner", csrf(client, DEVICES)
    given = client.post(address, data={"team": "live one", "member": "", "csrf_token": token})
    assert given.status_code == 302
    wrong = client.post(address, data={"team": "none", "active": "yes", "csrf_token": token})
    assert wrong.status_code == 404
    with transaction(database) as session:
        row = next(row for row in devices.list_devices(session) if row.code == "live phone")
        assert (row.team_code, row.own_team_code, row.active) == ("live one", "live one", False)


def test_what_was_kept_apart_is_counted_and_listed(as_user, database, web_settings):
    with transaction(database) as session:
        row = devices.add_device(session, "live clock", Owner(), by=None)
        token = devices.make_token(session, row.id, now=NOON, by=None)
        ahead = Position(int((NOON + timedelta(days=400)).timestamp() * 1e6), 114.123456, 22.5)
        receive_positions(session, web_settings, token, [ahead], source="osmand", now=NOON)
        device_id = row.id
    client = as_user("dispatcher")
    assert f"{DEVICES}/{device_id}/apart" in client.get(DEVICES, query_string={"q": "CLOCK"}).text
    assert "114.123456" in client.get(f"{DEVICES}/{device_id}/apart").text
    assert "live clock" not in client.get(DEVICES, query_string={"q": "nothing like it"}).text
