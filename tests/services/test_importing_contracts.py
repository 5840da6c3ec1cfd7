from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from xlsxwriter import Workbook

from geoservice.errors import InvalidFile
from geoservice.services.importing import (
    ContractOptions,
    Input,
    Report,
    Run,
    ZoneOptions,
    import_contracts,
    import_zones,
)
from tests.services.importing_samples import NOON, cells, counts, rows, table

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

CONTRACTS = """
    SELECT l.code, l.name, c.role, coalesce(z.code, s.code, p.code), c.valid_from, c.valid_to
    FROM contract c JOIN leader l ON l.id = c.leader_id LEFT JOIN zone z ON z.id = c.zone_id
    LEFT JOIN street s ON s.id = c.street_id LEFT JOIN point p ON p.id = c.point_id ORDER BY c.id
"""
HEADER = "包抓领导,类型,编码,角色,开始日期,结束日期"


@pytest.fixture
def take(session: Session, settings, tmp_path):
    import_zones(
        session,
        settings,
        Input((cells(tmp_path / "c.geojson", 3),)),
        ZoneOptions("grid", "code", "name"),
        Run(NOON),
    )
    import_zones(
        session,
        settings,
        Input((cells(tmp_path / "c.geojson", 1),)),
        ZoneOptions("community", "code", "name"),
        Run(NOON),
    )
    session.execute(
        text(
            "INSERT INTO point (code, category, name, geom) VALUES ('P1', 'other', 'p', ST_SetSRID(ST_MakePoint(114, 22), 4326))"
        )
    )
    session.execute(
        text(
            "INSERT INTO street (code, geom) VALUES ('S1', ST_GeomFromText('LINESTRING(114 22, 114.1 22)', 4326))"
        )
    )

    def take(path: Path, options: ContractOptions | None = None, **run: Any) -> Report:
        return import_contracts(session, (path,), options or ContractOptions(), Run(now=NOON, **run))

    return take


def test_chinese_words_and_an_inclusive_last_day(take, session, tmp_path) -> None:
    path = table(
        tmp_path / "k.csv",
        HEADER,
        "张三,片区,C02,,2026-01-01,2026-06-30",
        "张三,路段,S1,城管,2026年1月1日,",
        "李四,点位,P1,包抓领导,,",
    )
    report = take(path)
    assert (report.new, report.rejected, report.more["leaders_created"]) == (3, [], 2)
    assert rows(session, CONTRACTS) == [
        ("张三", "张三", "leader", "C02", date(2026, 1, 1), date(2026, 7, 1)),
        ("张三", "张三", "urban_management", "S1", date(2026, 1, 1), None),
        ("李四", "李四", "leader", "P1", None, None),
    ]
    again = take(path)
    assert (again.new, again.unchanged, again.more["leaders_created"]) == (0, 3, 0)


def test_a_moved_end_changes_the_contract(take, session, tmp_path) -> None:
    take(table(tmp_path / "k.csv", HEADER, "张三,片区,C02,,2026-01-01,"))
    report = take(
        table(
            tmp_path / "k.csv", HEADER, "张三,片区,C02,,2026-01-01,2026-03-31", "张三,片区,C02,,2026-04-01,"
        )
    )
    assert (report.new, report.changed) == (1, 1)
    assert [row[4:] for row in rows(session, CONTRACTS)] == [
        (date(2026, 1, 1), date(2026, 4, 1)),
        (date(2026, 4, 1), None),
    ]


def test_what_can_not_be_is_rejected_by_row_column_and_value(take, session, tmp_path) -> None:
    report = take(
        table(
            tmp_path / "k.csv",
            HEADER,
            "张三,片区,C02,,2026-01-01,2026-06-30",
            "张三,片区,C02,,2026-06-30,2026-09-30",
            "张三,片区,C01,,,",
            "张三,片区,C99,,,",
            "张三,点位,C02,,,",
            "张三,码头,C02,,,",
            "张三,片区,C03,市长,,",
            "张三,片区,C03,,2026-02-30,",
            "张三,片区,C03,,2026-05-02,2026-05-01",
            ",片区,C03,,,",
            "张三,片区,,,,",
        )
    )
    assert [(each.row, each.column, each.value, each.code) for each in report.rejected] == [
        (3, "开始日期", "2026-06-30 – 2026-09-30", "contract_overlaps"),
        (4, "编码", "C01", "zone_ambiguous"),
        (5, "编码", "C99", "unknown_ground"),
        (6, "编码", "C02", "unknown_ground"),
        (7, "类型", "码头", "unknown_ground_kind"),
        (8, "角色", "市长", "unknown_role"),
        (9, "开始日期", "2026-02-30", "day_invalid"),
        (10, "结束日期", "2026-05-01", "ends_before_it_begins"),
        (11, "包抓领导", None, "leader_missing"),
        (12, "编码", None, "code_missing"),
    ]
    assert report.rejected[0].values["first"] == "k.csv:2"
    assert len(rows(session, CONTRACTS)) == 1


def test_a_level_makes_a_code_plain(take, session, tmp_path) -> None:
    path = table(tmp_path / "k.csv", "leader,code,level", "a,C01,社区", "a,C01,grid", "a,C01,moon")
    report = take(path)
    assert (report.new, [each.code for each in report.rejected]) == (2, ["unknown_level"])
    assert (
        take(table(tmp_path / "j.csv", "leader,code", "b,C01"), ContractOptions(level_value="grid")).new == 1
    )


def test_leaders_by_code_by_name_and_known_only(take, session, tmp_path) -> None:
    session.execute(
        text("INSERT INTO leader (code, name) VALUES ('L1', '张伟'), ('L2', '张伟'), ('L3', '王芳')")
    )
    path = table(tmp_path / "k.csv", "工号,姓名,code", "L1,张伟,C02", "L9,新人,C02")
    assert take(path).more["leaders_created"] == 1
    names = table(tmp_path / "j.csv", "leader,code", "王芳,C02", "张伟,C03", "赵六,C03")
    report = take(names, ContractOptions(known_leaders_only=True))
    assert report.new == 1
    assert [(each.row, each.value, each.code) for each in report.rejected] == [
        (3, "张伟", "leader_ambiguous"),
        (4, "赵六", "unknown_leader"),
    ]


def test_a_workbook_with_dates_and_numbers_for_codes(take, session, tmp_path) -> None:
    session.execute(
        text(
            "INSERT INTO point (code, category, name, geom) VALUES ('1001', 'other', 'p', ST_SetSRID(ST_MakePoint(114, 22), 4326))"
        )
    )
    path = tmp_path / "k.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("合同")
        sheet.write_row(0, 0, ["领导", "类型", "编码", "开始日期"])
        sheet.write_row(1, 0, ["张三", "点位", 1001])
        sheet.write_datetime(1, 3, date(2026, 1, 5), book.add_format({"num_format": "yyyy-mm-dd"}))
    report = take(path)
    assert report.detected["layer"] == "合同"
    assert rows(session, CONTRACTS) == [("张三", "张三", "leader", "1001", date(2026, 1, 5), None)]


def test_without_the_columns_it_needs_nothing_happens(take, session, tmp_path) -> None:
    before = counts(session)
    with pytest.raises(InvalidFile, match="column_needed") as caught:
        take(table(tmp_path / "k.csv", "who,what", "a,b"))
    assert caught.value.values["option"] == "--leader"
    with pytest.raises(InvalidFile, match="nothing_taken"):
        take(table(tmp_path / "k.csv", "leader,code", "新人,C99"))
    assert counts(session) == before  # the new leader went with it


def test_a_column_for_each_role_makes_a_contract_for_each_person(take, session, tmp_path) -> None:
    path = tmp_path / "五管.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, cells_of_row in enumerate(
            [
                ("类型", "编码", "包抓领导", "交警", "城管", "市场监管", "环卫", "社区干部", "开始日期"),
                ("路段", "S1", "张三", "李四", "王五、赵六", "", "钱七", "孙八", "2026-01-01"),
                ("点位", "P1", "", "", "王五", "", "", "", "2026-01-01"),
                ("点位", "P1", "", "", "", "", "", "", "2026-02-01"),
                ("路段", "nowhere", "张三", "李四", "", "", "", "", ""),
            ]
        ):
            sheet.write_row(number, 0, cells_of_row)
    report = take(path)
    assert [(problem.row, problem.code) for problem in report.rejected] == [
        (4, "contract_of_nobody"), (5, "unknown_ground")
    ]  # fmt: skip
    assert (report.new, report.more["leaders_created"]) == (7, 6)
    held = {(name, role, code) for _, name, role, code, _, _ in rows(session, CONTRACTS)}
    assert held == {
        ("张三", "leader", "S1"), ("李四", "traffic_police", "S1"), ("王五", "urban_management", "S1"),
        ("赵六", "urban_management", "S1"), ("钱七", "sanitation", "S1"), ("孙八", "community_cadre", "S1"),
        ("王五", "urban_management", "P1"),
    }  # fmt: skip
    assert take(path).unchanged == 7
