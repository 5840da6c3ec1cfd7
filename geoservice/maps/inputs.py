"""What a map was made from, as one number: equal inputs have the same one, whatever language and form they are shown in."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import shapely

from geoservice.maps.values import CityArea, LeaderArea

Area = LeaderArea | CityArea

# Beside shapes: what of each kind is data, and not a word in somebody's language.
FIELDS = {
    "zones": ("code", "name", "level", "area_m2", "covered_m2", "excluded_m2", "rate", "gap_count", "leader"),
    "gaps": ("rank", "zone_code", "area_m2", "days_unseen", "point_weight", "point_count", "leader"),
    "stretches": ("rank", "street_code", "length_m", "days_unseen", "leader"),
    "points": ("code", "name", "category", "lon", "lat", "mine", "state", "due"),
    "streets": ("code", "name", "mine"),
    "exclusions": ("id",),
}


def inputs_sha256(area: Area) -> str:
    """The SHA-256 of everything that an area shows, as hexadecimal digits."""
    found: dict[str, Any] = {
        "window": [area.window.from_on.isoformat(), area.window.to_on.isoformat()],
        "computed_at": area.computed_at.isoformat() if area.computed_at else None,
        "totals": [
            area.totals.area_m2,
            area.totals.covered_m2,
            area.totals.excluded_m2,
            area.totals.rate,
            area.totals.gap_count,
        ],
    }
    for kind, fields in FIELDS.items():
        found[kind] = sorted(_rows(getattr(area, kind), fields))
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _rows(things: Iterable[Any], fields: tuple[str, ...]) -> Iterable[str]:
    for thing in things:
        shape = getattr(thing, "geometry", None)
        place = shapely.to_wkb(shape, hex=True, byte_order=1) if shape is not None else ""
        yield json.dumps([*(getattr(thing, field) for field in fields), place], ensure_ascii=False)
