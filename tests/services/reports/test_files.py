"""Reports as Excel and Word: no cell a formula, numerators beside shares, Chinese in a Chinese face, what is in them read back."""

from __future__ import annotations

import zipfile
from xml.etree import ElementTree

import docx
import pytest
from python_calamine import CalamineWorkbook

from geoservice.errors import BadRequest, NotFound
from geoservice.services import levels, reports
from geoservice.services.reports import files
from geoservice.services.reports.writing import Reader
from tests.services.reports.kit import AFTER, make_week, town_with_cases

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def view(session, settings):
    town_with_cases(session, settings)
    draft = make_week(session, settings)
    reports.set_remarks(session, draft.id, "第一行\n第二行 \x07‮")
    return reports.publish(session, settings, draft.id, by=None, now=AFTER)


def reader(session, settings, locale="zh_Hans_CN"):
    names = {level.code: level.name_zh for level in levels.list_levels(session)}
    return Reader(locale, settings.zone_info, names)


def test_a_workbook_holds_shares_with_what_they_are_made_of_and_no_formula(session, settings, view, tmp_path):
    path = files.write(session, settings, view, tmp_path, "xlsx", reader(session, settings, "en"))
    book = CalamineWorkbook.from_path(path)
    overview = {row[0]: row[1:4] for row in book.get_sheet_by_name("Overview").to_python()}
    assert overview["Closing rate"] == [0.5, 1.0, 2.0]
    assert overview["Coverage rate"] == ["none", 0.0, 0.0]
    late = book.get_sheet_by_name("Cases that are late longest").to_python()
    assert "=cmd|' /C calc'!A0 <b>坏了</b>" in late[1][1]
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) >= 8 and not any(b"<f>" in archive.read(name) for name in sheets)
    zones = book.get_sheet_by_name("Zones").to_python()
    assert len(zones) == 1 + len(view.content["zones"])


def test_a_document_reads_in_chinese_and_is_set_in_a_chinese_face(session, settings, view, tmp_path):
    path = files.write(session, settings, view, tmp_path, "docx", reader(session, settings))
    paper = docx.Document(str(path))
    words = "\n".join(paragraph.text for paragraph in paper.paragraphs)
    assert view.number in words and view.inputs_sha256 in words and "第二行" in words
    assert not {"\x07", "‮"} & set(words)
    cells = {cell.text for table in paper.tables for row in table.rows for cell in row.cells}
    assert "50.0% (1/2)" in cells and any("(0/0)" in cell for cell in cells)
    with zipfile.ZipFile(path) as archive:
        styles = ElementTree.fromstring(archive.read("word/styles.xml"))
        body = ElementTree.fromstring(archive.read("word/document.xml"))
    faces = {
        style.find(f"{W}name").get(f"{W}val"): style.find(f"{W}rPr/{W}rFonts")
        for style in styles.iter(f"{W}style")
        if style.find(f"{W}rPr/{W}rFonts") is not None
    }
    for name, face in (("Normal", "宋体"), ("heading 1", "黑体"), ("Title", "黑体")):
        fonts = faces[name]
        assert fonts.get(f"{W}eastAsia") == face
        # A theme's face would be taken before it.
        assert not [key for key in fonts.attrib if key.endswith("Theme")]
    size = body.find(f".//{W}sectPr/{W}pgSz")
    assert abs(int(size.get(f"{W}w")) - 11906) < 5 and abs(int(size.get(f"{W}h")) - 16838) < 5
    assert len(list(body.iter(f"{W}tblHeader"))) == len(paper.tables)


def test_other_kinds_of_file_and_photos_of_other_cases_are_refused(session, settings, view, tmp_path):
    with pytest.raises(BadRequest):
        files.write(session, settings, view, tmp_path, "pdf", reader(session, settings))
    with pytest.raises(NotFound):
        files.photo_path(session, settings, view, "00000000-0000-4000-8000-000000000000")
