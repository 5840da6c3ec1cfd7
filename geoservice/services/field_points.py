"""The points somebody in the field looks up and checks in at.

A member's own scope is empty: no zone, no coverage, no gap. To check in he must find the point he stands at, which may be
anywhere in the city, so he is granted every active point by id, and nothing that lies around it: where it is, when it was
visited and when it falls due.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.crs import metric_epsg_for, to_metric
from geoservice.domain.intervals import Due
from geoservice.domain.windows import Window, local_day
from geoservice.services.layers import category_names
from geoservice.services.points import point_rows
from geoservice.store import field_points as store
from geoservice.store.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.point_counts import PointRow

__all__ = ["FieldPoint", "check_ins_of", "field_points", "field_scope", "search"]

DAYS_SHOWN = 7
_URGENCY = (Due.OVERDUE, Due.NEVER, Due.TODAY, Due.TOMORROW, Due.OK)

check_ins_of = store.check_ins_of


@dataclass(frozen=True)
class FieldPoint:
    """A point with how it stands. `on_round`: the team's patrols of the day stop there. `away_m` None: nobody said where."""

    row: PointRow
    category_name: str
    on_round: bool
    away_m: float | None


def field_scope(session: Session) -> Scope:
    """Return what a member may look up, see above; `session` must see everything to find it out."""
    return Scope(point_ids=store.active_ids(session))


def field_points(  # noqa: PLR0913 - who, when, where and in which language are all told by the caller
    session: Session,
    settings: Settings,
    member_id: int,
    *,
    now: datetime,
    locale: str,
    here: tuple[float, float] | None = None,
    point_ids: Collection[int] | None = None,
) -> list[FieldPoint]:
    """Return active points: those of the team's round first, then by what is due; with `here` (lon, lat) by distance."""
    on = local_day(now, settings.zone_info)
    rows = point_rows(session, settings, Window.ending(on, DAYS_SHOWN), now=now, point_ids=point_ids)
    names = category_names(session, locale)
    stops = store.stops_of_team(session, member_id, on)
    found = [
        FieldPoint(row, names[row.category], row.point_id in stops, away)
        for row, away in zip(rows, _distances(rows, here), strict=True)
    ]
    return sorted(found, key=_order)


def search(points: Iterable[FieldPoint], wanted: str) -> list[FieldPoint]:
    """Keep the points whose name or category holds what is wanted, or whose code begins with it."""
    word = wanted.casefold()
    return [
        one
        for one in points
        if word in one.row.name.casefold()
        or word in one.category_name.casefold()
        or one.row.code.casefold().startswith(word)
    ]


def _order(one: FieldPoint) -> tuple[float, bool, int, float, str]:
    away = -1.0 if one.away_m is None else one.away_m
    return away, not one.on_round, _URGENCY.index(one.row.due), -(one.row.overdue_days or 0.0), one.row.code


def _distances(rows: list[PointRow], here: tuple[float, float] | None) -> list[float | None]:
    if here is None or not rows:
        return [None] * len(rows)
    places = np.array([here, *((row.lon, row.lat) for row in rows)])
    mine, *others = to_metric(metric_epsg_for(*here), places)
    away: list[float] = np.hypot(*(np.array(others) - mine).T).tolist()
    return [metres if math.isfinite(metres) else None for metres in away]
