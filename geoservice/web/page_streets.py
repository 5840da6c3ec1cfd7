"""The streets behind the small map of a page, as `static/js/page-streets.js` reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from flask import jsonify

from geoservice.maps.canvas import pack_lines

if TYPE_CHECKING:
    from flask import Response

ABOUT_A_METRE = 1e-5
KEPT = "private, max-age=3600"


def send_lines(lines: Any, tolerance_degrees: float = ABOUT_A_METRE) -> Response:
    """Send lines without names, as flat differences in millionths of a degree, latitude first; the browser keeps them an hour."""
    packed = pack_lines(list(shapely.simplify(np.array(lines, dtype=object), tolerance_degrees)))
    answer = jsonify([path for paths in packed for path in paths])
    answer.headers["Cache-Control"] = KEPT
    return answer
