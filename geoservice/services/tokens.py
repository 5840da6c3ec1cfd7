"""Tokens for programs: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, NotFound
from geoservice.formats.text import text_fault
from geoservice.services import accounts
from geoservice.store import access_tokens, audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.services.accounts import Account
    from geoservice.store.access_tokens import AccessToken

LONGEST_NAME = 100
MOST_TOKENS = 50
# Shown so that a token found in a log or a repository is known for what it is.
PREFIX = "gs_"


@dataclass(frozen=True)
class ListedToken:
    """A token as its owner sees it. `state`: open, expired or revoked."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    state: str


def make_token(
    session: Session, account: Account, name: str, *, now: datetime, days: int | None = None
) -> tuple[str, AccessToken]:
    """Make a token of 256 random bits for one program; return it, which nobody can do again, and its row."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or text_fault(name):
        raise BadRequest("token_name_length", most=LONGEST_NAME)
    if days is not None and not 1 <= days <= 3650:
        raise BadRequest("token_days")
    if sum(token.state == "open" for token in tokens_of(session, account, now=now)) >= MOST_TOKENS:
        raise BadRequest("too_many_tokens", most=MOST_TOKENS)
    secret = PREFIX + secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=days) if days else None
    row = access_tokens.add(session, account.id, name, _hash(secret), expires_at)
    audit.record(session, account.id, "token.make", "access_token", str(row.id), {"name": name})
    return secret, row


def tokens_of(session: Session, account: Account, *, now: datetime) -> list[ListedToken]:
    """Return one's tokens, the newest first."""
    return [
        ListedToken(
            row.id,
            row.name,
            row.created_at,
            row.used_at,
            row.expires_at,
            row.revoked_at,
            _state(row, now),
        )
        for row in access_tokens.of_user(session, account.id)
    ]


def revoke_token(session: Session, account: Account, token_id: int, *, now: datetime) -> None:
    """End one of one's own tokens; NotFound when there is none open."""
    if not access_tokens.revoke(session, account.id, token_id, now):
        raise NotFound
    audit.record(session, account.id, "token.revoke", "access_token", str(token_id))


def account_of_token(session: Session, secret: str, *, now: datetime) -> Account | None:
    """Return whose token this is; None when it is nobody's, or his account is closed."""
    if not secret.startswith(PREFIX):
        return None
    owner = access_tokens.owner_of(session, _hash(secret), now)
    return accounts.as_account(owner) if owner is not None and owner.active else None


def _state(row: AccessToken, now: datetime) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "open"


def _hash(secret: str) -> bytes:
    # 256 random bits can't be guessed however fast the hash is.
    return hashlib.sha256(secret.encode()).digest()
