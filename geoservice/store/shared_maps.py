"""Links that show one map to whoever holds them: made, listed, found by the hash of their secret, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Text, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.people import AppUser, Leader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# A link that a screen keeps opening is written to no more often.
NOTE_OPENING_EVERY = timedelta(minutes=1)


class SharedMap(Base):
    """A link: which map, with which part of its address (`shown`), for whom, until when. Only the SHA-256 of its secret is kept.

    `people`: whether the map names others who answer, and how to reach them. `origins`: whose pages may frame it.
    """

    __tablename__ = "shared_map"
    __table_args__ = (
        CheckConstraint("kind IN ('leader', 'city')", name="kind_known"),
        CheckConstraint("(kind = 'leader') = (leader_id IS NOT NULL)", name="leader_named"),
        CheckConstraint("people IN ('none', 'names', 'phones')", name="people_known"),
        CheckConstraint("ends_at > made_at", name="ends_later"),
        CheckConstraint("length(secret_sha256) = 32", name="hashed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_sha256: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("leader.id", ondelete="CASCADE"), index=True)
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)
    people: Mapped[str]
    origins: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    made_by: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    opened_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


def add(session: Session, link: SharedMap) -> SharedMap:
    """Store a new link."""
    session.add(link)
    session.flush()
    return link


def all_links(session: Session) -> list[tuple[SharedMap, str, str | None]]:
    """Return every link that the session sees with the names of its maker and leader, the newest first."""
    query = (
        select(SharedMap, AppUser.name, Leader.name)
        .join(AppUser, AppUser.id == SharedMap.made_by)
        .outerjoin(Leader, Leader.id == SharedMap.leader_id)
        .order_by(SharedMap.id.desc())
    )
    return [(link, maker, leader) for link, maker, leader in session.execute(query)]


def count_open(session: Session, made_by: int, now: datetime) -> int:
    """Count somebody's links that still open."""
    query = select(func.count()).where(
        SharedMap.made_by == made_by, SharedMap.revoked_at.is_(None), SharedMap.ends_at > now
    )
    return session.scalar(query) or 0


def open_by(session: Session, secret_sha256: bytes, now: datetime) -> SharedMap | None:
    """Return the link with this secret; None for one that never was, has ended or was revoked."""
    return session.scalar(
        select(SharedMap).where(
            SharedMap.secret_sha256 == secret_sha256, SharedMap.revoked_at.is_(None), SharedMap.ends_at > now
        )
    )


def note_opening(session: Session, link_id: int, now: datetime) -> None:
    """Note that somebody opened a link."""
    old = or_(SharedMap.opened_at.is_(None), SharedMap.opened_at < now - NOTE_OPENING_EVERY)
    session.execute(update(SharedMap).where(SharedMap.id == link_id, old).values(opened_at=now))


def revoke(session: Session, link_id: int, now: datetime) -> bool:
    """End a link that the session sees; False when there is none open."""
    ended = session.execute(
        update(SharedMap)
        .where(SharedMap.id == link_id, SharedMap.revoked_at.is_(None), SharedMap.ends_at > now)
        .values(revoked_at=now)
        .returning(SharedMap.id)
    )
    return ended.scalar_one_or_none() is not None
