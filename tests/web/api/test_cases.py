"""Cases through REST: told of once, taken through their steps, and shown to nobody whose they are not."""

from __future__ import annotations

from uuid import uuid4

from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST

PLACE = {"lon": WEST + 1.3 * CELL_LON, "lat": SOUTH + 2.3 * CELL_LAT}


def _new(**more) -> dict:
    return {"kind": "rubbish", "title": "垃圾堆积", **PLACE, "client_uuid": str(uuid4()), **more}


def test_a_case_is_told_of_once_and_taken_through_its_steps(place):
    member, dispatcher, handler = (place.program(login) for login in ("member", "dispatcher", "handler"))
    body = _new(title=f"一件 {uuid4().hex[:8]}")
    made = member.post("/cases", body)
    assert made.status_code == 201
    case = made.json
    assert (case["state"], case["source"]) == ("reported", "patrol")
    assert member.post("/cases", body).json["id"] == case["id"]
    assert member.post("/cases", {**body, "title": "别的"}).status_code == 409
    steps = f"/cases/{case['id']}/steps"

    opened = dispatcher.post(steps, {"action": "open", "row_version": case["row_version"]})
    assert opened.status_code == 201
    late = dispatcher.post(steps, {"action": "reject", "note": "x", "row_version": case["row_version"]})
    assert late.status_code == 409
    assert "用户 dispatcher" in late.json["detail"]
    assert dispatcher.post(steps, {"action": "reject"}).status_code in {400, 409}
    assert handler.post(steps, {"action": "accept"}).status_code == 404, "not his department's yet"
    given = dispatcher.post(steps, {"action": "assign", "department_id": 1})
    assert given.json["case"]["state"] == "assigned"
    assert handler.post(steps, {"action": "accept"}).status_code == 201
    full = handler.get(f"/cases/{case['id']}").json
    reply = next(one for one in full["possible"] if one["action"] == "reply")
    assert (reply["needed"], reply["photo"]) == (["note"], True)
    assert handler.post(steps, {"action": "reply", "note": "done"}).status_code == 400, "no photo yet"
    assert handler.post(steps, {"action": "close"}).status_code in {403, 409}
    assert [step["action"] for step in full["steps"]][-1] == "accept"


def test_lists_go_on_by_key_and_hold_ones_own(place):
    dispatcher, member = place.program("dispatcher"), place.program("member")
    word = f"w{uuid4().hex[:8]}"  # digits alone would be asked for as a number
    made = [member.post("/cases", _new(title=f"{word} {number}")).json["id"] for number in range(3)]
    seen, address = [], f"/cases?q={word}&limit=2"
    while address:
        answer = dispatcher.get(address)
        seen += [one["id"] for one in answer.json["items"]]
        after = answer.json["after"]
        assert ('rel="next"' in answer.headers.get("Link", "")) == (after is not None)
        address = f"/cases?q={word}&limit=2&after={after}" if after else ""
    assert seen == made[::-1]
    assert dispatcher.get("/cases?after=nonsense").status_code == 400
    assert {one["id"] for one in member.get(f"/cases?q={word}").json["items"]} == set(made)
    for login in ("inspector", "handler", "other"):
        program = place.program(login)
        assert program.get(f"/cases?q={word}").json["items"] == []
        assert program.get(f"/cases/{made[0]}").status_code == 404
        assert program.post(f"/cases/{made[0]}/steps", {"action": "open"}).status_code == 404
    leader = place.program("leader").get(f"/cases/{made[0]}").json
    assert leader["possible"] == [], "his ground: he may look"


def test_the_door_opened_for_cases_alone(place):
    for login in ("inspector", "handler"):
        program = place.program(login)
        for address in ("/check-ins", "/zones", "/points", "/teams", "/gaps"):
            assert program.get(address).status_code == 403, (login, address)
