"""Lists down to the day and the person: everybody finds his own and nobody else's, dispatchers everybody's."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from geoservice.domain.cases import Action, State
from geoservice.services import orders
from geoservice.store.base import make_engine, transaction
from geoservice.store.cases import Deputy
from geoservice.store.inspections import Checklist, Inspection, InspectionTask
from geoservice.store.patrols import Patrol, Route, RouteStop
from geoservice.store.people import Department, Leader, Team
from geoservice.store.points import Point
from geoservice.store.sightings import CheckIn
from tests.factories import SCRIPT_NAME
from tests.services.order_kit import StoredCase, assigned
from tests.web.conftest import NOON

TODAY = NOON.date()


@pytest.fixture(scope="module")
def day(web_settings, city) -> None:
    """A day: two stops of which one is done, an inspection, cases for everybody, an order."""
    with transaction(make_engine(web_settings.database_url)) as session:
        points = session.scalars(select(Point).order_by(Point.code)).all()
        route = Route(code="RT", name="午间路线")
        session.add(route)
        session.flush()
        session.add_all([
            RouteStop(route_id=route.id, position=1, point_id=points[0].id, arrive_s=0),
            RouteStop(route_id=route.id, position=2, point_id=points[1].id, arrive_s=5400),
        ])  # fmt: skip
        team = session.scalars(select(Team).where(Team.code == "T1")).one()
        session.add(
            Patrol(
                on_day=TODAY, route_id=route.id, team_id=team.id, status="published",
                starts_at=NOON - timedelta(hours=1), ends_at=NOON + timedelta(hours=2),
            )
        )  # fmt: skip
        session.add(
            CheckIn(point_id=points[0].id, member_id=city.member_id, at=NOON, has_findings=False, note="")
        )
        _inspections(session, city, points)
        department = session.scalars(select(Department).where(Department.code == "D1")).one()
        other = Department(code="D9", name="别的局")
        session.add(other)
        session.flush()
        assigned(
            session,
            web_settings,
            "TK-mine",
            NOON - timedelta(hours=8),
            title="我的",
            department_id=department.id,
        )
        assigned(session, web_settings, "TK-other", NOON, title="CANARY别人的", department_id=other.id)
        taken = assigned(
            session, web_settings, "TK-taken", NOON, title=SCRIPT_NAME, department_id=department.id
        )
        taken.row.handler_id = city.user_ids["handler"]
        taken.take(Action.ACCEPT, NOON)
        leader = session.scalars(select(Leader).where(Leader.code == "L1")).one()
        assigned(session, web_settings, "TK-leader", NOON, title="领导包抓的", leader_id=leader.id)
        session.add(
            Deputy(
                leader_id=city.leader_ids[0], deputy_id=city.leader_ids[1],
                valid_from=TODAY + timedelta(days=1), valid_to=TODAY + timedelta(days=2),
            )
        )  # fmt: skip
        reported = StoredCase(session, web_settings, "TK-new", title="新上报")
        reported.row.state, reported.row.due_at = State.REPORTED.value, NOON + timedelta(hours=1)
        orders.raise_due(session, web_settings, now=NOON)


def _inspections(session, city, points) -> None:
    checklist = session.scalars(select(Checklist).order_by(Checklist.id)).first()
    inspection = Inspection(
        name="三月暗访", kind="covert", from_on=TODAY, to_on=TODAY + timedelta(days=3), spec={}
    )
    session.add(inspection)
    session.flush()
    for ahead, point in enumerate(points):
        session.add(
            InspectionTask(
                inspection_id=inspection.id, point_id=point.id, on_day=TODAY + timedelta(days=ahead),
                inspector_id=city.user_ids["inspector"], checklist_id=checklist.id,
            )
        )  # fmt: skip


def test_what_reaches_nobody_stands_on_the_list_of_the_desk(as_user, day, web_settings, city):
    """A late case of an office without accounts or of a leader without one, its order, points of somebody who left."""
    with transaction(make_engine(web_settings.database_url)) as session:
        session.execute(text("UPDATE app_user SET active = false WHERE login = 'inspector'"))
        cadre = session.scalars(select(Leader).where(Leader.code == "L3")).one()
        late = NOON - timedelta(days=9)
        assigned(session, web_settings, "TK-cadre", late, title="无账号的人", leader_id=cadre.id)
        empty = session.scalars(select(Department).where(Department.code == "D9")).one()
        first = city.leader_ids[0]
        assigned(
            session, web_settings, "TK-both", late, title="单位无人", department_id=empty.id, leader_id=first
        )
        orders.raise_due(session, web_settings, now=NOON)
    try:
        desk, leader = as_user("dispatcher").get("/today/").text, as_user("leader").get("/today/").text
        for number in ("TK-other", "TK-cadre"):
            assert number in desk, number
        assert "TK-both" in leader, "its office has nobody, its leader has it"
        assert "三月暗访" in desk, "its inspector has left"
        with transaction(make_engine(web_settings.database_url)) as session:
            raised = session.scalars(
                text("SELECT number FROM supervision_order WHERE replied_at IS NULL")
            ).all()
        assert raised
        pages = [as_user(login).get("/today/").text for login in ("handler", "leader", "other", "dispatcher")]
        for number in raised:
            assert any(number in page for page in pages), number
    finally:
        with transaction(make_engine(web_settings.database_url)) as session:
            session.execute(text("UPDATE app_user SET active = true WHERE login = 'inspector'"))
            session.execute(
                text(
                    "DELETE FROM supervision_order WHERE case_id IN (SELECT id FROM patrol_case WHERE number IN ('TK-cadre', 'TK-both'))"
                )
            )
            session.execute(
                text("UPDATE patrol_case SET state = 'closed' WHERE number IN ('TK-cadre', 'TK-both')")
            )


def test_each_finds_his_own_and_nobody_elses(as_user, day):
    pages = {login: as_user(login).get("/today/").text for login in ("member", "inspector", "handler", "leader", "dispatcher", "gis")}  # fmt: skip
    holds = {
        "member": ["桂园市场", "CANARY翠竹市场", "早班路线"],
        "inspector": ["桂园市场", "三月暗访"],
        "handler": ["TK-mine", "TK-taken", "督2026-0001"],
        "leader": ["TK-leader"],
        "dispatcher": ["TK-new"],
        "gis": [],
    }
    everything = {word for words in holds.values() for word in words} | {"CANARY别人的"}
    allowed = {
        "inspector": {"桂园市场"},
        "member": {"桂园市场"},
        "dispatcher": {"桂园市场", "CANARY别人的"},  # an office without anybody: the desk has it
    }
    for login, words in holds.items():
        for word in words:
            assert word in pages[login], (login, word)
        for word in everything - set(words) - allowed.get(login, set()):
            assert word not in pages[login], (login, word)
        assert "<script>window" not in pages[login]
    assert "&lt;script&gt;" in pages["handler"]


def test_what_is_done_is_counted_and_stands_at_the_end(as_user, day):
    page = as_user("member").get("/today/").text
    assert page.index("CANARY翠竹市场") < page.index('data-state="done"') < page.rindex("桂园市场")


def test_an_inspection_of_a_day_to_come_stays_closed(as_user, day):
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    page = as_user("inspector").get(f"/today/?on={tomorrow}").text
    assert "CANARY翠竹市场" not in page
    lists = as_user("dispatcher").get(f"/today/people.json?on={tomorrow}").json["people"]
    assert any(one["role"] == "inspector" for one in lists)


def test_a_dispatcher_reads_everybodys_list_as_page_json_and_workbook(as_user, day):
    desk = as_user("dispatcher")
    people = desk.get("/today/people.json").json["people"]
    by_login = {one["login"]: one for one in people}
    assert {"member", "inspector", "handler", "leader", None} <= set(by_login)
    numbers = [task["number"] for task in by_login["handler"]["tasks"]]
    assert {"TK-mine", "TK-taken", "督2026-0001"} <= set(numbers)
    assert "TK-other" not in numbers
    assert by_login["member"]["done"] == 1
    page = desk.get("/today/people?q=member").text
    assert "用户 member" in page
    assert "用户 handler" not in page
    answer = desk.get("/today/people.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 1 + sum(len(one["tasks"]) for one in people)
    assert SCRIPT_NAME in {row[4] for row in rows}
    assert desk.get("/today/?on=never").status_code == 400
    assert desk.get("/today/people?on=2031-01-01").status_code == 400


def test_a_list_says_the_same_alone_and_among_all(as_user, day, web_settings):
    """Two ways to the same lists: asked for one person, and shared out from one question for everybody."""
    from geoservice.services import tasks as service
    from geoservice.services.accounts import account_of

    with transaction(make_engine(web_settings.database_url)) as session:
        ids = {row.login: row.id for row in session.execute(text("SELECT login, id FROM app_user"))}
        for on in (TODAY, TODAY + timedelta(days=1)):
            whole = {one.login: one for one in service.lists_of_day(session, web_settings, on, now=NOON)}
            for login in ("member", "handler", "leader", "other"):
                alone = service.list_of(session, web_settings, account_of(session, ids[login]), on, now=NOON)
                assert (whole[login].tasks if login in whole else ()) == alone.tasks, (login, on)
        assert "TK-leader" in {task.number for task in whole["other"].tasks}, (
            "a deputy has what the absent one has"
        )
