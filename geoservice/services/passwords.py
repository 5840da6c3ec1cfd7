"""Passwords: which are good enough, and whether one fits what is kept of it."""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from geoservice.config import Settings

MIN_LENGTH = 10
MAX_LENGTH = 200

# Known to everybody who reads this: such a password opens nothing outside demo mode.
DEMO_PASSWORD = "demo-patrol-2024"  # noqa: S105

# Argon2id with 64 MiB, three passes and four lanes, the second choice of RFC 9106.
STRENGTH = RFC_9106_LOW_MEMORY
hasher = PasswordHasher.from_parameters(STRENGTH)


def new_password() -> str:
    """Return a random password that can be typed."""
    return secrets.token_urlsafe(12)


def check(login: str, password: str) -> None:
    """Refuse a password that is too short, too long or the login itself."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise BadRequest("password_length", least=MIN_LENGTH, most=MAX_LENGTH)
    if login.lower() == password.lower() or len(set(password)) < 5:
        raise BadRequest("password_easy")


@cache
def nobodys_hash() -> str:
    """What an unknown login's password is compared with, so that it costs as much as a known one's."""
    return hasher.hash(secrets.token_urlsafe(16))


def fits(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one whose hash is kept."""
    try:
        return hasher.verify(password_hash, password[:MAX_LENGTH])
    except (VerificationError, InvalidHashError):
        return False


def is_open(settings: Settings, password: str) -> bool:
    """Tell whether a password opens anything here: one that everybody knows does so in demo mode only."""
    return settings.demo_mode or password != DEMO_PASSWORD
