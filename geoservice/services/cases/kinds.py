"""Kinds of case: their clocks and limits, and who handles them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.clocks import Clock
from geoservice.errors import BadRequest, NotFound
from geoservice.services.cases.given import MOST_UNITS
from geoservice.services.cases.values import KindView
from geoservice.store import audit, case_places
from geoservice.store import case_writes as store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.store.cases import CaseKind

_LIMITS = ("handle_limit", "open_limit", "verify_limit", "weight")
_CHANGEABLE = frozenset(KindView.__dataclass_fields__) - {"code"}


def list_kinds(session: Session, *, active_only: bool = True) -> list[KindView]:
    """Return the kinds of case, by code."""
    return [_as_view(row) for row in store.kinds(session) if row.active or not active_only]


def set_kind(session: Session, code: str, changes: Mapping[str, Any], *, by: int | None) -> KindView:
    """Change a kind: clock, limits, department_id, role, weight, photo_needed, active, names. Running clocks keep their limits."""
    row = store.kind_of(session, code, lock=True)
    if row is None:
        raise NotFound("case_kind_unknown", kind=code[:40])
    for name, value in changes.items():
        _check(session, name, value)
        setattr(row, name, value)
    session.flush()
    audit.record(session, by, "case_kind.set", "case_kind", code, dict(changes))
    return _as_view(row)


def _check(session: Session, name: str, value: Any) -> None:
    if name not in _CHANGEABLE:
        raise BadRequest("case_given_unknown", name=name[:40])
    if name == "clock" and value not in set(Clock):
        raise BadRequest("case_clock_unknown", clocks=", ".join(Clock))
    if name in _LIMITS and not 0 < value <= MOST_UNITS:
        raise BadRequest("case_limit_wrong", most=MOST_UNITS)
    if (
        name == "department_id"
        and value is not None
        and not case_places.is_known(session, "department", value)
    ):
        raise BadRequest("case_department_unknown", id=value)
    if name == "role" and value is not None and not case_places.is_known(session, "role", value):
        raise BadRequest("case_role_unknown", role=value)


def _as_view(row: CaseKind) -> KindView:
    return KindView(**{name: getattr(row, name) for name in KindView.__dataclass_fields__})
