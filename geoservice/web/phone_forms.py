"""What forms on a phone send beside what somebody typed: where it was, and its own name for the report."""

from __future__ import annotations

import math
from uuid import UUID

from geoservice.errors import BadRequest


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
