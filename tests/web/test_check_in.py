"""Checking in on a phone: every point can be found, nothing else of the city is shown, and nothing is stored twice."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.factories import MINE, OTHERS, add_user
from tests.web.conftest import csrf


@pytest.fixture
def stored(web_settings):
    """Every check-in that is stored, newest first; all are taken away afterwards."""
    engine = make_engine(web_settings.database_url)

    def rows():
        with transaction(engine, EVERYTHING) as session:
            return session.execute(text("SELECT * FROM check_in ORDER BY id DESC")).all()

    yield rows
    with transaction(engine, EVERYTHING) as session:
        session.execute(text("DELETE FROM check_in"))


@pytest.fixture
def point_ids(web_settings, city) -> dict[str, int]:
    with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
        return dict(session.execute(text("SELECT code, id FROM point")).all())


@pytest.fixture
def client(as_user):
    client = as_user("member")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def _send(client, point_id: int, **form):
    address = f"/field/check-in/{point_id}"
    return client.post(address, data={"csrf_token": csrf(client, address), **form})


def test_a_member_finds_any_point_and_nothing_that_lies_around_it(client):
    page = client.get("/field/check-in").text
    assert f"{MINE}市场" in page
    assert f"{OTHERS}市场" in page
    assert "网格" not in page
    assert "街道" not in page
    assert "2 points" in page
    assert "Never visited" in page
    found = client.get("/field/check-in?q=p1").text
    assert f"{OTHERS}市场" in found
    assert f"{MINE}市场" not in found
    assert f"{MINE}市场" in client.get("/field/check-in", query_string={"q": MINE}).text
    assert "No point fits this search." in client.get("/field/check-in?q=zzz").text


def test_the_nearest_point_comes_first(client):
    east = client.get("/field/check-in?near=114.066,22.533").text
    assert east.index(OTHERS) < east.index(MINE)
    west = client.get("/field/check-in?near=114.05,22.533").text
    assert west.index(MINE) < west.index(OTHERS)
    assert "Nearest first" in west
    assert client.get("/field/check-in?near=nan,1").status_code == 200
    assert "Most urgent first" in client.get("/field/check-in?near=here").text


def test_checking_in_is_stored_with_who_when_and_where(client, point_ids, city, stored, clock):
    name = str(uuid4())
    answer = _send(
        client,
        point_ids["P0"],
        has_findings="yes",
        note="门口积水 <b>",
        lon="114.0535",
        lat="22.5327",
        client_uuid=name,
    )
    assert (answer.status_code, answer.location) == (302, "/field/check-in")
    (row,) = stored()
    assert (row.point_id, row.member_id, row.has_findings, row.note) == (
        point_ids["P0"],
        city.member_id,
        True,
        "门口积水 <b>",
    )
    assert row.at == clock.now
    assert str(row.client_uuid) == name
    assert 0 < row.distance_m < 100
    page = client.get("/field/check-in").text
    assert "Checked in at 12:00." in page
    own = page[page.index("My last check-ins") :]
    assert "门口积水 &lt;b&gt;" in own
    assert "With findings" in own
    assert f"{row.distance_m:.0f} m from the point" in own
    assert "Not due yet" in page or "Due" in page[: page.index("My last")], (
        "the point's state follows at once"
    )


def test_a_second_tap_is_harmless_but_another_answer_is_not_swallowed(client, point_ids, stored):
    form = {"has_findings": "no", "note": "", "client_uuid": str(uuid4())}
    for _ in range(2):
        assert _send(client, point_ids["P0"], **form).status_code == 302
    assert len(stored()) == 1
    refused = _send(client, point_ids["P0"], **{**form, "has_findings": "yes", "note": "a new one"})
    assert refused.status_code == 409
    assert len(stored()) == 1
    assert "a new one" in refused.text
    fresh = re.search(r'name="client_uuid" value="([^"]+)"', refused.text)[1]
    assert fresh != form["client_uuid"]
    again = {**form, "has_findings": "yes", "note": "a new one", "client_uuid": fresh}
    assert _send(client, point_ids["P0"], **again).status_code == 302
    assert len(stored()) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"has_findings": ""}, "Say how it is here"),
        ({"has_findings": "maybe"}, "Say how it is here"),
        ({"note": "x" * 501}, "500"),
        ({"lon": "200", "lat": "1"}, "no place on Earth"),
        ({"lon": "114.05", "lat": ""}, "no place on Earth"),
        ({"lon": "0", "lat": "0"}, "no place on Earth"),
    ],
)
def test_what_cannot_be_stored_is_said_in_place_and_nothing_typed_is_lost(
    client, point_ids, stored, wrong, said
):
    name = str(uuid4())
    form = {"has_findings": "yes", "note": "the lamp is broken", "client_uuid": name, **wrong}
    answer = _send(client, point_ids["P0"], **form)
    assert answer.status_code == 400
    assert said in answer.text
    assert form["note"] in answer.text
    assert f'value="{name}"' in answer.text
    assert stored() == []


def test_a_name_that_is_none_does_not_lose_the_check_in(client, point_ids, stored):
    assert _send(client, point_ids["P1"], has_findings="no", client_uuid="nonsense").status_code == 302
    assert stored()[0].client_uuid is None


def test_a_point_that_is_no_longer_inspected_is_not_there(client, point_ids, web_settings):
    engine = make_engine(web_settings.database_url)
    try:
        with transaction(engine, EVERYTHING) as session:
            session.execute(text("UPDATE point SET active = false WHERE code = 'P1'"))
        assert client.get(f"/field/check-in/{point_ids['P1']}").status_code == 404
        assert OTHERS not in client.get("/field/check-in").text
    finally:
        with transaction(engine, EVERYTHING) as session:
            session.execute(text("UPDATE point SET active = true"))


def test_an_account_without_a_member_is_told_what_to_do(as_user, web_settings, city, point_ids):
    from geoservice.domain.roles import Role

    with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
        add_user(session, "nobody's", Role.MEMBER)
    client = as_user("nobody's")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    assert "Ask your administrator" in client.get("/field/check-in").text
    assert client.get(f"/field/check-in/{point_ids['P0']}").status_code == 400
