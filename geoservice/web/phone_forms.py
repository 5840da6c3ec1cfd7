"""What forms on a phone send beside what somebody typed: where it was, how long ago, and its own name for the report."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from uuid import UUID

from geoservice.errors import BadRequest

LONGEST_WAIT = timedelta(days=14)


def uuid_of(text: str) -> UUID | None:
    """Return the name a form has for itself; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def place_of(lon: str, lat: str) -> tuple[float, float] | None:
    """Return (lon, lat), None where the phone told nothing; raises BadRequest for no place on Earth."""
    if not lon and not lat:
        return None
    try:
        place = float(lon), float(lat)
    except ValueError:
        raise BadRequest("check_in_place_invalid", lon=lon[:20], lat=lat[:20]) from None
    if not (math.isfinite(place[0]) and abs(place[0]) <= 180 and abs(place[1]) <= 90):
        raise BadRequest("check_in_place_invalid", lon=lon[:20], lat=lat[:20])
    return place


def said_at(age_s: str, now: datetime) -> datetime:
    """Return when something was said that waited on the phone for so many seconds; now where it did not wait.

    The phone measures the wait by its own clock, so a clock that is wrong does no harm. BadRequest where it waited for weeks.
    """
    try:
        age = timedelta(seconds=max(0.0, float(age_s))) if age_s else timedelta()
    except (ValueError, OverflowError):
        age = timedelta()
    if age > LONGEST_WAIT:
        raise BadRequest("said_too_long_ago", days=LONGEST_WAIT.days)
    return now - age
