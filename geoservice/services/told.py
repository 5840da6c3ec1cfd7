"""Values as people write them into a form or on a command line."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time

from geoservice.errors import BadRequest
from geoservice.formats.values import as_number

Place = tuple[float, float]

MOST_SKILLS, LONGEST_SKILL = 20, 40
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_COMMAS = re.compile(r"[,;，；、\n]+")
_BETWEEN = re.compile(r"[\s,;，；、]+")


def read_name(text: str, field: str, longest: int = 100) -> str:
    """Return a text that says something, on one line."""
    name = " ".join(text.split())
    if not name:
        raise BadRequest("field_needed", field=field)
    if len(name) > longest:
        raise BadRequest("name_too_long", field=field, most=longest)
    return name


def read_clock(text: str, field: str) -> time | None:
    """Return a time of day, None where nothing is written."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return None
    found = _CLOCK.fullmatch(plain)
    if found is None:
        raise BadRequest("clock_unreadable", field=field, value=text.strip()[:20])
    return time(int(found[1]), int(found[2]))


def read_needed_clock(text: str, field: str) -> time:
    """Return a time of day that must be there."""
    at = read_clock(text, field)
    if at is None:
        raise BadRequest("field_needed", field=field)
    return at


def read_day(text: str, field: str) -> date | None:
    """Return a day, None where nothing is written."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest("day_unreadable", field=field, value=text.strip()[:20]) from None


def read_place(text: str, field: str) -> Place | None:
    """Return longitude and latitude, None where nothing is written."""
    words = [word for word in _BETWEEN.split(unicodedata.normalize("NFKC", text)) if word]
    if not words:
        return None
    try:
        lon, lat = (float(word) for word in words)
    except ValueError:
        raise BadRequest("place_unreadable", field=field, value=text.strip()[:60]) from None
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        code = "place_swapped" if abs(lat) <= 180 and abs(lon) <= 90 else "place_off_earth"
        raise BadRequest(code, field=field, value=text.strip()[:60])
    return round(lon, 7), round(lat, 7)


def read_minutes(text: str, field: str, most: float) -> float:
    """Return minutes from 0 on; nothing written is 0."""
    try:
        minutes = as_number(text.strip() or "0")
    except ValueError:
        minutes = None
    if minutes is None or not 0 <= minutes <= most:
        raise BadRequest("minutes_unreadable", field=field, value=text.strip()[:20], most=int(most))
    return minutes


def read_words(text: str, field: str) -> tuple[str, ...]:
    """Return what stands between commas in the order it is written, each once."""
    parts = (" ".join(part.split()) for part in _COMMAS.split(text))
    words = tuple(dict.fromkeys(part for part in parts if part))
    if len(words) > MOST_SKILLS:
        raise BadRequest("too_many_words", field=field, most=MOST_SKILLS)
    if long := next((word for word in words if len(word) > LONGEST_SKILL), None):
        raise BadRequest("name_too_long", field=f"{field}: {long[:LONGEST_SKILL]}…", most=LONGEST_SKILL)
    return words


def read_codes(text: str) -> tuple[str, ...]:
    """Return codes in the order they are written, each once."""
    return tuple(dict.fromkeys(word for word in _BETWEEN.split(text) if word))


def minutes_between(starts: time, ends: time) -> int:
    """Return how many minutes lie between two times of one day."""
    return (ends.hour - starts.hour) * 60 + ends.minute - starts.minute
