"""Long lists in pages, the page named by the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from flask import request

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = TypeVar("Row")
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page(Generic[Row]):
    """What one page shows: its rows, its number from 1, how many pages there are, and how many rows come before."""

    rows: Sequence[Row]
    number: int
    pages: int
    first: int


def page_of(rows: Sequence[Row], *, turned: bool = True) -> Page[Row]:
    """Return the page that `?page=` asks for, the nearest there is; the first one where this list is not turned."""
    pages = -(-len(rows) // PAGE_SIZE) or 1
    number = min(max(request.args.get("page", 1, type=int), 1), pages) if turned else 1
    first = (number - 1) * PAGE_SIZE
    return Page(rows[first : first + PAGE_SIZE], number, pages, first)
