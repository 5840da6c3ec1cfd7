"""The pages of contracts: made, ended, handed over, deputies, departments, roles, and who answers at a place."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.factories import CELL_LAT, CELL_LON, MINE, SOUTH, WEST
from tests.web.conftest import NOON, csrf

HOME = "/dispatch/contracts"
TODAY = NOON.date()
CANARY = "CANARY"
PLACES = {half: f"{WEST + (half * 4 + 1.5) * CELL_LON},{SOUTH + 1.5 * CELL_LAT}" for half in (0, 1)}


@pytest.fixture
def desk(as_user):
    return as_user("dispatcher")


@pytest.fixture(autouse=True)
def _as_it_was(web_settings, city):
    """Other tests read this city: what is made here goes again."""
    yield
    with transaction(make_engine(web_settings.database_url)) as session:
        for statement in (
            "DELETE FROM deputy",
            "DELETE FROM contract WHERE valid_from >= DATE '2026-03-18' OR leader_id IN (SELECT id FROM leader WHERE code LIKE 'N%')",
            "UPDATE contract SET valid_to = NULL",
            "DELETE FROM leader WHERE code LIKE 'N%'",
            "DELETE FROM department WHERE code LIKE 'N%'",
            "DELETE FROM contract_role WHERE code LIKE 'new%'",
        ):
            session.execute(text(statement))


def post(client, path, page=None, follow=True, **form):
    token = csrf(client, f"{HOME}{page or path}")
    return client.post(f"{HOME}{path}", data={**form, "csrf_token": token}, follow_redirects=follow)


def seen_on(client, path):
    return re.search(r'name="seen" value="([^"]+)"', client.get(path).text)[1]


def add_person(client, code="N1", name="新人"):
    assert post(client, "/people", "/departments", code=code, name=name).status_code == 200


def test_a_contract_is_made_changed_and_ended_on_its_pages(desk):
    add_person(desk)
    made = post(
        desk, "/", leader="N1 · 新人", role="sanitation", kind="point", code="P0",
        **{"from": "2026-03-18", "to": ""}, follow=False,
    )  # fmt: skip
    address = made.location
    assert "新人" in desk.get(address).text
    token = csrf(desk, address)
    form = {
        "leader": "N1",
        "role": "sanitation",
        "from": "2026-03-18",
        "to": "2026-03-01",
        "csrf_token": token,
    }
    seen = seen_on(desk, address)
    wrong = desk.post(address, data={**form, "seen": seen})
    assert wrong.status_code == 400 and "2026-03-01" in wrong.text
    assert desk.post(address, data={**form, "seen": "old", "to": "2026-04-01"}).status_code == 409
    assert desk.post(address, data={**form, "seen": seen, "to": "2026-04-01"}).status_code == 302
    assert "2026-04-01" in desk.get(address).text
    ended = desk.post(
        f"{address}/end", data={"csrf_token": token, "last_on": "2026-03-20", "seen": seen_on(desk, address)}
    )
    assert ended.status_code == 302
    shown = desk.get(f"{HOME}/?q=新人").text
    assert "2026-03-20" in shown and "桂园市场" in shown
    begun = desk.post(f"{address}/remove", data={"csrf_token": token, "seen": seen_on(desk, address)})
    assert begun.status_code == 409


def test_a_ground_tells_all_its_contracts_and_changes(desk, city):
    add_person(desk)
    form = {
        "leader": "N1",
        "role": "sanitation",
        "kind": "zone",
        "code": "street:440399001",
        "from": "2026-04-01",
    }
    address = post(desk, "/", follow=False, **form).location
    taken_back = desk.post(
        f"{address}/remove", data={"csrf_token": csrf(desk, address), "seen": seen_on(desk, address)}
    )
    assert taken_back.status_code == 302
    page = desk.get(f"{HOME}/ground/zone/{city.street_ids[0]}").text
    assert page.count("新人") == 2 and "王建国" in page  # it came and it went
    assert desk.get(f"{HOME}/ground/zone/999999").status_code == 404


def test_a_hand_over_is_looked_at_first_and_then_done_at_once(desk):
    add_person(desk)
    asked = f"{HOME}/hand-over?from=L1&to=N1&on=2026-03-19"
    page = desk.get(asked)
    assert page.text.count('name="contract"') == 3
    assert "新人" not in desk.get(f"{HOME}/who?place={PLACES[0]}&on=2026-03-19").text
    chosen = re.findall(r'name="contract" value="(\d+)"', page.text)
    form = {
        "from": "L1", "to": "N1", "on": "2026-03-19", "contract": chosen,
        "seen": seen_on(desk, asked), "csrf_token": csrf(desk, asked),
    }  # fmt: skip
    assert desk.post(f"{HOME}/hand-over", data={**form, "seen": "other"}).status_code == 409
    done = desk.post(f"{HOME}/hand-over", data=form, follow_redirects=True)
    assert done.status_code == 200 and done.text.count("新人") >= 3
    for on, name, other in (("2026-03-18", "王建国", "新人"), ("2026-03-19", "新人", "王建国")):
        people = desk.get(f"{HOME}/who?place={PLACES[0]}&on={on}").text
        assert name in people and other not in people


def test_a_deputy_answers_and_sees_the_ground_of_the_absent(desk, as_user):
    assert "CANARY" not in as_user("leader").get("/leader/").text
    answer = post(
        desk,
        "/deputies",
        leader="L2",
        deputy="L1",
        first_on="2026-03-18",
        last_on="2026-03-19",
        reason="培训",
    )
    assert answer.status_code == 200 and "培训" in answer.text
    page = desk.get(f"{HOME}/who?place={PLACES[1]}").text
    assert "CANARY李卫东" in page and "王建国" in page
    own = as_user("leader").get("/leader/").text
    assert "CANARY" in own and ("stands in for CANARY李卫东" in own or "代理 CANARY李卫东" in own)
    assert (
        post(
            desk, "/deputies", leader="L2", deputy="L2", first_on="2026-03-18", last_on="2026-03-19"
        ).status_code
        == 400
    )


def test_who_answers_is_told_by_place_code_and_day_and_refuses_nonsense(desk):
    page = desk.get(f"{HOME}/who?place={PLACES[0]}").text
    assert "王建国" in page and "赵敏" in page and f"{MINE}市场" in page and "0755-1234567" in page
    assert "王建国" in desk.get(f"{HOME}/who?kind=street&code=S0").text
    assert desk.get(f"{HOME}/who?kind=street&code=none").status_code == 404
    for wrong in ("place=22.5,114.05", "place=here", f"place={PLACES[0]}&on=June"):
        assert desk.get(f"{HOME}/who?{wrong}").status_code == 400
    assert "data-place-field" in desk.get(f"{HOME}/who").text


def test_missing_roles_of_key_ground_are_listed(desk):
    page = desk.get(f"{HOME}/holes").text
    assert f"{MINE}市场" in page and f"{MINE}路" in page and "赵敏" in page
    assert desk.get(f"{HOME}/holes?kind=point").text.count("<tr>") < page.count("<tr>")


def test_departments_and_roles_are_set_up(desk):
    assert "城管新局" in post(desk, "/departments", code="N1", name="城管新局").text
    assert post(desk, "/departments", code="N1", name="x").status_code == 409
    add_person(desk)
    assert "新人" in desk.get(f"{HOME}/departments").text
    assert "消防" in post(desk, "/roles", code="new_fire", name_zh="消防").text
    assert post(desk, "/roles/new_fire/remove", "/roles").status_code == 200
    assert post(desk, "/roles/leader/remove", "/roles").status_code == 409


def test_part_of_the_city_sees_its_contracts_and_changes_none(as_user, city):
    part = as_user("part")
    for page in ("/", "/?when=all", f"/who?place={PLACES[1]}", "/who/map"):
        shown = part.get(f"{HOME}{page}")
        assert shown.status_code == 200 and CANARY in shown.text, page
        assert MINE not in shown.text and "王建国" not in shown.text, page
    assert MINE not in part.get(f"{HOME}/who?place={PLACES[0]}").text
    assert part.get(f"{HOME}/ground/zone/{city.street_ids[0]}").status_code == 404
    for page in ("/deputies", "/departments", "/roles", "/hand-over"):
        assert part.get(f"{HOME}{page}").status_code == 403
    token = csrf(part, "/account/password")
    assert part.post(f"{HOME}/", data={"csrf_token": token}).status_code == 403


def test_part_of_the_city_is_told_who_answers_on_its_points_and_streets_and_above_it(
    as_user, city, web_settings
):
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(
            text(
                "INSERT INTO contract (leader_id, role, zone_id, valid_from) "
                "SELECT id, 'sanitation', :zone, DATE '2026-03-18' FROM leader WHERE code = 'L3'"
            ),
            {"zone": city.district_id},
        )
    part = as_user("part")
    listed = part.get(f"{HOME}/").text
    assert "CANARY翠竹市场" in listed and "S1" in listed and "明湖区" in listed
    for page in (
        f"/who?place={PLACES[1]}",
        "/who?kind=point&code=P1",
        f"/who?place={PLACES[1]}&on=2026-03-18",
    ):
        told = part.get(f"{HOME}{page}").text
        assert "赵敏" in told and "明湖区" in told, page
        assert MINE not in told and "王建国" not in told, page
    # Of what lies above only who answers there is told.
    assert part.get(f"/dispatch/zones/{city.district_id}").status_code == 404
    assert "明湖区" not in part.get("/dispatch/").text
    other = as_user("leader").get("/leader/").text
    assert "赵敏" in other and "CANARY" not in other


def test_leaders_and_strangers_hear_of_it_through_rest_only_on_their_ground(as_user):
    leader = as_user("leader")
    lon, lat = PLACES[0].split(",")
    mine = leader.get(f"/api/v1/who?lon={lon}&lat={lat}&on={TODAY - timedelta(1)}").json
    assert {person["name"] for person in mine["people"]} == {"王建国", "赵敏"}
    assert [ground["kind"] for ground in mine["grounds"]] == ["point", "zone"]
    lon, lat = PLACES[1].split(",")
    assert leader.get(f"/api/v1/who?lon={lon}&lat={lat}").json == {
        "on": str(TODAY),
        "people": [],
        "grounds": [],
    }
