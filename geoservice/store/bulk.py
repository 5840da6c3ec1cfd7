"""Many rows in few statements: columns travel as arrays and are unnested by PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

ROWS_A_STATEMENT = 2_000
# Rows looked at are 300 times as many; what stays is looked at closer by autovacuum, within a minute or so.
ROUGHLY = 20


def analyze_roughly(session: Session, tables: str) -> None:
    """Let plans know of tables (with columns in parentheses, or whole) that many rows have just come into."""
    session.execute(text(f"SET LOCAL default_statistics_target TO {ROUGHLY}"))
    session.execute(text(f"ANALYZE {tables}"))
    session.execute(text("SET LOCAL default_statistics_target TO DEFAULT"))


def in_chunks(
    session: Session, sql: str, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """Run `sql` over slices of `columns` (equal lengths) → the rows each slice returns, if it returns any.

    Nothing runs until it is iterated: use `run_in_chunks` for statements without an answer.
    """
    statement = text(sql)
    length = len(next(iter(columns.values()), ()))
    for start in range(0, length, ROWS_A_STATEMENT):
        part = {name: list(values[start : start + ROWS_A_STATEMENT]) for name, values in columns.items()}
        result: Any = session.execute(statement, {**part, **(fixed or {})})
        if result.returns_rows:
            yield from result


def run_in_chunks(
    session: Session, sql: str, columns: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any] | None = None
) -> None:
    """Run `sql` over slices of `columns`, for what it does."""
    for _ in in_chunks(session, sql, columns, fixed):
        pass
