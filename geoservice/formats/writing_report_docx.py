"""A report as a Word document on A4: headings, tables with a repeated head, photos; Chinese set in a Chinese face."""

from __future__ import annotations

import re
from copy import deepcopy
from io import BytesIO
from typing import TYPE_CHECKING, Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from geoservice.formats.report_document import Kind, Share

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats.report_document import Cell, Document, Part, Table

LATIN, CHINESE, CHINESE_HEAD = "Times New Roman", "宋体", "黑体"
SIZE_PT, TABLE_PT = 10.5, 9
INK = RGBColor(0, 0, 0)
PICTURE_CM = 7.5
# What XML can't hold, and what turns the direction of text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def write_report_docx(path: Path, document: Document) -> None:
    """Write a report; tables are the brief ones where a part has one."""
    paper = docx.Document()
    _dress(paper, document)
    title = paper.add_heading(_clean(document.title), 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.add_paragraph(_clean(document.subtitle)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in document.parts:
        _add_part(paper, part, document)
    for line in document.foot:
        foot = paper.add_paragraph().add_run(_clean(line))
        foot.font.size = Pt(TABLE_PT)
    paper.save(str(path))


def _dress(paper: Any, document: Document) -> None:
    """Set A4 and the faces: Word takes the one of `eastAsia` for Chinese, whatever the Latin one is."""
    section = paper.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.2)
    for name, face, size in (
        ("Normal", CHINESE, SIZE_PT), ("Title", CHINESE_HEAD, 20), ("Heading 1", CHINESE_HEAD, 14), ("Caption", CHINESE, TABLE_PT),
    ):  # fmt: skip
        style = paper.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), face)
    properties = paper.core_properties
    properties.title, properties.author, properties.comments = _clean(document.title)[:255], "GeoService", ""
    number = section.footer.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    number._p.append(field)


def _add_part(paper: Any, part: Part, document: Document) -> None:
    paper.add_heading(_clean(part.title), 1)
    for note in part.notes:
        for line in note.splitlines() or [""]:
            paper.add_paragraph(_clean(line))
    table = part.brief or part.table
    if table is not None:
        _add_table(paper, table, document)
    for picture in part.pictures:
        paper.add_picture(BytesIO(picture.jpeg), width=Cm(PICTURE_CM))
        paper.add_paragraph(_clean(picture.caption), style="Caption")


def _add_table(paper: Any, table: Table, document: Document) -> None:
    made = paper.add_table(rows=2, cols=len(table.columns), style="Table Grid")
    made.alignment = WD_TABLE_ALIGNMENT.CENTER
    head, pattern = made.rows
    for row in (head, pattern):
        _dress_row(row, table, is_head=row is head)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    _fill_row(head._tr, [column.header for column in table.columns])
    made._tbl.remove(pattern._tr)
    # python-docx counts the whole grid again for each row and cell it is asked for: rows are copies of one.
    for row in table.rows:
        copied = deepcopy(pattern._tr)
        _fill_row(copied, [_text(cell, document.words.none) for cell in row])
        made._tbl.append(copied)


def _dress_row(row: Any, table: Table, *, is_head: bool) -> None:
    """Give each cell of a row an empty run in the type of the table; numbers stand to the right."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for column, cell in zip(table.columns, row.cells, strict=True):
        paragraph = cell.paragraphs[0]
        run = paragraph.add_run(" ")
        run.font.size, run.bold = Pt(TABLE_PT), is_head
        if not is_head and column.kind is not Kind.TEXT:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _fill_row(row: Any, texts: list[str]) -> None:
    """Write the texts of a dressed row, one into each of its runs."""
    for run, text in zip(row.iter(qn("w:r")), texts, strict=True):
        run.text = _clean(text)


def _text(cell: Cell, none: str) -> str:
    if cell is None:
        return none
    if isinstance(cell, Share):
        made_of = f"{_number(cell.numerator)}/{_number(cell.denominator)}"
        return f"{none} ({made_of})" if cell.value is None else f"{100 * cell.value:.1f}% ({made_of})"
    return cell if isinstance(cell, str) else _number(cell)


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("", text)
