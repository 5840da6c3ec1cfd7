"""Lists as programs read them: any noun, filtered, counted and cut to a page, with geometry as GeoJSON."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from geoservice.errors import BadRequest, Conflict, NotAllowed
from geoservice.store.scope import scope_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.store.scope import Scope

INSUFFICIENT_PRIVILEGE = "42501"
FOREIGN_KEY_VIOLATION = "23503"


@dataclass(frozen=True)
class Listed:
    """How a noun is listed; `filters`: name → the condition that holds where the name has a value."""

    columns: str
    source: str
    order: str
    filters: Mapping[str, str]


def geometry_of(column: str) -> str:
    """Return the SQL of a geometry as GeoJSON with every digit that is stored."""
    return f"ST_AsGeoJSON({column}, 15)::json"


def touches(column: str) -> str:
    """Return the condition that a geometry touches the box west, south, east, north."""
    return f"{column} && ST_MakeEnvelope(:west, :south, :east, :north, 4326)"


def named_like(*columns: str) -> str:
    """Return the condition that one of the columns holds a text, whatever the case and whatever it means to LIKE."""
    return "(" + " OR ".join(f"position(lower(:q) IN lower({column})) > 0" for column in columns) + ")"


def changed_since(noun: str, row: str) -> str:
    """Return the condition that a row came or changed at or after an instant."""
    return (
        f"(EXISTS (SELECT FROM row_change c WHERE c.noun = '{noun}' AND c.row_id = {row}.id AND c.at >= :changed_since)"
        f" OR EXISTS (SELECT FROM import_batch b WHERE b.id = {row}.batch_id AND b.created_at >= :changed_since))"
    )


def valid_on(row: str) -> str:
    """Return the condition that a versioned row holds on a day."""
    return f"({row}.valid_from IS NULL OR {row}.valid_from <= :on) AND ({row}.valid_to IS NULL OR {row}.valid_to > :on)"


def page(
    session: Session,
    listed: Listed,
    wanted: Mapping[str, Any],
    *,
    limit: int | None = None,
    first: int = 0,
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows of one page that fit every filter with a value, and how many fit on all pages.

    `bbox` fits where the box of `wanted` (west, south, east, north) is there.
    """
    values = {name: value for name, value in wanted.items() if value is not None}
    conditions = [sql for name, sql in listed.filters.items() if name in values or _has_box(name, values)]
    where = " AND ".join(conditions) or "true"
    total = session.scalar(text(f"SELECT count(*) FROM {listed.source} WHERE {where}"), values) or 0
    rows = session.execute(
        text(
            f"SELECT {listed.columns} FROM {listed.source} WHERE {where} ORDER BY {listed.order} LIMIT :limit OFFSET :first"
        ),
        {**values, "limit": limit, "first": first},
    )
    return [dict(row) for row in rows.mappings()], total


def one(session: Session, listed: Listed, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the one row that fits; None where none does, or none for this session."""
    rows, _ = page(session, listed, wanted, limit=1)
    return rows[0] if rows else None


def last_change(session: Session, noun: str, row_id: int) -> tuple[datetime, str | None] | None:
    """Return when a row was last changed by hand or by an import and by whom, as far as this session may know."""
    row = session.execute(
        text(
            "SELECT c.at, u.name FROM row_change c LEFT JOIN app_user u ON u.id = c.user_id "
            "WHERE c.noun = :noun AND c.row_id = :id ORDER BY c.id DESC LIMIT 1"
        ),
        {"noun": noun, "id": row_id},
    ).one_or_none()
    return (row.at, row.name) if row else None


def _has_box(name: str, values: Mapping[str, Any]) -> bool:
    return name == "bbox" and "west" in values


@contextmanager
def telling_clashes() -> Iterator[None]:
    """Say what the database refuses as errors of ours: a row that came first, a row outside one's ground, a number too large."""
    try:
        yield
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) == FOREIGN_KEY_VIOLATION:
            raise Conflict("refers_to_nothing") from error
        raise Conflict from error
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) == INSUFFICIENT_PRIVILEGE:
            raise NotAllowed from error
        raise
    except DataError as error:
        raise BadRequest from error


def widen(session: Session, scope: Scope) -> None:
    """Let the rest of this transaction see what `scope` allows instead of what it was opened with."""
    settings = ", ".join(f"set_config('app.{name}', :{name}, true)" for name in scope_settings(scope))
    session.execute(text(f"SELECT {settings}"), scope_settings(scope))
    session.info["scope"] = scope
