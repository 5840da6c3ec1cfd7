"""A new case, its near-duplicates, and how often its like was there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases.values import (
        Actor,
        CaseView,
        NewCase,
    )


def report(session: Session, settings: Settings, new: NewCase, *, by: Actor, now: datetime) -> CaseView:
    """Take in a case; the same `client_uuid`: the case that it made, Conflict for another body under it."""
    raise NotImplementedError


def nearby(session: Session, new: NewCase, *, now: datetime) -> list[CaseView]:
    """Return the cases of the same kind that were reported within 24 h and 50 m, nearest first: it may be one of them."""
    raise NotImplementedError
