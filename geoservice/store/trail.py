"""The audit trail as people read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from geoservice.store.audit import AuditEntry
from geoservice.store.people import AppUser

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class TrailRow:
    """One entry, with the login of whoever did it."""

    id: int
    at: datetime
    login: str | None
    action: str
    object_kind: str
    object_id: str
    detail: dict[str, Any]


def recent_entries(
    session: Session, limit: int, *, before_id: int | None = None, login: str | None = None
) -> list[TrailRow]:
    """Return entries, the newest first, from before one entry and of one user where that is asked for."""
    query = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AppUser.login,
            AuditEntry.action,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditEntry.detail,
        )
        .outerjoin(AppUser, AppUser.id == AuditEntry.user_id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    if login:
        query = query.where(AppUser.login == login)
    return [TrailRow(*row) for row in session.execute(query)]
