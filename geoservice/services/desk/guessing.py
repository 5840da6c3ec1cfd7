"""What a file is likely to be, and which of its columns hold what."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def guess_columns(kind: str, fields: Sequence[str]) -> dict[str, str]:
    """Return role → field where a header is one that people use for it."""
    raise NotImplementedError


def saved_columns(session: Session, kind: str, fields: Sequence[str]) -> dict[str, str] | None:
    """Return role → field as somebody last said for this very header, if anybody did."""
    raise NotImplementedError
