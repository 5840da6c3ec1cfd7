"""Whether a table has changed: an exact stamp for whatever is cached of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.errors import ServiceUnavailable
from geoservice.store.base import Base

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


def stamp_of(engine: Engine, tables: Sequence[str]) -> str:
    """Return a text that is another one after each commit that changed one of the tables.

    Read it before what is cached under it: what is newer than its stamp is asked for once more, what is older never served. It
    is one question without a transaction around it, for most answers need no other.
    """
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            found: str = connection.exec_driver_sql(_STAMP, {"tables": list(tables)}).scalar_one()
    except OperationalError as error:
        raise ServiceUnavailable("database_unavailable") from error
    return found


_STAMP = """
    SELECT coalesce(string_agg(name || transaction_id, ',' ORDER BY name, transaction_id), '') FROM table_change
    WHERE name = ANY(%(tables)s)
"""
