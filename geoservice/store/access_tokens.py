"""Tokens that programs log in with, and the answers their repeated requests get again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, SmallInteger, func, or_, select, update
from sqlalchemy.dialects.postgresql import BYTEA, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geoservice.store.base import Base
from geoservice.store.people import AppUser

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# A token in constant use is written to no more often.
NOTE_USE_EVERY = timedelta(minutes=1)


class AccessToken(Base):
    """A secret of a user's for one program: a password over Basic, or a bearer token. Only its SHA-256 is kept."""

    __tablename__ = "access_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(BYTEA, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AnsweredRequest(Base):
    """What a request with a client's own number was answered, so that its repetition does nothing twice."""

    __tablename__ = "answered_request"

    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    client_uuid: Mapped[UUID] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(BYTEA)
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[Any] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def add(
    session: Session, user_id: int, name: str, token_hash: bytes, expires_at: datetime | None
) -> AccessToken:
    """Store a new token."""
    token = AccessToken(user_id=user_id, name=name, token_hash=token_hash, expires_at=expires_at)
    session.add(token)
    session.flush()
    return token


def of_user(session: Session, user_id: int) -> list[AccessToken]:
    """Return a user's tokens, the newest first; the revoked ones too."""
    query = select(AccessToken).where(AccessToken.user_id == user_id).order_by(AccessToken.id.desc())
    return list(session.scalars(query))


def owner_of(session: Session, token_hash: bytes, now: datetime) -> AppUser | None:
    """Return whose valid token this is, and note its use; every request of a program asks, so it is one question."""
    found = session.execute(
        select(AppUser, AccessToken.id, AccessToken.used_at)
        .join(AccessToken, AccessToken.user_id == AppUser.id)
        .where(
            AccessToken.token_hash == token_hash,
            AccessToken.revoked_at.is_(None),
            or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > now),
        )
    ).one_or_none()
    if found is None:
        return None
    owner, token_id, used_at = found
    if used_at is None or now - used_at > NOTE_USE_EVERY:
        session.execute(update(AccessToken).where(AccessToken.id == token_id).values(used_at=now))
    return owner


def revoke(session: Session, user_id: int, token_id: int, now: datetime) -> bool:
    """End a token of this user's; False when he has no such token that is still open."""
    ended = session.execute(
        update(AccessToken)
        .where(AccessToken.id == token_id, AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(AccessToken.id)
    )
    return ended.scalar_one_or_none() is not None


def answered(session: Session, user_id: int, client_uuid: UUID) -> AnsweredRequest | None:
    """Return how a user's request of this number was answered; whoever asks at the same time waits for our commit."""
    session.execute(
        select(
            func.pg_advisory_xact_lock(
                func.hashtext("answered_request"), func.hashtext(f"{user_id} {client_uuid}")
            )
        )
    )
    return session.get(AnsweredRequest, (user_id, client_uuid))


def keep_answer(session: Session, answer: AnsweredRequest) -> None:
    """Keep how a request was answered, for its repetition."""
    session.add(answer)
    session.flush()
