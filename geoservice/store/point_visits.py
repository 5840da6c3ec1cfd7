"""Who was at which point when: visits of tracks and check-ins in a window, the last before it, and whose ground a point is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.store.copying import EPOCH_US, FLOAT8, INT4, INT8, copy_out
from geoservice.store.kept import kept
from geoservice.store.window_pieces import for_copy, window_values
from geoservice.store.zones_of_day import READ

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window

# As domain.windows.split_by_day_and_period has it; a check-in has no period of its own.
_PERIOD_OF_CHECK_IN = """
    CASE WHEN CAST(c.at AT TIME ZONE :timezone AS time) >= :morning AND CAST(c.at AT TIME ZONE :timezone AS time) < :evening THEN 1
         WHEN CAST(c.at AT TIME ZONE :timezone AS time) >= :evening AND CAST(c.at AT TIME ZONE :timezone AS time) < :night THEN 2
         ELSE 3 END
"""
_AMONG = "(CAST(:points AS int[]) IS NULL OR {} = ANY(:points))"
_VISIT_COUNTS = "(CAST(:period AS int) IS NULL OR v.period = :period)"
_CHECK_IN_COUNTS = f"(CAST(:period AS int) IS NULL OR {_PERIOD_OF_CHECK_IN} = :period)"
# A visit belongs to the day its first segment starts on: one over midnight may arrive on the next.
_VISITS = f"""
    FROM visit v WHERE v.day BETWEEN CAST(:from_on AS date) - 1 AND :to_on
     AND v.arrived_at >= :start_at AND v.arrived_at < :end_at AND {_VISIT_COUNTS} AND {_AMONG.format("v.point_id")}
"""
_CHECK_INS = f"FROM check_in c WHERE c.at >= :start_at AND c.at < :end_at AND {_CHECK_IN_COUNTS} AND {_AMONG.format('c.point_id')}"

# No visit is longer than a device's day: whoever left last arrived at most two days before the last to arrive.
_LAST_VISITS = f"""
    SELECT p.id AS point_id, CAST(max(v.left_at) AS timestamptz) AS left_at FROM point p
    CROSS JOIN LATERAL (
        SELECT max(v.arrived_at) AS at FROM visit v
        WHERE v.point_id = p.id AND v.arrived_at >= :history_at AND v.arrived_at < :start_at AND {_VISIT_COUNTS}
    ) AS latest
    JOIN visit v ON v.point_id = p.id AND v.arrived_at >= latest.at - interval '2 days' AND v.arrived_at <= latest.at
     AND v.arrived_at >= :history_at AND {_VISIT_COUNTS}
    WHERE p.active AND {_AMONG.format("p.id")} GROUP BY p.id
"""
_LAST_CHECK_INS = f"""
    SELECT p.id AS point_id, latest.at FROM point p
    CROSS JOIN LATERAL (
        SELECT max(c.at) AS at FROM check_in c
        WHERE c.point_id = p.id AND c.at >= :history_at AND c.at < :start_at AND {_CHECK_IN_COUNTS}
    ) AS latest
    WHERE p.active AND latest.at IS NOT NULL AND {_AMONG.format("p.id")}
"""

_BORDERS = """
    SELECT v.zone_id, ST_AsBinary(v.geom) AS border
    FROM zone_version v JOIN zone z ON z.id = v.zone_id JOIN zone_level l ON l.code = z.level
    WHERE (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on)
    ORDER BY l.rank DESC, z.code
"""


@dataclass(frozen=True)
class Span:
    """A window as instants and as days, and how far back a last visit is looked for; of which points, None is all."""

    window: Window
    start_at: datetime
    end_at: datetime
    history_at: datetime
    point_ids: tuple[int, ...] | None = None

    def values(self, settings: Settings) -> dict[str, Any]:
        """Return everything the statements here bind."""
        return {
            **window_values(self.window),
            "points": None if self.point_ids is None else list(self.point_ids),
            "start_at": self.start_at,
            "end_at": self.end_at,
            "history_at": self.history_at,
            "timezone": settings.timezone,
            "morning": settings.morning_from,
            "evening": settings.evening_from,
            "night": settings.night_from,
        }


@dataclass(frozen=True)
class ActivePoint:
    """A point to be visited; `required_interval_days` its own or its category's."""

    point_id: int
    code: str
    name: str
    category: str
    lon: float
    lat: float
    required_interval_days: float


@dataclass(frozen=True)
class Visits:
    """Visits of tracks in a window; arrays (n,)."""

    point_id: NDArray[np.int64]
    arrived_us: NDArray[np.int64]
    left_us: NDArray[np.int64]


@dataclass(frozen=True)
class CheckIns:
    """Check-ins in a window; arrays (n,)."""

    point_id: NDArray[np.int64]
    at_us: NDArray[np.int64]
    has_findings: NDArray[np.bool_]


def active_points(session: Session, point_ids: Sequence[int] | None = None) -> list[ActivePoint]:
    """Return the points that are to be visited, by code; of some only where `point_ids` is given."""
    rows = session.execute(
        text(
            "SELECT p.id, p.code, p.name, p.category, ST_X(p.geom), ST_Y(p.geom), "
            "coalesce(p.required_interval_days, c.required_interval_days) "
            "FROM point p JOIN point_category c ON c.code = p.category "
            "WHERE p.active AND (CAST(:ids AS int[]) IS NULL OR p.id = ANY(:ids)) ORDER BY p.code"
        ),
        {"ids": None if point_ids is None else list(point_ids)},
    )
    return [ActivePoint(*row) for row in rows]


def visits_in(session: Session, settings: Settings, span: Span) -> Visits:
    """Return the visits that arrive in the window and its period."""
    rows = copy_out(
        session,
        for_copy(f"SELECT v.point_id, v.arrived_at, v.left_at {_VISITS}"),
        {"point_id": INT4, "arrived_at": INT8, "left_at": INT8},
        span.values(settings),
    )
    return Visits(
        rows["point_id"].astype("i8"),
        rows["arrived_at"].astype("i8") + EPOCH_US,
        rows["left_at"].astype("i8") + EPOCH_US,
    )


def check_ins_in(session: Session, settings: Settings, span: Span) -> CheckIns:
    """Return the check-ins in the window and its period."""
    rows = copy_out(
        session,
        for_copy(f"SELECT c.point_id, c.at, CAST(c.has_findings AS int) AS findings {_CHECK_INS}"),
        {"point_id": INT4, "at": INT8, "findings": INT4},
        span.values(settings),
    )
    return CheckIns(
        rows["point_id"].astype("i8"), rows["at"].astype("i8") + EPOCH_US, rows["findings"].astype(bool)
    )


def last_visits_before(session: Session, settings: Settings, span: Span) -> dict[int, int]:
    """Return when the last visit of a track before the window ended, µs since 1970, by point."""
    return _lasts(session, settings, span, _LAST_VISITS, "left_at")


def last_check_ins_before(session: Session, settings: Settings, span: Span) -> dict[int, int]:
    """Return when the last check-in before the window was, µs since 1970, by point."""
    return _lasts(session, settings, span, _LAST_CHECK_INS, "at")


def _lasts(session: Session, settings: Settings, span: Span, query: str, column: str) -> dict[int, int]:
    rows = copy_out(session, for_copy(query), {"point_id": INT4, column: INT8}, span.values(settings))
    return dict(zip(rows["point_id"].tolist(), (rows[column].astype("i8") + EPOCH_US).tolist(), strict=True))


def somebody_was_anywhere(session: Session, settings: Settings, span: Span) -> bool:
    """Tell whether any visit or check-in is known in the window."""
    return bool(
        session.scalar(
            text(f"SELECT EXISTS (SELECT {_VISITS}) OR EXISTS (SELECT {_CHECK_INS})"), span.values(settings)
        )
    )


def first_known_at(session: Session, settings: Settings, span: Span) -> datetime | None:
    """Return the earliest moment of the history looked at from which anything is known: a day's tracks, or a check-in."""
    first: datetime | None = session.scalar(
        text(
            "SELECT least((SELECT min(CAST(t.day AS timestamp)) AT TIME ZONE :timezone FROM coverage_tile t "
            "WHERE t.day >= CAST(CAST(:history_at AS timestamptz) AT TIME ZONE :timezone AS date)), "
            "(SELECT min(c.at) FROM check_in c WHERE c.at >= :history_at))"
        ),
        span.values(settings),
    )
    return first


def zones_of_points(session: Session, on: date) -> Mapping[int, int]:
    """Return the zone each active point stands in by the borders of a day, the deepest level's where several hold it.

    A point on a border belongs to one of the neighbours, the first by code. Points outside every zone are absent.
    """
    return kept(session, ("point", *READ), ("zones_of_points", on), lambda: _place_points(session, on))


def _place_points(session: Session, on: date) -> Mapping[int, int]:
    points = copy_out(
        session,
        "SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM point WHERE active",
        {"id": INT4, "lon": FLOAT8, "lat": FLOAT8},
        {},
    )
    zones = session.execute(text(_BORDERS), {"on": on}).all()
    # Here rather than in the database: nine thousand zones and fifty thousand points meet three times as fast.
    borders = shapely.from_wkb(np.array([bytes(row.border) for row in zones], dtype=object))
    shapely.prepare(borders)
    lonlat = np.column_stack((points["lon"], points["lat"])).astype("f8")
    places = shapely.STRtree(np.asarray(shapely.points(lonlat), dtype=object))
    zone, point = places.query(borders, predicate="intersects")
    order = np.lexsort((zone, point))
    held, first = np.unique(point[order], return_index=True)
    zone_ids = np.array([row.zone_id for row in zones], dtype=np.int64)[zone[order][first]]
    return dict(zip(points["id"][held].tolist(), zone_ids.tolist(), strict=True))
