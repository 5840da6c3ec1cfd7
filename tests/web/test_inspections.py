"""Checklists, inspections and the inspector's phone, in the pages."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.formats.reader import read_table
from geoservice.store.base import make_engine, transaction
from tests.factories import add_user
from tests.photo_kit import jpeg
from tests.web.conftest import NOON, csrf

if TYPE_CHECKING:
    from pathlib import Path

TODAY = NOON.date()
FIELDS = {
    "name": "三月<b>抽查</b>",
    "kind": "random",
    "from_on": TODAY.isoformat(),
    "to_on": TODAY.isoformat(),
    "size": "2",
    "seed": "7",
    "inspectors": "inspector",
}


@pytest.fixture
def rows(web_settings, city):
    """What the database holds; whatever a test made of inspections and cases is gone afterwards."""
    engine = make_engine(web_settings.database_url)

    def ask(sql: str, **values):
        with transaction(engine) as session:
            found = session.execute(text(sql), values)
            return found.all() if found.returns_rows else []

    yield ask
    ask(
        "TRUNCATE inspection_result, inspection_task, inspection, evidence, evidence_flag, patrol_case, case_step, case_clock, "
        "case_request, deadline_move CASCADE"
    )
    ask("DELETE FROM checklist WHERE valid_from IS NULL")


@pytest.fixture
def made(as_user, rows) -> int:
    """An inspection of both points of the city, for today."""
    desk = as_user("dispatcher")
    page = desk.get("/dispatch/inspections/new", query_string={**FIELDS, "look": "1"}).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    form = {**FIELDS, "seen": seen, "csrf_token": csrf(desk, "/dispatch/inspections/new")}
    answer = desk.post("/dispatch/inspections/new", data=form)
    assert answer.status_code == 302
    return int(answer.location.rsplit("/", 1)[1])


def _photo(seed: int = 5) -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(seed)), "现场.jpg"


def _answers(rows, task_id: int, fails: tuple[str, ...] = ()) -> dict[str, str]:
    found = rows(
        "SELECT i.id, i.code FROM checklist_item i JOIN inspection_task t USING (checklist_id) WHERE t.id = :id",
        id=task_id,
    )
    return {f"result-{row.id}": "fail" if row.code in fails else "pass" for row in found}


def _item(rows, code: str) -> int:
    return rows("SELECT id FROM checklist_item WHERE code = :code ORDER BY id LIMIT 1", code=code)[0].id


def test_a_preview_shows_strata_and_is_made_as_shown(as_user, made, rows):
    desk = as_user("dispatcher")
    page = desk.get(f"/dispatch/inspections/{made}").text
    assert "三月&lt;b&gt;抽查" in page
    assert "桂园市场" in page
    assert rows("SELECT seed FROM inspection")[0].seed == 7
    assert desk.get("/dispatch/inspections/").text.count("0 / 2") == 1
    changed = {**FIELDS, "size": "1", "seen": "x" * 24, "csrf_token": csrf(desk, "/dispatch/inspections/new")}
    assert desk.post("/dispatch/inspections/new", data=changed).status_code == 409
    assert len(rows("SELECT 1 FROM inspection")) == 1


def test_what_can_not_be_made_says_why_beside_the_form(as_user, city):
    desk = as_user("dispatcher")
    for change, said in (
        ({"inspectors": "nobody-<i>"}, "nobody-&lt;i&gt;"),
        ({"size": "many"}, "many"),
        ({"kind": "fixed"}, ""),
        ({"to_on": "2020-01-01"}, "2020-01-01"),
    ):
        answer = desk.get("/dispatch/inspections/new", query_string={**FIELDS, "look": "1", **change})
        assert answer.status_code == 400, change
        alert = answer.text.split('role="alert">')[1].split("</p>")[0]
        assert alert
        assert said in alert


def test_an_inspector_goes_through_his_day(as_user, made, rows):
    one = as_user("inspector")
    page = one.get("/field/inspections/").text
    ids = [int(number) for number in re.findall(r'href="/field/inspections/(\d+)"', page)]
    assert len(ids) == 2
    address = f"/field/inspections/{ids[0]}"
    token = csrf(one, address)
    fire = _item(rows, "MK07")
    form = {
        **_answers(rows, ids[0], ("MK04",)),
        "csrf_token": token,
        f"note-{_item(rows, 'MK04')}": "无证照<i>",
    }
    refused = one.post(address, data=form)
    assert refused.status_code == 400
    assert "无证照&lt;i&gt;" in refused.text
    assert rows("SELECT 1 FROM patrol_case") == []
    photo = one.post(f"{address}/photos", data={"csrf_token": token, "item": str(fire), "photos": _photo()})
    assert photo.status_code == 200
    assert "<img" in photo.text
    sent = one.post(address, data={**form, f"photos-{_item(rows, 'MK04')}": _photo()})
    assert (sent.status_code, sent.location) == (302, "/field/inspections/")
    again = one.post(address, data=form)
    assert again.status_code == 302
    other = one.post(address, data={**form, **_answers(rows, ids[0])})
    assert other.status_code == 409
    case = rows("SELECT kind, source, description FROM patrol_case")
    assert [(row.kind, row.source) for row in case] == [("food", "inspection")]
    assert "无证照<i>" in case[0].description
    assert len(rows("SELECT 1 FROM evidence WHERE task_id IS NOT NULL AND item_id IS NOT NULL")) == 2
    done = one.get(address).text
    assert "无证照&lt;i&gt;" in done
    assert 'name="result-' not in done
    shown = as_user("dispatcher").get(f"/dispatch/inspections/tasks/{ids[0]}")
    assert shown.status_code == 200
    assert "<img" in shown.text
    assert "1 / 2" in as_user("dispatcher").get(f"/dispatch/inspections/{made}").text


def test_a_case_of_a_finding_shows_its_photos_to_whoever_sees_the_case_and_no_others(as_user, made, rows):
    one = as_user("inspector")
    tasks = rows(
        "SELECT t.id, p.code FROM inspection_task t JOIN point p ON p.id = t.point_id ORDER BY p.code"
    )
    for task in tasks:
        address = f"/field/inspections/{task.id}"
        photos = {f"photos-{_item(rows, code)}": _photo(task.id) for code in ("MK04", "MK07")}
        form = {**_answers(rows, task.id, ("MK04",)), "csrf_token": csrf(one, address), **photos}
        assert one.post(address, data=form).status_code == 302
    cases = [
        row.id
        for row in rows("SELECT c.id FROM patrol_case c JOIN point p ON p.id = c.point_id ORDER BY p.code")
    ]
    department = rows("SELECT department_id FROM app_user WHERE login = 'handler'")[0].department_id
    rows("UPDATE patrol_case SET department_id = :d WHERE id = :id", d=department, id=cases[0])
    served = {
        (row.code, row.task_id): f"/photos/{row.served}-small.jpg"
        for row in rows(
            "SELECT i.code, e.task_id, e.served FROM evidence e JOIN checklist_item i ON i.id = e.item_id"
        )
    }
    found, other = (served["MK04", task.id] for task in tasks)
    for login, door in (
        ("handler", "handling"),
        ("dispatcher", "cases"),
        ("inspector", "tell"),
        ("leader", "handling"),
    ):
        client = as_user(login)
        assert found in client.get(f"/{door}/{cases[0]}").text, login
        assert client.get(found).status_code == 200, login
    # What else was photographed there is not of the case, and another's case is not his.
    handler = as_user("handler")
    assert served["MK07", tasks[0].id] not in handler.get(f"/handling/{cases[0]}").text
    assert handler.get(served["MK07", tasks[0].id]).status_code == 404
    assert handler.get(f"/handling/{cases[1]}").status_code == 404
    assert [as_user(login).get(other).status_code for login in ("handler", "leader", "part")] == [
        404,
        404,
        200,
    ]
    assert as_user("part").get(found).status_code == 404


def test_open_points_pass_to_another_inspector_and_what_was_done_stays(
    as_user, made, rows, web_settings, city
):
    with transaction(make_engine(web_settings.database_url)) as session:
        if "second" not in city.user_ids:
            city.user_ids["second"] = add_user(session, "second", Role.INSPECTOR)
    one, desk = as_user("inspector"), as_user("dispatcher")
    first, last = (
        row.id
        for row in rows(
            "SELECT t.id FROM inspection_task t JOIN point p ON p.id = t.point_id ORDER BY p.code"
        )
    )
    address = f"/field/inspections/{first}"
    form = {
        **_answers(rows, first),
        "csrf_token": csrf(one, address),
        f"photos-{_item(rows, 'MK07')}": _photo(),
    }
    assert one.post(address, data=form).status_code == 302
    kept = csrf(one, f"/field/inspections/{last}")
    page = f"/dispatch/inspections/{made}"
    token = csrf(desk, page)

    def hand(**more):
        return desk.post(
            f"{page}/hand-over", data={"csrf_token": token, "to": "second", "note": "病假<i>", **more}
        )

    assert hand(task=[first]).status_code == 409
    assert hand().status_code == 400
    assert hand(task=[last], to="member").status_code == 400
    assert hand(task=[9999]).status_code == 404
    part = as_user("part")
    theirs = part.post(
        f"{page}/hand-over",
        data={"csrf_token": csrf(part, "/account/password"), "to": "second", "task": [first]},
    )
    assert theirs.status_code == 404, "a point that is none of his part"
    assert rows("SELECT 1 FROM inspection_handover") == []
    assert hand(**{"from": str(city.user_ids["inspector"])}).status_code == 302
    shown = desk.get(page).text
    assert "病假&lt;i&gt;" in shown
    assert "用户 second" in shown
    assert f"/field/inspections/{last}" not in one.get("/field/inspections/").text
    late = one.post(
        f"/field/inspections/{last}",
        data={**_answers(rows, last), "csrf_token": kept},
        headers={"Accept": "application/json"},
    )
    assert (late.status_code, "用户 second" in late.json["detail"]) == (404, True)
    other = as_user("second")
    assert f"/field/inspections/{last}" in other.get("/field/inspections/").text
    assert f"/field/inspections/{first}" not in other.get("/field/inspections/").text
    history = rows("SELECT h.task_id, f.login AS was, t.login AS is FROM inspection_handover h "
                   "JOIN app_user f ON f.id = h.from_id JOIN app_user t ON t.id = h.to_id")  # fmt: skip
    assert history == [(last, "inspector", "second")]
    assert rows("SELECT 1 FROM audit_entry WHERE action = 'inspection.hand_over'")


def test_a_file_that_is_no_photo_is_refused_and_nothing_is_kept(as_user, made, rows):
    one = as_user("inspector")
    task_id = rows("SELECT id FROM inspection_task ORDER BY id LIMIT 1")[0].id
    address = f"/field/inspections/{task_id}"
    data = {
        "csrf_token": csrf(one, address),
        "item": str(_item(rows, "MK07")),
        "photos": (io.BytesIO(b"MZ no photo"), "a.jpg"),
    }
    answer = one.post(f"{address}/photos", data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json["detail"]
    assert rows("SELECT 1 FROM evidence") == []
    strange = {**data, "item": str(_item(rows, "PK01")), "photos": _photo()}
    assert one.post(f"{address}/photos", data=strange).status_code == 400


def test_before_its_day_no_page_says_anything(as_user, made, rows, clock):
    rows("UPDATE inspection_task SET on_day = on_day + 1")
    rows("UPDATE inspection SET to_on = to_on + 1")
    one = as_user("inspector")
    task_id = rows("SELECT id FROM inspection_task ORDER BY id LIMIT 1")[0].id
    assert "市场" not in one.get("/field/inspections/").text
    assert one.get(f"/field/inspections/{task_id}").status_code == 404
    token = csrf(one, "/account/password")
    assert one.post(f"/field/inspections/{task_id}", data={"csrf_token": token}).status_code == 404
    clock.now += timedelta(days=1)
    again = as_user("inspector")
    assert "市场" in again.get("/field/inspections/").text
    assert again.get(f"/field/inspections/{task_id}").status_code == 200


def test_a_part_of_the_city_plans_for_itself(as_user, made, rows, city):
    part = as_user("part")
    page = part.get(f"/dispatch/inspections/{made}").text
    assert "CANARY翠竹市场" in page
    assert "桂园" not in page
    token = csrf(part, "/dispatch/inspections/new")
    assert part.post(f"/dispatch/inspections/{made}/cancel", data={"csrf_token": token}).status_code == 403
    own = {**FIELDS, "size": "5", "csrf_token": token}
    shown = part.get("/dispatch/inspections/new", query_string={**own, "look": "1"}).text
    assert "桂园" not in shown
    own["seen"] = re.search(r'name="seen" value="([^"]+)"', shown)[1]
    answer = part.post("/dispatch/inspections/new", data=own)
    assert answer.status_code == 302
    assert "CANARY翠竹市场" in part.get(answer.location).text
    assert part.post(f"{answer.location}/cancel", data={"csrf_token": token}).status_code == 302


def test_a_dispatcher_cancels_and_takes_results_along(as_user, made, rows, tmp_path: Path):
    desk = as_user("dispatcher")
    answer = desk.get(f"/dispatch/inspections/{made}/results.xlsx")
    path = tmp_path / "r.xlsx"
    path.write_bytes(answer.data)
    assert len(read_table(path)) == 2
    token = csrf(desk, f"/dispatch/inspections/{made}")
    assert desk.post(f"/dispatch/inspections/{made}/cancel", data={"csrf_token": token}).status_code == 302
    assert "市场" not in as_user("inspector").get("/field/inspections/").text
    assert desk.post(f"/dispatch/inspections/{made}/cancel", data={"csrf_token": token}).status_code == 409


def test_a_leader_hears_of_his_own_ground_once_it_is_done(as_user, made, rows):
    leader = as_user("leader")
    ids = {
        row.code: row.id
        for row in rows("SELECT t.id, p.code FROM inspection_task t JOIN point p ON p.id = t.point_id")
    }
    assert "市场" not in leader.get("/leader/inspections/").text
    for task_id in ids.values():
        assert leader.get(f"/leader/inspections/{task_id}").status_code == 404
    one = as_user("inspector")
    for task_id in ids.values():
        address = f"/field/inspections/{task_id}"
        form = {
            **_answers(rows, task_id),
            "csrf_token": csrf(one, address),
            f"photos-{_item(rows, 'MK07')}": _photo(),
        }
        assert one.post(address, data=form).status_code == 302
    page = leader.get("/leader/inspections/").text
    assert "桂园市场" in page
    assert "CANARY" not in page
    assert "<img" in leader.get(f"/leader/inspections/{ids['P0']}").text
    assert leader.get(f"/leader/inspections/{ids['P1']}").status_code == 404


def _draft(desk, rows) -> str:
    token = csrf(desk, "/dispatch/checklists/")
    answer = desk.post("/dispatch/checklists/", data={"category": "park", "csrf_token": token})
    assert answer.status_code == 302
    return answer.location


def test_a_draft_is_changed_refused_and_kept(as_user, rows):
    desk = as_user("dispatcher")
    address = _draft(desk, rows)
    page = desk.get(address).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)[1]
    item = {
        "code": "PK01",
        "title": "保洁",
        "standard": "无垃圾<script>",
        "weight": "2,5",
        "evidence": "always",
        "case_kind": "",
    }
    form = {"name": "公园", "note": "", "seen": seen, "csrf_token": csrf(desk, address)}
    refused = desk.post(address, data={**form, **item, "weight": "heavy"})
    assert refused.status_code == 400
    assert "heavy" in refused.text
    assert desk.post(address, data={**form, **item, "weight": "2.5"}).status_code == 302
    assert "无垃圾&lt;script&gt;" in desk.get(address).text
    assert [(row.code, row.weight) for row in rows(
        "SELECT code, weight FROM checklist_item i JOIN checklist c ON c.id = i.checklist_id WHERE valid_from IS NULL"
    )] == [("PK01", 2.5)]  # fmt: skip
    assert desk.post(address, data={**form, **item, "title": "别的", "weight": "1"}).status_code == 409
    past = {"csrf_token": form["csrf_token"], "valid_from": (TODAY - timedelta(1)).isoformat()}
    assert desk.post(f"{address}/publish", data=past).status_code == 400
    assert desk.post(f"{address}/publish", data={**past, "valid_from": "soon"}).status_code == 400
    assert desk.post(f"{address}/remove", data=past).status_code == 302


def _workbook(*lines: tuple) -> io.BytesIO:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("清单")
        for number, line in enumerate((("点位类别", "测评项编码", "测评项", "测评标准", "权重"), *lines)):
            page.write_row(number, 0, line)
    stream.seek(0)
    return stream


def test_a_workbook_is_checked_then_taken_in(as_user, rows):
    desk = as_user("dispatcher")
    token = csrf(desk, "/dispatch/checklists/")
    good, bad = ("公园广场", "P1", "保洁", "无垃圾", 1), ("动物园", "P2", "<b>围栏</b>", "好", 1)
    address = "/dispatch/checklists/import"
    checked = desk.post(
        address, data={"csrf_token": token, "check": "1", "file": (_workbook(good, bad), "../清单.xlsx")}
    )
    assert checked.status_code == 200
    for said in ("清单", "点位类别", "动物园", '<td class="num">3</td>'):
        assert said in checked.text
    assert rows("SELECT 1 FROM checklist WHERE valid_from IS NULL") == []
    taken = desk.post(address, data={"csrf_token": token, "file": (_workbook(good), "清单.xlsx")})
    assert taken.status_code == 302
    assert len(rows("SELECT 1 FROM checklist WHERE valid_from IS NULL")) == 1
    for broken in ((io.BytesIO(b"no workbook"), "a.xlsx"), (io.BytesIO(b""), "..")):
        answer = desk.post(address, data={"csrf_token": token, "file": broken})
        assert answer.status_code in {400, 422}
    everything = (*bad[0:1], "P2", "x", "y", 0)
    refused = desk.post(address, data={"csrf_token": token, "file": (_workbook(everything), "b.xlsx")})
    assert refused.status_code == 422
    assert "动物园" in refused.text


def test_what_was_never_checked_is_shown_and_taken_along(as_user, made, rows, tmp_path: Path):
    desk = as_user("dispatcher")
    page = desk.get("/dispatch/checklists/unchecked?category=market").text
    assert page.count('data-seen="never"') == 2 * 9
    assert "0 / 18" in page
    assert (
        "P0" not in desk.get("/dispatch/checklists/unchecked?category=market&q=P1").text.split("<tbody>")[-1]
    )
    path = tmp_path / "m.xlsx"
    path.write_bytes(desk.get("/dispatch/checklists/unchecked.xlsx?category=market").data)
    assert len(read_table(path)) == 18
    assert desk.get("/dispatch/checklists/unchecked?zone=999999").status_code == 200


def test_checklists_go_out_and_come_back_unchanged(as_user, rows):
    desk = as_user("dispatcher")
    book = desk.get("/dispatch/checklists/export.xlsx").data
    token = csrf(desk, "/dispatch/checklists/")
    answer = desk.post(
        "/dispatch/checklists/import", data={"csrf_token": token, "file": (io.BytesIO(book), "a.xlsx")}
    )
    assert answer.status_code == 302
    assert rows("SELECT 1 FROM checklist WHERE valid_from IS NULL") == []
    assert desk.get("/dispatch/checklists/template.xlsx").status_code == 200
