"""What phones send about where they are → positions: OsmAnd and Traccar Client, OwnTracks, GPSLogger.

Sources: traccar.org/osmand (query and form: knots; JSON of the background location SDK: m/s), the OwnTracks booklet's
JSON page (`vel` in km/h, `tst` in seconds), and the parameters of GPSLogger's custom URL (m/s).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.positions import Position
from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOT_MPS = 1852 / 3600
KMH_MPS = 1 / 3.6
# A number is seconds, milliseconds or microseconds by its size: seconds reach this in the year 5138.
_SECONDS_BELOW = 1e11
_MILLISECONDS_BELOW = 1e14
_LAST_US = 221_845_392_000_000_000  # the year 9000: later ones can't be shown in every time zone
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHOWN = 60


def read_osmand(fields: Mapping[str, Any], number: int = 1) -> Position:
    """Read the query or form of OsmAnd or an older Traccar Client; `speed` in knots, or `speed_mps`.

    `number` counts the position within its body, for the sentence about what is wrong with it.
    """
    lat, lon = _pair(fields, number) if "location" in fields else (fields.get("lat"), fields.get("lon"))
    return Position(
        _time("timestamp", fields.get("timestamp"), number),
        _degrees("lon", lon, 180, number),
        _degrees("lat", lat, 90, number),
        _measure("accuracy", fields.get("accuracy"), number),
        _speed(fields, "speed", KNOT_MPS, number),
        _heading("bearing", fields.get("bearing", fields.get("heading")), number),
    )


def read_traccar(body: Mapping[str, Any], number: int = 1) -> Position:
    """Read one `location` of the newer Traccar Client's JSON."""
    coords = body.get("coords")
    if not isinstance(coords, dict):
        raise _bad("position_missing", number, field="coords")
    return Position(
        _time("timestamp", body.get("timestamp"), number),
        _degrees("longitude", coords.get("longitude"), 180, number),
        _degrees("latitude", coords.get("latitude"), 90, number),
        _measure("accuracy", coords.get("accuracy"), number),
        _measure("speed", coords.get("speed"), number),
        _heading("heading", coords.get("heading"), number),
    )


def read_owntracks(body: Mapping[str, Any], number: int = 1) -> Position:
    """Read one `_type: location` of OwnTracks."""
    return Position(
        _time("tst", body.get("tst"), number),
        _degrees("lon", body.get("lon"), 180, number),
        _degrees("lat", body.get("lat"), 90, number),
        _measure("acc", body.get("acc"), number),
        _measure("vel", body.get("vel"), number) * KMH_MPS,
        _heading("cog", body.get("cog"), number),
    )


def read_gpslogger(fields: Mapping[str, Any], number: int = 1) -> Position:
    """Read GPSLogger's custom URL or body: our names, or those that its %ALL writes."""
    when = "time" if fields.get("time") else "timestamp"
    return Position(
        _time(when, fields.get(when), number),
        _degrees("lon", fields.get("lon"), 180, number),
        _degrees("lat", fields.get("lat"), 90, number),
        _measure("acc", fields.get("acc", fields.get("accuracy")), number),
        _speed(fields, "spd", 1.0, number),
        _heading("dir", fields.get("dir", fields.get("bearing")), number),
    )


def _pair(fields: Mapping[str, Any], number: int) -> tuple[Any, Any]:
    """Split `location=lat,lon`."""
    told = fields["location"]
    parts = told.split(",") if isinstance(told, str) else ()
    if len(parts) != 2:
        raise _bad("position_number", number, field="location", value=told)
    return parts[0], parts[1]


def _time(field: str, value: Any, number: int) -> int:
    """Return µs since 1970 of seconds, milliseconds, ISO 8601 or a plain date and time in UTC."""
    if value is None or value == "":
        raise _bad("position_missing", number, field=field)
    try:
        found = _epoch_us(float(value)) if not isinstance(value, bool) else None
    except (ValueError, TypeError, OverflowError):
        found = _text_us(value)
    if found is None or not -_LAST_US < found <= _LAST_US:
        raise _bad("position_time", number, field=field, value=value)
    return found


def _epoch_us(count: float) -> int:
    size = abs(count)
    unit = 1_000_000 if size < _SECONDS_BELOW else 1_000 if size < _MILLISECONDS_BELOW else 1
    # Whole counts stay whole; a fraction of a second is good to a microsecond anyway.
    return int(count) * unit if count.is_integer() else round(count * unit)


def _text_us(value: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(value.strip())
    except (ValueError, AttributeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MICROSECOND


def _degrees(field: str, value: Any, most: float, number: int) -> float:
    if value is None or value == "":
        raise _bad("position_missing", number, field=field)
    found = _number(field, value, number)
    if not -most <= found <= most:
        raise _bad("position_range", number, field=field, value=value, least=-most, most=most)
    return found


def _measure(field: str, value: Any, number: int) -> float:
    """Return a measure; a device that does not know leaves it out, or says something negative."""
    if value is None or value == "":
        return math.nan
    found = _number(field, value, number)
    return found if 0 <= found < 1e7 else math.nan


def _heading(field: str, value: Any, number: int) -> float:
    found = _measure(field, value, number)
    return found if found <= 360 else math.nan


def _speed(fields: Mapping[str, Any], field: str, unit_mps: float, number: int) -> float:
    if "speed_mps" in fields:
        return _measure("speed_mps", fields["speed_mps"], number)
    return _measure(field, fields.get(field), number) * unit_mps


def _number(field: str, value: Any, number: int) -> float:
    try:
        found = math.nan if isinstance(value, bool) else float(value)
    except (ValueError, TypeError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise _bad("position_number", number, field=field, value=value)
    return found


def _bad(code: str, number: int, /, **values: Any) -> BadRequest:
    if "value" in values:
        values["value"] = str(values["value"])[:_SHOWN]
    return BadRequest(code, number=number, **values)
