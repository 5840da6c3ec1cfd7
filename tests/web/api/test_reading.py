"""Lists and items: pages, filters, tags, scopes, and who is let in."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from shapely.geometry import shape

from geoservice.app import create_app
from tests.factories import CELL_LAT, CELL_LON, MINE, PASSWORD, SOUTH, WEST
from tests.web.api.conftest import ROOT
from tests.web.conftest import NOON, csrf, log_in

CANARY = "CANARY"
LISTS = (
    "/levels", "/zones", "/point-categories", "/points", "/streets", "/exclusions", "/contract-roles", "/contracts",
    "/leaders", "/check-ins", "/coverage/zones", "/coverage/streets", "/coverage/zone-streets", "/coverage/points",
    "/gaps", "/unvisited", "/responsibility?lon=114.059&lat=22.533", "/responsibility?lon=114.051&lat=22.533",
    "/who?lon=114.059&lat=22.533", "/who?lon=114.051&lat=22.533",
)  # fmt: skip
CITY_LISTS = ("/departments", "/teams", "/members", "/devices", "/tracks", "/routes", "/patrols")


def test_pages_of_a_list_add_up_to_it(gis):
    whole = gis.get("/zones?per_page=1000").json
    assert whole["total"] == len(whole["items"]) == 35
    seen, address, pages = [], f"{ROOT}/zones?per_page=8", 0
    while address:
        answer = gis.get(address.removeprefix(ROOT))
        assert answer.headers["X-Total-Count"] == "35"
        seen += [item["code"] for item in answer.json["items"]]
        link = re.search(r'<([^>]+)>; rel="next"', answer.headers["Link"])
        address, pages = link[1] if link else None, pages + 1
    assert (seen, pages) == ([item["code"] for item in whole["items"]], 5)


def test_a_page_behind_the_end_is_empty_and_leads_back(gis):
    answer = gis.get("/zones?per_page=20&page=9")
    assert (answer.json["items"], answer.json["total"]) == ([], 35)
    assert 'page=2>; rel="last"' in answer.headers["Link"] and 'rel="next"' not in answer.headers["Link"]


def test_a_box_finds_what_touches_it(gis):
    corner = (
        f"{WEST + 0.1 * CELL_LON},{SOUTH + 0.1 * CELL_LAT},{WEST + 0.2 * CELL_LON},{SOUTH + 0.2 * CELL_LAT}"
    )
    found = gis.get(f"/zones?level=grid&bbox={corner}").json["items"]
    assert [zone["code"] for zone in found] == ["440399001001"]
    west, south, _, _ = shape(found[0]["geometry"]).bounds
    assert (west, south) == (WEST, SOUTH)


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("/points?code=P1", {"P1"}),
        ("/points?category=market&active=true", {"P0", "P1"}),
        ("/points?active=false", set()),
        ("/points?zone=440399002006", {"P1"}),
        (f"/points?q={MINE}", {"P0"}),
        ("/points?q=%25", set()),  # what LIKE would take for everything
        ("/streets?q=s0", {"S0"}),
        ("/zones?level=street", {"440399001", "440399002"}),
        ("/points?changed_since=2100-01-01T00:00:00Z", set()),
        ("/points?changed_since=2000-01-01T00:00:00Z", {"P0", "P1"}),
    ],
)
def test_filters(gis, query, codes):
    answer = gis.get(query)
    assert {item["code"] for item in answer.json["items"]} == codes, answer.text


def test_zones_of_a_day(gis):
    assert gis.get("/zones?on=1990-01-01&level=grid").json["total"] == 32
    assert gis.get("/zones?on=1899-12-31").status_code == 400


def test_what_a_client_holds_is_not_sent_again(gis, place):
    for path in ("/zones?level=street", f"/zones/{place.city.street_ids[0]}", "/openapi.json"):
        tag = gis.get(path).headers["ETag"]
        again = gis.get(path, If_None_Match=tag)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag), path
    assert not gis.get(f"/zones/{place.city.street_ids[0]}").headers["ETag"].startswith("W/")


def test_coverage_tells_numerator_and_denominator(gis):
    found = gis.get("/coverage/zones?level=street&days=1&period=").status_code
    assert found == 400
    page = gis.get("/coverage/zones?level=street&days=7").json
    assert (page["window"]["from"], page["window"]["to"], page["has_data"]) == (
        "2026-03-12",
        "2026-03-18",
        True,
    )
    for zone in page["items"]:
        assert zone["to_see_m2"] == zone["area_m2"] - zone["excluded_m2"]
        assert zone["rate"] == pytest.approx(zone["covered_m2"] / zone["to_see_m2"])
        assert zone["cells"] * 25 == pytest.approx(zone["area_m2"])
    assert [zone["rate"] > 0 for zone in page["items"]] == [True, False]


def test_who_answers_by_place_and_by_code(gis):
    by_place = gis.get(f"/responsibility?lon={WEST + CELL_LON / 2}&lat={SOUTH + CELL_LAT / 2}").json
    by_code = gis.get("/responsibility?kind=zone&code=440399001001").json
    assert by_place == by_code
    assert {(one["role"], one["via_code"]) for one in by_place["grounds"][0]["answers"]} == {
        ("leader", "440399001"),
        ("community_cadre", "440399001"),
    }
    assert gis.get("/responsibility?lon=0&lat=0").json["grounds"] == []
    assert gis.get("/responsibility?lon=0").status_code == 400
    assert gis.get("/responsibility?kind=zone&code=none").status_code == 404


def test_a_patrol_leads_to_its_route_and_its_stops(gis):
    (patrol,) = gis.get(f"/patrols?on={NOON.date()}&team=T1").json["items"]
    assert (patrol["route"], patrol["status"]) == ("R1", "published")
    route = gis.get(f"/routes/{patrol['route_id']}").json
    assert route["stops"] == len(route["places"])
    assert gis.get("/routes?code=R1").json["items"] == [
        {name: value for name, value in route.items() if name != "places"}
    ]
    assert gis.get(f"/patrols?to={NOON.date() - timedelta(days=1)}").json["total"] == 0


@pytest.mark.parametrize(("login", "theirs"), [("leader", CANARY), ("part", MINE), ("part-gis", MINE)])
def test_no_byte_of_somebody_elses_ground(place, login, theirs):
    program = place.program(login)
    for path in (*LISTS, *CITY_LISTS, "/jobs", "/imports"):
        answer = program.get(
            f"{path}{'&' if '?' in path else '?'}per_page=1000" if "lon" not in path else path
        )
        assert answer.status_code in ({403} if path in CITY_LISTS else {200, 403}), (path, answer.text)
        text = json.dumps(answer.json, ensure_ascii=False)
        found = re.findall(f".{{20}}{theirs}.{{10}}", text)
        assert not found, (path, found)
    other = place.city.street_ids[0] if theirs == MINE else place.city.street_ids[1]
    assert program.get(f"/zones/{other}").status_code == 404


def test_the_whole_city_is_full_of_what_they_do_not_see(gis):
    """So that the test above can fail at all."""
    assert CANARY in gis.get("/zones?per_page=1000").json["items"][2]["name"]
    text = "".join(json.dumps(gis.get(path).json, ensure_ascii=False) for path in LISTS)
    assert text.count(CANARY) > 50 and text.count(MINE) > 40


def test_a_member_sees_his_own_check_ins_only(place, gis):
    member = place.program("member")
    body = {"point": "P1", "has_findings": False, "note": "member's"}
    assert member.post("/check-ins", body).status_code == 201
    assert gis.post("/check-ins", {**body, "note": "somebody's"}).status_code == 201
    assert [item["note"] for item in member.get("/check-ins").json["items"]] == ["member's"]
    assert {item["note"] for item in gis.get("/check-ins?point=P1").json["items"]} == {
        "member's",
        "somebody's",
    }
    assert member.get("/points").status_code == 403
    assert member.post("/check-ins", {**body, "member": "M1"}).json["code"] == "member_speaks_for_himself"


def test_a_token_opens_as_basic_and_as_bearer_and_nothing_else_does(place, gis):
    client = place.app.test_client()
    assert client.get(f"{ROOT}/levels", auth=("GIS", gis.token)).status_code == 200
    for wrong in (
        {"auth": ("dispatcher", gis.token)},
        {"auth": ("gis", PASSWORD)},
        {"headers": {"Authorization": f"Bearer {gis.token}x"}},
        {"headers": {"Authorization": "Bearer"}},
        {"headers": {"Authorization": "Digest username=gis"}},
        {},
    ):
        answer = client.get(f"{ROOT}/levels", **wrong)
        assert (answer.status_code, answer.json["code"]) == (401, "login_needed"), wrong
        assert "Basic" in answer.headers["WWW-Authenticate"]


def test_wrong_tokens_are_limited_by_address_and_right_ones_pass(place, gis):
    strict = create_app(replace(place.settings, login_rate="4 per minute"), clock=lambda: NOON, TESTING=True)
    client = strict.test_client()
    address = {"REMOTE_ADDR": f"2001:db8::{secrets.token_hex(2)}"}
    answers = [
        client.get(f"{ROOT}/levels", headers={"Authorization": f"Bearer gs_{number}"}, environ_base=address)
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401] * 4 + [429] * 2
    assert answers[-1].mimetype == "application/problem+json" and "Retry-After" in answers[-1].headers
    right = {"Authorization": f"Bearer {gis.token}"}
    assert client.get(f"{ROOT}/levels", headers=right, environ_base=address).status_code == 200


def test_a_browser_uses_its_session_and_the_forms_token(place):
    client = place.app.test_client()
    log_in(client, "gis")
    body = {"point": "P0", "has_findings": False}
    assert client.get(f"{ROOT}/levels").status_code == 200
    refused = client.post(f"{ROOT}/check-ins", json=body)
    assert (refused.status_code, refused.json["code"]) == (400, "form_expired")
    token = csrf(client, "/account/password")
    assert client.post(f"{ROOT}/check-ins", json=body, headers={"X-CSRFToken": token}).status_code == 201


@pytest.mark.parametrize(
    ("path", "status"), [("/zones/999999", 404), ("/nothing", 404), ("/zones?page=0", 400), ("/zones/0", 404)]
)
def test_errors_are_problem_documents_even_for_a_browser(gis, path, status):
    answer = gis.get(path, Accept="text/html,application/xhtml+xml")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert {"type", "title", "status", "code", "detail"} <= set(answer.json)


def test_a_method_that_is_not_there(gis):
    answer = gis.ask("PUT", "/zones", {})
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_what_is_wrong_is_said_field_by_field(gis):
    answer = gis.get("/zones?page=x&bbox=1,2,3&nonsense=1&on=2026-02-30")
    assert answer.status_code == 400
    assert {each["field"] for each in answer.json["fields"]} == {"page", "bbox", "nonsense", "on"}
    assert gis.get("/zones?page=1&page=2").json["fields"][0]["field"] == "page"
