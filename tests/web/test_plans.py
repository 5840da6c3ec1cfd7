"""The planning desk by its pages and forms: lists, boards, changes and refusals, what is wanted."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from geoservice.app import create_app
from geoservice.jobs.run import execute
from geoservice.store.base import make_engine, transaction
from tests.factories import make_city
from tests.web.conftest import NOON, csrf, log_in
from tests.web.plans_kit import DAYS, SCRIPT_NAME, add_plan, add_version, content, newest, orders

if TYPE_CHECKING:
    from flask.testing import FlaskClient

HX = {"HX-Request": "true"}


@pytest.fixture
def desk(as_user) -> FlaskClient:
    client = as_user("dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def test_a_plan_shows_its_teams_stops_reasons_and_what_would_help(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    page = desk.get(f"/dispatch/plans/{plan_id}").text
    assert re.findall(r'data-patrol="([^"]+)"', page) == [f"{DAYS[0]}/T1", f"{DAYS[0]}/T2"], (
        "one day at a time"
    )
    assert re.findall(r'data-stop="point:(\d+)"', page) == ["1", "2", "3", "4", "5", "6", "9", "10"]
    assert "overdue by 3 d" in page
    assert "No team has the skill" in page
    assert "Give a team what it asks for (食品)" in page
    assert "straight lines" in page, "a plan without streets says so"
    assert SCRIPT_NAME not in page
    assert page.index("Rest") < page.index('data-stop="point:3"'), "the rest stands where it is taken"
    every = desk.get(f"/dispatch/plans/{plan_id}?on=all").text
    assert len(re.findall(r"data-patrol=", every)) == 4
    assert "Does not work on this day" in every
    assert desk.get(f"/dispatch/plans/{plan_id}?on=2030-01-01").status_code == 400


def test_an_opened_stop_has_its_own_forms_with_every_team_and_day(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    page = desk.get(f"/dispatch/plans/{plan_id}?open=point:2").text
    panel = page[page.index('id="plan-panel"') :]
    assert re.findall(r'<option value="([^"]+)"', panel)[:3] == [
        f"{DAYS[0]}/T1",
        f"{DAYS[0]}/T2",
        f"{DAYS[1]}/T1",
    ]
    board = desk.get(f"/dispatch/plans/{plan_id}?open=point:9", headers=HX).text
    assert board.lstrip().startswith('<div id="plan-board"'), "htmx gets the board alone"
    assert 'name="do" value="add"' in board


def test_the_map_draws_each_way_once_and_stops_in_order(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    page = desk.get(f"/dispatch/plans/{plan_id}/map?on=all").text
    ways, stops = (
        json.loads(re.search(rf'id="shapes-{kind}">(.*?)</script>', page)[1]) for kind in ("ways", "stops")
    )
    assert ways["letters"] == ["A", "B", "A"], "a team keeps its sign on every day"
    assert stops["numbers"] == [1, 2, 3, 1, 2, 3, 1, 2]
    assert "<script>window.hacked" not in page
    assert "${window.hacked" not in page
    shapes = desk.get(f"/dispatch/plans/{plan_id}/shapes?on={DAYS[1]}").json
    assert shapes["ways"]["ids"] == [f"{DAYS[1]}/T1"]
    assert len(shapes["left_out"]["ids"]) == 2


def test_each_change_is_a_version_and_goes_back_and_forth(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    first, second = (f"{DAYS[0]}/{team}" for team in ("T1", "T2"))
    token = csrf(desk, f"/dispatch/plans/{plan_id}")

    def do(what: str, version: int, **more: str):
        form = {"do": what, "version": str(version), "on": DAYS[0], "csrf_token": token, **more}
        answer = desk.post(f"/dispatch/plans/{plan_id}/change", data=form, headers=HX)
        assert answer.status_code == 200, answer.text
        return orders(newest(web_settings, plan_id))

    before = orders(content())
    assert do("move", 1, stop="point:2", to=second, place="1")[second] == [
        "point:2",
        "point:4",
        "point:5",
        "point:6",
    ]
    assert do("undo", 2) == before
    moved = do("redo", 1)
    assert moved[first] == ["point:1", "point:3"]
    added = do("add", 2, stop="point:9", to=first, at="2")
    assert added[first] == ["point:1", "point:3", "point:9"]
    assert "point:5" not in do("drop", 3, stop="point:5")[second]
    do("lock", 4, patrol=second)
    page = desk.get(f"/dispatch/plans/{plan_id}").text
    assert "is-locked" in page
    assert "Left out by hand" in page
    refused = desk.post(
        f"/dispatch/plans/{plan_id}/change",
        data={"do": "drop", "stop": "point:4", "version": "5", "csrf_token": token},
        headers=HX,
    )
    assert refused.status_code == 400
    assert 'id="missed"' in refused.text
    assert 'id="again"' not in refused.text, "what can't be done is not offered again"


def test_two_plans_are_compared_in_figures_and_stops(desk, web_settings):
    one = add_plan(web_settings, content(), name="One")
    other = add_plan(web_settings, content(), name="Other")
    token = csrf(desk, f"/dispatch/plans/{other}")
    desk.post(
        f"/dispatch/plans/{other}/change",
        data={"do": "drop", "stop": "point:2", "version": "1", "csrf_token": token},
    )
    page = desk.get(f"/dispatch/plans/compare?one={one}&other={other}").text
    assert "Coverage expected" in page
    moved = page[page.index('id="moved-head"') :]
    assert "东门市场 2" in moved
    assert "not in it" in moved
    assert "note-bad" in desk.get(f"/dispatch/plans/compare?one={one}&other=999999").text


def test_a_change_upon_an_older_version_is_shown_and_offered_again(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    add_version(web_settings, plan_id, content(idle=[]))
    form = {
        "csrf_token": csrf(desk, f"/dispatch/plans/{plan_id}"),
        "do": "drop",
        "stop": "point:2",
        "version": "1",
        "on": DAYS[0],
    }
    for headers in ({}, HX):
        answer = desk.post(f"/dispatch/plans/{plan_id}/change", data=form, headers=headers)
        assert answer.status_code == 409
        assert "leave out 东门市场 2" in answer.text, "what one wanted is not lost"
        again = answer.text[answer.text.index('id="missed"') :]
        assert re.search(r'name="version" value="2"', again)
        assert re.search(r'name="stop" value="point:2"', again)


def test_what_cannot_be_changed_or_asked_is_said(desk, web_settings):
    plan_id = add_plan(web_settings, content())
    token = csrf(desk, f"/dispatch/plans/{plan_id}")
    for form in (
        {"do": "burn", "version": "1"},
        {"do": "drop", "version": "x"},
        {"do": "move", "at": "-1", "version": "1"},
    ):
        assert (
            desk.post(f"/dispatch/plans/{plan_id}/change", data={**form, "csrf_token": token}).status_code
            == 400
        )
    for query, words in [("from=2026-03-19&to=2026-03-18", ""), ("from=x", "x")]:
        piece = desk.get(f"/dispatch/plans/due?{query}&most=300&seconds=5&keep=soft&include=due")
        assert piece.status_code == 200
        assert "note-bad" in piece.text
        assert words in piece.text
    answer = desk.post(
        "/dispatch/plans/",
        data={
            "from": "2026-03-19",
            "to": "2026-03-19",
            "seconds": "1e9",
            "most": "10",
            "keep": "soft",
            "csrf_token": token,
        },
    )
    assert answer.status_code == 400
    assert 'value="10"' in answer.text, "what was typed stays"


def test_asking_for_a_plan_makes_one_job_and_a_page_that_waits(desk, web_settings):
    form = {
        "from": DAYS[0],
        "to": DAYS[0],
        "include": "due",
        "most": "20",
        "keep": "soft",
        "seconds": "5",
        "name": "Canary plan",
    }
    answer = desk.post("/dispatch/plans/", data={**form, "csrf_token": csrf(desk, "/dispatch/plans/new")})
    assert answer.status_code == 302
    page = desk.get(answer.location).text
    assert "data-await-job" in page
    assert "Canary plan" in desk.get("/dispatch/plans/").text
    plan_id = int(answer.location.rsplit("/", 1)[1])
    with transaction(make_engine(web_settings.database_url)) as session:
        kind, args = session.execute(
            text("SELECT j.kind, j.args FROM job j JOIN plan p ON p.job_id = j.id WHERE p.id = :id"),
            {"id": plan_id},
        ).one()
    assert (kind, args["plan"]) == ("solve_plan", plan_id)


def test_every_street_of_one_zone_is_a_plan_of_its_own(desk, web_settings):
    form = {"from": DAYS[0], "to": DAYS[0], "most": "20", "keep": "soft", "seconds": "1", "kind": "streets"}
    form["csrf_token"] = csrf(desk, "/dispatch/plans/new")
    assert "one zone" in desk.post("/dispatch/plans/", data=form).text
    answer = desk.post("/dispatch/plans/", data={**form, "zones": "440399001"})
    plan_id = int(answer.location.rsplit("/", 1)[1])
    with transaction(make_engine(web_settings.database_url)) as session:
        job_id, kind = session.execute(
            text("SELECT j.id, j.kind FROM job j JOIN plan p ON p.job_id = j.id WHERE p.id = :id"),
            {"id": plan_id},
        ).one()
    assert kind == "plan_streets"
    execute(web_settings, job_id)
    page = desk.get(answer.location).text
    assert 'data-stop="street:' in page
    assert "data-grip" not in page, "the order of streets is their own"
    assert "Work out the rest again" not in page


def test_what_is_wanted_is_listed_once_and_removed(desk, web_settings):
    token = csrf(desk, "/dispatch/plans/")
    gap = {"kind": "gap", "label": SCRIPT_NAME, "lon": "114.051", "lat": "22.531", "csrf_token": token}
    assert "in the next plan" in desk.post("/dispatch/plans/wanted", data=gap, headers=HX).text
    assert desk.post("/dispatch/plans/wanted", data=gap).status_code == 302
    page = desk.get("/dispatch/plans/").text
    assert SCRIPT_NAME not in page
    found = re.findall(r"/dispatch/plans/wanted/(\d+)/drop", page)
    assert len(found) == 1, "the same again is no second"
    assert "from 2026-03-19 on" in page, "from tomorrow on"
    assert desk.post(f"/dispatch/plans/wanted/{found[0]}/drop", data={"csrf_token": token}).status_code == 302
    assert "/drop" not in desk.get("/dispatch/plans/").text
    for form in (
        {"kind": "gap"},
        {"kind": "gap", "lon": "nan", "lat": "1"},
        {"kind": "point", "point_id": "x"},
    ):
        assert desk.post("/dispatch/plans/wanted", data={**form, "csrf_token": token}).status_code == 400


def test_only_those_who_plan_are_offered_the_click(desk, as_user):
    for path in ("/dispatch/points", "/dispatch/unvisited", "/dispatch/map?days=30"):
        assert "/dispatch/plans/wanted" in desk.get(path).text, path
        assert "/dispatch/plans/wanted" not in as_user("gis").get(path).text, path


def test_a_zone_offers_its_blind_spots(desk, city):
    page = desk.get(f"/dispatch/zones/{city.street_ids[1]}?days=30").text
    assert page.count('name="kind" value="gap"') >= 1


def test_a_plan_is_asked_for_solved_by_a_job_changed_published_and_withdrawn(
    new_database, web_settings, clock
):
    settings = replace(web_settings, database_url=new_database())
    with transaction(make_engine(settings.database_url)) as session:
        make_city(session, settings, NOON.date(), NOON)
        session.execute(text("UPDATE team SET depot = ST_Point(114.055, 22.532, 4326)"))
    client = create_app(settings, clock=clock, TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client()
    log_in(client, "dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    token = csrf(client, "/dispatch/plans/new")
    form = {
        "from": DAYS[0],
        "to": DAYS[0],
        "include": "overdue",
        "most": "20",
        "keep": "soft",
        "seconds": "0.5",
    }
    due = client.get("/dispatch/plans/due", query_string=form).text
    assert "Never visited" in due
    address = client.post("/dispatch/plans/", data={**form, "csrf_token": token}).location
    plan_id = int(address.rsplit("/", 1)[1])
    with transaction(make_engine(settings.database_url)) as session:
        job_id = session.execute(text("SELECT job_id FROM plan WHERE id = :id"), {"id": plan_id}).scalar_one()
    execute(settings, job_id)
    page = client.get(address).text
    assert "data-await-job" not in page
    made = newest(settings, plan_id)
    stops = orders(made)[f"{DAYS[0]}/T1"]
    assert stops
    assert len(stops) + len(made["unserved"]) == 2, (
        "both points, each in a patrol or left out with its reason"
    )
    assert f'data-stop="{stops[0]}"' in page

    said = {"version": "1", "csrf_token": token}
    client.post(f"{address}/change", data={**said, "do": "pin", "stop": stops[0]})
    late = client.post(f"{address}/publish", data=said)
    assert late.status_code == 409
    assert "Do it all the same" in late.text
    said["version"] = "2"
    assert (
        "1 patrol is published." in client.post(f"{address}/publish", data=said, follow_redirects=True).text
    )
    client.post(f"{address}/change", data={**said, "do": "unpin", "stop": stops[0]})
    assert "Published is version 2" in client.get(address).text
    said["version"] = "3"
    assert (
        "1 patrol was taken back."
        in client.post(f"{address}/withdraw", data=said, follow_redirects=True).text
    )
    assert client.post(f"{address}/withdraw", data=said).status_code == 400
    assert client.post(f"{address}/resolve", data=said).status_code == 302
    assert "data-await-job" in client.get(address).text
