"""What somebody in the field needs to know of points: which there are, which his team's rounds stop at, his check-ins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from geoservice.store.patrols import Patrol, RouteStop
from geoservice.store.people import Member
from geoservice.store.points import Point
from geoservice.store.sightings import CheckIn

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class OwnCheckIn:
    """A check-in as its member is shown it; `distance_m` None: the phone did not say where it was."""

    point_code: str
    point_name: str
    at: datetime
    has_findings: bool
    note: str
    distance_m: float | None


def active_ids(session: Session) -> frozenset[int]:
    """Return the ids of all points that are to be visited."""
    return frozenset(session.scalars(select(Point.id).where(Point.active)))


def stops_of_team(session: Session, member_id: int, on: date) -> frozenset[int]:
    """Return the points that the patrols of a member's team stop at on a day."""
    team = select(Member.team_id).where(Member.id == member_id).scalar_subquery()
    found = session.scalars(
        select(RouteStop.point_id)
        .join(Patrol, Patrol.route_id == RouteStop.route_id)
        .where(Patrol.team_id == team, Patrol.on_day == on, Patrol.status.not_in(("draft", "cancelled")))
        .where(RouteStop.point_id.is_not(None))
    )
    return frozenset(point_id for point_id in found if point_id is not None)


def check_ins_of(session: Session, member_id: int, limit: int) -> list[OwnCheckIn]:
    """Return a member's newest check-ins at points this session may see."""
    rows = session.execute(
        select(Point.code, Point.name, CheckIn.at, CheckIn.has_findings, CheckIn.note, CheckIn.distance_m)
        .join(Point, Point.id == CheckIn.point_id)
        .where(CheckIn.member_id == member_id)
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
        .limit(limit)
    )
    return [OwnCheckIn(*row) for row in rows]
