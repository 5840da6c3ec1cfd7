"""Changes: only of what the client saw, once however often it is sent, and nothing in silence."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from shapely.geometry import Polygon, mapping, shape

from geoservice.store.base import make_engine, transaction
from geoservice.store.trail import recent_entries
from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST
from tests.web.api.conftest import ROOT


@pytest.fixture(scope="module")
def place(new_place):
    """A deployment whose ground may change under nobody else's feet."""
    return new_place()


FREE_WEST = WEST + 20 * CELL_LON


def square(number: int) -> dict:
    """A cell of ground that no zone has."""
    west, south = FREE_WEST + number * CELL_LON, SOUTH
    return {
        "type": "Polygon",
        "coordinates": [
            [
                [west, south],
                [west + CELL_LON, south],
                [west + CELL_LON, south + CELL_LAT],
                [west, south + CELL_LAT],
                [west, south],
            ]
        ],
    }


def spot(number: int) -> dict:
    return {"type": "Point", "coordinates": [WEST + (number % 7 + 0.3) * CELL_LON, SOUTH + 0.4 * CELL_LAT]}


def line(number: int) -> dict:
    south = SOUTH + (0.1 + 0.01 * number) * CELL_LAT
    return {"type": "LineString", "coordinates": [[WEST, south], [WEST + CELL_LON, south]]}


# Ground for contracts: no two tests of the same leader and role share some.
GROUNDS = itertools.count()


def _new_code() -> str:
    return f"T-{uuid4().hex[:10]}"


def bodies(place) -> dict[str, tuple[dict, dict, dict]]:
    """Noun → what makes one, what changes it, and what it is then."""
    return {
        "points": (
            {"code": _new_code(), "category": "market", "name": "新市场", "geometry": spot(1)},
            {"name": "改名市场", "weight": 2.5, "geometry": spot(2)},
            {"name": "改名市场", "weight": 2.5, "geometry": spot(2)},
        ),
        "streets": (
            {"code": _new_code(), "name": "新路", "geometry": line(1)},
            {"name": "改名路", "one_way": True},
            {"name": "改名路", "one_way": True, "geometry": line(1)},
        ),
        "zones": (
            {"level": "grid", "code": _new_code(), "name": "新网格", "geometry": square(1)},
            {"name": "改名网格", "parent_id": place.city.street_ids[0]},
            {"name": "改名网格", "parent_code": "440399001"},
        ),
        "exclusions": (
            {"code": _new_code(), "kind": "water", "geometry": square(3)},
            {"reason": "水域"},
            {"reason": "水域", "kind": "water"},
        ),
        "contracts": (
            {
                "leader_id": place.city.leader_ids[0],
                "role": "sanitation",
                "ground": "zone",
                "ground_id": sum(place.city.grid_ids, ())[next(GROUNDS)],
                "valid_from": "2031-01-01",
            },
            {"valid_to": "2032-01-01"},
            {"valid_from": "2031-01-01", "valid_to": "2032-01-01"},
        ),
    }


# What ends is kept for the past: a point out of use, an exclusion until before its last day.
KEPT = {"points": ("active", False), "exclusions": ("valid_to", "2026-03-18")}
NOUNS = ("points", "streets", "zones", "exclusions", "contracts")


@pytest.mark.parametrize("noun", NOUNS)
def test_a_life_from_making_to_its_end(gis, place, noun):
    new, change, after = bodies(place)[noun]
    made = gis.post(f"/{noun}", new)
    assert made.status_code == 201, made.text
    address = made.headers["Location"].removeprefix(ROOT)
    read = gis.get(address)
    assert (read.json, read.headers["ETag"]) == (made.json, made.headers["ETag"])
    if "geometry" in new:
        assert shape(read.json["geometry"]).equals(shape(new["geometry"]))
    assert gis.ask("PATCH", address, change).json["code"] == "if_match_needed"
    changed = gis.ask("PATCH", address, change, If_Match=read.headers["ETag"])
    assert changed.status_code == 200, changed.text
    assert {name: changed.json[name] for name in after} == after
    stale = gis.ask("PATCH", address, change, If_Match=read.headers["ETag"])
    assert (stale.status_code, stale.json["now"]) == (412, changed.json), stale.text
    assert stale.json["changed_by"] == "用户 gis" and stale.json["changed_at"]
    assert gis.ask("DELETE", address, If_Match=read.headers["ETag"]).status_code == 412
    ended = gis.ask("DELETE", address, If_Match=changed.headers["ETag"])
    assert (ended.status_code, ended.data) == (204, b""), ended.text
    gone = gis.get(address)
    if noun in KEPT:
        name, value = KEPT[noun]
        assert gone.json[name] == value
    else:
        assert gone.status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_changed_is_in_the_trail_or_the_history(gis, place, noun):
    made = gis.post(f"/{noun}", bodies(place)[noun][0])
    assert made.status_code == 201, made.text
    with transaction(make_engine(place.settings.database_url)) as session:
        newest = recent_entries(session, 3)
    assert any(noun.rstrip("s") in entry.action and entry.login == "gis" for entry in newest), newest


@pytest.mark.parametrize("noun", [*NOUNS, "check-ins", "coverage"])
def test_a_repeated_request_does_its_work_once(gis, place, noun):
    other = {
        "check-ins": {"point": "P0", "has_findings": True, "note": "repeated"},
        "coverage": {"from": "2026-03-01", "to": "2026-03-02"},
    }
    new = other.get(noun) or bodies(place)[noun][0]
    key = str(uuid4())
    first = gis.post(f"/{noun}", new, Idempotency_Key=key)
    count = gis.get(f"/{noun}").json["total"] if noun != "coverage" else 0
    again = gis.post(f"/{noun}", dict(reversed(new.items())), Idempotency_Key=key.upper())
    assert first.status_code in {201, 202}, first.text
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers.get("ETag") == first.headers.get("ETag")
    assert "Idempotency-Replayed" in again.headers and "Idempotency-Replayed" not in first.headers
    if noun != "coverage":
        assert gis.get(f"/{noun}").json["total"] == count
    another = gis.post(f"/{noun}", {**new, next(iter(new)): "2026-02-28"}, Idempotency_Key=key)
    assert another.status_code in {409, 422}
    assert (
        gis.post("/check-ins", {"point": "P1", "has_findings": True}, Idempotency_Key=key).status_code == 409
    )
    assert place.program("admin").post(f"/{noun}", new, Idempotency_Key=key).status_code in {201, 202, 409}


def test_a_refused_request_may_be_sent_again_under_its_key(gis):
    key = str(uuid4())
    code = _new_code()
    wrong = {"code": code, "category": "nothing", "name": "x", "geometry": spot(1)}
    assert gis.post("/points", wrong, Idempotency_Key=key).status_code == 400
    assert gis.post("/points", {**wrong, "category": "market"}, Idempotency_Key=key).status_code == 201
    assert gis.post("/points", wrong, Idempotency_Key="1").json["code"] == "key_not_uuid"


def test_two_equal_requests_at_once_are_one(gis):
    new = {"code": _new_code(), "category": "park", "name": "同时", "geometry": spot(3)}
    key = str(uuid4())
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: gis.post("/points", new, Idempotency_Key=key), range(4)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert gis.get(f"/points?code={new['code']}").json["total"] == 1


def test_two_new_points_of_one_code_at_once_are_one(gis):
    new = {"code": _new_code(), "category": "park", "name": "同码", "geometry": spot(3)}
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: gis.post("/points", new), range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


@pytest.mark.parametrize("noun", NOUNS)
def test_of_two_changes_at_once_one_is_told(gis, place, noun):
    new, change, _ = bodies(place)[noun]
    made = gis.post(f"/{noun}", new)
    address, tag = made.headers["Location"].removeprefix(ROOT), made.headers["ETag"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: gis.ask("PATCH", address, change, If_Match=tag), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]


@pytest.mark.parametrize("noun", ["zones", "exclusions"])
def test_a_polygon_is_repaired_only_by_leave(gis, place, noun):
    new = bodies(place)[noun][0]
    west, south = FREE_WEST + 7 * CELL_LON, SOUTH
    bow = Polygon([(west, south), (west + 0.01, south + 0.01), (west + 0.01, south), (west, south + 0.01)])
    new = {**new, "geometry": json.loads(json.dumps(mapping(bow)))}
    refused = gis.post(f"/{noun}", new)
    assert (refused.status_code, refused.json["code"]) == (422, "geometry_needs_repair")
    assert refused.json["fields"][0]["field"] == "geometry"
    repair = refused.json["repair"]
    repaired = shape(repair["geometry"])
    assert repaired.is_valid and "rings_repaired" in repair["codes"] and repair["area_change"] > 0
    taken = gis.post(f"/{noun}", {**new, "accept_repairs": True})
    assert taken.status_code == 201 and shape(taken.json["geometry"]).equals(repaired), taken.text
    assert (
        gis.post(f"/{noun}", {**new, "code": _new_code(), "geometry": repair["geometry"]}).status_code == 201
    )


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [1, 0], [1, 1], [0, 1]],
        [[0, 0], [0, 0], [0, 0], [0, 0]],
        [[0, 0], [1, 1], [2, 2], [0, 0]],
        [[0, 95], [1, 95], [1, 96], [0, 95]],
        [[0, 0], [200, 0], [200, 1], [0, 0]],
        [[0, 0], [1, 0], [0, 0]],
        [[0, 0, 5], [1, 0, 5], [1, 1, 5], [0, 0, 5]],
        [["0", 0], [1, 0], [1, 1], ["0", 0]],
        [[-179, -89], [179, -89], [179, 89], [-179, 89], [-179, -89]],
    ],
)
@pytest.mark.parametrize("noun", ["zones", "exclusions"])
def test_ground_that_is_none_is_refused(gis, noun, ring):
    body = {"code": _new_code(), "geometry": {"type": "Polygon", "coordinates": [ring]}}
    body |= {"level": "grid", "name": "x"} if noun == "zones" else {}
    answer = gis.post(f"/{noun}", {**body, "accept_repairs": True})
    assert answer.status_code in {400, 422}, answer.text
    assert gis.get(f"/{noun}?code={body['code']}").json["total"] == 0


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "json_unreadable"),
        (b"{", 400, "json_unreadable"),
        (b"\xff\xfe", 400, "json_unreadable"),
        (b"[" * 100_000, 400, "json_too_deep"),
        (b"[" * 40 + b"]" * 40, 400, "json_too_deep"),
        (b'{"note": NaN}', 400, "json_not_finite"),
        (b'{"lon": 1e999}', 400, "json_not_finite"),
        (b'{"lon": -Infinity}', 400, "json_not_finite"),
        (b'{"lon": 1' + b"0" * 5000 + b"}", 400, "json_unreadable"),
        (b'{"lon": 1' + b"0" * 50 + b"}", 400, "json_number_too_long"),
        (b'{"note": "a\\u0000b"}', 400, "unreadable_text"),
        (b'{"note": "\\ud800"}', 400, "unreadable_text"),
        (b'{"a\\u0000": 1}', 400, "unreadable_text"),
        (b"[]", 422, "body_unreadable"),
        (b"null", 422, "body_unreadable"),
        (b'{"point": 5, "has_findings": "yes", "more": 1}', 422, "body_unreadable"),
        (b'{"point": "P0", "has_findings": true, "at": "2026-03-18T04:00:00"}', 422, "body_unreadable"),
        (b'{"point": "P0", "has_findings": true, "lon": 114.05}', 400, "check_in_place_invalid"),
        (b" " * (8 * 1024 * 1024 + 1), 413, "http_413"),
    ],
)
def test_hostile_bodies(gis, raw, status, code):
    answer = gis.app.test_client().post(
        f"{ROOT}/check-ins",
        data=raw,
        content_type="application/json",
        headers={"Authorization": f"Bearer {gis.token}", "Accept": "text/html"},
    )
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert answer.mimetype == "application/problem+json"


def test_a_form_is_no_json(gis):
    answer = gis.app.test_client().post(
        f"{ROOT}/check-ins", data={"point": "P0"}, headers={"Authorization": f"Bearer {gis.token}"}
    )
    assert (answer.status_code, answer.json["code"]) == (415, "json_needed")


def test_a_contract_may_not_overlap_itself(gis, place):
    new = {**bodies(place)["contracts"][0], "role": "urban_management"}
    assert gis.post("/contracts", new).status_code == 201
    held = gis.post("/contracts", {**new, "valid_from": "2033-01-01"})
    assert (held.status_code, held.json["code"]) == (409, "contract_held_then")
    before = {**new, "valid_from": "2030-01-01", "valid_to": "2031-01-01"}
    assert gis.post("/contracts", before).status_code == 201
    assert gis.post("/contracts", {**before, "valid_to": "2030-01-01"}).json["code"] == "validity_reversed"
    assert gis.post("/contracts", {**new, "leader_id": 99999}).json["code"] == "leader_not_there"
    assert gis.post("/contracts", {**new, "ground_id": 99999}).json["code"] == "ground_not_there"


def test_an_excluded_border_moves_from_today_on_and_the_past_stands(gis):
    made = gis.post("/exclusions", {"code": _new_code(), "geometry": square(5), "valid_from": "2026-01-01"})
    address = made.headers["Location"].removeprefix(ROOT)
    moved = gis.ask("PATCH", address, {"geometry": square(6)}, If_Match="*")
    assert moved.json["id"] != made.json["id"] and moved.json["valid_from"] == "2026-03-18", moved.text
    then = gis.get(f"/exclusions?on=2026-03-17&code={made.json['code']}").json["items"]
    now = gis.get(f"/exclusions?code={made.json['code']}").json["items"]
    assert [shape(each["geometry"]) for each in (*then, *now)] == [
        shape(made.json["geometry"]),
        shape(moved.json["geometry"]),
    ]
    assert gis.ask("PATCH", address, {"name": "x"}, If_Match="*").json["code"] == "exclusion_is_past"


def test_whoever_sees_a_part_changes_that_part_only(place):
    part = place.program("part-gis")
    theirs, mine = place.city.grid_ids
    assert part.ask("PATCH", f"/zones/{theirs[0]}", {"name": "x"}, If_Match="*").status_code == 404
    assert part.ask("PATCH", f"/zones/{mine[0]}", {"name": "CANARY改"}, If_Match="*").status_code == 200
    inside = {"type": "Point", "coordinates": [WEST + 5.5 * CELL_LON, SOUTH + 0.5 * CELL_LAT]}
    outside = {"type": "Point", "coordinates": [WEST + 0.5 * CELL_LON, SOUTH + 0.5 * CELL_LAT]}
    new = {"code": _new_code(), "category": "park", "name": "x", "geometry": inside}
    made = part.post("/points", new)
    assert made.status_code == 201, made.text
    assert part.post("/points", {**new, "code": _new_code(), "geometry": outside}).status_code == 403
    assert part.post("/contracts", bodies(place)["contracts"][0]).json["code"] == "whole_city_only"


def test_a_suggestion_is_asked_once_and_read_by_whom_it_concerns(place, gis):
    asked = {"from": "2026-03-01", "to": "2026-03-07", "posts": 3}
    first, again = gis.post("/suggestions", asked), gis.post("/suggestions", asked)
    assert first.status_code == 202 and first.json["job"]["id"] == again.json["job"]["id"]
    address = first.headers["Location"].removeprefix(ROOT)
    assert gis.get(address).json["result"] is None
    assert place.program("part").get(address).status_code == 404
    assert gis.post("/suggestions", {**asked, "minutes": 5}).status_code == 422
    assert gis.post("/suggestions", {**asked, "zone": "none"}).status_code == 404
    assert place.program("part").post("/suggestions", {**asked, "zone": "440399001"}).status_code == 404
    cancelled = gis.post(f"/jobs/{first.json['job']['id']}/cancel")
    assert (cancelled.status_code, cancelled.json["state"]) == (200, "cancelled")
