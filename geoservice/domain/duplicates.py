"""Names and codes that people read as the same, however they were typed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

Thing = TypeVar("Thing")
ALIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})
"""Letters that are taken for digits in codes."""

MOST_PAIRS = 200_000
_NO_WORD = re.compile(r"[^\w\n]|_")
_BLANKS = re.compile(r" +")


def name_keys(names: Sequence[str]) -> list[str]:
    """What is left of each name without width, case, blanks and punctuation."""
    return _NO_WORD.sub("", _plain(names)).split("\n") if names else []


def code_keys(codes: Sequence[str]) -> list[str]:
    """Each code without width, case, blanks and zeros in front, whatever parts it: "A-01" is "ａ 01", not "A0-1"."""
    if not codes:
        return []
    parted = _BLANKS.sub("-", _NO_WORD.sub(" ", _plain(codes))).translate(ALIKE)
    return [each.strip("-").lstrip("0") for each in parted.split("\n")]


def groups_of(things: Iterable[Thing], keys: Iterable[Hashable]) -> list[list[Thing]]:
    """Things with the same key, two and more together, in the order in which they come; a key "" is none."""
    listed = list(keys)
    several = {key for key, count in Counter(listed).items() if count > 1} - {"", None}
    found: dict[Hashable, list[Thing]] = {}
    for thing, key in zip(things, listed, strict=True) if several else ():
        if key in several:
            found.setdefault(key, []).append(thing)
    return list(found.values())


def pairs_within(xy: NDArray[np.float64], reach_m: float) -> NDArray[np.int64]:
    """Pairs (n, 2) of places (m, 2) in metres that lie within reach of each other, the lower index first.

    Where there would be more than MOST_PAIRS, each place with its nearest only.
    """
    tree = cKDTree(xy)
    if (tree.count_neighbors(tree, reach_m) - len(xy)) // 2 <= MOST_PAIRS:
        pairs: NDArray[np.int64] = tree.query_pairs(reach_m, output_type="ndarray").astype(np.int64)
        return pairs
    apart, nearest = tree.query(xy, k=2, distance_upper_bound=reach_m)
    # Of places on the very same spot either may come first.
    other = np.where(nearest[:, 0] == np.arange(len(xy)), nearest[:, 1], nearest[:, 0])
    both = np.column_stack((np.arange(len(xy)), other))[np.isfinite(apart[:, 1])]
    return np.unique(np.sort(both, axis=1), axis=0).astype(np.int64)


def _plain(texts: Sequence[str]) -> str:
    """All texts of one width and case, one a line: many are as quick as one."""
    whole = "\n".join(texts)
    if whole.count("\n") >= len(texts):
        whole = "\n".join(text.replace("\n", " ") for text in texts)
    return (whole if whole.isascii() else unicodedata.normalize("NFKC", whole)).casefold()
