"""Kinds of case: their clocks and limits, and who handles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.cases.values import (
        KindView,
    )


def list_kinds(session: Session, *, active_only: bool = True) -> list[KindView]:
    """Return the kinds of case, by code."""
    raise NotImplementedError


def set_kind(session: Session, code: str, changes: Mapping[str, Any], *, by: int | None) -> KindView:
    """Change a kind: clock, limits, department_id, role, weight, photo_needed, active, names. Running clocks keep their limits."""
    raise NotImplementedError
