"""Finding what lies on one leader's map by name, initials of pinyin or code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.finding import NameIndex

if TYPE_CHECKING:
    from geoservice.maps.values import LeaderArea

MOST_FOUND = 12


@dataclass(frozen=True)
class OnMap:
    """Something a map can fly to: its kind there, and under which key."""

    kind: str
    key: str
    name: str
    code: str
    beside: str = ""


def find_on_map(area: LeaderArea, word: str) -> list[OnMap]:
    """Return what of a leader's zones, points and streets a word finds, the best first."""
    shown = [OnMap("zone", str(zone.id), zone.name, zone.code) for zone in area.zones]
    shown += [
        OnMap("point", str(point.id), point.name or point.code, point.code, point.category_name)
        for point in area.points
    ]
    shown += [OnMap("street", one.code, one.name or one.code, one.code) for one in area.streets]
    hits = NameIndex([(one.name, one.code) for one in shown]).find(word)
    return [shown[hit] for hit in hits[:MOST_FOUND].tolist()]
