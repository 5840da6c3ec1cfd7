"""A patrol on its members' phones, its papers, and the calendars that subscribe to a team."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape
from uuid import uuid4

import icalendar
import pytest
from sqlalchemy import text

from geoservice.app import create_app
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from scripts.house.gunicorn_settings import without_secrets
from tests.way_kit import MARKET, PLACE, STREET_NAME, kept_round
from tests.web.conftest import NOON, csrf


@pytest.fixture
def database(web_settings, city):
    def run(sql: str, **values):
        with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
            found = session.execute(text(sql), values)
            return found.all() if found.returns_rows else []

    return run


@pytest.fixture
def round_(web_settings, city):
    yield from kept_round(web_settings, NOON)


@pytest.fixture
def walker(as_user, round_):
    client = as_user("walker")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def _post(client, address: str, **form):
    return client.post(address, data={"csrf_token": csrf(client, "/account/password"), **form})


# ---- who sees what ----


def test_only_the_team_sees_a_patrol_at_any_of_its_addresses(app, as_user, walker, round_):
    stranger = as_user("stranger")
    addresses = ("", "/streets.json", "/stops/1", "/sheet", "/round.gpx", "/round.geojson", "/round.kml")
    for end in addresses:
        assert walker.get(f"/field/patrols/{round_.patrol}{end}").status_code == 200, end
        for client, patrol in ((stranger, round_.patrol), (walker, round_.theirs), (walker, round_.draft)):
            assert client.get(f"/field/patrols/{patrol}{end}").status_code == 404, end
    for end in ("/start", "/finish", "/continue", "/stops/3"):
        answer = _post(stranger, f"/field/patrols/{round_.patrol}{end}", has_findings="no")
        assert answer.status_code == 404, end


def test_the_list_leads_to_the_patrols_of_today(walker, round_):
    page = walker.get("/field/").text
    for patrol in (round_.patrol, round_.cancelled, round_.coming):
        assert f'href="/field/patrols/{patrol}"' in page
    for patrol in (round_.draft, round_.theirs, round_.old):
        assert f'href="/field/patrols/{patrol}"' not in page
    assert page.index(f"/field/patrols/{round_.patrol}") < page.index(f"/field/patrols/{round_.coming}")


def test_the_page_tells_the_next_stop_with_its_time_and_where_it_is(walker, round_):
    page = walker.get(f"/field/patrols/{round_.patrol}").text
    head = page[page.index("Next stop") : page.index("way-map")]
    assert "08:30" in head
    assert 'href="geo:22.532100,114.053200?q=22.532100,114.053200(' in head
    assert "<b>" not in head
    drawn = json.loads(unescape(re.search(r'data-way="([^"]*)"', page)[1]))
    assert [stop["name"] for stop in drawn["stops"]] == [f"{MARKET}1", STREET_NAME, PLACE, f"{MARKET}2"]
    assert drawn["line"][0] == [22.5311, 114.0512]
    assert "{{" not in page
    streets = walker.get(f"/field/patrols/{round_.patrol}/streets.json")
    assert [22_534_100, 114_051_200, 0, 4_000] in streets.json
    assert STREET_NAME not in streets.get_data(as_text=True)


# ---- start, check in, finish ----


def test_a_patrol_is_walked_from_start_to_finish(walker, round_, clock, database):
    home = f"/field/patrols/{round_.patrol}"
    assert _post(walker, f"{home}/start").location == home
    clock.now += timedelta(minutes=5)
    assert "4 stops are still open" in walker.get(home).text
    sent = {
        "has_findings": "yes",
        "note": "积水 <i>",
        "client_uuid": str(uuid4()),
        "lon": "114.0532",
        "lat": "22.5321",
    }
    for _ in range(2):
        assert _post(walker, f"{home}/stops/1", **sent).location == home
    assert _post(walker, f"{home}/stops/2", has_findings="no", client_uuid=str(uuid4())).location == home
    skipped = {"skip": "1", "reason": "closed", "note": "", "client_uuid": str(uuid4())}
    for _ in range(2):
        assert _post(walker, f"{home}/stops/3", **skipped).location == home
    page = walker.get(home).text
    assert "2 of 4 done" in page
    assert "1 skipped" in page
    assert "积水 &lt;i&gt;" in page
    assert "It is closed" in page
    assert page[page.index("Next stop") :].index(f">{4}<") > 0
    ((point, member, findings, at, away),) = database(
        "SELECT point_id, member_id, has_findings, at, distance_m FROM check_in"
    )
    assert (point, member, findings, at) == (
        round_.crew.point_ids[0],
        round_.crew.member_ids[0],
        True,
        clock.now,
    )
    assert away < 50
    assert database("SELECT position, outcome, reason FROM stop_report ORDER BY position") == [
        (2, "done", None),
        (3, "skipped", "closed"),
    ]
    assert _post(walker, f"{home}/finish").location == home
    ((status, started, finished),) = database(
        "SELECT status, started_at, finished_at FROM patrol WHERE id = :id", id=round_.patrol
    )
    assert (status, started, finished) == ("done", NOON, clock.now)
    assert "Go on with the patrol" in walker.get(home).text


def test_another_answer_under_an_old_name_is_not_swallowed(walker, round_, database):
    address = f"/field/patrols/{round_.patrol}/stops/3"
    sent = {"has_findings": "no", "note": "", "client_uuid": str(uuid4())}
    assert _post(walker, address, **sent).status_code == 302
    refused = _post(walker, address, **{**sent, "has_findings": "yes", "note": "a hole in the road"})
    assert refused.status_code == 409
    assert "a hole in the road" in refused.text
    fresh = re.search(r'name="client_uuid" value="([^"]+)"', refused.text)[1]
    assert fresh != sent["client_uuid"]
    again = {"has_findings": "yes", "note": "a hole in the road", "client_uuid": fresh}
    assert _post(walker, address, **again).status_code == 302
    assert database("SELECT count(*) FROM stop_report") == [(2,)]


def test_the_same_report_sent_at_once_many_times_is_stored_once(app, walker, round_, database):
    """A phone with a bad network sends again before it has heard anything."""
    name, token = str(uuid4()), csrf(walker, "/account/password")
    cookie = walker.get_cookie("geoservice")

    def send(position: int) -> int:
        client = app.test_client()
        client.set_cookie("geoservice", cookie.value)
        form = {"has_findings": "yes", "note": "积水", "client_uuid": name, "csrf_token": token}
        return client.post(f"/field/patrols/{round_.patrol}/stops/{position}", data=form).status_code

    for position, table in ((1, "check_in"), (3, "stop_report")):
        with ThreadPoolExecutor(6) as senders:
            assert set(senders.map(send, [position] * 12)) == {302}
        assert database(f"SELECT count(*) FROM {table}") == [(1,)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"has_findings": ""}, "Say how it is here"),
        ({"lon": "x", "lat": "1"}, "no place on Earth"),
        ({"note": "x" * 501}, "500"),
        ({"skip": "1"}, "Say why the stop is skipped"),
        ({"skip": "1", "reason": "lazy"}, "Say why the stop is skipped"),
    ],
)
def test_what_cannot_be_stored_is_said_beside_the_form(walker, round_, database, wrong, said):
    form = {"has_findings": "yes", "note": "the lamp is broken", "client_uuid": str(uuid4()), **wrong}
    for position in (1, 3):
        answer = _post(walker, f"/field/patrols/{round_.patrol}/stops/{position}", **form)
        if position == 1 and "reason" not in wrong and "skip" not in wrong:
            assert form["client_uuid"] in answer.text
        assert answer.status_code == 400
        assert said in answer.text
        assert form["note"] in answer.text
    assert database("SELECT count(*) FROM check_in") == database("SELECT count(*) FROM stop_report") == [(0,)]


def test_tomorrows_patrol_and_a_cancelled_one_say_why_they_do_not_start(walker, round_):
    assert _post(walker, f"/field/patrols/{round_.coming}/start").status_code == 409
    page = walker.get(f"/field/patrols/{round_.cancelled}")
    assert "was cancelled" in page.text
    assert "Start the patrol" not in page.text
    answer = _post(walker, f"/field/patrols/{round_.cancelled}/stops/1", has_findings="no", note="kept")
    assert (answer.status_code, "was cancelled" in answer.text) == (409, True)


def test_a_patrol_without_stops_has_a_page_and_a_sheet(as_user, database):
    ((patrol,),) = database("SELECT p.id FROM patrol p JOIN team t ON t.id = p.team_id WHERE t.code = 'T1'")
    client = as_user("member")
    for end in ("", "/sheet", "/round.gpx", "/round.kml", "/round.geojson", "/streets.json"):
        assert client.get(f"/field/patrols/{patrol}{end}").status_code == 200, end


# ---- papers ----


def test_the_sheet_has_every_stop_a_drawn_map_and_asks_nobody_outside(walker, round_):
    page = walker.get(f"/field/patrols/{round_.patrol}/sheet").text
    table = page[page.index("<table") : page.index("</table>")]
    assert table.count('class="tick"') == 4
    assert re.findall(r"(\d\d:\d\d)–", table) == ["08:30", "09:00", "09:30", "10:00"]
    assert table.index(STREET_NAME) < table.index("后巷盲点")
    assert page.count('class="paper-number"') == 4
    assert 'class="paper-street"' in page
    assert not re.search(r"(src|href)=\"(https?:)?//", page)
    straight = walker.get(f"/field/patrols/{round_.whole_day}/sheet").text
    assert "drawn straight" in straight


def test_a_round_is_sent_under_its_name(walker, round_):
    for ending, kind in (
        ("gpx", "application/gpx+xml"),
        ("kml", "vnd.google-earth"),
        ("geojson", "geo+json"),
    ):
        answer = walker.get(f"/field/patrols/{round_.patrol}/round.{ending}")
        assert kind in answer.content_type
        assert f"patrol_20260318_{round_.patrol}.{ending}" in answer.headers["Content-Disposition"]
        assert PLACE in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"
    refused = walker.get(f"/field/patrols/{round_.patrol}/round.exe")
    assert refused.status_code == 400


# ---- calendars ----


@pytest.fixture
def dispatcher(as_user):
    client = as_user("dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def _make_link(client, team: str = "WA", name: str = "队长的手机") -> str:
    page = _post(client, "/dispatch/feeds/", team=team, name=name)
    assert page.status_code == 200
    return re.search(r"(/feeds/[\w-]{43}\.ics)", page.text)[1]


def _events(client, link: str) -> dict:
    answer = client.get(link)
    assert answer.status_code == 200
    return {event["UID"]: event for event in icalendar.Calendar.from_ical(answer.data).events}


def test_a_feed_holds_the_teams_published_patrols_and_nothing_else(app, dispatcher, round_, database):
    link = _make_link(dispatcher)
    answer = app.test_client().get(link)
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"].startswith("private")
    assert "Set-Cookie" not in answer.headers
    read = icalendar.Calendar.from_ical(answer.data)
    wanted = database("""
        SELECT r.name, p.starts_at, p.ends_at, p.on_day, p.id FROM patrol p JOIN route r ON r.id = p.route_id
        WHERE p.id = ANY(:ids) ORDER BY p.on_day
    """, ids=[round_.patrol, round_.coming, round_.whole_day])  # fmt: skip
    got = [
        (event["SUMMARY"], event["DTSTART"].dt, event.get("DTEND") and event["DTEND"].dt, event["URL"])
        for event in read.events
    ]
    assert got == [
        (name, starts or on, ends, f"http://localhost/field/patrols/{patrol}")
        for name, starts, ends, on, patrol in wanted
    ]
    today = read.events[0]
    assert today["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert b"DTSTART;TZID=Asia/Shanghai:20260318T080000" in answer.data
    assert today["DESCRIPTION"].split("\n")[2] == f"3. 09:30 {PLACE}"
    assert b"RB" not in answer.data


def test_changes_keep_the_name_of_an_event(app, dispatcher, round_, database):
    link, client = _make_link(dispatcher), app.test_client()
    before = _events(client, link)
    database("UPDATE patrol SET starts_at = starts_at + interval '1 hour' WHERE id = :id", id=round_.patrol)
    moved = _events(client, link)
    assert set(moved) == set(before)
    changed = [uid for uid in before if before[uid]["DTSTART"].dt != moved[uid]["DTSTART"].dt]
    assert len(changed) == 1
    # Withdrawn and published again it is another row, and the same event.
    database("UPDATE patrol SET status = 'draft' WHERE id = :id", id=round_.patrol)
    assert set(before) - set(_events(client, link)) == set(changed)
    database("""
        WITH gone AS (DELETE FROM patrol WHERE id = :id RETURNING *)
        INSERT INTO patrol (on_day, route_id, team_id, status) SELECT on_day, route_id, team_id, 'published' FROM gone
    """, id=round_.patrol)  # fmt: skip
    assert set(_events(client, link)) == set(before)


def test_a_revoked_or_unknown_link_answers_404_and_no_secret_is_kept(app, dispatcher, round_, database):
    link = _make_link(dispatcher)
    secret = link.removeprefix("/feeds/").removesuffix(".ics")
    ((row,),) = database(
        "SELECT calendar_feed::text FROM calendar_feed JOIN team t ON t.id = team_id WHERE t.code = 'WA'"
    )
    assert secret not in row
    assert not database(
        "SELECT 1 FROM audit_entry WHERE detail::text LIKE '%' || :secret || '%'", secret=secret
    )
    assert secret not in dispatcher.get("/dispatch/feeds/").text
    client = app.test_client()
    assert client.get(link).status_code == 200
    for wrong in (
        link.replace(secret, secret[:-1] + ("A" if secret[-1] != "A" else "B")),
        "/feeds/x.ics",
        "/feeds/队.ics",
    ):
        assert client.get(wrong).status_code == 404
    ((feed_id,),) = database("SELECT max(id) FROM calendar_feed")
    assert _post(dispatcher, f"/dispatch/feeds/{feed_id}/revoke").status_code == 302
    assert client.get(link).status_code == 404
    assert _post(dispatcher, f"/dispatch/feeds/{feed_id}/revoke").status_code == 404
    assert "Revoked" in dispatcher.get("/dispatch/feeds/").text


def test_guesses_are_limited_and_a_right_link_passes_all_the_same(web_settings, dispatcher, round_, clock):
    link = _make_link(dispatcher)
    app = create_app(replace(web_settings, login_rate="3 per minute"), clock=clock, TESTING=True)
    client = app.test_client()
    remote = {"REMOTE_ADDR": f"10.9.{uuid4().int % 250}.{uuid4().int % 250}"}
    answers = [client.get(f"/feeds/{n}.ics", environ_base=remote).status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]
    assert client.get(link, environ_base=remote).status_code == 200


def test_no_log_of_the_web_keeps_a_secret():
    for secret, line in (
        ("Xy_-9", "GET /feeds/Xy_-9.ics HTTP/1.1"),
        ("Xy_-9", "GET http://city/feeds/Xy_-9.ics?x=1 HTTP/1.1"),
        ("Xy_-9", "POST /positions/osmand/Xy_-9?lat=1&lon=2 HTTP/1.1"),
        ("Xy_-9", "GET /positions/osmand?id=Xy_-9&lat=1 HTTP/1.1"),
    ):
        kept = without_secrets(line)
        assert secret not in kept
        assert kept.endswith("*** HTTP/1.1")
    assert without_secrets("GET /dispatch/feeds/ HTTP/1.1") == "GET /dispatch/feeds/ HTTP/1.1"
    assert without_secrets("GET /field/patrols/3?a=b HTTP/1.1") == "GET /field/patrols/3?a=b HTTP/1.1"


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"team": "WA", "name": " "}, 400, "1 to 100"),
        ({"team": "WA", "name": "x" * 101}, 400, "1 to 100"),
        ({"team": "nobody", "name": "mine"}, 404, "There is no team nobody"),
    ],
)
def test_what_is_wrong_with_a_link_is_said_in_place(dispatcher, round_, form, status, said):
    page = _post(dispatcher, "/dispatch/feeds/", **form)
    assert (page.status_code, said in page.text) == (status, True)


def test_who_sees_only_a_part_of_the_city_gives_no_calendar_away(as_user):
    assert as_user("part").get("/dispatch/feeds/").status_code == 403


def test_a_member_without_a_person_has_no_patrol(as_user, database, round_):
    client = as_user("stranger")
    database("UPDATE app_user SET member_id = NULL WHERE login = 'stranger'")
    assert client.get(f"/field/patrols/{round_.patrol}").status_code == 404
    assert _post(client, f"/field/patrols/{round_.patrol}/stops/1", has_findings="no").status_code == 404
