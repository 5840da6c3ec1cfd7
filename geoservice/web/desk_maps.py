"""The map of a check: an empty page for the frame, and the shapes of each view it asks for."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest
from geoservice.maps.diff import DiffText, diff_map
from geoservice.services import desk as service
from geoservice.store.draft_items import extent
from geoservice.web.desk_words import word_of_outcome
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session

SHAPES = 3_000
"""Most shapes of one view: what a browser draws without a pause."""


def draft_map(session: Session, draft_id: int) -> Response:
    """Return the map's page, opened on everything the check has a shape of."""
    title = gettext("Map of what the import would do")
    text = replace(map_text(title, fit=gettext("Show all of it")), map_label=title)
    words = DiffText(
        outcomes=tuple((outcome, word_of_outcome(outcome)) for outcome in service.OUTCOMES),
        sides=(("before", gettext("before")), ("after", gettext("after"))),
        code=gettext("Code"),
    )
    return map_answer(diff_map(text, words, extent(session, draft_id), base_map(), static_address()))


def shapes_in(session: Session, draft_id: int, box: str) -> dict[str, Any]:
    """Return the shapes within "west,south,east,north"."""
    return service.features(session, draft_id, bounds=_bounds(box), limit=SHAPES)


def _bounds(box: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(edge) for edge in box.split(","))
    except ValueError:
        raise BadRequest("box_invalid", value=box[:80]) from None
    if not all(math.isfinite(edge) for edge in (west, south, east, north)) or west > east or south > north:
        raise BadRequest("box_invalid", value=box[:80])
    return west, south, east, north
