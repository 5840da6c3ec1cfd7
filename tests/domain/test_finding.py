"""Names are found as a reader of pinyin would find them by hand."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain.finding import NameIndex

# What a dictionary says, written down here: no reading is taken from the code that is tried.
READINGS = {
    "人": "r", "民": "m", "路": "l", "重": "zc", "庆": "q", "长": "cz", "江": "j", "厦": "xs", "门": "m", "a": "a", "3": "3", "-": "-",
}  # fmt: skip
NAMES = st.text(alphabet=sorted(READINGS), min_size=1, max_size=5)
WORDS = st.text(alphabet=[*"人民重长", *"rmlzcqjxsa3-"], min_size=1, max_size=3)


def holds(text: str, word: str, place: int) -> bool:
    if place + len(word) > len(text):
        return False
    pairs = zip(text[place:], word, strict=False)
    return all(letter == sign or letter in READINGS[sign] for sign, letter in pairs)


def quality(name: str, code: str, word: str) -> int | None:
    """0: the whole of a name or code; 1: its beginning; 2: somewhere in it; None: nowhere."""
    found = [
        0 if place == 0 and len(word) == len(text) else 1 if place == 0 else 2
        for text in (name, code)
        for place in range(len(text))
        if holds(text, word, place)
    ]
    return min(found, default=None)


@settings(max_examples=40)
@given(st.lists(st.tuples(NAMES, NAMES), max_size=6), WORDS)
def test_all_that_holds_a_word_is_found_the_best_first(names, word):
    hits = NameIndex(names).find(word).tolist()
    wanted = {place: quality(*one, word) for place, one in enumerate(names)}
    assert sorted(hits) == [place for place, one in wanted.items() if one is not None]
    assert [wanted[hit] for hit in hits] == sorted(wanted[hit] for hit in hits)


def test_capitals_wide_letters_and_blanks_do_not_matter():
    index = NameIndex([("Ｄ座 市场", "A-01"), ("重庆路", "B-02")])
    assert index.find(" d座  市 ").tolist() == [0]
    assert index.find("ａ-01").tolist() == [0]
    assert index.find("CQL").tolist() == [1]
    assert index.find("   ").tolist() == []
    assert NameIndex([]).find("a").tolist() == []
