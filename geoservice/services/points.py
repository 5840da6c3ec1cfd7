"""What became of the inspection points in a window: visited or not, how long unvisited, what falls due; by point and zone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.intervals import (
    DAY_S,
    Presences,
    deadline,
    kept_interval,
    longest_stretches,
)
from geoservice.domain.windows import Window, day_start, instant_of, local_day, microseconds_of
from geoservice.services.grounds import at_or_below
from geoservice.services.point_counts import PointRow, PointState, ZonePoints, point_totals, rows_by_zone
from geoservice.store import bitmaps
from geoservice.store import point_visits as store
from geoservice.store.point_visits import ActivePoint, CheckIns, Span, Visits
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

__all__ = [
    "PointRow",
    "PointState",
    "ZonePoints",
    "has_point_data",
    "point_rows",
    "point_totals",
    "rows_by_zone",
    "zone_points",
]

_DAY_US = DAY_S * 1e6
_NEVER_US = np.iinfo(np.int64).min


@dataclass(frozen=True)
class _Facts:
    """What is known of each point; arrays (p,) in the order of the points. Times in µs since 1970, _NEVER_US: never."""

    visits: NDArray[np.int64]
    check_ins: NDArray[np.int64]
    findings: NDArray[np.int64]
    last_us: NDArray[np.int64]
    longest_us: NDArray[np.int64]


@dataclass(frozen=True)
class _Moment:
    """As of when a window is told: its end, or now where that comes first, and the local day of it."""

    at: datetime
    on: date
    zone: ZoneInfo
    has_data: bool
    known_since: datetime | None


def point_rows(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    zone_ids: Iterable[int] | None = None,
    point_ids: Iterable[int] | None = None,
) -> list[PointRow]:
    """Return every active point by code: of all zones, or of `zone_ids` and all below them; of some by `point_ids`."""
    places = store.zones_of_points(session, window.to_on)
    asked = None if point_ids is None else frozenset(point_ids)
    if zone_ids is not None:
        inside = at_or_below(zones_on(session, window.to_on), frozenset(zone_ids))
        held = frozenset(point_id for point_id, zone_id in places.items() if zone_id in inside)
        asked = held if asked is None else held & asked
    points = store.active_points(session, None if asked is None else sorted(asked))
    if not points:
        return []
    span = span_of(settings, window)
    if asked is not None:
        span = replace(span, point_ids=tuple(point.point_id for point in points))
    moment = _Moment(
        min(now, span.end_at),
        min(local_day(now, settings.zone_info), window.to_on),
        settings.zone_info,
        has_point_data(session, settings, window),
        store.first_known_at(session, settings, span),
    )
    facts = _facts(session, settings, span, points, moment.at)
    return [
        _row(point, places.get(point.point_id), facts, number, moment) for number, point in enumerate(points)
    ]


def zone_points(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    now: datetime,
    zone_ids: Iterable[int] | None = None,
) -> list[ZonePoints]:
    """Return the points of every zone of the window's last day, the widest level first, or of `zone_ids`."""
    zones = zones_on(session, window.to_on)
    if zone_ids is None:
        return rows_by_zone(zones, point_rows(session, settings, window, now=now))
    asked = frozenset(zone_ids)
    rows = point_rows(session, settings, window, now=now, zone_ids=asked)
    inside = at_or_below(zones, asked)
    return [
        zone
        for zone in rows_by_zone([zone for zone in zones if zone.zone_id in inside], rows)
        if zone.zone_id in asked
    ]


def has_point_data(session: Session, settings: Settings, window: Window) -> bool:
    """Tell whether anything is known of the window: without a track or a check-in anywhere no point's state is."""
    return bitmaps.has_data(session, window) or store.somebody_was_anywhere(
        session, settings, span_of(settings, window)
    )


def span_of(settings: Settings, window: Window) -> Span:
    """Return a window as instants, with the history in which a last visit is looked for."""
    zone = settings.zone_info
    return Span(
        window,
        day_start(window.from_on, zone).astimezone(UTC),
        day_start(window.to_on + timedelta(days=1), zone).astimezone(UTC),
        day_start(window.from_on - timedelta(days=settings.history_days), zone).astimezone(UTC),
    )


def _facts(
    session: Session, settings: Settings, span: Span, points: Sequence[ActivePoint], until: datetime
) -> _Facts:
    ids = np.array([point.point_id for point in points], dtype=np.int64)
    visits = store.visits_in(session, settings, span)
    check_ins = store.check_ins_in(session, settings, span)
    seen, came = _numbers(ids, visits.point_id), _numbers(ids, check_ins.point_id)
    presences = _presences(settings, visits, check_ins, seen, came)
    before = store.last_check_ins_before(session, settings, span)
    if settings.probable_visits_count:
        tracks = store.last_visits_before(session, settings, span)
        before = {key: max(before.get(key, _NEVER_US), at) for key, at in {**before, **tracks}.items()}
    last_us = np.array([before.get(int(key), _NEVER_US) for key in ids], dtype=np.int64)
    since_us = np.where(last_us == _NEVER_US, microseconds_of(span.start_at), last_us)
    longest_us = longest_stretches(presences, since_us, microseconds_of(until))
    np.maximum.at(last_us, presences.point, presences.to_us)
    count = len(ids)
    return _Facts(
        np.bincount(seen[seen >= 0], minlength=count),
        np.bincount(came[came >= 0], minlength=count),
        np.bincount(came[(came >= 0) & check_ins.has_findings], minlength=count),
        last_us,
        longest_us,
    )


def _numbers(ids: NDArray[np.int64], point_id: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n,) which of `ids` each point is, -1: none of them."""
    order = np.argsort(ids)
    at = np.minimum(np.searchsorted(ids[order], point_id), len(ids) - 1)
    return np.where(ids[order][at] == point_id, order[at], -1)


def _presences(
    settings: Settings, visits: Visits, check_ins: CheckIns, seen: NDArray[np.int64], came: NDArray[np.int64]
) -> Presences:
    """Return the presences that keep an interval; a track's only where the settings say so."""
    tracks = (seen >= 0) & settings.probable_visits_count
    said = came >= 0
    return Presences(
        np.concatenate((seen[tracks], came[said])),
        np.concatenate((visits.arrived_us[tracks], check_ins.at_us[said])),
        np.concatenate((visits.left_us[tracks], check_ins.at_us[said])),
    )


def _row(point: ActivePoint, zone_id: int | None, facts: _Facts, number: int, moment: _Moment) -> PointRow:
    last_us = int(facts.last_us[number])
    last_at = None if last_us == _NEVER_US else instant_of(last_us)
    required = point.required_interval_days
    longest = float(facts.longest_us[number]) / _DAY_US
    falls = deadline(last_at, required, moment.at, moment.zone, moment.on)
    return PointRow(
        point_id=point.point_id,
        code=point.code,
        name=point.name,
        category=point.category,
        lon=point.lon,
        lat=point.lat,
        zone_id=zone_id,
        state=_state(facts, number) if moment.has_data else PointState.UNKNOWN,
        visit_count=int(facts.visits[number]),
        check_in_count=int(facts.check_ins[number]),
        finding_count=int(facts.findings[number]),
        last_visit_at=last_at,
        required_interval_days=required,
        longest_unvisited_days=longest if moment.has_data else None,
        compliant=kept_interval(longest, required, _unseen_days(last_at, moment))
        if moment.has_data
        else None,
        overdue_days=falls.overdue_days,
        due_on=falls.due_on,
        due=falls.due,
    )


def _unseen_days(last_at: datetime | None, moment: _Moment) -> float | None:
    """Return for how long there was data but no visit of a point; None: there was one."""
    if last_at is not None:
        return None
    return 0.0 if moment.known_since is None else (moment.at - moment.known_since) / timedelta(days=1)


def _state(facts: _Facts, number: int) -> PointState:
    if facts.findings[number]:
        return PointState.VISITED_FINDINGS
    if facts.check_ins[number]:
        return PointState.VISITED_CLEAN
    return PointState.PROBABLE if facts.visits[number] else PointState.NOT_VISITED
