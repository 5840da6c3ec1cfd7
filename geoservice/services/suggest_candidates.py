"""Where a patrol could go to look into gaps: along the streets that are stored, or across open ground without any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geoservice.domain import lookouts
from geoservice.domain.crs import to_lonlat, to_metric
from geoservice.domain.kernels import SIDE
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.tracks import Mode
from geoservice.services.ground import read_grid
from geoservice.services.rules import reach_of
from geoservice.store import bitmaps
from geoservice.store.suggest_rows import streets_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.lookouts import Way
    from geoservice.domain.unseen import Unseen
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import GapRow
    from geoservice.services.suggestions import Wanted
    from geoservice.store.ground import Grid
    from geoservice.store.suggest_rows import NearStreet

STANDING_MINUTES = 5.0
"""How long a post is kept."""

SPEED_MPS = {Mode.FOOT: 1.2, Mode.EBIKE: 3.5, Mode.CAR: 5.0}
"""How fast a patrol that looks around moves."""

# Classes of OSM, and of what is made like it, that a mode can't use.
_WALKED_ONLY = frozenset({"footway", "path", "pedestrian", "steps", "cycleway", "bridleway", "corridor"})
_CLOSED = {Mode.FOOT: frozenset[str](), Mode.EBIKE: frozenset({"steps"}), Mode.CAR: _WALKED_ONLY}
# Places to stand are offered so many reaches apart.
_STOP_REACHES = 0.75
# Positions are handed out to a centimetre; what is promised is computed from exactly those.
_DECIMALS = 7
# Access is measured to blocks of so many cells of which one at least is seen.
_ACCESS_CELLS = 8
_DEGREES_A_METRE = 1 / 90_000  # more than enough up to 35° of latitude; a box too wide costs nothing but time


@dataclass(frozen=True)
class Candidate:
    """A post or a detour: in metres as a line (m, 2), and in lon/lat as it is handed out."""

    kind: str
    xy: NDArray[np.float64]
    geometry: shapely.Geometry
    street: str | None
    length_m: float
    access_m: float
    minutes: float


def find_candidates(
    session: Session,
    settings: Settings,
    window: Window,
    wanted: Wanted,
    gaps: Sequence[GapRow],
    unseen: Unseen,
) -> list[Candidate]:
    """Return the places to stand and, where the budget is in minutes, the ways to walk or ride through the gaps too.

    Tunnels are left out, as are streets closed to the mode. Across open ground one only goes on foot.
    """
    if not gaps:
        return []
    grid = read_grid(session)
    reach_m = reach_of(settings)[wanted.mode]
    streets = _usable(streets_near(session, _boxes(gaps, reach_m)), wanted.mode)
    lines = [
        shapely.get_coordinates(line)
        for line in to_metric(grid.metric_epsg, np.array([each.geometry for each in streets], dtype=object))
    ]
    ways = lookouts.ways_along(lines, unseen.xy(grid.cell_m), reach_m)
    if wanted.mode is Mode.FOOT:
        ways += _open_ways(lines, unseen, grid.cell_m, reach_m, settings.min_gap_area_m2)
    found = [place for way in ways for place in lookouts.stops_on(way, _STOP_REACHES * reach_m)]
    if wanted.posts is None:
        found += [detour for way in ways for detour in lookouts.detours_on(way)]
    return _handed_out(session, window, wanted.mode, grid, streets, found)


def _boxes(gaps: Sequence[GapRow], reach_m: float) -> NDArray[np.float64]:
    bounds: NDArray[np.float64] = shapely.bounds(np.array([gap.geometry for gap in gaps], dtype=object))
    latitude = np.radians(np.abs(bounds[:, [1, 3]]).max(axis=1))
    margin = reach_m * _DEGREES_A_METRE / np.column_stack((np.cos(latitude), np.ones(len(gaps))))
    return np.column_stack((bounds[:, :2] - margin, bounds[:, 2:] + margin))


def _usable(streets: list[NearStreet], mode: Mode) -> list[NearStreet]:
    return [
        street
        for street in streets
        if street.street_class not in _CLOSED[mode] and not level_and_tunnel(street.attributes)[1]
    ]


def _open_ways(
    lines: list[NDArray[np.float64]], unseen: Unseen, cell_m: float, reach_m: float, min_area_m2: float
) -> list[Way]:
    far = lookouts.far_from(lines, unseen.xy(cell_m), reach_m)
    column, row, gap = unseen.column[far], unseen.row[far], unseen.gap[far]
    order = np.argsort(gap, kind="stable")
    ends = np.cumsum(np.bincount(gap))[:-1]
    return [
        way
        for mine in np.split(order, ends)
        for way in lookouts.ways_across(column[mine], row[mine], cell_m, reach_m, min_area_m2)
    ]


def _handed_out(
    session: Session,
    window: Window,
    mode: Mode,
    grid: Grid,
    streets: list[NearStreet],
    ways: list[Way],
) -> list[Candidate]:
    """Round the positions as they will be handed out, and say what each costs."""
    if not ways:
        return []
    sizes = np.array([len(way.xy) for way in ways])
    lonlat = np.round(to_lonlat(grid.metric_epsg, np.concatenate([way.xy for way in ways])), _DECIMALS)
    metric = to_metric(grid.metric_epsg, lonlat)
    ends = np.cumsum(sizes)
    access = _access(session, window, grid.cell_m, metric[ends - sizes], metric[ends - 1])
    found = []
    for number, (way, end) in enumerate(zip(ways, ends, strict=True)):
        part = slice(end - sizes[number], end)
        street = None if way.street == lookouts.NO_STREET else streets[way.street]
        is_post = sizes[number] == 1
        length = lookouts.line_length(metric[part])
        travel = 2 * (length + access[number]) / SPEED_MPS[mode] / 60
        found.append(
            Candidate(
                kind="post" if is_post else "detour",
                xy=metric[part],
                geometry=shapely.Point(lonlat[part][0]) if is_post else shapely.LineString(lonlat[part]),
                street=None if street is None else street.name or street.code,
                length_m=length,
                access_m=float(access[number]),
                minutes=float(travel + STANDING_MINUTES * is_post),
            )
        )
    return found


def _access(
    session: Session,
    window: Window,
    cell_m: float,
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how far (n,) each way's nearer end is from ground that was seen, to within a block."""
    seen = bitmaps.seen_in(session, window)
    side = SIDE // _ACCESS_CELLS
    # A byte is eight cells of a row: what is left is to join the rows.
    blocks = seen.bits.reshape(-1, side, _ACCESS_CELLS, side).any(axis=2)
    tile, row, column = np.nonzero(blocks)
    centres = np.column_stack((seen.tx[tile] * side + column + 0.5, seen.ty[tile] * side + row + 0.5))
    tree = cKDTree(centres * _ACCESS_CELLS * cell_m)
    nearest: NDArray[np.float64] = np.minimum(tree.query(starts)[0], tree.query(ends)[0])
    return nearest
