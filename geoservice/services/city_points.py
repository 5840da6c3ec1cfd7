"""The points of the city as a map asks for them: tile by tile, put together where they would lie upon one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.clustering import group, in_tile, on_square, roomy_from
from geoservice.domain.intervals import Due
from geoservice.services import layers
from geoservice.services.areas import SHOWN
from geoservice.services.point_counts import PointState
from geoservice.services.points import point_rows
from geoservice.store.kept import kept

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.areas import Reader
    from geoservice.store.tile_rows import TilePlace

MOST_IN_TILE = 1000
"""Where a tile would hold more, points are put together: 16 by 16 pixels each is what the smallest signs take."""

CELLS = 6
"""A tile is 512 pixels wide, so a group has some 85 × 85 of them."""

LATE = frozenset({Due.OVERDUE, Due.NEVER})


@dataclass(frozen=True)
class PointField:
    """Every active point of a window as arrays (n,), by code; `category` and `state` are numbers in the tuples, state -1: not known.

    `roomy_from`: the zoom of tiles from which each point is shown by itself.
    """

    ids: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    category: NDArray[np.int64]
    state: NDArray[np.int64]
    late: NDArray[np.bool_]
    categories: tuple[tuple[str, str], ...]
    states: tuple[PointState, ...]
    roomy_from: int

    def only(self, chosen: NDArray[np.bool_]) -> PointField:
        """Return the field of some of its points, with room as they have it."""
        x, y = self.x[chosen], self.y[chosen]
        return PointField(
            self.ids[chosen],
            self.lon[chosen],
            self.lat[chosen],
            x,
            y,
            self.category[chosen],
            self.state[chosen],
            self.late[chosen],
            self.categories,
            self.states,
            roomy_from(x, y, MOST_IN_TILE),
        )


@dataclass(frozen=True)
class PointTile:
    """What one tile shows: `alone`, which points by themselves; groups as (g,) middle in degrees, how many, how many late."""

    alone: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    counts: NDArray[np.int64]
    late: NDArray[np.int64]


def point_field(
    session: Session,
    settings: Settings,
    window: Window,
    reader: Reader,
    *,
    category: str = "",
    late: bool = False,
) -> PointField:
    """Return the points as they stand in a window: all of them, or those of a category, or those that are late."""
    whole = kept(
        session, SHOWN, ("point_field", window, reader.key, settings),
        lambda: _field(session, settings, window, reader),
    )  # fmt: skip
    if not category and not late:
        return whole
    return kept(
        session, SHOWN, ("point_field", window, reader.key, settings, category, late),
        lambda: whole.only(_chosen(whole, category, late)),
    )  # fmt: skip


def point_tile(field: PointField, place: TilePlace) -> PointTile:
    """Return what a tile shows of the field."""
    inside = in_tile(field.x, field.y, place.zoom, place.column, place.row)
    if place.zoom >= field.roomy_from:
        nothing = np.empty(0)
        return PointTile(inside, nothing, nothing, inside[:0], inside[:0])
    groups = group(field.x[inside], field.y[inside], place.zoom, CELLS)
    together = groups.counts > 1

    def add(values: NDArray[np.float64]) -> NDArray[np.float64]:
        summed = np.bincount(groups.members, weights=values[inside], minlength=len(together))
        return np.asarray(summed, dtype=np.float64)[together]

    counts = groups.counts[together]
    return PointTile(
        alone=inside[~together[groups.members]],
        lon=add(field.lon) / counts,
        lat=add(field.lat) / counts,
        counts=counts,
        late=add(field.late.astype(np.float64)).astype(np.int64),
    )


def _chosen(field: PointField, category: str, late: bool) -> NDArray[np.bool_]:
    chosen = np.ones(len(field.ids), dtype=np.bool_)
    if category:
        number = next((n for n, (code, _) in enumerate(field.categories) if code == category), -1)
        chosen &= field.category == number
    return chosen & field.late if late else chosen


def _field(session: Session, settings: Settings, window: Window, reader: Reader) -> PointField:
    rows = point_rows(session, settings, window, now=reader.now)
    names = layers.category_names(session, reader.locale)
    categories = tuple((code, names[code]) for code in sorted({row.category for row in rows}))
    numbers = {code: number for number, (code, _) in enumerate(categories)}
    states = tuple(state for state in PointState if state is not PointState.UNKNOWN)
    orders: dict[PointState, int] = {state: number for number, state in enumerate(states)}
    lon, lat = (np.array([getattr(row, name) for row in rows], dtype=np.float64) for name in ("lon", "lat"))
    x, y = on_square(lon, lat)
    return PointField(
        np.array([row.point_id for row in rows], dtype=np.int64),
        lon,
        lat,
        x,
        y,
        np.array([numbers[row.category] for row in rows], dtype=np.int64),
        np.array([orders.get(row.state, -1) for row in rows], dtype=np.int64),
        np.array([row.due in LATE for row in rows], dtype=np.bool_),
        categories,
        states,
        roomy_from(x, y, MOST_IN_TILE),
    )
