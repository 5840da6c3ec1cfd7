"""The small map of a place in a page, and the streets behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import shapely
from flask import request

from geoservice.errors import BadRequest
from geoservice.store import check_rows, way_rows
from geoservice.web.deployment import open_transaction
from geoservice.web.page_streets import send_lines
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response

LEAST_DEGREES, MOST_DEGREES = 0.008, 1.0
"""How far streets are drawn to each side of a place: from some 900 m to a whole city, of which the longest are drawn."""
MOST_LINES = 1500


def send_streets() -> Response:
    """Send the streets around `?lon=&lat=&reach=` (degrees) without names: flat differences in millionths of a degree, latitude first."""
    lon, lat = (_degrees(request.args.get(name, "")) for name in ("lon", "lat"))
    high = min(max(_degrees(request.args.get("reach", "0")), LEAST_DEGREES), MOST_DEGREES)
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    box = (lon - wide, lat - high, lon + wide, lat + high)
    # Streets without names are on every map of the city; whoever reports something sees no ground of his own.
    with open_transaction() as session:
        found = way_rows.lines_near(session, box, MOST_LINES)
    return send_lines(shapely.from_wkb(found), high / 800)


def place_box(
    lon: float | str | None, lat: float | str | None, others: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """Return what the map in a page is made of; `others` are further places as {"place": [lat, lon], "title": …}."""
    with open_transaction() as session:
        bounds = check_rows.ground_bounds(session)
    around = [[bounds[1], bounds[0]], [bounds[3], bounds[2]]] if bounds else None
    return {
        "lon": "" if lon is None else lon,
        "lat": "" if lat is None else lat,
        "around": around,
        "others": list(others),
        "words": {
            "zoom_in": gettext("Zoom in"),
            "zoom_out": gettext("Zoom out"),
            "mark": gettext("Here it is"),
            "asking": gettext("Asking where you are …"),
            "found": gettext("Your position is taken. Tap the map to correct it."),
            "failed": gettext("Your position is not known. Tap the place on the map."),
            "tapped": gettext("The place is taken from the map."),
        },
    }


def _degrees(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise BadRequest("check_in_place_invalid", lon=text[:20], lat="") from None
    if not (math.isfinite(value) and abs(value) <= 180):
        raise BadRequest("check_in_place_invalid", lon=text[:20], lat="")
    return value
