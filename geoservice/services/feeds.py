"""Calendars of a team's patrols, under a secret link that needs no login."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, NotFound
from geoservice.formats.ical import CalendarEvent, write_calendar
from geoservice.formats.text import text_fault
from geoservice.services.on_the_way import Way, place_stops
from geoservice.store import audit, way_rows
from geoservice.store import feed_rows as store
from geoservice.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.feed_rows import FeedTeam

LONGEST_NAME = 100
MOST_FEEDS = 20
DAYS_BACK = 28
MOST_PATROLS = 500
_NAMESPACE = uuid.UUID("5b1f4a0e-6a0b-5d0e-9f6c-3a6d7c2f1b84")

all_feeds = store.all_feeds
teams = store.teams


@dataclass(frozen=True)
class Feed:
    """A link that is in use: whose patrols it shows, and the ground they stop at."""

    id: int
    team: FeedTeam
    patrol_ids: tuple[int, ...]
    scope: Scope


def make_feed(session: Session, team_code: str, name: str, *, by: int | None, now: datetime) -> str:
    """Make a link of 256 random bits for a team and return its secret, which nobody can do again."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or text_fault(name):
        raise BadRequest("feed_name_length", most=LONGEST_NAME)
    team = None if text_fault(team_code) else store.team_by_code(session, team_code)
    if team is None:
        raise NotFound("feed_team_unknown", team=team_code[:40])
    if store.count_open(session, team.id) >= MOST_FEEDS:
        raise BadRequest("too_many_feeds", most=MOST_FEEDS)
    secret = secrets.token_urlsafe(32)
    feed_id = store.add_feed(session, team.id, _hash(secret), name, by, now)
    audit.record(session, by, "feed.make", "calendar_feed", str(feed_id), {"team": team.code, "name": name})
    return secret


def revoke_feed(session: Session, feed_id: int, *, by: int | None, now: datetime) -> None:
    """End a link at once; NotFound when there is none in use."""
    if not store.revoke(session, feed_id, now):
        raise NotFound("feed_unknown")
    audit.record(session, by, "feed.revoke", "calendar_feed", str(feed_id))


def find_feed(session: Session, settings: Settings, secret: str, *, now: datetime) -> Feed | None:
    """Return what the link with this secret shows; None for one that never was or was revoked."""
    found = store.feed_by(session, _hash(secret))
    if found is None:
        return None
    feed_id, team = found
    from_on = local_day(now, settings.zone_info) - timedelta(days=DAYS_BACK)
    patrols = way_rows.patrols_of_team(session, team.id, from_on, MOST_PATROLS)
    patrol_ids = tuple(patrol.id for patrol in patrols)
    points, streets = way_rows.grounds_of(session, patrol_ids)
    return Feed(feed_id, team, patrol_ids, Scope(point_ids=points, street_ids=streets))


def feed_calendar(
    session: Session,
    settings: Settings,
    feed: Feed,
    *,
    name: str,
    address_of: Callable[[int], str],
    now: datetime,
) -> bytes:
    """Return a team's published patrols, from some weeks back on, as iCalendar; read under the feed's own scope.

    `name`: what the calendar is called; `address_of`: where the page of a patrol is.
    """
    stops = way_rows.stops_of(session, feed.patrol_ids)
    ways = [
        Way(patrol, place_stops(patrol, stops[patrol.id]))
        for patrol in way_rows.patrols_by(session, feed.patrol_ids)
    ]
    events = [_event(way, settings, address_of(way.patrol.id)) for way in ways]
    uid = str(uuid.uuid5(_NAMESPACE, f"feed {feed.id}"))
    return write_calendar(uid, name, events, settings.zone_info, now=now)


def uid_of(way: Way) -> str:
    """Return what a patrol is called in every calendar: the same after it was changed, withdrawn and published again."""
    patrol = way.patrol
    key = "\n".join((patrol.on_day.isoformat(), patrol.team_code, patrol.route_code))
    return f"{uuid.uuid5(_NAMESPACE, key)}@geoservice"


def _event(way: Way, settings: Settings, address: str) -> CalendarEvent:
    patrol, zone = way.patrol, settings.zone_info
    lines = []
    for stop in way.stops:
        clock = f"{stop.arrive_at.astimezone(zone):%H:%M} " if stop.arrive_at else ""
        lines.append(f"{stop.row.position}. {clock}{stop.name}")
    first = way.stops[0] if way.stops else None
    return CalendarEvent(
        uid=uid_of(way),
        summary=patrol.route_name,
        start=patrol.starts_at or patrol.on_day,
        end=patrol.ends_at if patrol.starts_at else None,
        description="\n".join(lines),
        location=(first.row.address or first.name) if first else "",
        place=(first.row.lon, first.row.lat) if first else None,
        url=address,
    )


def _hash(secret: str) -> bytes:
    # 256 random bits can't be guessed however fast the hash is.
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
