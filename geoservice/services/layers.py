"""What a map shows beside zones and blind spots: unseen stretches of street, and points with how they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.maps import values
from geoservice.services import points, ranking
from geoservice.services.point_counts import PointState
from geoservice.store import areas

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.point_counts import PointRow
    from geoservice.services.ranking import RankedStretch

    Wording = Callable[[PointRow], tuple[str, str]]


# What a map can say of a point; of one whose state is not known it says nothing.
_STATES: dict[PointState, values.PointState] = {
    PointState.VISITED_FINDINGS: "visited_findings",
    PointState.VISITED_CLEAN: "visited_clean",
    PointState.PROBABLE: "probable",
    PointState.NOT_VISITED: "not_visited",
}


def stretch_shapes(
    ranked: Iterable[RankedStretch], roles: Mapping[str, str]
) -> tuple[values.StretchShape, ...]:
    """Return ranked stretches as a map draws them; rank and id are the same, so that a page and its map agree."""
    return tuple(
        values.StretchShape(
            id=one.rank,
            rank=one.rank,
            street_code=one.stretch.code,
            street_name=one.stretch.name or one.stretch.code,
            geometry=one.stretch.geometry,
            length_m=one.stretch.length_m,
            days_unseen=one.stretch.days_unseen,
            leader="、".join(answer.name for answer in one.answers if answer.role == "leader") or None,
            others=tuple(
                (roles.get(answer.role, answer.role), answer.name)
                for answer in one.answers
                if answer.role != "leader"
            ),
        )
        for one in ranked
    )


def ranked_stretches(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    leader_id: int | None = None,
    limit: int,
    locale: str,
) -> tuple[values.StretchShape, ...]:
    """Return the most urgent unseen stretches of the scope, or of one leader's ground."""
    ranked = ranking.ranked_stretches(session, settings, window, leader_id=leader_id, limit=limit)
    return stretch_shapes(ranked, role_names(session, locale))


def point_shapes(
    session: Session, rows: Iterable[PointRow], mine: Collection[int], wording: Wording, *, locale: str
) -> tuple[values.PointShape, ...]:
    """Return points as a map draws them, those of `mine` first; `wording` writes (last visit, longest stretch)."""
    names = category_names(session, locale)
    return tuple(
        values.PointShape(
            id=row.point_id,
            code=row.code,
            name=row.name,
            category=row.category,
            category_name=names[row.category],
            lon=row.lon,
            lat=row.lat,
            mine=row.point_id in mine,
            state=_STATES.get(row.state),
            due=row.due.value,
            last_visit=last,
            longest=longest,
        )
        for row in sorted(rows, key=lambda row: (row.point_id not in mine, row.code))
        for last, longest in [wording(row)]
    )


def points_of(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    zone_ids: Collection[int],
    point_ids: Collection[int],
) -> list[PointRow]:
    """Return the points in some zones and some points of their own, each once."""
    inside = points.point_rows(session, settings, window, now=now, zone_ids=zone_ids)
    known = {row.point_id for row in inside}
    others = [point_id for point_id in point_ids if point_id not in known]
    return inside + (
        points.point_rows(session, settings, window, now=now, point_ids=others) if others else []
    )


def role_names(session: Session, locale: str) -> dict[str, str]:
    """Return what each role of a contract is called."""
    return {code: _in(locale, *names) for code, names in areas.contract_role_names(session).items()}


def category_names(session: Session, locale: str) -> dict[str, str]:
    """Return what each category of points is called."""
    return {code: _in(locale, *names) for code, names in areas.category_names(session).items()}


def _in(locale: str, chinese: str, english: str) -> str:
    return english if locale == "en" else chinese
