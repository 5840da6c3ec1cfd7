"""CSV and workbooks: encodings, delimiters, headers, rows as the user's own program counts them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoservice.errors import InvalidFile, Problem
from geoservice.formats.sheets import LINE
from geoservice.formats.tables import MORE_REFUSED, PROBLEMS_KEPT, first_problems
from geoservice.formats.text import decode_cells, decode_file, known_encoding
from geoservice.services.importing.flow import Report

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats import Reader

TEXT = "编码,名称\n440304001,福田街道\n"


@given(st.text(st.sampled_from('a,;"\r\n\u2028\x0b中'), max_size=12))
def test_lines_end_where_a_program_that_reads_files_ends_them(text: str) -> None:
    assert [found[0] for found in LINE.finditer(text)] == list(io.StringIO(text, newline=""))


def write_workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_csv_reads_as_chinese_in_every_usual_encoding(
    tmp_path: Path, reader: Reader, encoding: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TEXT.encode(encoding))
    table = reader.read_table(path)
    assert table.rows == [{"编码": "440304001", "名称": "福田街道"}]
    assert (table.row_numbers, table.geometry) == ([2], [None])


def test_text_in_no_known_encoding_is_asked_about(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n\xff\xfa\x80,1\n")
    with pytest.raises(InvalidFile, match="encoding_unknown"):
        reader.read_table(path)
    assert len(reader.read_table(path, encoding="cp437")) == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, reader: Reader, delimiter: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(
        delimiter.join(["a", '"b,b;b,,;"', "c"]) + "\n" + delimiter.join(["1", '"2,;"', ""]) + "\n"
    )
    assert reader.read_table(path).rows == [{"a": "1", "b,b;b,,;": "2,;", "c": None}]


def test_rows_count_as_a_spreadsheet_does(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text('\na,a,,d\n1,2,3,"two\nlines"\n,,,\n4\n5,6,7,8,9\n10,\x00,,\n11,12,13,14\n,,,\n')
    table = reader.read_table(path)
    assert table.fields == ("a", "a_2", "column_3", "d")
    assert table.row_numbers == [3, 5, 8]
    assert [(problem.row, problem.code) for problem in table.problems] == [
        (6, "row_too_long"),
        (7, "text_nul"),
    ]


def test_a_quote_never_closed_is_one_cell_not_a_crash(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text('a,b\n1,"2\n' + "x" * 300_000)
    assert len(reader.read_table(path).rows[0]["b"]) == 300_002


def test_a_workbook_gives_codes_whole_and_days_as_days(tmp_path: Path, reader: Reader) -> None:
    rows: list[list[Any]] = [
        ["编码", "日期", "时间", "值", "真", ""],
        [440304001.0, date(2026, 1, 31), datetime.fromisoformat("2026-01-31T08:15"), 1.5, True, None],
        [" ００７ ", None, None, "", None, None],
        [None] * 6,
    ]
    path = write_workbook(tmp_path / "合同.xlsx", {"包抓": [*rows, [None, " "], *([[None]] * 50)], "空": []})
    table = reader.read_table(path)
    assert table.sheet == "包抓"
    assert table.fields == ("编码", "日期", "时间", "值", "真")
    assert table.rows[0]["编码"] == 440304001
    assert table.rows[0]["日期"] == "2026-01-31"
    assert table.rows[0]["值"] == 1.5
    assert table.rows[0]["真"] is True
    assert table.rows[1] == {"编码": "００７", "日期": None, "时间": None, "值": None, "真": None}
    assert table.row_numbers == [2, 3]


def test_sheets_are_chosen_by_name_or_place(tmp_path: Path, reader: Reader) -> None:
    path = write_workbook(
        tmp_path / "x.xlsx", {"一": [["a"], [1]], "二": [[], [], ["lon", "lat"], [114, 22]]}
    )
    assert reader.read_table(path, sheet=1).row_numbers == [4]
    assert len(reader.read_features(path, layer="二").geometry) == 1
    with pytest.raises(InvalidFile) as caught:
        reader.read_table(path, sheet="三")
    assert (caught.value.code, caught.value.values["sheets"]) == ("sheet_unknown", "一, 二")


@pytest.mark.parametrize("between", ["", "\n  "])
def test_an_ods_is_read_as_libreoffice_and_as_gdal_write_it(
    tmp_path: Path, reader: Reader, between: str
) -> None:
    cells = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
        for text in ("名称", "值")
    )
    content = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="表"><table:table-row>{cells}</table:table-row>'
        f"<table:table-row>{cells}</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(tmp_path / "x.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", content.replace("><", f">{between}<"))
    assert reader.read_table(tmp_path / "x.ods").rows == [{"名称": "名称", "值": "值"}]


def test_a_workbook_that_is_none_is_refused(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.xlsx"
    for content, code in ((b"a,b\n", "kind_mismatch"), (b"PK\x03\x04" + bytes(200), "archive_broken")):
        path.write_bytes(content)
        with pytest.raises(InvalidFile, match=code):
            reader.read_table(path)
    (tmp_path / "x.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000))
    with pytest.raises(InvalidFile, match=r"file_damaged|reader_died"):
        reader.read_table(tmp_path / "x.xls")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(InvalidFile, match="file_damaged"):
        reader.read_table(path)


def test_a_sheet_that_claims_every_cell_is_refused_not_filled(tmp_path: Path, reader: Reader) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet("x")
        sheet.write(0, 0, "a")
        sheet.write(1_048_575, 16_383, "b")
    with pytest.raises(InvalidFile, match=r"sheet_too_large|reader_died|reader_out_of_memory"):
        reader.read_table(tmp_path / "x.xlsx")


@given(st.text(st.characters(codec="gb18030"), min_size=1))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_gb18030_text_is_never_lost(text: str) -> None:
    found, encoding = decode_file(text.encode("gb18030"), "gb18030")
    assert (found, encoding) in {(text, "gb18030"), (text.lstrip("\ufeff"), "utf-8")}


@given(st.text(st.characters(codec="utf-8", exclude_characters="\ufeff"), min_size=1))
def test_utf8_text_is_always_taken_for_utf8(text: str) -> None:
    assert decode_cells({text.encode()}, None) == ({text.encode(): text}, "utf-8")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GBK", "gb18030"),
        ("936", "gb18030"),
        ("65001", "utf-8"),
        ("ANSI 1252", "cp1252"),
        (" utf8\n", "utf-8"),
    ],
)
def test_encodings_are_known_by_the_names_that_cpg_files_use(written: str, name: str) -> None:
    assert known_encoding(written) == name


@pytest.mark.parametrize("written", ["rot13", "hex", "idna", "no-such", "", "a\x00b", "unicode_escape"])
def test_what_is_no_text_encoding_is_refused(written: str) -> None:
    with pytest.raises(InvalidFile, match="encoding_unsupported"):
        known_encoding(written)


@given(st.lists(st.integers(0, 3 * PROBLEMS_KEPT), max_size=4))
def test_refused_rows_that_are_not_listed_are_counted_whoever_cuts_the_list_again(parts: list[int]) -> None:
    kept: list[Problem] = []
    for count in parts:
        kept = first_problems([*kept, *(Problem("code_missing", row=row) for row in range(count))])
    assert Report(rejected=kept).refused == sum(parts)
    assert sum(problem.code != MORE_REFUSED for problem in kept) == min(sum(parts), PROBLEMS_KEPT)


def test_titles_and_notes_above_the_header_are_no_header(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("点位")
        sheet.merge_range("A1:F1", "点位清单（2026年）")
        sheet.write_row("A2", ["填报单位：城管局", None, None, None, "2026-03-18"])
        sheet.write_row("A4", ["编号", "名称", "类别", "地址", "经度", "纬度"])
        sheet.write_row("A5", ["0001", "东门市场", "农贸市场", None, 114.05, 22.53])
        sheet.write_row("A6", ["0002"])
    table = reader.read_table(path)
    assert table.fields == ("编号", "名称", "类别", "地址", "经度", "纬度")
    assert table.row_numbers == [5, 6]
    assert [row["编号"] for row in table.rows] == ["0001", "0002"]
    plain = tmp_path / "list.csv"
    plain.write_text("点位清单,,\n编号,名称,地址\n1,甲,\n", encoding="utf-8")
    assert reader.read_table(plain).fields == ("编号", "名称", "地址")
