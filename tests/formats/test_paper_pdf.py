"""A form is one page of A4 whatever it says, and every letter of it can be read again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth

from geoservice.formats.figure_pdf import FONT, register_font
from geoservice.formats.paper_document import Box, Paper
from geoservice.formats.paper_pdf import papers_pdf
from geoservice.formats.pdf_pen import broken
from tests.pdf_text import pages_of

MIXED = st.text(st.sampled_from("占道经营，。）（ ab/-1\n"), max_size=120)


@pytest.mark.parametrize("length", [1, 40, 260])
def test_everything_stands_on_one_page(length):
    words = "已整改到位，" * (length // 6 + 1)
    rows = (
        (Box("案件", strong=words, small=words), Box("地点", words)),
        (
            Box(
                "要求",
                steps=(words, words),
                strong="反馈期限",
                seal=("明湖区督查办", "（盖章）", "2026-03-18"),
            ),
        ),
        (Box("反馈", words, signs=("签收人：", "时间："), room_mm=40),),
    )
    paper = Paper("yellow", "黄色督办单", "督办单", ("编号：督2026-0001", "签发：今天"), "", rows, "一式两份")
    pdf = papers_pdf([paper, paper], "督办单", "zh-CN")
    pages = pages_of(pdf)
    assert len(pages) == 2
    assert pages[0] == pages[1]
    assert re.sub(r"\s", "", pages[0]).count("已整改到位") == 6 * (length // 6 + 1)
    assert "一式两份" in pages[0]


@settings(max_examples=60, deadline=None)
@given(MIXED, st.integers(12, 60))
def test_a_text_is_broken_without_losing_a_letter_and_no_line_is_too_wide(text, most):
    register_font()
    lines = broken(text, 10, most)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    for line in lines:
        assert stringWidth(line, FONT, 10) <= most * mm + 0.01
