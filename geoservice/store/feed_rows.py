"""Secret links to calendars: made, listed, found by the hash of their secret, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from geoservice.store.calendars import CalendarFeed
from geoservice.store.people import AppUser, Team

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class ListedFeed:
    """A link as dispatchers see it: whose patrols it shows, never its secret."""

    id: int
    name: str
    team_code: str
    team_name: str
    made_by: str | None
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class FeedTeam:
    """A team that a link may be made for, or is for."""

    id: int
    code: str
    name: str


def teams(session: Session) -> list[FeedTeam]:
    """Return the teams at work, by code."""
    rows = session.execute(select(Team.id, Team.code, Team.name).where(Team.active).order_by(Team.code))
    return [FeedTeam(*row) for row in rows]


def team_by_code(session: Session, code: str) -> FeedTeam | None:
    """Return one team."""
    row = session.execute(select(Team.id, Team.code, Team.name).where(Team.code == code)).one_or_none()
    return None if row is None else FeedTeam(*row)


def add_feed(
    session: Session, team_id: int, secret_sha256: bytes, name: str, by: int | None, now: datetime
) -> int:
    """Store a new link → its id."""
    feed = CalendarFeed(team_id=team_id, secret_sha256=secret_sha256, name=name, made_by=by, made_at=now)
    session.add(feed)
    session.flush()
    return feed.id


def count_open(session: Session, team_id: int) -> int:
    """Count a team's links that are not revoked."""
    query = select(func.count()).where(CalendarFeed.team_id == team_id, CalendarFeed.revoked_at.is_(None))
    return session.scalar(query) or 0


def all_feeds(session: Session) -> list[ListedFeed]:
    """Return every link, those in use first, the newest first."""
    rows = session.execute(
        select(
            CalendarFeed.id,
            CalendarFeed.name,
            Team.code,
            Team.name,
            AppUser.name,
            CalendarFeed.made_at,
            CalendarFeed.revoked_at,
        )
        .join(Team, Team.id == CalendarFeed.team_id)
        .outerjoin(AppUser, AppUser.id == CalendarFeed.made_by)
        .order_by(CalendarFeed.revoked_at.is_not(None), CalendarFeed.id.desc())
    )
    return [ListedFeed(*row) for row in rows]


def feed_by(session: Session, secret_sha256: bytes) -> tuple[int, FeedTeam] | None:
    """Return the id and the team of the link with this secret; None where there is none in use."""
    row = session.execute(
        select(CalendarFeed.id, Team.id, Team.code, Team.name)
        .join(Team, Team.id == CalendarFeed.team_id)
        .where(CalendarFeed.secret_sha256 == secret_sha256, CalendarFeed.revoked_at.is_(None))
    ).one_or_none()
    return None if row is None else (row[0], FeedTeam(*row[1:]))


def revoke(session: Session, feed_id: int, now: datetime) -> bool:
    """End a link; False where there is none in use."""
    ended = session.scalar(
        update(CalendarFeed)
        .where(CalendarFeed.id == feed_id, CalendarFeed.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(CalendarFeed.id)
    )
    return ended is not None
