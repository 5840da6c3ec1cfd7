"""What a report holds up (曝光): the worst blind spots, and the cases that are late longest, with who answers for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.indicators import is_overdue
from geoservice.services import ranking
from geoservice.store import evidence_before, people, report_rows

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.ranking import RankedGap
    from geoservice.services.reports.facts import Facts
    from geoservice.store.indicator_rows import CaseFact

MOST_EXPOSED, PHOTOS_SHOWN = 10, 2


def worst_gaps(session: Session, settings: Settings, facts: Facts) -> list[dict[str, Any]]:
    """Return the first blind spots of the window by rank: size × weight × days unseen."""
    found = ranking.ranked_gaps(session, settings, facts.window, limit=MOST_EXPOSED)
    return [_gap(one) for one in found]


def worst_cases(session: Session, facts: Facts) -> list[dict[str, Any]]:
    """Return the open cases that are late longest at the window's end; those sent back more often first among equals."""
    late = {fact.case_id: fact for fact in facts.cases if is_overdue(fact.history, facts.span)}
    chosen = sorted(late, key=lambda case_id: _worst_first(late[case_id]))[:MOST_EXPOSED]
    photos = evidence_before.served_before(session, chosen, facts.span.until, PHOTOS_SHOWN)
    departments = {one.id: one.name for one in people.all_departments(session)}
    leaders = {one.id: one.name for one in people.all_leaders(session)}
    told = []
    for row in report_rows.exposed_cases(session, chosen, facts.window.to_on):
        fact = late[row.id]
        due_at = fact.history.due_at
        assert due_at is not None
        told.append(
            {
                "number": row.number,
                "title": row.title,
                "kind": [row.name_zh, row.name_en],
                "zone": row.zone or "",
                "address": row.address,
                "department": departments.get(fact.department_id or 0, ""),
                "leader": leaders.get(fact.leader_id or 0, ""),
                "reported_at": row.reported_at.astimezone(UTC).isoformat(),
                "due_at": due_at.astimezone(UTC).isoformat(),
                "late_h": round((facts.span.until - due_at).total_seconds() / 3600, 1),
                "reworks": len(fact.history.reworks),
                "photos": photos.get(row.id, []),
            }
        )
    return told


def _worst_first(fact: CaseFact) -> tuple[datetime, int, int]:
    assert fact.history.due_at is not None
    return (fact.history.due_at, -len(fact.history.reworks), fact.case_id)


def _gap(one: RankedGap) -> dict[str, Any]:
    place = shapely.point_on_surface(one.gap.geometry)
    return {
        "rank": one.rank,
        "zone_code": one.gap.zone_code,
        "zone": one.gap.zone_name,
        "area_m2": round(one.gap.area_m2, 1),
        "days_unseen": None if one.is_never else one.days,
        "points": one.point_count,
        "score": round(one.score, 1),
        "lon": round(float(shapely.get_x(place)), 6),
        "lat": round(float(shapely.get_y(place)), 6),
        "answers": [answer.name for answer in one.answers if answer.role == "leader"],
    }
