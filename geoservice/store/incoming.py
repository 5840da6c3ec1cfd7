"""Columns of a file in a temporary table, by one COPY, so that PostgreSQL compares and writes them all at once.

Row-level security forbids COPY into the tables themselves; the statements that follow pass it like any other.
"""

from __future__ import annotations

import io
import re
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


def take_in(
    session: Session, table: str, kinds: Mapping[str, str], columns: Mapping[str, Sequence[Any]]
) -> None:
    """Make the temporary `table` with a column of each of `kinds` (SQL types) and fill it; one of that name is replaced.

    `columns` are of equal length; a cell is None, text, a number or a truth value.
    """
    told = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{table}"))
    session.execute(text(f"CREATE TEMPORARY TABLE {table} ({told}) ON COMMIT DROP"))
    statement = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, kinds))
    )
    cursor: Any = session.connection().connection.cursor()
    for body in _bodies([columns[name] for name in kinds]):
        cursor.copy_expert(statement, io.BytesIO(body), size=1 << 20)
    cursor.close()
    # Shapes and attributes are told apart by no plan, and are long to look at.
    plain = ", ".join(name for name, kind in kinds.items() if not kind.startswith(("geometry", "json")))
    session.execute(text(f"ANALYZE pg_temp.{table} ({plain})"))


def _bodies(columns: Sequence[Sequence[Any]]) -> Iterator[bytes]:
    for start in range(0, len(columns[0]), ROWS_A_COPY):
        parts = [_fields(column[start : start + ROWS_A_COPY]) for column in columns]
        yield ("\n".join(map("\t".join, zip(*parts, strict=True))) + "\n").encode()


def _fields(cells: Sequence[Any]) -> Sequence[str]:
    """Cells as COPY's text format has them."""
    kinds = set(map(type, cells))
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
