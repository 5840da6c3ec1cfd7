"""A report as a neutral document: parts with notes, tables and photos, before anybody decides how it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; a share is a `Share`, everything else a text, a number or None."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"


@dataclass(frozen=True)
class Share:
    """A share with what it is made of."""

    numerator: float
    denominator: float

    @property
    def value(self) -> float | None:
        """The share, None over nothing."""
        return self.numerator / self.denominator if self.denominator > 0 else None


Cell = str | float | Share | None


@dataclass(frozen=True)
class Column:
    """A column by its header and what it holds."""

    header: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Table:
    """Rows under columns, a cell a column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A JPEG with what stands below it."""

    caption: str
    jpeg: bytes


@dataclass(frozen=True)
class Part:
    """A heading with what belongs to it. `brief` names a shorter table for where there is little room."""

    title: str
    notes: tuple[str, ...] = ()
    table: Table | None = None
    brief: Table | None = None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Words:
    """The few words a writer needs itself."""

    none: str
    share: str
    numerator: str
    denominator: str


@dataclass(frozen=True)
class Document:
    """A whole report, in the reader's language."""

    title: str
    subtitle: str
    words: Words
    parts: tuple[Part, ...]
    foot: tuple[str, ...] = field(default=())
