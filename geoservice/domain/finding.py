"""Finding names while somebody types: by any part of a name or code, in Chinese or by the initials of its pinyin.

All names lie in one long array of code points, with the initials of each as bits beside it; a word is found in all of them by
a few operations a letter. A character that is read in several ways has the bit of each: 重 is found by z, c and t.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_BETWEEN, _AFTER = "\t", "\n"
_KNOWN = 0x40000
"""Code points below this have initials; no Chinese character lies above."""


class NameIndex:
    """Names with their codes, to be searched."""

    def __init__(self, names: Sequence[tuple[str, str]]) -> None:
        lines = [f"{_one_line(name)}{_BETWEEN}{_one_line(code)}{_AFTER}" for name, code in names]
        self._codes = _points("".join([_AFTER, *lines]))
        self._bits = _initials()[np.minimum(self._codes, _KNOWN - 1)]
        self._starts = np.cumsum([1, *map(len, lines)])[:-1] if lines else np.zeros(0, np.int64)
        self._lengths = np.array([len(line) for line in lines], np.int64)

    def find(self, word: str) -> NDArray[np.int64]:
        """Return the places of the names that hold a word, the best first.

        Whole names and codes come before those that begin with it, these before those that hold it; then the shorter.
        """
        wanted = _points(_one_line(word))
        if len(wanted) == 0 or len(self._starts) == 0:
            return np.zeros(0, np.int64)
        # No word holds what ends a line, so none reaches beyond the last one.
        found = np.flatnonzero(_fits(self._codes, self._bits, int(wanted[0])))
        for step, letter in enumerate(wanted[1:].tolist(), 1):
            places = found + step
            found = found[_fits(self._codes[places], self._bits[places], letter)]
        rows = np.searchsorted(self._starts, found, side="right") - 1
        before, after = self._codes[found - 1], self._codes[found + len(wanted)]
        begins = (before == ord(_AFTER)) | (before == ord(_BETWEEN))
        ends = (after == ord(_AFTER)) | (after == ord(_BETWEEN))
        quality = np.where(begins & ends, 0, np.where(begins, 1, 2))
        order = np.lexsort((rows, self._lengths[rows], quality))
        _, first = np.unique(rows[order], return_index=True)
        return rows[order][np.sort(first)]


def _fits(codes: NDArray[np.uint32], bits: NDArray[np.uint64], letter: int) -> NDArray[np.bool_]:
    """Tell which characters a letter of a word stands for."""
    bit = LETTERS.find(chr(letter))
    return np.asarray(codes == letter if bit < 0 else bits & np.uint64(1 << bit) != 0)


def _one_line(text: str) -> str:
    """Return a text as it is compared: small letters, full-width ones as others, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)


@cache
def _initials() -> NDArray[np.uint64]:
    """Return the initials that each code point may stand for, one bit a letter of LETTERS."""
    # Names are short, and any reading counts: the 40 MB of phrases that choose between readings are not loaded.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin.pinyin_dict import pinyin_dict

    bits = np.zeros(_KNOWN, np.uint64)
    for number, letter in enumerate(LETTERS):
        bits[ord(letter)] = 1 << number
    for point, readings in pinyin_dict.items():
        for reading in readings.split(","):
            letter = unicodedata.normalize("NFD", reading)[:1]
            if letter in LETTERS:
                bits[point] |= np.uint64(1 << LETTERS.index(letter))
    return bits
