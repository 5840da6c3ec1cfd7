"""Engine, sessions and the conventions that every table shares."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from geoservice.errors import ServiceUnavailable
from geoservice.store.scope import EVERYTHING, Scope, scope_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = TypeVar("Answer")

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


@cache
def make_engine(database_url: str) -> Engine:
    """One engine a URL and process; a dead connection is noticed before it is used."""
    return create_engine(database_url, pool_pre_ping=True, pool_size=5, max_overflow=10)


@cache
def make_quick_engine(database_url: str) -> Engine:
    """One engine a URL and process on which each statement commits by itself, and nobody asks first whether the server is there."""
    return create_engine(database_url, isolation_level="AUTOCOMMIT", pool_size=5, max_overflow=10)


@contextmanager
def single_statements(database_url: str) -> Iterator[Session]:
    """Open a session on which each statement commits by itself: one question to the server instead of four.

    Only for what may be done twice, and hangs on no scope. ServiceUnavailable where a connection was dead: the next may live.
    """
    try:
        with Session(make_quick_engine(database_url), info={"scope": None}) as session:
            yield session
    except OperationalError as error:
        raise ServiceUnavailable("database_unavailable") from error


def ask_at_once(database_url: str, ask: Callable[[Session], Answer]) -> Answer:
    """Return the answer to a question that hangs on no scope, without a transaction; asked again where the connection was dead."""
    try:
        with single_statements(database_url) as session:
            return ask(session)
    except ServiceUnavailable:
        with single_statements(database_url) as session:
            return ask(session)


@contextmanager
def transaction(engine: Engine, scope: Scope | None = EVERYTHING) -> Iterator[Session]:
    """Open a session that sees what `scope` allows, nothing that hangs on it without one; commit at the end, or roll back.

    Without a scope the database is not told who asks, which spares a question where hundreds ask in a second.
    """
    try:
        with Session(engine, info={"scope": scope}) as session, session.begin():
            yield session
    except OperationalError as error:
        if error.connection_invalidated or "connect" in str(error.orig):
            raise ServiceUnavailable("database_unavailable") from error
        raise


@event.listens_for(Session, "after_begin")
def _apply_scope(session: Session, _transaction: Any, connection: Any) -> None:
    """Tell row-level security who is asking, for this transaction only."""
    scope: Scope | None = session.info.get("scope")
    if scope is not None:
        connection.execute(
            text(
                "SELECT "
                + ", ".join(f"set_config('app.{name}', :{name}, true)" for name in scope_settings(scope))
            ),
            scope_settings(scope),
        )


def statement(name: str) -> str:
    """Return the SQL file `name` of this package: statements too long to read inside Python."""
    return resources.files("geoservice.store").joinpath("sql", f"{name}.sql").read_text("utf-8")
