"""No byte of somebody else's ground reaches a leader."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.factories import MINE

CANARY = "CANARY"
LEADER_PAGES = ("/leader/", "/leader/?days=30", "/leader/map", "/leader/map?days=30", "/account/password")


def test_a_leader_sees_his_own_ground_and_no_other(as_user):
    client = as_user("leader")
    for page in LEADER_PAGES:
        answer = client.get(page)
        assert answer.status_code == 200
        assert CANARY not in answer.text, page
        assert "\\u0043ANARY" not in answer.text
    assert MINE in client.get("/leader/").text
    assert MINE in client.get("/leader/map").text


def test_the_other_leader_sees_the_canaries(as_user):
    """So that the test above can fail at all."""
    client = as_user("other")
    assert client.get("/leader/").text.count(CANARY) > 16
    assert CANARY in client.get("/leader/map").text
    assert f"{MINE}05网格" not in client.get("/leader/").text


def test_a_scoped_dispatcher_sees_his_subtree_only(as_user, city):
    client = as_user("part")
    for page in ("/dispatch/", "/dispatch/?level=grid", "/dispatch/map", "/dispatch/map/shapes/gaps"):
        text = client.get(page).text
        assert CANARY in text, page
        assert not re.search(f"{MINE}[0-9街市]", text), page
    assert client.get(f"/dispatch/zones/{city.street_ids[1]}").status_code == 200
    assert client.get(f"/dispatch/zones/{city.street_ids[0]}").status_code == 404
    assert client.get(f"/dispatch/zones/{city.district_id}").status_code == 404


def test_no_address_carries_a_leaders_id(app, as_user, city):
    about_one = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.arguments and ("leader" in rule.endpoint or any("leader" in name for name in rule.arguments))
    }
    # An item of the collection of leaders; it says no more to a leader than the list does: himself.
    assert about_one == {"api.get_leader"}
    client = as_user("leader")
    answers = [client.get(f"/api/v1/leaders/{leader_id}").status_code for leader_id in city.leader_ids]
    assert answers == [200, 404]
    for trick in (
        f"?leader_id={city.leader_ids[1]}",
        f"?leader={city.leader_ids[1]}",
        f"?zone_id={city.street_ids[1]}",
    ):
        assert CANARY not in client.get(f"/leader/{trick}").text


@pytest.mark.parametrize("page", ["/dispatch/", "/dispatch/zones/1", "/gis/imports/1", "/jobs/1"])
def test_a_leader_learns_nothing_from_other_doors(as_user, page):
    answer = as_user("leader").get(page)
    assert answer.status_code == 403
    assert CANARY not in answer.text


def test_no_policy_casts_its_list_for_every_row(web_settings, city):
    """Inside the SELECT it is done once a statement; outside it costs more than the comparison itself."""
    with transaction(make_engine(web_settings.database_url)) as session:
        policies = session.execute(text("SELECT tablename, qual FROM pg_policies")).all()
    assert len(policies) > 10
    each_row = re.compile(r"'\{\}'::text\) AS \"coalesce\"\)+::integer\[\]")
    assert [row.tablename for row in policies if each_row.search(row.qual or "")] == []
