"""A patrol member's duty: his team, his patrols, and what his devices recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from geoservice.store.patrols import Assignment, Patrol, Route
from geoservice.store.people import Device, Member, Team
from geoservice.store.tracks import Track

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DutyPatrol:
    """A patrol of his team or his own."""

    id: int
    on_day: date
    route: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class DutyTrack:
    """What one of his devices recorded."""

    started_at: datetime
    ended_at: datetime
    device: str
    fix_count: int


def team_of(session: Session, member_id: int) -> tuple[str, list[str]] | None:
    """Return the name of his team and the names of everybody in it."""
    team = session.execute(
        select(Team.id, Team.name).join(Member, Member.team_id == Team.id).where(Member.id == member_id)
    ).one_or_none()
    if team is None:
        return None
    names = session.scalars(select(Member.name).where(Member.team_id == team.id).order_by(Member.code))
    return team.name, list(names)


def patrols_of(session: Session, member_id: int, from_on: date, to_on: date) -> list[DutyPatrol]:
    """Return the published patrols that he or his whole team walks, from a day to a day, in order."""
    assigned = select(Assignment.patrol_id).where(Assignment.member_id == member_id)
    team = select(Member.team_id).where(Member.id == member_id).scalar_subquery()
    nobody_named = ~select(Assignment.patrol_id).where(Assignment.patrol_id == Patrol.id).exists()
    rows = session.execute(
        select(Patrol.id, Patrol.on_day, Route.name, Patrol.status, Patrol.starts_at, Patrol.ends_at)
        .join(Route, Route.id == Patrol.route_id)
        .where(Patrol.on_day.between(from_on, to_on), Patrol.status != "draft")
        .where(or_(Patrol.id.in_(assigned), (Patrol.team_id == team) & nobody_named))
        .order_by(Patrol.on_day, Patrol.starts_at, Patrol.id)
    )
    return [DutyPatrol(*row) for row in rows]


def tracks_of(session: Session, member_id: int, limit: int = 20) -> list[DutyTrack]:
    """Return the newest tracks of his own devices and of his team's."""
    team = select(Member.team_id).where(Member.id == member_id).scalar_subquery()
    rows = session.execute(
        select(Track.started_at, Track.ended_at, Device.code, Track.fix_count)
        .join(Device, Device.id == Track.device_id)
        .where(or_(Device.member_id == member_id, Device.team_id == team))
        .order_by(Track.started_at.desc())
        .limit(limit)
    )
    return [DutyTrack(*row) for row in rows]
