"""What the page of an order prints, kept as it was when the order was made; words follow the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.store import order_rows

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.domain.orders import Due
    from geoservice.services.orders.people import People
    from geoservice.store.order_people import CaseNames


def document_of(session: Session, due: Due, case: CaseNames | None, people: People) -> dict[str, Any]:
    """Return everything the page prints, as JSON: names as they are, instants in ISO 8601."""
    leader = people.leaders.get(due.leader_id) if due.leader_id is not None else None
    return {
        "office": order_rows.office(session),
        "city": people.city(),
        "department": people.departments.get(due.department_id, "") if due.department_id else "",
        "leader": f"{leader.name} {leader.title}".strip() if leader else "",
        "case": _case_of(case, people) if case else None,
    }


def _case_of(case: CaseNames, people: People) -> dict[str, Any]:
    return {
        "number": case.number,
        "kind_zh": case.kind_zh,
        "kind_en": case.kind_en,
        "title": case.title,
        "description": case.description,
        "address": case.address,
        "place": case.point or case.street or "",
        "zones": people.names_of(case.zone_id),
        "lon": round(case.lon, 6),
        "lat": round(case.lat, 6),
        "handler": case.handler or "",
        "reported_at": _iso(case.reported_at),
        "assigned_at": _iso(case.assigned_at),
        "due_at": _iso(case.due_at),
        "reworks": case.reworks,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
