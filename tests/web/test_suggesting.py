"""Suggestions: asked for on a form, computed by a job in the asker's scope, shown to him and to who sees everything."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import text

from geoservice.jobs.run import execute
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.factories import MINE, OTHERS, add_user
from tests.web.conftest import csrf

FORM = {
    "from": "2026-03-12",
    "to": "2026-03-18",
    "budget": "posts",
    "amount": "3",
    "mode": "foot",
    "seconds": "5",
}


@pytest.fixture
def run(web_settings):
    """Do a job here and now."""
    return lambda job_id: execute(web_settings, job_id)


@pytest.fixture
def english(as_user):
    def log_in(login: str):
        client = as_user(login)
        client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
        return client

    return log_in


def _ask(client, **form):
    token = csrf(client, "/dispatch/suggest/")
    return client.post("/dispatch/suggest/", data={**FORM, **form, "csrf_token": token})


def _asked(client, **form) -> int:
    answer = _ask(client, **form)
    assert answer.status_code == 302, answer.text
    return int(answer.location.rsplit("/", 1)[1])


def test_a_suggestion_is_asked_for_watched_and_read(english, run):
    client = english("dispatcher")
    job_id = _asked(client)
    assert _asked(client) == job_id, "a second click is the same job"
    watched = client.get(f"/jobs/{job_id}").text
    assert "Suggest what to do" in watched
    assert "Cancel" in watched
    assert client.get(f"/dispatch/suggest/{job_id}").location == f"/jobs/{job_id}"
    run(job_id)
    assert f'href="/dispatch/suggest/{job_id}"' in client.get(f"/jobs/{job_id}").text
    page = client.get(f"/dispatch/suggest/{job_id}").text
    assert page.count("data-fly-to") == 3
    assert page.count("minutes with the way there and back") == 3
    assert (
        "proven: nothing better fits this budget" in page
        or "nothing that fits this budget closes more" in page
    )
    drawn = client.get(f"/dispatch/suggest/{job_id}/map").text
    assert "shapes-suggestions" in drawn
    assert "shapes-gaps" in drawn
    file = client.get(f"/dispatch/suggest/{job_id}/items.geojson")
    assert file.headers["Content-Disposition"].endswith(f'"suggestion-{job_id}.geojson"')
    features = json.loads(file.text)["features"]
    assert [one["properties"]["rank"] for one in features] == [1, 2, 3]
    shares = [one["properties"]["share"] for one in features]
    assert shares == sorted(shares, reverse=True)
    shown = float(re.search(r"Of what is missing, closed</dt><dd>([\d.]+)%", page)[1])
    assert shown == pytest.approx(100 * sum(shares), abs=0.06)
    assert all("closes" in one["properties"]["why"] for one in features)
    assert f"/dispatch/suggest/{job_id}" in client.get("/dispatch/suggest/").text


def test_a_zone_narrows_what_is_asked_and_what_is_drawn(english, run):
    client = english("dispatcher")
    job_id = _asked(client, zone="440399002", budget="minutes", amount="25")
    run(job_id)
    page = client.get(f"/dispatch/suggest/{job_id}").text
    closed = set(re.findall(r"44039900\d{4}", page))
    assert closed
    assert all(code.startswith("440399002") for code in closed)
    drawn = client.get(f"/dispatch/suggest/{job_id}/map").text
    assert OTHERS in drawn
    assert f"{MINE}01网格" not in drawn


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "0"}, "0 is no number of posts"),
        ({"amount": "-3"}, "-3 is no number of posts"),
        ({"amount": "many"}, "many is no number of posts"),
        ({"amount": "2.5"}, "2.5 is no number of posts"),
        ({"budget": "minutes", "amount": "0"}, "minutes are no budget"),
        ({"budget": "minutes", "amount": "nan"}, "minutes are no budget"),
        ({"budget": "minutes", "amount": "inf"}, "minutes are no budget"),
        ({"budget": "money"}, "Give a budget"),
        ({"seconds": "31"}, "at most 30"),
        ({"seconds": "0"}, "at most 30"),
        ({"seconds": "x"}, "at most 30"),
        ({"mode": "boat"}, "makes no sense"),
        ({"zone": "999"}, "999"),
        ({"from": "soon"}, "soon"),
        ({"from": "2026-03-19"}, "2026-03-19"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_form(english, wrong, said):
    client = english("dispatcher")
    answer = _ask(client, **wrong)
    assert answer.status_code in {400, 404}
    assert said in answer.text
    assert 'role="alert"' in answer.text
    if "amount" in wrong:
        assert f'value="{wrong["amount"]}"' in answer.text


def test_days_without_data_say_so_before_anything_is_asked(english, run):
    client = english("dispatcher")
    page = client.get("/dispatch/suggest/?from=2025-01-01&to=2025-01-02").text
    assert "there is nothing to suggest from" in page
    assert 'name="amount"' not in page
    job_id = _asked(client, **{"from": "2025-01-01", "to": "2025-01-02"})
    run(job_id)
    assert "There is no coverage from 2025-01-01 to 2025-01-02 yet." in client.get(f"/jobs/{job_id}").text
    assert client.get(f"/dispatch/suggest/{job_id}/map").status_code == 404


def test_ground_without_a_gap_says_so(english, run):
    client = english("dispatcher")
    job_id = _asked(client, zone="440399001001")
    run(job_id)
    page = client.get(f"/dispatch/suggest/{job_id}").text
    assert "There are no blind spots in this window and ground" in page
    assert "%" not in re.sub(r"<[^>]*>", "", page[page.index("<main") :])


def test_a_scope_is_kept_by_the_work_and_by_its_pages(english, run, web_settings):
    mine, everybody = english("part"), english("dispatcher")
    job_id = _asked(mine, amount="8")
    run(job_id)
    page = mine.get(f"/dispatch/suggest/{job_id}").text
    codes = set(re.findall(r"44039900\d{4}", page))
    assert codes
    assert all(code.startswith("440399002") for code in codes)
    assert not re.search(f"{MINE}[0-9街市路]", page)
    assert not re.search(f"{MINE}[0-9街市路]", mine.get(f"/dispatch/suggest/{job_id}/map").text)
    assert _ask(mine, zone="440399001").status_code == 404, "a zone of another scope is not there"
    theirs = _asked(everybody)
    run(theirs)
    for address in (f"/dispatch/suggest/{theirs}", f"/dispatch/suggest/{theirs}/map"):
        assert mine.get(address).status_code == 404
        assert everybody.get(address.replace(str(theirs), str(job_id))).status_code == 200
    assert f"/dispatch/suggest/{theirs}" not in mine.get(f"/jobs/{theirs}").text
    assert f"/dispatch/suggest/{theirs}" not in mine.get("/dispatch/suggest/").text


def test_what_was_asked_in_a_wider_scope_is_not_shown_in_a_narrower_one(english, run, web_settings, city):
    from geoservice.domain.roles import Role

    engine = make_engine(web_settings.database_url)
    with transaction(engine, EVERYTHING) as session:
        user_id = add_user(session, "narrowed", Role.DISPATCHER)
    client = english("narrowed")
    job_id = _asked(client)
    run(job_id)
    assert client.get(f"/dispatch/suggest/{job_id}").status_code == 200
    with transaction(engine, EVERYTHING) as session:
        session.execute(
            text("UPDATE app_user SET scope_zone_id = :zone WHERE id = :id"),
            {"zone": city.street_ids[1], "id": user_id},
        )
    assert client.get(f"/dispatch/suggest/{job_id}").status_code == 404


def test_another_kind_of_job_is_no_suggestion(english):
    client = english("dispatcher")
    form = {"from": "2026-02-01", "to": "2026-02-02", "csrf_token": csrf(client, "/dispatch/")}
    job_id = int(client.post("/jobs/coverage", data=form).location.rsplit("=", 1)[1])
    assert client.get(f"/dispatch/suggest/{job_id}").status_code == 404
