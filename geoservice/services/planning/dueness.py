"""What is due on the days of a wish: points by interval, gaps, and what is wanted, each with why, the most urgent first."""

from __future__ import annotations

import math
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.crs import to_metric
from geoservice.domain.planning.periods import occasions
from geoservice.domain.road_classes import speed_mps
from geoservice.domain.tracks import Mode
from geoservice.domain.windows import Window, local_day
from geoservice.services.ground import read_grid
from geoservice.services.grounds import zones_of_code
from geoservice.services.planning.crews import crews, days_of
from geoservice.services.planning.places import DETOUR
from geoservice.services.planning.values import DueList, DueStop
from geoservice.services.planning.wanting import wanted
from geoservice.services.points import point_rows
from geoservice.store import due_rows
from geoservice.store.ground import read_deployment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.crews import Outing
    from geoservice.services.planning.values import Wanted, Wish
    from geoservice.services.points import PointRow

# What a point weighs counts once when it is due, and more the longer it is overdue, up to this.
OVERDUE_LEAST, OVERDUE_MOST = 2.0, 5.0
NEVER_TIMES = 3.0
WANTED_TIMES = 5.0
# The worst gap weighs like an overdue point, the others in proportion to their scores.
GAP_WEIGHT, GAP_LEAST = 2.0, 0.2
LEAST_WEIGHT = 0.1
_GAP_MINUTES = (3.0, 30.0)
# The shortest way through n places spread over an area A is about so many times √(nA): Beardwood, Halton and Hammersley, "The
# shortest path through many points" (1959).
_TOUR = 0.7124


def due(
    session: Session, settings: Settings, wish: Wish, *, now: datetime, plan_id: int | None = None
) -> DueList:
    """Return what is to be planned on the wish's days within the session's ground; raises NotFound for an unknown zone.

    `plan_id`: the plan it is for, whose own published patrols do not count as planned.
    """
    going = crews(session, settings, days_of(wish.from_on, wish.to_on), wish.team_codes).outings
    zones = _zones(session, wish)
    today = local_day(now, settings.zone_info)
    asked = _wanted_now(session, settings, wish, zones, now) if wish.include.wanted else []
    stops: list[DueStop] = []
    planned = 0
    if read_deployment(session) is not None:
        known = due_rows.planned_points(
            session,
            today,
            (wish.from_on, wish.to_on),
            now=now,
            plan_id=plan_id,
            team_ids=[one.team.id for one in going],
        )
        stops, planned = _points(session, settings, wish, now, zones, known, asked)
        if wish.include.gaps:
            stops += _gaps(session, settings, wish, today, zones)
    stops += [_asked_stop(one) for one in asked if one.point_id is None]
    stops.sort(key=lambda stop: (-stop.weight, stop.kind, stop.code, stop.key))
    listed = stops[: wish.most_stops]
    return DueList(
        stops=tuple(listed),
        counts=dict(Counter(stop.why[0] for stop in listed)),
        left_out=len(stops) - len(listed),
        already_planned=planned,
        load_hours=_load_s(session, listed, going) / 3600,
        team_hours=sum(one.work_s for one in going) / 3600,
        gaps_of=due_rows.newest_report(session) if wish.include.gaps else None,
    )  # fmt: skip


def _zones(session: Session, wish: Wish) -> frozenset[int] | None:
    """Return the zones asked for with all below them; None: everywhere."""
    if not wish.zone_codes:
        return None
    return frozenset().union(*(zones_of_code(session, wish.from_on, code) for code in wish.zone_codes))


def _wanted_now(
    session: Session, settings: Settings, wish: Wish, zones: frozenset[int] | None, now: datetime
) -> list[Wanted]:
    """Return what is wanted by the wish's last day and not planned before its first."""
    today = local_day(now, settings.zone_info)
    return [
        one
        for one in wanted(session, settings, now=now)
        if one.from_on <= wish.to_on
        and (zones is None or one.zone_id in zones)
        and not (one.planned_on is not None and today <= one.planned_on < wish.from_on)
    ]


def _points(  # noqa: PLR0913 - what decides what is due
    session: Session,
    settings: Settings,
    wish: Wish,
    now: datetime,
    zones: frozenset[int] | None,
    planned: dict[int, date],
    asked: Sequence[Wanted],
) -> tuple[list[DueStop], int]:
    """Return the points that are due or wanted, and how many were due if no patrol was to be there before."""
    today = local_day(now, settings.zone_info)
    rows = point_rows(session, settings, Window.ending(today, 1), now=now, zone_ids=zones)
    asked_of = {one.point_id: one for one in asked if one.point_id is not None}
    found: list[tuple[PointRow, tuple[str, object], date | None, date | None]] = []
    skipped = 0
    for row in rows:
        zone = settings.zone_info
        last_on = None if row.last_visit_at is None else local_day(row.last_visit_at, zone)
        why = _why(wish, row.due_on, last_on)
        due_on = row.due_on
        if row.point_id in planned:
            last_on = planned[row.point_id]
            due_on = last_on + timedelta(days=math.floor(row.required_interval_days))
            skipped += why is not None and due_on > wish.to_on
            why = _why(wish, due_on, last_on)
        if why is None and row.point_id in asked_of:
            why = ("wanted", asked_of[row.point_id].from_on.isoformat())
        if why is not None:
            found.append((row, why, due_on, last_on))
    demands = due_rows.point_demands(session, [row.point_id for row, *_ in found])
    stops = []
    for row, why, due_on, last_on in found:
        demand = demands[row.point_id]
        wish_of = asked_of.get(row.point_id)
        overdue = (wish.from_on - due_on).days if due_on is not None else 0
        weight = max(LEAST_WEIGHT, demand.weight * _times(why[0], overdue / row.required_interval_days))
        if wish_of is not None:
            weight = max(weight, WANTED_TIMES * max(LEAST_WEIGHT, wish_of.weight))
        stops.append(
            DueStop(
                key=f"point:{row.point_id}", kind="point", id=row.point_id, code=row.code, label=row.name, lon=row.lon,
                lat=row.lat, weight=round(weight, 3), service_s=demand.minutes * 60, why=why, zone_id=row.zone_id,
                wanted_id=None if wish_of is None else wish_of.id, due_on=due_on,
                interval_days=row.required_interval_days, last_on=last_on,
                times=_times_of(wish, why[0], due_on, row.required_interval_days),
            )
        )  # fmt: skip
    return stops, skipped


def _why(wish: Wish, due_on: date | None, last_on: date | None) -> tuple[str, object] | None:
    """Return why a point is to be visited on these days; None: it is not, or not asked for."""
    if last_on is None or due_on is None:
        return ("never", None) if wish.include.overdue else None
    if due_on < wish.from_on:
        return ("overdue", (wish.from_on - due_on).days) if wish.include.overdue else None
    if due_on <= wish.to_on and wish.include.due:
        return ("due", due_on.isoformat())
    return None


def _times_of(wish: Wish, why: str, due_on: date | None, interval_days: float) -> int:
    """Return how often a point is to be visited on the wish's days."""
    if why == "wanted":
        return 1
    due_in = None if due_on is None else (due_on - wish.from_on).days
    return len(occasions((wish.to_on - wish.from_on).days + 1, interval_days, due_in))


def _times(why: str, intervals: float) -> float:
    """Return how much more than its weight a point counts that is overdue by so many of its intervals."""
    if why == "overdue":
        return min(OVERDUE_MOST, OVERDUE_LEAST + intervals)
    return {"never": NEVER_TIMES, "wanted": WANTED_TIMES}.get(why, 1.0)


def _gaps(
    session: Session, settings: Settings, wish: Wish, today: date, zones: frozenset[int] | None
) -> list[DueStop]:
    """Return the worst gaps as places to go to, each for as long as it takes to walk through it."""
    days = (wish.from_on, wish.to_on)
    gaps = due_rows.newest_gaps(session, today, days, zones, settings.history_days, wish.most_stops)
    worst = max((gap.score for gap in gaps), default=1.0)
    walked = 2 * settings.reach_foot_m * speed_mps(Mode.FOOT, "footway")
    return [
        DueStop(
            key=f"gap:{gap.id}", kind="gap", id=gap.id, code=gap.zone_code, label=gap.zone_name, lon=gap.lon, lat=gap.lat,
            weight=round(max(GAP_LEAST, GAP_WEIGHT * gap.score / worst), 3),
            service_s=round(60 * min(max(gap.area_m2 / walked / 60, _GAP_MINUTES[0]), _GAP_MINUTES[1])),
            why=("gap", round(gap.area_m2 / 10_000, 2)), zone_id=gap.zone_id,
        )
        for gap in gaps
    ]  # fmt: skip


def _asked_stop(one: Wanted) -> DueStop:
    """Return a street or place that is wanted as a stop."""
    is_street = one.street_id is not None
    return DueStop(
        key=f"street:{one.street_id}" if is_street else f"wanted:{one.id}",
        kind=one.kind, id=one.street_id or one.id, code=one.code, label=one.label, lon=one.lon, lat=one.lat,
        weight=round(WANTED_TIMES * max(LEAST_WEIGHT, one.weight), 3), service_s=one.service_minutes * 60,
        why=("wanted", one.from_on.isoformat()), zone_id=one.zone_id, wanted_id=one.id, ends=one.ends,
    )  # fmt: skip


def _load_s(session: Session, stops: Iterable[DueStop], going: Sequence[Outing]) -> float:
    """Estimate what all stops take: their service, and the ways between so many places spread over their ground."""
    listed = list(stops)
    if not listed:
        return 0.0
    xy = to_metric(read_grid(session).metric_epsg, np.array([(stop.lon, stop.lat) for stop in listed]))
    width, height = np.ptp(xy, axis=0).tolist()
    speeds = [speed_mps(Mode(one.team.mode), "residential") for one in going]
    speed = sum(speeds) / len(speeds) if speeds else speed_mps(Mode.FOOT, "residential")
    metres = _TOUR * math.sqrt(len(listed) * max(width, 1.0) * max(height, 1.0)) * DETOUR
    return sum(stop.service_s * stop.times for stop in listed) + metres / speed
