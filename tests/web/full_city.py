"""A city in which something of everything was done, so that each kind of page has something to show."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from geoservice.domain.report_kinds import ReportKind
from geoservice.jobs.run import execute
from geoservice.services import orders, reports
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import department_by_code
from geoservice.store.scope import EVERYTHING
from tests.services.order_kit import assigned
from tests.web.case_kit import Desk, picture
from tests.web.conftest import NOON, csrf, log_in
from tests.web.desk_kit import draft_of, run_job_of
from tests.web.plans_kit import add_plan, content

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from geoservice.config import Settings
    from tests.factories import City

TODAY = NOON.date()
LAST_WEEK = TODAY - timedelta(days=7)


def fill(app: Flask, settings: Settings, city: City) -> str:
    """Do it, the day's round apart (`way_kit.kept_round`); return the path of a map that was shared."""
    _let_cases_run(settings, city)
    _raise_orders(settings, city)
    _publish_a_report(settings)
    add_plan(settings, content())
    desk = _client(app, "dispatcher")
    _draw_an_inspection(desk)
    _ask_for_a_suggestion(desk, settings)
    _send(desk, "/sheets/all", "/account/password")
    _tell_as_a_citizen(app)
    _check_a_list(_client(app, "gis"), settings)
    shared = _send(desk, "/sharing/", name="某某", days="7", people="none", origins="")
    found = re.search(r'data-copy="http://localhost(/shared/[\w-]{43})"', shared.text)
    assert found
    return found[1]


def _client(app: Flask, login: str) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, login).status_code == 302
    return client


def _send(client: FlaskClient, address: str, page: str | None = None, **form: str):
    answer = client.post(address, data={**form, "csrf_token": csrf(client, page or address)})
    assert answer.status_code < 400, answer.text
    return answer


def _let_cases_run(settings: Settings, city: City) -> None:
    desk = Desk(settings, city, NOON - timedelta(hours=30))
    handed = desk.handed(number=1)
    desk.keep_photo(handed.id, picture(1))
    desk.report(number=2, by="leader")
    with transaction(make_engine(settings.database_url), EVERYTHING) as session:
        # Whoever walks the round told of one too.
        walker = "(SELECT id FROM app_user WHERE login = 'walker')"
        session.execute(text(f"UPDATE patrol_case SET reported_by = {walker} WHERE id = {handed.id}"))
        flag = "INSERT INTO evidence_flag (evidence_id, code) SELECT id, 'no_camera' FROM evidence"
        session.execute(text(f"{flag} ON CONFLICT DO NOTHING"))


def _raise_orders(settings: Settings, city: City) -> None:
    with transaction(make_engine(settings.database_url)) as session:
        department = department_by_code(session, "D1")
        assert department
        assigned(
            session, settings, "OW1", NOON - timedelta(hours=14), department_id=department.id,
            leader_id=city.leader_ids[0], zone_id=city.grid_ids[0][5],
        )  # fmt: skip
        orders.raise_due(session, settings, now=NOON)


def _publish_a_report(settings: Settings) -> None:
    with transaction(make_engine(settings.database_url)) as session:
        reports.prepare(session, settings, ReportKind.WEEK, LAST_WEEK, now=NOON)
        draft = reports.make(session, settings, ReportKind.WEEK, LAST_WEEK, by=None, now=NOON)
        reports.publish(session, settings, draft.id, by=None, now=NOON)


def _draw_an_inspection(desk: FlaskClient) -> None:
    wish = {
        "name": "抽查", "kind": "random", "from_on": TODAY.isoformat(), "to_on": TODAY.isoformat(), "size": "2",
        "seed": "7", "inspectors": "inspector",
    }  # fmt: skip
    looked = desk.get("/dispatch/inspections/new", query_string={**wish, "look": "1"}).text
    seen = re.search(r'name="seen" value="([^"]+)"', looked)
    assert seen
    _send(desk, "/dispatch/inspections/new", **wish, seen=seen[1])


def _ask_for_a_suggestion(desk: FlaskClient, settings: Settings) -> None:
    days = {"from": LAST_WEEK.isoformat(), "to": TODAY.isoformat()}
    asked = _send(desk, "/dispatch/suggest/", **days, budget="posts", amount="3", mode="foot", seconds="2")
    execute(settings, int(asked.location.rsplit("/", 1)[1]))


def _tell_as_a_citizen(app: Flask) -> None:
    citizen = app.test_client()
    page = citizen.get("/snapshot/").text
    hidden = dict(re.findall(r'name="(csrf_token|client_uuid)" value="([^"]+)"', page))
    answer = citizen.post(
        "/snapshot/", data={**hidden, "description": "井盖破损", "place": "114.054500,22.534500"}
    )
    assert answer.status_code == 200


def _check_a_list(gis: FlaskClient, settings: Settings) -> None:
    """One list that was checked, and one that waits to be told what it is."""
    for rows in (
        "code,name,lon,lat\nA1,甲,114.06,22.53\n",
        "code,name,category,lon,lat\nA2,乙,market,114.061,22.531\n",
    ):
        draft = draft_of(_send(gis, "/gis/import", text=rows).location)
        run_job_of(settings, draft)
    version = re.search(r'name="row_version" value="(\d+)"', gis.get(f"/gis/import/{draft}").text)
    assert version
    _send(
        gis,
        f"/gis/import/{draft}/choose",
        f"/gis/import/{draft}",
        row_version=version[1],
        kind="points",
        then="check",
    )
    run_job_of(settings, draft)
