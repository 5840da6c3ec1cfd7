"""Rows of fixed width in and out of PostgreSQL by binary COPY: numpy writes and reads the wire format directly.

Format: PostgreSQL manual, "COPY", section "Binary Format": a header of 19 bytes, then for each row the number of fields
and each field as its length and its big-endian bytes, then -1. Rows of NOT NULL columns of fixed size all have one layout,
so a numpy record type describes them.
"""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
# 2000-01-01, where PostgreSQL counts timestamps from, in µs since 1970.
EPOCH_US = 946_684_800_000_000
# The same day as `date.toordinal`, where it counts dates from.
DAY_ZERO = date(2000, 1, 1).toordinal()

INT2, INT4, INT8, FLOAT4, FLOAT8 = ">i2", ">i4", ">i8", ">f4", ">f8"
BITMAP = "bitmap"
_BITMAP_BITS = 65536
_BITMAP_BYTES = _BITMAP_BITS // 8


def _record(columns: Mapping[str, str]) -> np.dtype[np.void]:
    layout: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = [("fields", ">i2")]
    for name, kind in columns.items():
        layout.append((f"{name}:length", ">i4"))
        if kind == BITMAP:
            layout += [(f"{name}:bits", ">i4"), (name, "u1", (_BITMAP_BYTES,))]
        else:
            layout.append((name, kind))
    return np.dtype(layout)


def copy_in(
    session: Session, table: str, columns: Mapping[str, str], values: Sequence[NDArray[np.generic]]
) -> None:
    """Append rows to `table`; `columns` maps name to kind in the order of `values`, arrays of equal length (n,)."""
    count = len(values[0])
    rows = np.zeros(count, _record(columns))
    rows["fields"] = len(columns)
    for (name, kind), value in zip(columns.items(), values, strict=True):
        rows[name] = value
        rows[f"{name}:length"] = _BITMAP_BYTES + 4 if kind == BITMAP else np.dtype(kind).itemsize
        if kind == BITMAP:
            rows[f"{name}:bits"] = _BITMAP_BITS
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with _cursor(session) as cursor:
        cursor.copy_expert(
            sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), names),
            io.BytesIO(b"".join((HEADER, rows.tobytes(), TRAILER))),
            size=1 << 20,
        )


def copy_out(
    session: Session, query: str, columns: Mapping[str, str], values: Mapping[str, object]
) -> NDArray[np.void]:
    """Return the rows of `query` as a record array with native fields named in `columns`.

    `query` takes `%(name)s` values and must yield NOT NULL columns of the kinds given.
    """
    record = _record(columns)
    out = io.BytesIO()
    with _cursor(session) as cursor:
        statement = cursor.mogrify(query, values).decode()
        cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", out, size=1 << 20)
    body = out.getbuffer()[len(HEADER) : -len(TRAILER)]
    return np.frombuffer(body, record)


def _cursor(session: Session):  # type: ignore[no-untyped-def]  # psycopg2's cursor, typed by its stubs as a private class
    return session.connection().connection.cursor()
