"""Columns of a file in a temporary table, by one COPY, so that PostgreSQL compares and writes them all at once.

Row-level security forbids COPY into the tables themselves; the statements that follow pass it like any other.
"""

from __future__ import annotations

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg2 import sql
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

ROWS_A_COPY = 50_000
NULL = "\\N"
# The backslash first: it stands in the others' escapes.
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
SPECIAL = re.compile(r"[\\\t\n\r]")


@dataclass(frozen=True)
class Packed:
    """Columns as COPY takes them: their names, and all rows in some pieces of text."""

    names: tuple[str, ...]
    bodies: list[bytes]


def pack(kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> Packed:
    """Columns of equal length made ready for `pour`; those of `kinds` (SQL types) that are missing stay empty.

    A cell is None, text, a number or a truth value, a geometry always WKB in hexadecimal. Asks nothing of the database.
    """
    names = tuple(name for name in kinds if name in columns)
    return Packed(names, list(_bodies([(kinds[name], columns[name]) for name in names])))


def pour(session: Session, table: str, kinds: Mapping[str, str], packed: Packed) -> None:
    """Make the temporary `table` with a column of each of `kinds` and fill it; one of that name is replaced."""
    told = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    session.execute(text(f"CREATE TEMPORARY TABLE {table} ({told}) ON COMMIT DROP"))
    statement = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, packed.names))
    )
    cursor: Any = session.connection().connection.cursor()
    for body in packed.bodies:
        cursor.copy_expert(statement, io.BytesIO(body), size=1 << 20)
    cursor.close()
    # Shapes and attributes are told apart by no plan, and are long to look at.
    plain = ", ".join(name for name, kind in kinds.items() if not kind.startswith(("geometry", "json")))
    session.execute(text(f"ANALYZE pg_temp.{table} ({plain})"))


def take_in(
    session: Session, table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]
) -> None:
    """`pour` what `pack` makes of columns."""
    pour(session, table, kinds, pack(kinds, columns))


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
    for start in range(0, len(columns[0][1]), ROWS_A_COPY):
        parts = [_fields(kind, column[start : start + ROWS_A_COPY]) for kind, column in columns]
        yield ("\n".join(map("\t".join, zip(*parts, strict=True))) + "\n").encode()


def _fields(kind: str, cells: Sequence[Any]) -> Sequence[str]:
    """Cells as COPY's text format has them."""
    if kind.startswith("geometry"):  # in hexadecimal
        return cells
    kinds = set(map(type, cells))
    if kinds == {int}:
        return list(map(str, cells))
    texts = cells if kinds == {str} else ["" if cell is None else str(cell) for cell in cells]
    if SPECIAL.search("".join(texts)):
        texts = [_escaped(each) for each in texts]
    if type(None) not in kinds:
        return texts
    return [NULL if cell is None else each for cell, each in zip(cells, texts, strict=True)]


def _escaped(letters: str) -> str:
    for letter, escape in ESCAPES.items():
        letters = letters.replace(letter, escape)
    return letters
