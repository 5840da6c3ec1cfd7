"""What was seen before a window, week by week or day by day, where somebody asks when it was last."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from geoservice.store.bitmaps import AMONG, TILE, as_tiles
from geoservice.store.copying import INT4, copy_out
from geoservice.store.window_pieces import for_copy, window_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.coverage import Tiles
    from geoservice.domain.windows import Window

# `date.toordinal` in SQL.
_ORDINAL = "{} - date '0001-01-01' + 1"


def seen_by_day(session: Session, window: Window, where: NDArray[np.int64]) -> Tiles:
    """Return one bitmap a day (slot: its ordinal) and tile among `where` (n, 2: tx, ty)."""
    rows = copy_out(
        session,
        for_copy(
            f"SELECT {_ORDINAL.format('day')} AS day, tx, ty, bit_or(bits) AS bits FROM coverage_tile WHERE day BETWEEN "
            f":from_on AND :to_on AND (CAST(:period AS int) IS NULL OR period = :period) AND {AMONG} GROUP BY day, tx, ty"
        ),
        {"day": INT4, **TILE},
        {**window_values(window), "tx": where[:, 0].tolist(), "ty": where[:, 1].tolist()},
    )
    return as_tiles(rows["day"].astype(np.int64), rows)


def seen_by_week(session: Session, first: date, after: date, where: NDArray[np.int64]) -> Tiles:
    """Return one bitmap a calendar week (slot: its Monday's ordinal) in [first, after) and tile among `where`."""
    rows = copy_out(
        session,
        for_copy(
            f"SELECT {_ORDINAL.format('monday')} AS day, tx, ty, bits FROM coverage_week "
            f"WHERE monday >= :first AND monday < :after AND {AMONG}"
        ),
        {"day": INT4, **TILE},
        {"first": first, "after": after, "tx": where[:, 0].tolist(), "ty": where[:, 1].tolist()},
    )
    return as_tiles(rows["day"].astype(np.int64), rows)


def days_of_weeks(session: Session, where: NDArray[np.int64]) -> Tiles:
    """Return one bitmap a day (slot: its ordinal) of the weeks and tiles `where` (n, 3: the Monday's ordinal, tx, ty)."""
    rows = copy_out(
        session,
        for_copy(
            f"SELECT {_ORDINAL.format('t.day')} AS day, t.tx, t.ty, bit_or(t.bits) AS bits "
            "FROM unnest(CAST(:mondays AS date[]), CAST(:tx AS int[]), CAST(:ty AS int[])) AS w(monday, tx, ty) "
            "CROSS JOIN generate_series(0, 6) AS d CROSS JOIN generate_series(1, 3) AS p JOIN coverage_tile t "
            "ON t.day = w.monday + d AND t.period = p AND t.tx = w.tx AND t.ty = w.ty GROUP BY t.day, t.tx, t.ty"
        ),
        {"day": INT4, **TILE},
        {
            "mondays": [date.fromordinal(monday) for monday in where[:, 0].tolist()],
            "tx": where[:, 1].tolist(),
            "ty": where[:, 2].tolist(),
        },
    )
    return as_tiles(rows["day"].astype(np.int64), rows)
