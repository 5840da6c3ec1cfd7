"""The map on which somebody shows a place by a tap, a page of its own for the frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import shapely
from flask import request

from geoservice.errors import BadRequest
from geoservice.maps.depots import depot_map
from geoservice.maps.values import StreetShape
from geoservice.services import told
from geoservice.store import team_rows
from geoservice.web.map_text import base_map, map_answer, map_text, static_address

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.maps.plans import GroundShape

    Place = tuple[float, float]

MOST_STREETS = 1_500


def asked_place(name: str = "place") -> Place | None:
    """Return the place that the address names, None where it names none or one that can't be read."""
    try:
        return told.read_place(request.args.get(name, "")[:60], name)
    except BadRequest:
        return None


def place_map(
    session: Session,
    ground: Sequence[GroundShape],
    place: Place | None,
    words: tuple[str, str, str],
    *,
    middle: Place | None = None,
) -> Response:
    """Send the map around a place, or of the ground; `words`: its title, what the way back to all says, what the sign means.

    Streets are those around the place, else around `middle`, else around the ground's own middle.
    """
    title, fit, sign = words
    middle = place or middle or middle_of(ground)
    streets = [
        StreetShape(code, name, shapely.from_wkb(line))
        for code, name, line in (team_rows.streets_near(session, middle, MOST_STREETS) if middle else ())
    ]
    text = replace(map_text(title, fit=fit), map_label=title)
    shown = [place] if place else []
    return map_answer(depot_map(ground, streets, shown, (text, (sign,)), base_map(), static_address()))


def middle_of(ground: Sequence[GroundShape]) -> Place | None:
    """Return the middle of the ground's bounds; None without any."""
    if not ground:
        return None
    west, south, east, north = shapely.total_bounds([zone.geometry for zone in ground]).tolist()
    return (west + east) / 2, (south + north) / 2
