"""Pages on which plans are set up: what is typed is kept, what can't be is said in words beside what was typed."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.factories import SCRIPT_NAME
from tests.web.conftest import csrf

HOME = "/dispatch/setup"


@pytest.fixture
def desk(as_user):
    """A dispatcher who speaks English."""
    client = as_user("dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, f"{HOME}/teams")})
    return client


@pytest.fixture(scope="module", autouse=True)
def nothing_stays(web_settings, city):
    """Other tests share this city."""
    yield
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(text("DELETE FROM point_rule"))
        session.execute(text("DELETE FROM team WHERE code LIKE 'S_'"))


@pytest.fixture
def rows(web_settings):
    """What the database holds, asked in SQL."""

    def ask(sql: str, **values: object):
        with transaction(make_engine(web_settings.database_url)) as session:
            return session.execute(text(sql), values).all()

    return ask


def _send(client, address: str, page: str | None = None, **form: object):
    return client.post(address, data={**form, "csrf_token": csrf(client, page or address)})


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def _team(client, rows, code: str, name: str = "一队") -> str:
    made = _send(client, f"{HOME}/teams", code=code, name=name)
    assert made.status_code == 302, made.text
    ((team_id,),) = rows("SELECT id FROM team WHERE code = :code", code=code)
    assert made.location.endswith(f"/teams/{team_id}")
    return f"{HOME}/teams/{team_id}"


def test_a_team_is_added_and_set(desk, rows):
    address = _team(desk, rows, "S1", SCRIPT_NAME)
    page = desk.get(address).text
    assert "<script>window.hacked" not in page
    form = {
        "name": "巡查一队", "mode": "2", "depot": "114.0512,22.5312", "end_depot": "", "shift_from": "08:00", "shift_to": "16:00",
        "break_from": "11:30", "break_to": "12:30", "break_minutes": "45", "skills": "hazmat", "zones": "440399001",
        "active": "yes", "seen": _seen(page),
    }  # fmt: skip
    assert _send(desk, address, **form).status_code == 302
    page = desk.get(address).text
    assert 'value="114.0512,22.5312"' in page and 'value="440399001"' in page and "Saved." in page
    ((mode, zones),) = rows(
        "SELECT mode, (SELECT count(*) FROM team_zone z WHERE z.team_id = t.id) FROM team t WHERE code = 'S1'"
    )
    assert (mode, zones) == (2, 1)
    assert _send(desk, address, **{**form, "seen": _seen(page), "active": ""}).status_code == 302
    assert rows("SELECT active FROM team WHERE code = 'S1'") == [(False,)]
    frame = desk.get(f"{address}/map")
    assert frame.status_code == 200 and "setup-map.js" in frame.text
    assert "sandbox allow-scripts" in frame.headers["Content-Security-Policy"]


def test_what_cannot_be_is_said_and_what_was_typed_stays(desk, rows):
    address = _team(desk, rows, "S2")
    page = desk.get(address).text
    answer = _send(desk, address, name="一队", depot="22.5312,114.0512", seen=_seen(page))
    assert answer.status_code == 400
    said = unescape(answer.text)
    assert "22.5312,114.0512 looks swapped (Starts at)" in said and 'value="22.5312,114.0512"' in said
    assert rows("SELECT depot IS NULL FROM team WHERE code = 'S2'") == [(True,)]
    again = _send(desk, f"{HOME}/teams", code="S2", name="又一队")
    assert again.status_code == 409 and "taken already" in again.text and "又一队" in again.text


def test_of_two_dispatchers_the_second_is_told_and_loses_nothing(desk, as_user, rows):
    address = _team(desk, rows, "S3")
    seen = _seen(desk.get(address).text)
    other = as_user("admin")
    assert _send(other, address, name="被人改过", active="yes", seen=seen).status_code == 302
    answer = _send(desk, address, name="我的名字", active="yes", seen=seen)
    assert answer.status_code == 409 and "我的名字" in answer.text and "somebody else" in answer.text
    assert rows("SELECT name FROM team WHERE code = 'S3'") == [("被人改过",)]


def test_a_day_is_decided_and_given_back(desk, rows):
    page = desk.get(f"{HOME}/calendar?year=2026").text
    assert "Make-up working day" in page and "Dragon Boat Festival" in page
    address = f"{HOME}/calendar"
    assert _send(desk, address, day="2026-05-09", working="no", name=SCRIPT_NAME, do="set").status_code == 302
    page = desk.get(f"{HOME}/calendar?year=2026&day=2026-05-09").text
    assert "<script>window.hacked" not in page and 'data-sign="made-resting" data-chosen' in page
    assert rows("SELECT working FROM calendar_day") == [(False,)]
    assert _send(desk, address, day="2026-05-09", do="unset").status_code == 302
    assert _send(desk, address, day="2026-05-09", do="unset").status_code == 404
    assert rows("SELECT count(*) FROM calendar_day") == [(0,)]
    noted = "SELECT action FROM audit_entry WHERE object_kind = 'calendar_day' ORDER BY id"
    assert [action for (action,) in rows(noted)] == ["calendar_day.set", "calendar_day.unset"]


@pytest.mark.parametrize("asked", ["year=9999", "year=x", "day=never", "year=1", "day=9999-12-31"])
def test_a_year_beyond_the_calendar_is_no_fault_of_the_page(desk, asked):
    assert desk.get(f"{HOME}/calendar?{asked}").status_code == 200


def test_a_year_nobody_announced_yet_says_so(desk):
    assert "were not announced" in desk.get(f"{HOME}/calendar?year=2090").text
    assert "were not announced" not in desk.get(f"{HOME}/calendar?year=2026").text


def test_a_recurring_patrol_is_made_changed_and_taken_away(desk, rows):
    _team(desk, rows, "S4")
    form = {
        "code": "N1", "name": "夜巡", "team": "S4", "route": "", "weekdays": ["6", "7"], "days": "all",
        "starts": "19:00", "ends": "21:00", "first_on": "2026-01-01", "last_on": "",
    }  # fmt: skip
    assert _send(desk, f"{HOME}/recurring", **form).status_code == 302
    clash = _send(desk, f"{HOME}/recurring", **{**form, "code": "N2"})
    assert clash.status_code == 409 and "夜巡" in clash.text
    bare = _send(desk, f"{HOME}/recurring", **{**form, "code": "N3", "weekdays": []})
    assert bare.status_code == 400 and "no weekdays" in bare.text
    ((template_id, weekdays),) = rows("SELECT id, weekdays FROM patrol_template")
    assert weekdays == [6, 7]
    address = f"{HOME}/recurring/{template_id}"
    seen = _seen(desk.get(address).text)
    assert _send(desk, address, **{**form, "name": "周末夜巡"}, seen=seen).status_code == 302
    stale = _send(desk, address, **{**form, "name": "晚了"}, seen=seen)
    assert stale.status_code == 409
    assert "周末夜巡" in desk.get(f"{HOME}/recurring").text
    assert _send(desk, f"{address}/remove", address).status_code == 302
    assert rows("SELECT count(*) FROM patrol_template") == [(0,)]


def test_points_are_found_and_say_when_they_are_open(desk, rows):
    (point_id, code), (_, other) = rows("SELECT id, code FROM point ORDER BY code LIMIT 2")
    assert f"{HOME}/points/{point_id}" in desk.get(f"{HOME}/points?q={code}").text
    assert "No point fits" in desk.get(f"{HOME}/points?q=%25").text
    address = f"{HOME}/points/{point_id}"
    seen = _seen(desk.get(address).text)
    wrong = _send(desk, address, opening="1-5 8-12", skills="", seen=seen)
    assert wrong.status_code == 400 and "1-5 8-12" in wrong.text and "are no opening hours" in wrong.text
    assert _send(desk, address, opening="周一至周五 8:00-12:00", skills="x", seen=seen).status_code == 302
    assert "Mon–Fri 08:00–12:00" in desk.get(f"{HOME}/points").text
    assert "1-5 08:00-12:00" in desk.get(address).text
    few = _send(desk, f"{HOME}/groups", f"{HOME}/points", name="夜市", kind="apart", members=code)
    assert few.status_code == 400 and "夜市" in few.text
    both = f"{code}, {other}"
    made = _send(desk, f"{HOME}/groups", f"{HOME}/points", name="夜市", kind="apart", members=both)
    assert made.status_code == 302
    ((group_id,),) = rows("SELECT id FROM point_group")
    assert _send(desk, f"{HOME}/groups/{group_id}/remove", f"{HOME}/points").status_code == 302
    assert rows("SELECT count(*) FROM point_group_member") == [(0,)]
