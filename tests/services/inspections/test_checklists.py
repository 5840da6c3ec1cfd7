"""Checklists: the twelve to begin with, drafts and versions, and workbooks in and out."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
import xlsxwriter
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from geoservice.domain.checklists import EvidenceAsked, Item
from geoservice.errors import BadRequest, Conflict, InvalidFile, NotFound
from geoservice.formats.reader import read_table
from geoservice.services.importing.flow import Run
from geoservice.services.inspections import checklists as service
from geoservice.services.inspections.sheets import SheetOptions, import_checklists
from geoservice.services.inspections.sheets_out import export_checklists, write_checklist_template

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 18, 4, tzinfo=UTC)
TODAY = date(2026, 3, 18)
HEADER = ("点位类别", "清单名称", "测评项编码", "测评项", "测评标准", "权重", "佐证要求")
MARKET = ("农贸市场", "市场清单", "A1", "通道", "畅通无堆物", 2, "必须")
PARK = ("公园广场", "公园清单", "B1", "保洁", "无垃圾", 1, None)


def _sheet(path: Path, *rows: tuple) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("清单")
        for number, row in enumerate((HEADER, *rows)):
            page.write_row(number, 0, row)
    return path


def _category(session, code: str, on: date = TODAY) -> service.Category:
    return next(one for one in service.list_categories(session, on) if one.word.code == code)


def _import(session, path: Path, **how):
    return import_checklists(session, [path], SheetOptions(), Run(now=NOW, **how))


def test_twelve_categories_begin_with_a_checklist_in_force(session):
    found = {one.word.code: one.one(service.IN_FORCE) for one in service.list_categories(session, TODAY)}
    begun = {code: view for code, view in found.items() if view is not None}
    assert set(found) - set(begun) == {"other"}
    assert len(begun) == 12
    for view in begun.values():
        assert 6 <= len(view.items) <= 10
        service.check_items(session, [one.item for one in view.items])
    codes = [one.item.code for view in begun.values() for one in view.items]
    assert len(codes) == len(set(codes))


def test_most_fails_become_cases_of_a_known_kind(session):
    kinds = {word.code for word in service.case_kinds(session)}
    named = [
        one.item.case_kind
        for category in service.list_categories(session, TODAY)
        for view in category.versions
        for one in view.items
    ]
    assert kinds
    assert {kind for kind in named if kind} <= kinds
    assert sum(kind is not None for kind in named) > 0.9 * len(named)


def test_a_published_version_stands_still_and_its_copy_changes(session):
    current = _category(session, "market").versions[0]
    draft_id = service.start_draft(session, "market", by=None, now=NOW)
    assert service.start_draft(session, "market", by=None, now=NOW) == draft_id
    draft = service.read_checklist(session, draft_id, TODAY)
    assert [one.item for one in draft.items] == [one.item for one in current.items]
    items = [one.item for one in draft.items[1:]]
    service.save_draft(session, draft_id, "新清单", "", items, by=None, on=TODAY, seen=draft.seen)
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        service.save_draft(session, draft_id, "另一份", "", items, by=None, on=TODAY, seen=draft.seen)
    service.publish(session, draft_id, date(2026, 4, 1), by=None, on=TODAY)
    assert _category(session, "market").one(service.IN_FORCE).id == current.id
    assert _category(session, "market").one(service.COMING).id == draft_id
    later = _category(session, "market", date(2026, 4, 1))
    assert (later.one(service.IN_FORCE).id, later.one(service.PAST).id) == (draft_id, current.id)
    for refused in (
        lambda: service.save_draft(session, draft_id, "x", "", items, by=None, on=TODAY),
        lambda: service.publish(session, draft_id, TODAY, by=None, on=TODAY),
        lambda: service.remove_draft(session, draft_id, by=None, on=TODAY),
    ):
        with pytest.raises(Conflict, match="checklist_published"):
            refused()


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE checklist_item SET weight = 9 WHERE checklist_id = :id",
        "DELETE FROM checklist_item WHERE checklist_id = :id",
        "INSERT INTO checklist_item (checklist_id, position, code, title, standard, weight) VALUES (:id, 99, 'x', 'x', 'x', 1)",
        "UPDATE checklist SET name = 'x' WHERE id = :id",
        "DELETE FROM checklist WHERE id = :id",
    ],
)
def test_the_database_itself_refuses_to_change_a_published_one(session, attack):
    current = _category(session, "market").versions[0]
    with pytest.raises(DBAPIError, match="stands still"), session.begin_nested():
        session.execute(text(attack), {"id": current.id})


def test_a_draft_needs_items_and_a_day_to_come(session):
    draft_id = service.start_draft(session, "other", by=None, now=NOW)
    with pytest.raises(BadRequest, match="checklist_empty"):
        service.publish(session, draft_id, TODAY, by=None, on=TODAY)
    items = [Item("X1", "牌匾", "完好", 1.0, EvidenceAsked.NONE)]
    service.save_draft(session, draft_id, "其他", "", items, by=None, on=TODAY)
    with pytest.raises(BadRequest, match="checklist_from_past"):
        service.publish(session, draft_id, date(2026, 3, 17), by=None, on=TODAY)
    with pytest.raises(BadRequest, match="checklist_code_twice"):
        service.save_draft(session, draft_id, "其他", "", items * 2, by=None, on=TODAY)
    service.remove_draft(session, draft_id, by=None, on=TODAY)
    with pytest.raises(NotFound):
        service.read_checklist(session, draft_id, TODAY)


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_what_is_given_out_is_taken_in_without_a_change(session, tmp_path, locale):
    path = tmp_path / "out.xlsx"
    export_checklists(session, path, locale, TODAY)
    report = _import(session, path)
    assert (report.unchanged, report.new, report.changed, report.rejected) == (12, 0, 0, [])


def test_a_sheet_becomes_drafts_and_a_dry_run_leaves_nothing(session, tmp_path):
    path = _sheet(tmp_path / "清单.xlsx", MARKET, PARK)
    before = {one.word.code: len(one.versions) for one in service.list_categories(session, TODAY)}
    tried = _import(session, path, dry_run=True)
    assert (tried.new, tried.changed) == (2, 0)
    assert {one.word.code: len(one.versions) for one in service.list_categories(session, TODAY)} == before
    assert _import(session, path).new == 2
    draft = _category(session, "market").one(service.DRAFT)
    assert draft.stored.name == "市场清单"
    assert [one.item for one in draft.items] == [Item("A1", "通道", "畅通无堆物", 2.0, EvidenceAsked.ALWAYS)]
    again = _import(session, path)
    assert (again.unchanged, again.new) == (2, 0)
    changed = _import(session, _sheet(tmp_path / "b.xlsx", (*MARKET[:5], 5, "无"), PARK))
    assert (changed.changed, changed.unchanged) == (1, 1)
    assert changed.more["drafts"] == [{"category": "market", "added": [], "changed": ["A1"], "removed": []}]


BAD = (
    ("农贸市场", 2, None, "checklist_field_needed", "测评项编码"),
    ("车站", 3, None, "checklist_field_needed", "测评项"),
    ("医院", 4, "长" * 1001, "checklist_field_long", "测评标准"),
    ("网吧", 5, "很重", "number_invalid", "权重"),
    ("餐饮店", 5, -1, "checklist_weight_invalid", "权重"),
    ("窗口单位", 5, None, "checklist_weight_invalid", "权重"),
    ("背街小巷", 6, "也许", "checklist_evidence_unknown", "佐证要求"),
    ("动物园", 0, "动物园", "unknown_category", "点位类别"),
)


def test_bad_rows_name_their_place_and_their_categories_are_left_out_whole(session, tmp_path):
    rows = []
    for category, place, value, *_ in BAD:
        row = (category, "清单", "A1", "通道", "畅通", 2, "必须")
        rows += [(*row[:place], value, *row[place + 1 :]), (category, "清单", "A9", "别的", "好", 1, None)]
    report = _import(session, _sheet(tmp_path / "清单.xlsx", *rows[:-1], PARK))
    told = [(one.code, one.file, one.sheet, one.row, one.column) for one in report.rejected]
    assert told == [
        (code, "清单.xlsx", "清单", 2 + 2 * number, column)
        for number, (_, _, _, code, column) in enumerate(BAD)
    ]
    assert report.new == 1
    drafts = [one.word.code for one in service.list_categories(session, TODAY) if one.one(service.DRAFT)]
    assert drafts == ["park"]
    assert [warning.code for warning in report.warnings] == ["checklist_left_out"] * (len(BAD) - 1)


def test_a_code_twice_names_the_row_that_was_first(session, tmp_path):
    path = _sheet(tmp_path / "a.xlsx", MARKET, PARK, (*MARKET[:2], "a1", *MARKET[3:]))
    report = _import(session, path)
    assert (report.rejected[0].code, report.rejected[0].row, report.rejected[0].values["first"]) == (
        "duplicate_code",
        4,
        "a.xlsx:2",
    )
    assert _category(session, "market").one(service.DRAFT) is None


def test_nothing_taken_is_an_error_that_holds_the_rows(session, tmp_path):
    with pytest.raises(InvalidFile, match="nothing_taken") as caught:
        _import(session, _sheet(tmp_path / "a.xlsx", (*MARKET[:5], 0, None)))
    assert [problem.row for problem in caught.value.problems] == [2]
    with pytest.raises(InvalidFile, match="column_needed"):
        path = tmp_path / "b.csv"
        path.write_text("a,b\n1,2\n", "utf-8")
        _import(session, path)


def test_the_template_reads_as_it_says(session, tmp_path):
    path = tmp_path / "t.xlsx"
    write_checklist_template(session, path, "zh_Hans_CN")
    assert read_table(path).fields[:7] == HEADER
    report = _import(session, path, dry_run=True)
    assert (report.new, report.rejected) == (1, [])
