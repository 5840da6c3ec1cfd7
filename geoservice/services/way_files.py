"""A patrol's round to take along: GPX, GeoJSON or KML with the stops in order and the way between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geoservice.errors import BadRequest
from geoservice.formats.text import text_fault
from geoservice.formats.writing import Format, write
from geoservice.formats.writing_gpx import write_way
from geoservice.formats.writing_values import Features, Kind, column

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.config import Settings
    from geoservice.services.on_the_way import Stop, Way

FORMATS = (Format.GPX, Format.GEOJSON, Format.KML)


@dataclass(frozen=True)
class _Header:
    zh: str
    en: str
    kind: Kind = Kind.TEXT


# In the order of a feature's values; the first names it.
_HEADERS = (
    _Header("名称", "name"),
    _Header("序号", "number", Kind.INTEGER),
    _Header("编码", "code"),
    _Header("地址", "address"),
    _Header("计划到达", "arrive"),
    _Header("计划离开", "leave"),
    _Header("停留分钟", "minutes", Kind.REAL),
)


def way_format(word: str) -> Format:
    """Return the format of an ending; BadRequest that lists those a round comes in."""
    found = next((kind for kind in FORMATS if kind.value == word.lower()), None)
    if found is None:
        value = "" if text_fault(word) else word[:20]
        raise BadRequest("unknown_file_type", value=value, types=", ".join(FORMATS))
    return found


def write_way_file(path: Path, kind: Format, way: Way, settings: Settings, locale: str) -> None:
    """Write a round to `path` in WGS 84: its line first, where it has one, then its stops."""
    if kind is Format.GPX:
        stops = [
            (stop.row.lon, stop.row.lat, _named(stop), _told(stop, settings, locale)) for stop in way.stops
        ]
        write_way(path, way.patrol.route_name, _title(way), stops, way.line)
        return
    rows = [_values(stop, settings) for stop in way.stops]
    shapes: list[Any] = [shapely.Point(stop.row.lon, stop.row.lat) for stop in way.stops]
    if way.line is not None:
        rows.insert(0, (way.patrol.route_name, *[None] * (len(_HEADERS) - 1)))
        shapes.insert(0, way.line)
    headers = [header.en if locale == "en" else header.zh for header in _HEADERS]
    columns = tuple(
        column(name, header.kind, [row[place] for row in rows])
        for place, (name, header) in enumerate(zip(headers, _HEADERS, strict=True))
    )
    placed = np.array(shapes, dtype=object)
    write(path, kind, Features("patrol", _title(way), columns, placed, "Unknown", label=headers[0]))


def _title(way: Way) -> str:
    patrol = way.patrol
    return f"{patrol.on_day.isoformat()} {patrol.team_name} {patrol.route_name}"


def _named(stop: Stop) -> str:
    return f"{stop.row.position} {stop.name}"


def _values(stop: Stop, settings: Settings) -> tuple[Any, ...]:
    row = stop.row
    times = [
        at.astimezone(settings.zone_info).isoformat(timespec="minutes") if at else None
        for at in (stop.arrive_at, stop.leave_at)
    ]
    return _named(stop), row.position, row.code or None, row.address or None, *times, stop.minutes


def _told(stop: Stop, settings: Settings, locale: str) -> str:
    """Everything but the name as one line, since GPX has no fields."""
    told = []
    for header, value in zip(_HEADERS[2:], _values(stop, settings)[2:], strict=True):
        if value is not None:
            shown = f"{value:g}" if isinstance(value, float) else value
            told.append(f"{header.en if locale == 'en' else header.zh}: {shown}")
    return " · ".join(told)
