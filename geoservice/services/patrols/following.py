"""Patrols as planned followed by what is known of them: each stop's outcome, the way, the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.actual import PlannedStop, beside_the_plan, follow
from geoservice.domain.crs import to_metric
from geoservice.domain.travelled import Travelled, followed_m, travelled
from geoservice.domain.windows import instant_of, microseconds_of
from geoservice.errors import NotFound
from geoservice.services.ground import read_grid
from geoservice.services.patrols.own_time import asked_of, is_over, own_time, word_of_mode
from geoservice.services.patrols.presences import Known, place_of, presences
from geoservice.services.patrols.showing import extra_views, stop_view
from geoservice.services.patrols.tallies import tally
from geoservice.services.patrols.tracks import by_device, recorded
from geoservice.services.patrols.values import PatrolView
from geoservice.store import patrol_facts, patrol_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.patrols.tallies import Tally
    from geoservice.services.patrols.tracks import Recorded
    from geoservice.services.patrols.values import ExtraView, StopView
    from geoservice.store.patrol_facts import Asked, PointVisit
    from geoservice.store.patrol_rows import PatrolRow, StopRow


@dataclass(frozen=True)
class Day:
    """Everything read for some patrols of one day, by patrol."""

    settings: Settings
    epsg: int
    now: datetime
    crews: Crews
    stops: Mapping[int, Sequence[StopRow]]
    known: Mapping[int, Known]
    recorded: Mapping[int, Recorded]
    waiting: set[int]


def find_patrol(session: Session, settings: Settings, patrol_id: int, *, now: datetime) -> PatrolView:
    """Return one patrol, planned and actual; NotFound where there is none or it is a draft."""
    row = patrol_rows.patrol_by_id(session, patrol_id)
    if row is None:
        raise NotFound("patrol_unknown", id=patrol_id)
    return _follow_day(session, settings, [row], now)[0]


def list_patrols(
    session: Session, settings: Settings, window: Window, *, now: datetime, team: str | None = None
) -> list[PatrolView]:
    """Return the patrols of some days by day and start, of one team where its code is given; none that was cancelled.

    NotFound for a team that nobody knows.
    """
    rows = patrol_rows.patrols_in(session, window.from_on, window.to_on, team_of(session, team))
    return follow_all(session, settings, [row for row in rows if row.status != "cancelled"], now)


def follow_all(
    session: Session, settings: Settings, rows: Sequence[PatrolRow], now: datetime
) -> list[PatrolView]:
    """Return patrols, sorted by day, planned and actual."""
    found = []
    for _, of_day in groupby(rows, key=lambda row: row.on_day):
        found += _follow_day(session, settings, list(of_day), now)
    return found


def team_of(session: Session, code: str | None) -> int | None:
    """Return the id of a team by its code, None without one."""
    if not code:
        return None
    ids = {known: team_id for team_id, known, _ in patrol_rows.teams(session)}
    if code not in ids:
        raise NotFound("patrol_team_unknown", team=code[:40])
    return ids[code]


@dataclass(frozen=True)
class Crews:
    """By patrol: whose doings in which time count as its own; member id → name; device id → who or what it is."""

    asked: Mapping[int, Asked]
    members: Mapping[int, Mapping[int, str]]
    devices: Mapping[int, Mapping[int, str]]


def crews_of(session: Session, settings: Settings, rows: Sequence[PatrolRow]) -> Crews:
    """Return who walks each patrol, with what, and when."""
    ids = [row.patrol_id for row in rows]
    devices, members = patrol_rows.devices_of(session, ids), patrol_rows.members_of(session, ids)
    beside = _beside(session, {row.on_day for row in rows})
    zone = settings.zone_info
    asked = {
        row.patrol_id: asked_of(row, own_time(row, beside[row.on_day], zone), zone, devices, members)
        for row in rows
    }
    return Crews(asked, members, devices)


def _beside(session: Session, days: set[date]) -> dict[date, list[PatrolRow]]:
    return {day: patrol_rows.patrols_in(session, day, day) for day in days}


def _follow_day(
    session: Session, settings: Settings, rows: Sequence[PatrolRow], now: datetime
) -> list[PatrolView]:
    day = read_day(session, settings, rows, now)
    return [_view(row, day) for row in rows]


def read_day(session: Session, settings: Settings, rows: Sequence[PatrolRow], now: datetime) -> Day:
    """Return everything known of some patrols of one day."""
    crews = crews_of(session, settings, rows)
    asked = crews.asked
    by_route = patrol_rows.stops_of(session, [row.route_id for row in rows])
    stops = {row.patrol_id: by_route.get(row.route_id, []) for row in rows}
    epsg = read_grid(session).metric_epsg
    tracks = recorded(session, settings, epsg, list(asked.values()))
    return Day(
        settings,
        epsg,
        now,
        crews,
        stops,
        _known(session, settings, asked, stops, tracks, epsg),
        tracks,
        patrol_facts.waiting(session, list(asked.values()), settings.timezone),
    )


def _known(
    session: Session,
    settings: Settings,
    asked: Mapping[int, Asked],
    stops: Mapping[int, Sequence[StopRow]],
    tracks: Mapping[int, Recorded],
    epsg: int,
) -> dict[int, Known]:
    """Read all that is known of some patrols of one day."""
    every = list(asked.values())
    visits = _grouped(patrol_facts.stays(session, every, settings.timezone))
    check_ins = _grouped(patrol_facts.check_ins(session, every))
    words = patrol_rows.words_of(session, list(asked))
    streets = {stop.street_id: stop.piece_count for each in stops.values() for stop in each if stop.street_id}
    pieces = patrol_facts.pieces_seen(session, every, list(streets), settings.timezone) if streets else {}
    lines = _metric_lines(session, epsg, list(streets))
    return {
        one: Known(
            visits.get(one, []), check_ins.get(one, []), words.get(one, []), tracks[one].segments if one in tracks else None,
            {street: pieces.get((one, street), 0) / count for street, count in streets.items() if count}, lines,
        )
        for one in asked
    }  # fmt: skip


def _metric_lines(session: Session, epsg: int, street_ids: Sequence[int]) -> dict[int, BaseGeometry]:
    if not street_ids:
        return {}
    lines = patrol_facts.street_lines(session, street_ids)
    metric = to_metric(epsg, np.array(list(lines.values()), dtype=object))
    return dict(zip(lines, metric, strict=True))


def _grouped(visits: Sequence[PointVisit]) -> dict[int, list[PointVisit]]:
    found: dict[int, list[PointVisit]] = {}
    for visit in visits:
        found.setdefault(visit.patrol_id, []).append(visit)
    return found


@dataclass(frozen=True)
class Judged:
    """What became of the stops of one patrol, without its ways."""

    over: bool
    heard: bool
    stops: tuple[StopView, ...]
    extras: tuple[ExtraView, ...]

    @property
    def tally(self) -> Tally:
        """Its stops, counted."""
        return tally(self.stops, len(self.extras))


def judge(row: PatrolRow, day: Day) -> Judged:
    """Return what became of the stops of one patrol of a day."""
    known, stops, asked = day.known[row.patrol_id], day.stops[row.patrol_id], day.crews.asked[row.patrol_id]
    over, heard = is_over(row, asked.before, day.now), _is_heard(row, known)
    found = presences(day.settings, day.epsg, stops, known)
    planned = [_planned(row, stop) for stop in stops]
    skipped = {word.position for word in known.words if word.outcome == "skipped"}
    followed = follow(planned, found, skipped, over=over, heard=heard)
    shown = tuple(stop_view(stop, one, known) for stop, one in zip(stops, followed, strict=True))
    return Judged(over, heard, shown, extra_views(known, beside_the_plan(planned, found)))


def _view(row: PatrolRow, day: Day) -> PatrolView:
    known, judged = day.known[row.patrol_id], judge(row, day)
    way, line = _furthest(known), _metric(row.line, day.epsg)
    began_at, ended_at = _under_way(row, way, judged.over)
    tracks = day.recorded.get(row.patrol_id)
    return PatrolView(
        patrol_id=row.patrol_id,
        on_day=row.on_day,
        status=row.status,
        team_id=row.team_id,
        team_code=row.team_code,
        team_name=row.team_name,
        route_code=row.route_code,
        route_name=row.route_name,
        mode=word_of_mode(row.mode),
        plan_id=row.plan_id,
        members=tuple(day.crews.members.get(row.patrol_id, {}).values()),
        devices=tuple(day.crews.devices.get(row.patrol_id, {}).values()),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        began_at=began_at,
        ended_at=ended_at,
        under_way_s=(ended_at - began_at).total_seconds() if began_at and ended_at else None,
        planned_m=None if line is None else float(line.length),
        actual_m=way.metres if way else None,
        followed_m=_followed(day.settings, line, known),
        over=judged.over,
        heard=judged.heard,
        tally=judged.tally,
        stops=judged.stops,
        extras=judged.extras,
        late_count=tracks.late_count if tracks else 0,
        late_at=tracks.late_at if tracks else None,
        waiting=row.patrol_id in day.waiting,
        as_of=day.now,
    )


def _is_heard(row: PatrolRow, known: Known) -> bool:
    """Tell whether anything at all is known of a patrol."""
    moved = known.segments is not None and len(known.segments.start_us) > 0
    return moved or bool(known.visits or known.check_ins or known.words or row.started_at)


def _furthest(known: Known) -> Travelled | None:
    """Return the way of the device that went furthest; None where none told of any."""
    if known.segments is None or not len(known.segments.start_us):
        return None
    return max((travelled(each) for each in by_device(known.segments).values()), key=lambda one: one.metres)


def _under_way(row: PatrolRow, way: Travelled | None, over: bool) -> tuple[datetime | None, datetime | None]:
    """Return when a patrol began and ended: as its phone said, else by the first and the last move."""
    began_at = row.started_at or (instant_of(way.began_us) if way and way.began_us is not None else None)
    ended_at = row.finished_at or (
        instant_of(way.ended_us) if way and way.ended_us is not None and over else None
    )
    return began_at, ended_at if began_at and ended_at and ended_at >= began_at else None


def _metric(line: BaseGeometry | None, epsg: int) -> BaseGeometry | None:
    return None if line is None else to_metric(epsg, np.array([line], dtype=object))[0]


def _followed(settings: Settings, line: BaseGeometry | None, known: Known) -> float | None:
    if line is None or known.segments is None or not len(known.segments.start_us):
        return None
    return followed_m(line, known.segments, settings.visit_radius_m)


def _planned(row: PatrolRow, stop: StopRow) -> PlannedStop:
    return PlannedStop(
        stop.position,
        place_of(stop),
        _us_after(row.starts_at, stop.arrive_s),
        _us_after(row.starts_at, stop.leave_s),
    )


def _us_after(start: datetime | None, seconds: float | None) -> int | None:
    if start is None or seconds is None:
        return None
    return microseconds_of(start + timedelta(seconds=seconds))
