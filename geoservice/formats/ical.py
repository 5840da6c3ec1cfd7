"""Events as an iCalendar file (RFC 5545) in a city's own time zone, whose rules travel with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from icalendar import STATUS, Calendar, Event

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

REFRESH = timedelta(minutes=30)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class CalendarEvent:
    """One event: from an instant to another (`end` None: no longer than that), or a whole day.

    `uid` stays the same however often the event changes; that is how a calendar knows what to replace. `place`: lon, lat.
    """

    uid: str
    summary: str
    start: datetime | date
    end: datetime | None = None
    description: str = ""
    location: str = ""
    place: tuple[float, float] | None = None
    url: str = ""


def write_calendar(
    uid: str, name: str, events: Sequence[CalendarEvent], zone: ZoneInfo, *, now: datetime
) -> bytes:
    """Write events as one calendar; `now`: when they were as they are told here."""
    calendar: Any = Calendar.new(
        name=_text(name), prodid="-//GeoService//Patrols//EN", uid=uid, refresh_interval=REFRESH
    )
    calendar.add("x-published-ttl", REFRESH)
    for event in events:
        calendar.add_component(_event(event, zone, now))
    days = [event.start if type(event.start) is date else event.start.date() for event in events]  # type: ignore[union-attr]
    if days:
        # A zone's rules of the years that occur, and a year more on both sides.
        calendar.add_missing_timezones(
            first_date=date(min(days).year - 1, 1, 1), last_date=date(max(days).year + 2, 1, 1)
        )
    return bytes(calendar.to_ical())


def _event(event: CalendarEvent, zone: ZoneInfo, now: datetime) -> Any:
    made: Any = Event.new(
        uid=event.uid,
        summary=_text(event.summary),
        start=_local(event.start, zone),
        end=_local(event.end, zone),
        description=_text(event.description) or None,
        location=_text(event.location) or None,
        url=event.url or None,
        stamp=now.astimezone(UTC).replace(microsecond=0),
        status=STATUS.CONFIRMED,
    )
    if event.place is not None:
        lon, lat = event.place
        made.add("geo", (round(lat, 6), round(lon, 6)))
    return made


def _local(at: datetime | date | None, zone: ZoneInfo) -> datetime | date | None:
    return at.astimezone(zone).replace(microsecond=0) if isinstance(at, datetime) else at


def _text(text: str) -> str:
    return _CONTROLS.sub("", text)
