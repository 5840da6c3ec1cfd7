"""Whether a table has changed: an exact stamp for whatever is cached of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base, ask_at_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine


class TableChange(Base):
    """A transaction that changed a table; triggers write it and sweep away what older ones left.

    A row appears with the very commit whose changes it stands for, and carries a number that no other commit has. So the
    rows one sees of a table are others after every commit that changed it: never the same for different contents.
    """

    __tablename__ = "table_change"

    name: Mapped[str] = mapped_column(primary_key=True)
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


def stamps_of_tables(engine: Engine) -> dict[str, str]:
    """Return for each table that was ever changed a text that is another one after each commit that changed it.

    Read it before what is cached under it: what is newer than its stamp is asked for once more, what is older never served. It
    is one question without a transaction around it, for most answers need no other.
    """
    url = engine.url.render_as_string(hide_password=False)
    rows = ask_at_once(url, lambda session: session.execute(_STAMPS).all())
    return {row.name: row.stamp for row in rows}


def stamp_of(engine: Engine, tables: Sequence[str]) -> str:
    """Return a text that is another one after each commit that changed one of the tables; see `stamps_of_tables`."""
    stamps = stamps_of_tables(engine)
    return ";".join(f"{name} {stamps[name]}" for name in sorted(tables) if name in stamps)


_STAMPS = text(
    "SELECT name, string_agg(CAST(transaction_id AS text), ',' ORDER BY transaction_id) AS stamp FROM table_change GROUP BY name"
)
