"""Whether a file's longitudes and latitudes are shifted, and which zone it is in, asked of what is stored already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain import shift
from geoservice.domain.candidates import candidates_of
from geoservice.store import check_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.candidates import Candidate
    from geoservice.domain.shift import Shift

AROUND_DEGREES = 0.02
"""Beyond the farthest that a system shifts, some 1.5 km."""

MOST_SHAPES = 20_000
KINDS = ("zones", "streets", "points")


def shift_of(
    session: Session,
    settings: Settings,
    lonlat: NDArray[np.float64],
    kind: str,
) -> Shift | None:
    """Say whether places (n, 2) that claim to be WGS 84 or CGCS2000 are GCJ-02 or BD-09; None when they are not.

    None too where nothing stored lies there, or none of it can tell. `kind`: "zones" are asked of the borders of each
    level, "streets" of streets, "points" of points and streets; the last two of the city's outer border as well.
    """
    finite = lonlat[np.isfinite(lonlat).all(axis=1)]
    if kind not in KINDS or not len(finite):
        return None
    # One odd row must not make the box the whole country.
    (west, south), (east, north) = np.percentile(finite, (1, 99), axis=0)
    wide, high = AROUND_DEGREES + (east - west) / 20, AROUND_DEGREES + (north - south) / 20
    box = (float(west - wide), float(south - high), float(east + wide), float(north + high))
    borders = check_rows.borders_near(session, box, MOST_SHAPES)
    if kind == "zones":
        return shift.find_shift(finite, list(borders.values()))
    lines = [check_rows.streets_near(session, box, MOST_SHAPES)]
    if kind == "points":
        lines.append(check_rows.points_near(session, box, MOST_SHAPES))
    return shift.find_shift(finite, lines, next(iter(borders.values()), None))


def candidates_here(session: Session, xy: NDArray[np.float64]) -> list[Candidate]:
    """Return the projected systems that would put places without a told zone onto the ground that is stored."""
    bounds = check_rows.ground_bounds(session)
    return [] if bounds is None else candidates_of(xy, bounds)
