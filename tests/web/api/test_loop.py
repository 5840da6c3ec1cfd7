"""Orders, inspections, photos and reports through REST: each told to those whom its page shows it, and to nobody else."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from geoservice.domain.report_kinds import ReportKind
from geoservice.services import evidence, orders, reports
from geoservice.services.evidence import Subject
from geoservice.services.inspections import drawing
from geoservice.services.inspections.wishes import Wish
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import department_by_code
from tests.photo_kit import jpeg
from tests.services.order_kit import assigned
from tests.web.conftest import NOON

TODAY = NOON.date()


@pytest.fixture(scope="module")
def made(place) -> dict[str, int]:
    """Two orders about a case that was due ten hours before noon, and a photo of it that no camera signed."""
    with transaction(make_engine(place.settings.database_url)) as session:
        department = department_by_code(session, "D1")
        assert department is not None
        case = assigned(
            session, place.settings, "OA1", NOON - timedelta(hours=14), title="<b>", department_id=department.id,
            leader_id=place.city.leader_ids[0], zone_id=place.city.grid_ids[0][5],
        )  # fmt: skip
        reminder, green = orders.raise_due(session, place.settings, now=NOON)
        photo = evidence.take(
            session, place.settings, io.BytesIO(jpeg(5, make="", model="")), subject=Subject("case", case.id), stage="before", by=None,
            at=NOON, now=NOON,
        )  # fmt: skip
    return {"case": case.id, "reminder": reminder, "green": green, "photo": photo.id}


def _ids(program, address: str) -> list[int]:
    answer = program.get(address)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def test_orders_are_listed_to_the_desk_and_to_those_they_went_to(place, made):
    desk, handler, leader, other = map(place.program, ("dispatcher", "handler", "leader", "other"))
    both = [made["green"], made["reminder"]]
    assert _ids(desk, f"/orders?case_id={made['case']}") == both
    first = desk.get(f"/orders?case_id={made['case']}&limit=1")
    assert 'rel="next"' in first.headers["Link"]
    assert _ids(desk, f"/orders?case_id={made['case']}&after={first.json['after']}") == both[1:]
    assert _ids(desk, "/orders?kind=green&state=new&from=2026-03-17&to=2026-03-18") == both[:1]
    assert _ids(handler, "/orders") == both
    assert _ids(leader, "/orders") == both[:1]
    assert _ids(other, "/orders") == []
    assert desk.get("/orders?kind=purple").status_code == 400
    for program in (leader, other):
        assert program.get(f"/orders/{made['reminder']}").status_code == 404
    full = desk.get(f"/orders/{made['green']}").json
    assert (full["order"]["case_number"], full["document"]["case"]["title"]) == ("OA1", "<b>")
    assert [one["step"] for one in full["order"]["recipients"]] == ["department", "leader"]


def test_an_order_is_signed_and_answered_once_by_whom_it_went_to(place, made):
    handler, leader, desk = map(place.program, ("handler", "leader", "dispatcher"))
    address = f"/orders/{made['green']}"
    assert desk.post(f"{address}/receipt").status_code == 403
    assert place.program("other").post(f"{address}/reply", {"reply": "x"}).status_code == 404
    for _ in range(2):
        signed = handler.post(f"{address}/receipt")
        assert (signed.status_code, signed.json["order"]["state"]) == (200, "received")
    assert leader.post(f"{address}/receipt").status_code == 409
    assert handler.post(f"{address}/reply", {"reply": "   "}).status_code == 400
    for _ in range(2):
        answered = handler.post(f"{address}/reply", {"reply": "已清理"})
        assert (answered.status_code, answered.json["order"]["reply"]) == (200, "已清理")
    late = leader.post(f"{address}/reply", {"reply": "已办"})
    assert late.status_code == 409
    assert "用户 handler" in late.json["detail"]


def test_a_flagged_photo_waits_for_the_desk(place, made):
    desk = place.program("dispatcher")
    assert made["photo"] in _ids(desk, "/photos?flag=no_camera")
    assert made["photo"] not in _ids(desk, "/photos?judged=true")
    full = desk.get(f"/photos/{made['photo']}").json
    assert (full["photo"]["subject_kind"], full["photo"]["subject_id"]) == ("case", made["case"])
    assert full["verdicts"] == []
    assert "no_camera" in {flag["code"] for flag in full["flags"]} == set(full["photo"]["flags"])
    assert place.program("handler").get("/photos").status_code == 403


def test_an_inspection_tells_how_far_it_is(place):
    with transaction(make_engine(place.settings.database_url)) as session:
        wish = Wish("三月抽查", "random", TODAY, TODAY, 7, size=2, inspectors=("inspector",))
        made = drawing.make(session, place.settings, wish, by=place.city.user_ids["admin"], now=NOON)
    desk = place.program("dispatcher")
    assert made in _ids(desk, "/inspections")
    full = desk.get(f"/inspections/{made}").json
    told = full["inspection"]
    assert (told["state"], told["tasks"], told["done"], told["score"]) == ("running", 2, 0, None)
    assert {task["inspector"] for task in full["tasks"]} == {"用户 inspector"}
    assert desk.get("/inspections/999999").status_code == 404
    assert place.program("inspector").get(f"/inspections/{made}").status_code == 403


def test_reports_are_told_once_they_are_published(place):
    day = TODAY - timedelta(days=1)
    with transaction(make_engine(place.settings.database_url)) as session:
        draft = reports.make(session, place.settings, ReportKind.DAY, day, by=None, now=NOON)
    handler = place.program("handler")
    assert draft.id not in _ids(handler, "/reports")
    assert handler.get(f"/reports/{draft.id}").status_code == 404
    with transaction(make_engine(place.settings.database_url)) as session:
        reports.publish(session, place.settings, draft.id, by=None, now=NOON)
    assert draft.id in _ids(handler, "/reports?kind=day")
    assert _ids(handler, "/reports?kind=quarter") == []
    full = handler.get(f"/reports/{draft.id}").json
    assert (full["is_sound"], full["inputs_sha256"]) == (True, draft.inputs_sha256)
    assert full["content"] == draft.content
    assert place.program("member").get("/reports").status_code == 403
