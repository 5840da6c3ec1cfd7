"""Check-ins from sheets: what headers and words mean, what is refused by row, and that a second time changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from geoservice.cli import main
from geoservice.errors import BadRequest, InvalidFile
from geoservice.messages import SENTENCES
from geoservice.services.importing import CheckInOptions, Run, import_check_ins
from geoservice.store.base import make_engine
from geoservice.store.scope import EVERYTHING
from tests.services.ground_kit import add_point
from tests.services.importing_samples import NOON, counts, table

HEADER = "点位编码,时间,人员,结果,备注"


def people(session) -> None:
    session.execute(
        text(
            "INSERT INTO member (code, name) VALUES ('M1', '王芳'), ('M2', '李强'), ('M3', '李强'), ('李强2', '赵敏')"
        )
    )


@pytest.fixture
def take(session, settings):
    for number in (1, 2, 3):
        add_point(session, settings, f"P{number}", (number * 10, 0))
    session.execute(text("UPDATE point SET active = false WHERE code = 'P3'"))
    people(session)

    def run(*paths, options=None, **more):
        return import_check_ins(session, settings, paths, options or CheckInOptions(), Run(NOON, **more))

    return run


def stored(session) -> list[tuple]:
    rows = session.execute(
        text(
            "SELECT p.code, c.at, m.code, c.has_findings, c.note FROM check_in c JOIN point p ON p.id = c.point_id "
            "LEFT JOIN member m ON m.id = c.member_id ORDER BY c.at, c.id"
        )
    )
    return [tuple(row) for row in rows]


def at(*hour: int) -> datetime:
    return datetime(2026, 3, *hour, tzinfo=UTC)


def test_chinese_headers_words_and_local_times(take, session, tmp_path):
    report = take(
        table(
            tmp_path / "打卡.csv",
            HEADER,
            "P1,2026-03-01 08:30,王芳,有问题,占道经营",
            "P2,2026年3月1日 9时5分,M2,无问题,",
            "P1,2026/3/1 10:00:30,,正常,",
            "P2,2026-03-01T10:00:00+09:00,m1,发现问题,夜里",
        )
    )
    assert (report.new, report.rejected) == (4, [])
    assert set(report.detected["guessed"].values()) == {"点位编码", "时间", "人员", "结果", "备注"}
    assert stored(session) == [
        ("P1", at(1, 0, 30), "M1", True, "占道经营"),
        ("P2", at(1, 1, 0), "M1", True, "夜里"),
        ("P2", at(1, 1, 5), "M2", False, ""),
        ("P1", at(1, 2, 0, 30), None, False, ""),
    ]
    batch = session.execute(text("SELECT kind, new_count FROM import_batch")).one()
    assert tuple(batch) == ("check_ins", 4)
    assert session.execute(text("SELECT action FROM audit_entry")).scalar_one() == "import.check_ins"


def test_a_workbook_with_real_dates_and_english_headers(take, session, tmp_path):
    path = tmp_path / "check-ins.xlsx"
    with Workbook(str(path)) as book:
        sheet = book.add_worksheet("march")
        sheet.write_row(0, 0, ["Code", "Time", "Result"])
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for row, code, hour, result in ((1, "P1", "08:30", "clean"), (2, "P2", "09:00", "Findings")):
            sheet.write(row, 0, code)
            sheet.write_datetime(row, 1, datetime.fromisoformat(f"2026-03-01T{hour}"), day)
            sheet.write(row, 2, result)
    assert take(path).new == 2
    assert [row[1:4] for row in stored(session)] == [(at(1, 0, 30), None, False), (at(1, 1, 0), None, True)]


def test_a_second_time_nothing_is_doubled_and_what_changed_is_changed(take, session, tmp_path):
    first = table(
        tmp_path / "a.csv", HEADER, "P1,2026-03-01 08:30,王芳,无问题,一", "P2,2026-03-01 08:30,,无问题,"
    )
    take(first)
    before = stored(session)
    again = take(first)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert stored(session) == before
    other = table(
        tmp_path / "b.csv",
        "点位编码,时间,人员,结果",
        "P1,2026-03-01 00:30Z,M1,有问题",
        "P1,2026-03-01 08:30,M2,有问题",
    )
    changed = take(other)
    assert (changed.new, changed.changed, changed.unchanged) == (1, 1, 0)
    assert [row[2:] for row in stored(session)] == [("M1", True, "一"), (None, False, ""), ("M2", True, "")]


def test_every_bad_row_is_named_with_its_column_and_the_good_ones_are_taken(take, session, tmp_path):
    report = take(
        table(
            tmp_path / "a.csv",
            HEADER,
            "P1,2026-03-01 08:30,王芳,有问题,",
            ",2026-03-01 08:31,王芳,有问题,",
            "P9,2026-03-01 08:32,王芳,有问题,",
            "P3,2026-03-01 08:33,王芳,有问题,",
            "P1,昨天,王芳,有问题,",
            "P1,,王芳,有问题,",
            "P1,2026-03-02 12:11,王芳,有问题,",
            "P1,1985-03-02 12:11,王芳,有问题,",
            "P1,2026-03-01 08:36,张三,有问题,",
            "P1,2026-03-01 08:37,李强,有问题,",
            "P1,2026-03-01 08:38,王芳,也许,",
            "P1,2026-03-01 08:39,王芳,,",
            "P1,2026-03-01 08:40,王芳,有问题," + "长" * 501,
            "P1,2026-03-01 08:30,M1,无问题,",
            "P1,2026-03-02 12:10,王芳,有问题,",
        )
    )
    found = [(problem.row, problem.column, problem.code) for problem in report.rejected]
    assert found == [
        (3, "点位编码", "code_missing"),
        (4, "点位编码", "unknown_ground"),
        (5, "点位编码", "row_point_inactive"),
        (6, "时间", "row_time_invalid"),
        (7, "时间", "row_time_invalid"),
        (8, "时间", "row_time_in_future"),
        (9, "时间", "row_time_too_old"),
        (10, "人员", "unknown_member"),
        (11, "人员", "member_ambiguous"),
        (12, "结果", "unknown_result"),
        (13, "结果", "unknown_result"),
        (14, "备注", "text_too_long"),
        (15, "点位编码", "check_in_repeated"),
    ]
    assert {code for _, _, code in found} <= set(SENTENCES)
    assert report.new == len(stored(session)) == 2


def test_a_dry_run_and_a_strict_one_with_a_bad_row_leave_nothing(take, session, tmp_path):
    before = counts(session)
    path = table(
        tmp_path / "a.csv", HEADER, "P1,2026-03-01 08:30,王芳,有问题,", "P9,2026-03-01 08:32,王芳,有问题,"
    )
    report = take(path, dry_run=True)
    assert (report.batch, report.new, len(report.rejected)) == (None, 1, 1)
    with pytest.raises(InvalidFile, match="rows_rejected"):
        take(path, strict=True)
    assert counts(session) == before


def test_columns_can_be_named_and_are_asked_for(take, session, tmp_path):
    path = table(tmp_path / "a.csv", "甲,乙,丙", "P1,2026-03-01 08:30,ok")
    with pytest.raises(InvalidFile, match="column_needed"):
        take(path)
    options = CheckInOptions(point="甲", time="乙", result="丙", timezone="Asia/Tokyo")
    assert take(path, options=options).new == 1
    assert stored(session)[0][1] == datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    with pytest.raises(BadRequest, match="timezone_unknown"):
        take(path, options=replace(options, timezone="Nowhere/Else"))


def test_from_the_command_line(new_database, settings, tmp_path):
    url = new_database()
    engine = make_engine(url)
    with Session(engine, info={"scope": EVERYTHING}) as session, session.begin():
        add_point(session, settings, "P1", (0, 0))
        people(session)
    engine.dispose()
    path = table(
        tmp_path / "a.csv", HEADER, "P1,2020-03-01 08:30,王芳,有问题,门前堆物", "P9,2020-03-01 08:31,,无问题,"
    )
    env = {"DATABASE_URL": url, "DEMO_MODE": "1", "VAR_DIR": str(tmp_path)}
    for expected in ((1, 0), (0, 1)):
        done = CliRunner().invoke(main, ["import", "check-ins", str(path), "--json"], env=env)
        assert done.exit_code == 0, done.output
        answer = json.loads(done.stdout)
        assert (answer["new"], answer["unchanged"]) == expected
        assert [problem["code"] for problem in answer["rejected"]] == ["unknown_ground"]
        assert "P9" in answer["rejected"][0]["message"]
