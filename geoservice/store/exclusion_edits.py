"""Exclusions written one at a time."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.exclusion_rows import ExclusionRow


def insert_exclusion(session: Session, row: ExclusionRow, by: int | None) -> int:
    """Insert a version of an exclusion → its id."""
    added: int = session.execute(
        text(
            "INSERT INTO exclusion (code, kind, name, reason, geom, valid_from, valid_to, created_by) VALUES "
            "(:code, :kind, :name, :reason, ST_GeomFromWKB(:geom, 4326), :valid_from, :valid_to, :by) RETURNING id"
        ),
        {**asdict(row), "by": by},
    ).scalar_one()
    return added


def update_words(session: Session, exclusion_id: int, words: dict[str, Any]) -> None:
    """Set kind, name and reason of a version."""
    session.execute(
        text("UPDATE exclusion SET kind = :kind, name = :name, reason = :reason WHERE id = :id"),
        {**words, "id": exclusion_id},
    )


def update_border(session: Session, exclusion_id: int, geom: bytes) -> None:
    """Give a version another border; a trigger has its mask made anew."""
    session.execute(
        text("UPDATE exclusion SET geom = ST_GeomFromWKB(:geom, 4326) WHERE id = :id"),
        {"geom": geom, "id": exclusion_id},
    )


def read_exclusion(session: Session, exclusion_id: int) -> dict[str, Any] | None:
    """Return one version; `geom` is WKB."""
    row = session.execute(
        text(
            "SELECT code, kind, name, reason, ST_AsBinary(geom) AS geom, valid_from, valid_to FROM exclusion WHERE id = :id"
        ),
        {"id": exclusion_id},
    ).one_or_none()
    return {**row._mapping, "geom": bytes(row.geom)} if row else None


def holds_later(session: Session, code: str, day: date | None) -> bool:
    """Tell whether an exclusion of this code holds on a day (None: ever) or later."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT FROM exclusion WHERE code = :code "
                "AND (CAST(:day AS date) IS NULL OR valid_to IS NULL OR valid_to > :day))"
            ),
            {"code": code, "day": day},
        )
    )
