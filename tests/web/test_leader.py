"""The leader's page beside its map: finding, growth, two windows, and asking for patrols up to the dispatcher's answer."""

from __future__ import annotations

import html
import io
import json
import re
from base64 import b64encode
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.factories import CELL_LAT, CELL_LON, MINE, SOUTH, WEST
from tests.web.conftest import csrf

SCRIPTS = "<script>window.hacked=4</script>${1}`{{7*7}}"
UNSEEN = {"kind": "gap", "lon": f"{WEST + 3.5 * CELL_LON:.6f}", "lat": f"{SOUTH + 2.5 * CELL_LAT:.6f}"}
THEIRS = {"kind": "gap", "lon": f"{WEST + 6.5 * CELL_LON:.6f}", "lat": f"{SOUTH + 2.5 * CELL_LAT:.6f}"}


@pytest.fixture
def leader(as_user):
    return english(as_user("leader"))


@pytest.fixture
def desk(as_user):
    return english(as_user("dispatcher"))


def english(client):
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


@pytest.fixture(autouse=True)
def _no_requests(web_settings, city):
    yield
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(text("DELETE FROM patrol_request"))
        session.execute(text("DELETE FROM wanted_stop"))


def post(client, address, page, **form):
    return client.post(address, data={**form, "csrf_token": csrf(client, page)})


def words(page: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", page).split()))


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("gysc", f"{MINE}市场"),
        ("p0", f"{MINE}市场"),
        (f"{MINE}路", f"{MINE}路"),
        ("440399001003", f"{MINE}03网格"),
    ],
)
def test_what_lies_on_the_map_is_found_by_name_initials_or_code(leader, wanted, first):
    found = leader.get("/leader/find", query_string={"q": wanted}).text
    assert first in found
    assert re.search(r'data-fly-to="(point|street|zone):[^"]+"', found)


def test_what_is_found_is_on_the_map_and_nobody_elses(leader):
    area = leader.get("/leader/map").text
    for wanted in ("c", "4", "CANARY", "翠竹"):
        found = leader.get("/leader/find", query_string={"q": wanted}).text
        assert "CANARY" not in found.replace("q=CANARY", "")
        for kind, key in re.findall(r'data-fly-to="(\w+):([^"]+)"', found):
            assert key in area, kind


def test_the_code_that_the_map_is_handed_is_what_its_policy_names(leader):
    answer = leader.get("/leader/map")
    policy = answer.headers["Content-Security-Policy"]
    files = json.loads(html.unescape(re.search(r'<meta name="map-code" content="([^"]+)"', answer.text)[1]))
    assert [file.rpartition("/")[2] for file in files] == ["map-libraries.js", "map.js", "map.css"]
    assert not re.search(r"<(script|link)[^>]+(src|href)=", answer.text), (
        "the frame fetches nothing by itself"
    )
    texts = [leader.get(file, buffered=True).text for file in files]
    texts += re.findall(r"<script(?: type=\"text/plain\"[^>]*)?>(.*?)</script>", answer.text, re.DOTALL)
    assert len(texts) == 5
    for text_of_file in texts:
        assert b64encode(sha256(text_of_file.encode()).digest()).decode() in policy
    assert "unsafe" not in policy
    assert "sandbox allow-scripts" in policy
    assert files[0] in leader.get("/leader/").text, "it is on its way before the frame asks"


def test_the_slider_ends_with_the_rate_of_the_page(leader):
    piece, page = leader.get("/leader/growth?days=7").text, leader.get("/leader/?days=7").text
    days = re.findall(r'data-growth-row="\d+"><th scope="row">([^<]+)</th><td class="num">([^<]+)<', piece)
    assert [day for day, _ in days] == [f"2026-03-{day}" for day in range(12, 19)]
    assert [rate for _, rate in days[:5]] == ["No data"] * 5
    assert re.search(r"<strong>([^<]+)</strong>", page)[1] == days[-1][1]
    rates = re.findall(r'data-growth-rates="([^"]+)"', piece)
    assert len(rates) == 16, "the zones and none other"
    assert {len(each.split(";")) for each in rates} == {7}
    with Image.open(io.BytesIO(leader.get("/leader/growth.png?days=7").data)) as image:
        assert set(np.unique(image).tolist()) - {255} == {5, 7}


def test_two_windows_are_compared_zone_by_zone(leader, desk):
    page = leader.get("/compare/?from=2026-03-17&to=2026-03-18&from2=2026-03-09&to2=2026-03-10").text
    assert "CANARY" not in page
    rows = re.findall(
        r'data-fly-to="zone:\d+".*?>([^<]+)</button>.*?data-way="(\w+)">\s*([^<]+)<', page, re.DOTALL
    )
    said = {name: (way, " ".join(more.split())) for name, way, more in rows}
    assert said[f"{MINE}01网格"] == ("up", "▲ 100% more")
    assert said[f"{MINE}04网格"] == ("down", "▼ 100% less")
    assert said[f"{MINE}08网格"] == ("same", "＝ the same")
    assert [way for _, way, _ in rows] == sorted(
        (way for _, way, _ in rows), key=["down", "same", "up"].index
    )
    assert page.count("data-follows") == 2
    earlier = leader.get("/compare/?days=3").text
    assert "/leader/map?from=2026-03-13&amp;to=2026-03-15" in earlier
    assert "not comparable" in earlier, "nothing is known of the days before"
    city_page = desk.get("/compare/?level=street&days=7").text
    assert "/compare/map?level=street&amp;from=2026-03-12" in city_page
    assert "CANARY" in desk.get("/compare/map?level=street&days=7").text
    assert "CANARY" in city_page


def test_a_request_goes_from_the_leader_to_the_plan_and_back(leader, desk):
    piece = leader.post(
        "/leader/ask?days=7", headers={"HX-Request": "true"},
        data={**UNSEEN, "note": SCRIPTS, "csrf_token": csrf(leader, "/account/password")},
    )  # fmt: skip
    assert piece.status_code == 200
    assert SCRIPTS not in piece.text
    assert SCRIPTS in html.unescape(piece.text)
    again = post(leader, "/leader/ask?days=7", "/account/password", **UNSEEN)
    assert again.location == "/leader/?days=7#asked"
    waiting = desk.get("/dispatch/requests/waiting").text
    assert waiting.count("/plan") == 1
    assert SCRIPTS not in waiting
    (request_id,) = re.findall(r"/dispatch/requests/(\d+)/plan", waiting)
    for _ in range(2):
        planned = post(desk, f"/dispatch/requests/{request_id}/plan", "/account/password")
        assert planned.location == "/dispatch/plans/new"
    assert "request" not in desk.get("/dispatch/requests/waiting").text
    assert "Wanted" in words(desk.get("/dispatch/plans/due?include=wanted&most=100").text)
    assert "Will be in the next plan" in words(leader.get("/leader/").text)
    assert "put it into the next plan" in words(desk.get("/dispatch/requests/").text)


def test_a_refusal_reaches_the_leader_with_its_reason(leader, desk, as_user, city, web_settings):
    with transaction(make_engine(web_settings.database_url)) as session:
        point_id = session.scalar(text("SELECT id FROM point WHERE code = 'P0'"))
    assert (
        post(leader, "/leader/ask", "/account/password", kind="point", point_id=point_id).status_code == 302
    )
    (request_id,) = re.findall(r"/dispatch/requests/(\d+)/plan", desk.get("/dispatch/requests/").text)
    address = f"/dispatch/requests/{request_id}/decline"
    assert post(desk, address, "/account/password", reason=" ").status_code == 400
    part = as_user("part")
    assert post(part, address, "/account/password", reason="x").status_code == 404, "not of his part"
    assert MINE not in part.get("/dispatch/requests/").text
    assert post(desk, address, "/account/password", reason="封路").status_code == 302
    assert post(desk, address, "/account/password", reason="封路").status_code == 409
    other = as_user("other")
    for told in ("/leader/", "/today/"):
        news = re.search(r'id="answers".*?</section>', leader.get(told).text, re.DOTALL)[0]
        assert "Declined" in news
        assert "封路" in news
        assert "封路" not in other.get(told).text
    (until,) = re.findall(r'name="until" value="(\d+)"', news)
    for not_read in ("x", "9" * 18, "²", str(int(until) - 1)):
        assert post(leader, "/leader/answers/read", "/account/password", until=not_read).status_code == 302
        assert 'id="answers"' in leader.get("/leader/").text
    post(leader, "/leader/answers/read", "/account/password", until=until)
    page = leader.get("/leader/").text
    assert 'id="answers"' not in page
    assert "封路" in page, "in the list of what was asked for it stays"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        (THEIRS, 404), ({**UNSEEN, "lon": "nan"}, 400), ({**UNSEEN, "lon": "1e999"}, 400), ({"kind": "gap"}, 400),
        ({"kind": "point", "point_id": "99999999999"}, 400), ({"kind": "point", "point_id": "2147483647"}, 404),
        ({**UNSEEN, "note": "x" * 501}, 400),
    ],
)  # fmt: skip
def test_nothing_is_asked_for_beyond_ones_own_ground(leader, desk, form, status):
    assert post(leader, "/leader/ask?days=7", "/account/password", **form).status_code == status
    assert "/plan" not in desk.get("/dispatch/requests/waiting").text
