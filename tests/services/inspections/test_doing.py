"""An inspector's day: on the day only, his own only, once however often it is sent; what failed becomes cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.checklists import EvidenceAsked, Result
from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.inspections import doing, drawing, matrix, results
from geoservice.services.inspections.doing import Findings, Found
from geoservice.services.inspections.matrix import MatrixFilters
from geoservice.store.scope import Scope, scope_settings
from tests.services.inspections.kit import NOW, actor, lay, wish

if TYPE_CHECKING:
    from geoservice.services.cases import Actor

DAY = timedelta(days=1)


@pytest.fixture
def town(session):
    return lay(session)


@pytest.fixture
def task(session, settings, town) -> doing.TaskDetail:
    drawing.make(
        session,
        settings,
        wish(kind="covert", points=("market-0-00",), size=None, inspectors=("i1",)),
        by=None,
        now=NOW,
    )
    row = doing.tasks_of(session, settings, town.inspectors["i1"].account_id, now=NOW)[0]
    return doing.read_task(session, settings, row.id, row.inspector_id, now=NOW)


def _photos(session, task, by: Actor, *item_ids: int) -> None:
    for item_id in item_ids:
        session.execute(
            text(
                "INSERT INTO evidence (task_id, item_id, stage, sha256, served, media_type, size, width, height, by, at) "
                "VALUES (:task, :item, 'other', '\\x00', gen_random_uuid(), 'image/jpeg', 1, 1, 1, :by, :now)"
            ),
            {"task": task.row.id, "item": item_id, "by": by.account_id, "now": NOW},
        )


def _answers(task, fails=(), skipped=(), note="") -> tuple[Found, ...]:
    def result(code: str) -> Result:
        return Result.FAIL if code in fails else Result.NOT_APPLICABLE if code in skipped else Result.PASS

    return tuple(Found(one.id, result(one.item.code).value, note) for one in task.items)


def _send(session, settings, task, by, found, *, now=NOW, client_uuid: UUID | None = None):
    findings = Findings(task.row.id, found, now, client_uuid or uuid4())
    return doing.submit(session, settings, findings, by=by, now=now)


def test_nothing_is_seen_before_its_day(session, settings, town):
    made = drawing.make(
        session, settings, wish(from_on=NOW.date() + DAY, to_on=NOW.date() + DAY), by=None, now=NOW
    )
    ids = [row.id for row in results.read_inspection(session, settings, made, now=NOW).tasks]
    for person in town.inspectors.values():
        assert doing.tasks_of(session, settings, person.account_id, now=NOW) == []
        assert doing.scope_of(session, settings, person.account_id, now=NOW).point_ids == frozenset()
        for task_id in ids:
            with pytest.raises(NotFound, match="inspection_task_unknown"):
                doing.read_task(session, settings, task_id, person.account_id, now=NOW)
            with pytest.raises(NotFound, match="inspection_task_unknown"):
                doing.submit(session, settings, Findings(task_id, (), NOW, uuid4()), by=person, now=NOW)
    tomorrow = [
        row.id
        for person in town.inspectors.values()
        for row in doing.tasks_of(session, settings, person.account_id, now=NOW + DAY)
    ]
    assert sorted(tomorrow) == sorted(ids)


def test_a_task_is_its_inspector_s_alone(session, settings, town, task):
    other = town.inspectors["i2"]
    assert doing.tasks_of(session, settings, other.account_id, now=NOW) == []
    with pytest.raises(NotFound):
        doing.read_task(session, settings, task.row.id, other.account_id, now=NOW)
    with pytest.raises(NotFound):
        _send(session, settings, task, other, _answers(task))


def test_the_database_shows_leaders_what_is_done_and_nothing_before(session, settings, town, task):
    def seen(**scope) -> int:
        with session.begin_nested() as inside:
            for name, value in scope_settings(Scope(**scope)).items():
                session.execute(
                    text("SELECT set_config(:name, :value, true)"), {"name": f"app.{name}", "value": value}
                )
            count = session.scalar(text("SELECT count(*) FROM inspection_task"))
            inside.rollback()
        return count

    ground = frozenset({town.zones[0]})
    assert seen(zone_ids=ground, leader_id=1, account_id=0) == 0
    assert seen(zone_ids=ground, account_id=0) == 1  # whoever plans for this part of the city
    assert seen(zone_ids=frozenset({town.zones[1]}), account_id=0) == 0
    assert seen(point_ids=frozenset({task.row.point_id}), account_id=0) == 0
    assert seen(account_id=task.row.inspector_id) == 1
    _photos(session, task, town.inspectors["i1"], *(one.id for one in task.items))
    _send(session, settings, task, town.inspectors["i1"], _answers(task))
    assert seen(zone_ids=ground, leader_id=1, account_id=0) == 1
    assert seen(zone_ids=frozenset({town.zones[1]}), leader_id=1, account_id=0) == 0


@how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
@given(picks=st.lists(st.sampled_from(list(Result)), min_size=9, max_size=9))
def test_the_score_that_is_stored_is_passed_of_applicable_weight(session, settings, town, task, picks):
    by = town.inspectors["i1"]
    with session.begin_nested() as inside:
        _photos(session, task, by, *(one.id for one in task.items))
        found = tuple(Found(one.id, pick.value) for one, pick in zip(task.items, picks, strict=True))
        done = _send(session, settings, task, by, found)
        weights = [one.item.weight for one in task.items]
        passed = sum(w for w, pick in zip(weights, picks, strict=True) if pick == Result.PASS)
        applied = sum(w for w, pick in zip(weights, picks, strict=True) if pick != Result.NOT_APPLICABLE)
        assert done.row.score == (pytest.approx(100 * passed / applied) if applied else None)
        kinds = {
            one.item.case_kind for one, pick in zip(task.items, picks, strict=True) if pick == Result.FAIL
        }
        assert session.scalar(text("SELECT count(*) FROM patrol_case")) == len(kinds)
        inside.rollback()


def test_fails_become_one_case_a_kind_and_are_linked_to_what_is_open(session, settings, town, task):
    by = town.inspectors["i1"]
    _photos(session, task, by, *(one.id for one in task.items))
    done = _send(session, settings, task, by, _answers(task, fails={"MK04", "MK05", "MK08"}, note="现场情况"))
    ids = {one.item.code: done.results[one.id].case_id for one in task.items}
    assert ids["MK04"] == ids["MK05"] != ids["MK08"]
    assert [code for code, case_id in ids.items() if case_id] == ["MK04", "MK05", "MK08"]
    rows = session.execute(
        text("SELECT id, kind, source, point_id, reported_by, description FROM patrol_case")
    ).all()
    assert {(row.kind, row.source, row.point_id, row.reported_by) for row in rows} == {
        ("food", "inspection", task.row.point_id, by.account_id),
        ("parking", "inspection", task.row.point_id, by.account_id),
    }
    assert all("现场情况" in row.description for row in rows)
    second = _again(session, settings, town)
    _photos(session, second, by, *(one.id for one in second.items))
    linked = _send(session, settings, second, by, _answers(second, fails={"MK04", "MK03"}))
    after = {one.item.code: linked.results[one.id].case_id for one in second.items}
    assert after["MK04"] == ids["MK04"]
    assert after["MK03"] not in {None, *ids.values()}
    assert session.scalar(text("SELECT count(*) FROM patrol_case")) == 3
    session.execute(text("UPDATE patrol_case SET state = 'closed'"))
    third = _again(session, settings, town)
    _photos(session, third, by, *(one.id for one in third.items))
    fresh = _send(session, settings, third, by, _answers(third, fails={"MK04"}))
    assert fresh.results[third.items[3].id].case_id not in {None, *ids.values()}


def _again(session, settings, town) -> doing.TaskDetail:
    made = drawing.make(
        session,
        settings,
        wish(kind="directed", points=("market-0-00",), inspectors=("i1",)),
        by=None,
        now=NOW,
    )
    row = next(
        row
        for row in doing.tasks_of(session, settings, town.inspectors["i1"].account_id, now=NOW)
        if row.inspection_id == made
    )
    return doing.read_task(session, settings, row.id, row.inspector_id, now=NOW)


def test_sent_twice_is_one_result_and_something_else_is_refused(session, settings, town, task):
    by, name = town.inspectors["i1"], uuid4()
    _photos(session, task, by, *(one.id for one in task.items))
    found = _answers(task, fails={"MK01"})
    first = _send(session, settings, task, by, found, client_uuid=name)
    assert (
        _send(session, settings, task, by, found, client_uuid=name, now=NOW + timedelta(minutes=5)) == first
    )
    assert session.scalar(text("SELECT count(*) FROM patrol_case")) == 1
    for other, uuid in ((_answers(task), name), (found, uuid4())):
        with pytest.raises(Conflict, match="inspection_done_already"):
            _send(session, settings, task, by, other, client_uuid=uuid)
    second = _again(session, settings, town)
    _photos(session, second, by, *(one.id for one in second.items))
    with pytest.raises(Conflict, match="inspection_sent_elsewhere"):
        _send(session, settings, second, by, _answers(second), client_uuid=name)


def test_what_is_missing_is_named(session, settings, town, task):
    by = town.inspectors["i1"]
    whole = _answers(task)
    for found, code in (
        (whole[:-1], "inspection_answer_needed"),
        ((*whole[:-1], Found(whole[-1].item_id, "")), "inspection_answer_needed"),
        ((*whole[:-1], Found(whole[-1].item_id, "good")), "inspection_answer_unknown"),
        ((*whole, Found(999_999, "pass")), "inspection_item_unknown"),
        ((*whole[:-1], replace(whole[-1], note="长" * 1001)), "inspection_note_long"),
        (whole, "inspection_photo_needed"),  # MK07 asks for a photo always
        (_answers(task, fails={"MK01"}, skipped={"MK07"}), "inspection_photo_needed"),
    ):
        with pytest.raises(BadRequest, match=code):
            _send(session, settings, task, by, found)
    assert session.scalar(text("SELECT count(*) FROM patrol_case")) == 0
    always = [one.id for one in task.items if one.item.evidence == EvidenceAsked.ALWAYS]
    _photos(session, task, by, *always)
    assert _send(session, settings, task, by, whole).row.score == 100


def test_left_over_tasks_can_be_done_until_the_end_and_sent_a_little_later(session, settings, town):
    last = NOW.date() + 5 * DAY
    drawing.make(
        session,
        settings,
        wish(kind="open", points=("park-0-00", "park-0-01"), to_on=last, inspectors=("i1",)),
        by=None,
        now=NOW,
    )
    by = town.inspectors["i1"]
    rows = doing.tasks_of(session, settings, by.account_id, now=NOW + 5 * DAY)
    assert len(rows) == 2
    assert doing.tasks_of(session, settings, by.account_id, now=NOW + 6 * DAY) == []
    details = [doing.read_task(session, settings, row.id, by.account_id, now=NOW + 5 * DAY) for row in rows]
    for one in details:
        _photos(session, one, by, *(item.id for item in one.items))
    late = _send(session, settings, details[0], by, _answers(details[0]), now=NOW + 8 * DAY)
    assert late.is_done
    with pytest.raises(Conflict, match="inspection_task_over"):
        _send(session, settings, details[1], by, _answers(details[1]), now=NOW + 9 * DAY)


def test_a_cancelled_task_is_gone(session, settings, town, task):
    drawing.cancel(session, settings, task.row.inspection_id, by=None, now=NOW)
    by = town.inspectors["i1"]
    assert doing.tasks_of(session, settings, by.account_id, now=NOW) == []
    with pytest.raises(NotFound, match="inspection_cancelled"):
        _send(session, settings, task, by, _answers(task))


def test_the_clock_of_a_phone_is_believed_within_the_day(session, settings, town, task):
    by = town.inspectors["i1"]
    _photos(session, task, by, *(one.id for one in task.items))
    findings = Findings(task.row.id, _answers(task), NOW - 90 * DAY, uuid4())
    done = doing.submit(session, settings, findings, by=by, now=NOW)
    assert done.row.done_at.astimezone(settings.zone_info).date() == task.row.on_day


def test_counts_and_the_matrix_tell_what_was_found_and_what_never_looked_at(session, settings, town, task):
    by = town.inspectors["i1"]
    before = dict_of(session, settings)
    assert (before["market"].points, before["market"].items, before["market"].never) == (16, 9, 144)
    _photos(session, task, by, *(one.id for one in task.items))
    _send(session, settings, task, by, _answers(task, fails={"MK04", "MK05"}, skipped={"MK09"}))
    view = results.read_inspection(session, settings, task.row.inspection_id, now=NOW)
    counts = view.view.counts
    assert (counts.tasks, counts.done, counts.fails, counts.cases) == (1, 1, 2, 1)
    assert (counts.passed, counts.applicable) == (12, 15)
    assert view.zones[0].score == view.tasks[0].score == counts.score == 80
    assert {one.code: one.rate for one in view.items if one.fails or one.not_applicable} == {
        "MK04": 0,
        "MK05": 0,
        "MK09": None,
    }
    after = dict_of(session, settings)
    assert (after["market"].never, after["market"].seen_points) == (135, 1)
    assert after["park"] == before["park"]
    table = matrix.read_matrix(session, settings, MatrixFilters("market"), now=NOW)
    assert table.rows[-1].point.code == "market-0-00"
    assert [seen.result for seen in table.rows[-1].seen].count("fail") == 2
    assert [row.never for row in table.rows] == [9] * 15 + [0]
    never = matrix.read_matrix(session, settings, MatrixFilters("market", never_only=True), now=NOW)
    assert len(never.rows) == 15
    assert matrix.read_matrix(session, settings, MatrixFilters("other"), now=NOW) is None
    within = matrix.read_matrix(session, settings, MatrixFilters("market", zone_id=town.zones[1]), now=NOW)
    assert len(within.rows) == 4


def dict_of(session, settings):
    found = matrix.summarize(session, settings, MatrixFilters(), now=NOW)
    return {word.code: one for word, one in found}


def test_everything_is_exported_with_undone_tasks_beside(session, settings, town, task, tmp_path):
    from geoservice.formats.reader import read_table

    by = actor(session, "i3", Role.INSPECTOR)
    made = drawing.make(
        session,
        settings,
        wish(kind="open", points=("market-0-00", "park-0-00"), inspectors=("i3",)),
        by=None,
        now=NOW,
    )
    first = doing.tasks_of(session, settings, by.account_id, now=NOW)[0]
    detail = doing.read_task(session, settings, first.id, by.account_id, now=NOW)
    _photos(session, detail, by, *(one.id for one in detail.items))
    _send(session, settings, detail, by, _answers(detail, fails={"MK01", "PK01"}))
    path = tmp_path / "out.xlsx"
    results.export_inspection(session, settings, made, path, "zh_Hans_CN", now=NOW)
    table = read_table(path)
    assert len(table) == len(detail.items) + 1
    assert {row["结果"] for row in table.rows} == {"合格", "不合格", None}
    assert sum(row["案件编号"] is not None for row in table.rows) == 1
    matrix.export_matrix(
        session, settings, MatrixFilters("market"), tmp_path / "m.xlsx", "zh_Hans_CN", now=NOW
    )
    assert len(read_table(tmp_path / "m.xlsx")) == 16 * 9
