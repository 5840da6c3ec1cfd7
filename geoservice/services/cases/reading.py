"""Cases for whoever looks: one with everything about it, lists by key, counts, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.cases import State
    from geoservice.services.cases.values import (
        Actor,
        CaseDetail,
        CaseFilters,
        CasePage,
        CaseView,
    )


def read(session: Session, settings: Settings, case_id: int, *, by: Actor, now: datetime) -> CaseDetail:
    """Return everything about a case and what the actor may do with it; NotFound where it is none of his."""
    raise NotImplementedError


def find(
    session: Session, settings: Settings, filters: CaseFilters, *, after: str | None = None, limit: int = 50
) -> CasePage:
    """Return a page of cases; `after` is the key that the page before ended with."""
    raise NotImplementedError


def counts(session: Session, filters: CaseFilters) -> dict[State, int]:
    """Count cases by state, whatever `filters.states` says; every state is a key."""
    raise NotImplementedError


def places(session: Session, filters: CaseFilters, *, limit: int = 2000) -> list[CaseView]:
    """Return the cases of a list for a map, the newest first."""
    raise NotImplementedError


def own_filters(session: Session, actor: Actor, on: date) -> CaseFilters:
    """Return what narrows lists to what the actor handles: his department's, his own ground's, that of whom he stands in for."""
    raise NotImplementedError
