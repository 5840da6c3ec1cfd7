"""Columns of a file in a temporary table, by one COPY, so that PostgreSQL compares and writes them all at once.

Row-level security forbids COPY into the tables themselves; the statements that follow pass it like any other.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from struct import Struct
from typing import TYPE_CHECKING, Any

from psycopg2 import sql
from sqlalchemy import text

from geoservice.store.bulk import analyze_roughly
from geoservice.store.copying import DAY_ZERO, HEADER, TRAILER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

ROWS_A_COPY = 50_000
BLOCK_BYTES = 8192
# So much is written by one statement, 24 MB: what its triggers see need not go to disk, and progress is told in between.
BLOCKS_A_STRETCH = 3 << 10
# Of the rows `r` of a temporary table those of one of its `stretches`.
WITHIN = "r.ctid >= CAST(:first AS tid) AND r.ctid < CAST(:end AS tid)"
_FIELDS, _LENGTH = Struct(">h"), Struct(">i")
_NULL = _LENGTH.pack(-1)
# Kinds of fixed length: their length and their value at once, and what of a cell is written.
_FIXED: dict[str, tuple[Struct, int, Callable[[Any], Any] | None]] = {
    "int": (Struct(">ii"), 4, None),
    "double precision": (Struct(">id"), 8, None),
    "boolean": (Struct(">i?"), 1, None),
    "date": (Struct(">ii"), 4, lambda day: day.toordinal() - DAY_ZERO),
}
_JSONB_VERSION = b"\x01"
# Lengths below are written down once.
SHORT = 4096


@dataclass(frozen=True)
class Packed:
    """Columns as COPY takes them: their names, and all rows in some pieces of its binary format."""

    names: tuple[str, ...]
    bodies: list[bytes]


def pack(kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> Packed:
    """Columns of equal length made ready for `pour`; those of `kinds` (SQL types) that are missing stay empty.

    A cell is None or what its kind says: text, JSON as text, a number, a truth value, a day, WKB. Asks nothing of the database.
    """
    names = tuple(name for name in kinds if name in columns)
    return Packed(names, list(_bodies([(kinds[name], columns[name]) for name in names])))


def make_table(session: Session, table: str, kinds: Mapping[str, str]) -> None:
    """Make the temporary `table` with a column of each of `kinds`; one of that name is replaced."""
    told = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    session.execute(text(f"CREATE TEMPORARY TABLE {table} ({told}) ON COMMIT DROP"))


def pour(session: Session, table: str, packed: Packed) -> None:
    """Add rows to a temporary table."""
    statement = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT binary)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, packed.names))
    )
    cursor: Any = session.connection().connection.cursor()
    for body in packed.bodies:
        cursor.copy_expert(statement, io.BytesIO(body), size=1 << 20)
    cursor.close()


def count_in(session: Session, table: str, kinds: Mapping[str, str]) -> None:
    """Let plans know what was poured into a temporary table."""
    # Shapes and attributes are told apart by no plan, and are long to look at.
    plain = ", ".join(name for name, kind in kinds.items() if not kind.startswith(("geometry", "json")))
    analyze_roughly(session, f"pg_temp.{table} ({plain})")


def take_in(
    session: Session, table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]
) -> None:
    """A temporary table of what `pack` makes of columns, ready to be joined."""
    make_table(session, table, kinds)
    pour(session, table, pack(kinds, columns))
    count_in(session, table, kinds)


def stretches(session: Session, table: str) -> list[dict[str, str]]:
    """A temporary table in parts, in the order in which its rows came: bounds for WITHIN."""
    size = text("SELECT pg_relation_size(CAST(:table AS regclass))")
    blocks = int(session.execute(size, {"table": f"pg_temp.{table}"}).scalar_one()) // BLOCK_BYTES
    return [
        {"first": f"({first},0)", "end": f"({first + BLOCKS_A_STRETCH},0)"}
        for first in range(0, blocks, BLOCKS_A_STRETCH)
    ]


@contextmanager
def joined_whole(session: Session) -> Iterator[None]:
    """While many rows are joined with a table that they fill: no row looks through it by itself.

    A table that was empty when PostgreSQL last counted it is taken for empty still, and would be searched from end to end for
    every row.
    """
    session.execute(text("SET LOCAL enable_nestloop TO off"))
    yield
    session.execute(text("SET LOCAL enable_nestloop TO DEFAULT"))


def _bodies(columns: Sequence[tuple[str, Sequence[Any]]]) -> Iterator[bytes]:
    head = _FIELDS.pack(len(columns))
    for start in range(0, len(columns[0][1]), ROWS_A_COPY):
        pieces: list[Iterable[bytes]] = [repeat(head)]
        for kind, column in columns:
            pieces += _fields(kind, column[start : start + ROWS_A_COPY])
        yield b"".join(chain((HEADER,), chain.from_iterable(zip(*pieces, strict=False)), (TRAILER,)))


def _fields(kind: str, cells: Sequence[Any]) -> list[Iterable[bytes]]:
    """What to write of each cell, one thing after the other: its length and its bytes."""
    some_blank = None in cells
    if kind in _FIXED:
        packing, length, written = _FIXED[kind]
        pack_one = packing.pack
        values = cells if written is None else [None if cell is None else written(cell) for cell in cells]
        if some_blank:
            return [[_NULL if cell is None else pack_one(length, cell) for cell in values]]
        return [map(pack_one, repeat(length), values)]
    told: Sequence[bytes] = cells if kind.startswith("geometry") else _encoded(cells, some_blank=some_blank)
    lengths = _lengths(told, _JSONB_VERSION if kind == "jsonb" else b"")
    if not some_blank:
        return [lengths, told]
    blank = [cell is None for cell in cells]
    return [[_NULL if none else length for none, length in zip(blank, lengths, strict=True)], told]


def _encoded(cells: Sequence[Any], *, some_blank: bool) -> list[bytes]:
    """Texts as bytes; a blank one as none at all."""
    return (
        [b"" if cell is None else cell.encode() for cell in cells]
        if some_blank
        else list(map(str.encode, cells))
    )


def _lengths(told: Sequence[bytes], before: bytes) -> Iterable[bytes]:
    """The length of each with what stands before it, and that."""
    longest = max(map(len, told), default=0)
    if longest < SHORT:
        return map(_short_lengths(before).__getitem__, map(len, told))
    return (_LENGTH.pack(len(each) + len(before)) + before for each in told)


@cache
def _short_lengths(before: bytes) -> list[bytes]:
    return [_LENGTH.pack(length + len(before)) + before for length in range(SHORT)]
