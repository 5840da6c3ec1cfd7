"""A published patrol as somebody walks it: stops with their planned times, what was said at each, beginning and end.

Whoever may see a patrol is told here (`scope_of`): members of its team and those it was given to. The scope holds the
patrol's own points and streets and nothing else, so a transaction under it shows no other ground.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.windows import day_start, local_day
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import check_ins
from geoservice.services.check_ins import NewCheckIn
from geoservice.services.evidence import Photo, Subject, photos_of_patrol
from geoservice.services.ways import Stop, Way, nearby_lines, place_stops
from geoservice.store import way_rows as store
from geoservice.store.scope import Scope
from geoservice.store.way_rows import ReportRow, Said, WayPatrol, WayStop

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

__all__ = [
    "REASONS", "Report", "Said", "Stop", "Way", "WayPatrol", "WayStop", "finish", "go_on", "nearby_lines", "photos_of", "place_stops", "read",
    "report", "scope_of", "start",
]  # fmt: skip

REASONS = ("closed", "no_access", "no_time", "not_needed", "other")
# People check in before they press "start", and after they pressed "finish" nothing more is theirs.
EARLY = timedelta(hours=2)
LATEST_DAYS = 1


@dataclass(frozen=True)
class Report:
    """What somebody says at a stop. `reason`, one of REASONS: it was skipped; `lon`, `lat`: where the phone was, WGS 84.

    `client_uuid` is the phone's own name for it, under which it may be sent again; `at` is when he said it, where a phone
    without a network could send it only later.
    """

    position: int
    member_id: int
    has_findings: bool = False
    note: str = ""
    reason: str | None = None
    lon: float | None = None
    lat: float | None = None
    client_uuid: UUID | None = None
    at: datetime | None = None


def scope_of(session: Session, patrol_id: int, member_id: int | None = None) -> Scope:
    """Return the ground of one patrol; `session` must see everything.

    NotFound where there is no such patrol, it is not published yet, or it is not this member's. Without a member it is a
    dispatcher who asks.
    """
    patrol = _shown(session, patrol_id)
    if member_id is not None and not store.is_his(session, patrol, member_id):
        raise NotFound("patrol_unknown", id=patrol_id)
    points, streets = store.grounds_of(session, [patrol_id])
    return Scope(point_ids=points, street_ids=streets)


def read(session: Session, settings: Settings, patrol_id: int) -> Way:
    """Return a patrol with its stops and how they stand; NotFound for none, and for one that is not published yet."""
    patrol = _shown(session, patrol_id)
    rows = store.stops_of(session, [patrol_id])[patrol_id]
    since, until = _span(patrol, settings)
    point_ids = {row.point_id for row in rows if row.point_id is not None}
    seen = store.check_ins_of(session, patrol, point_ids, since, until)
    reports = store.reports_of(session, patrol_id)
    stops = []
    for stop in place_stops(patrol, rows):
        row = stop.row
        # A point that is stopped at twice wants two check-ins.
        at_point = seen.get(row.point_id, []) if row.point_id is not None else []
        said = _said(at_point.pop(0) if at_point else None, reports.get(row.position, []))
        stops.append(Stop(row, stop.arrive_at, stop.leave_at, said))
    return Way(patrol, tuple(stops))


def start(session: Session, settings: Settings, patrol_id: int, *, now: datetime) -> None:
    """Begin a patrol; one that has begun stays as it is. Conflict outside its day and for a cancelled one."""
    _refuse_closed(_shown(session, patrol_id), settings, now)
    store.begin(session, patrol_id, now)


def finish(session: Session, patrol_id: int, *, now: datetime) -> None:
    """End a patrol; one that is not under way stays as it is."""
    _shown(session, patrol_id)
    store.end(session, patrol_id, now)


def go_on(session: Session, settings: Settings, patrol_id: int, *, now: datetime) -> None:
    """Take back that a patrol has ended; Conflict once its day is over."""
    _refuse_closed(_shown(session, patrol_id), settings, now)
    store.go_on(session, patrol_id)


def report(session: Session, settings: Settings, patrol_id: int, new: Report, *, now: datetime) -> Subject:
    """Store what was said at a stop, once however often it is sent, and return what photos of it belong to.

    A patrol that had not begun begins with it.

    BadRequest where it can't be true, NotFound for a stop that is none, Conflict outside the patrol's day and where
    something else is stored under the same name.
    """
    patrol = _shown(session, patrol_id)
    stops = store.stops_of(session, [patrol_id])[patrol_id]
    stop = Way(patrol, place_stops(patrol, stops)).stop_at(new.position).row
    at = min(new.at or now, now)
    _refuse_closed(patrol, settings, at)
    if stop.point_id is not None and new.reason is None:
        subject = _check_in(session, settings, stop.point_id, replace(new, at=at), now)
    else:
        subject = _keep(session, settings, patrol_id, replace(new, at=at), at)
    if not store.begin(session, patrol_id, at):
        store.end_later(session, patrol_id, at)
    return subject


def photos_of(session: Session, settings: Settings, patrol_id: int) -> list[Photo]:
    """Return what a patrol took at its stops, oldest first."""
    return photos_of_patrol(session, patrol_id, *_span(_shown(session, patrol_id), settings))


def _shown(session: Session, patrol_id: int) -> WayPatrol:
    patrol = store.patrol_by(session, patrol_id)
    if patrol is None or patrol.status not in store.SHOWN:
        raise NotFound("patrol_unknown", id=patrol_id)
    return patrol


def _span(patrol: WayPatrol, settings: Settings) -> tuple[datetime, datetime]:
    """The time in which a check-in at one of its points belongs to a patrol."""
    zone = settings.zone_info
    begun = [at for at in (patrol.starts_at, patrol.started_at) if at]
    since = min(begun) - EARLY if begun else day_start(patrol.on_day, zone)
    day_end = day_start(patrol.on_day + timedelta(days=1), zone)
    until = patrol.finished_at or max(patrol.ends_at or day_end, day_end) + EARLY
    return since, until


def _said(check_in: Said | None, reports: list[Said]) -> Said | None:
    """What counts at a stop: that it was done, whenever that was said; otherwise why it was skipped, as said last."""
    done = [one for one in reports if one.reason is None]
    if check_in or done:
        return check_in or done[-1]
    return reports[-1] if reports else None


def _refuse_closed(patrol: WayPatrol, settings: Settings, now: datetime) -> None:
    if patrol.status == "cancelled":
        raise Conflict("patrol_cancelled")
    days = (local_day(now, settings.zone_info) - patrol.on_day).days
    if days < 0:
        raise Conflict("patrol_not_yet", on=patrol.on_day.isoformat())
    if days > LATEST_DAYS:
        raise Conflict("patrol_over", on=patrol.on_day.isoformat())


def _check_in(session: Session, settings: Settings, point_id: int, new: Report, now: datetime) -> Subject:
    stored = check_ins.record(
        session,
        settings,
        NewCheckIn(
            new.at or now,
            new.has_findings,
            None,
            point_id,
            new.member_id,
            new.note,
            new.lon,
            new.lat,
            new.client_uuid,
        ),
        now=now,
    )
    sent = (point_id, new.member_id, new.has_findings, new.note.strip())
    if (stored.point_id, stored.member_id, stored.has_findings, stored.note) != sent:
        raise Conflict("check_in_sent_already", at=_clock(stored.at, settings))
    return Subject("check_in", stored.id)


def _keep(session: Session, settings: Settings, patrol_id: int, new: Report, at: datetime) -> Subject:
    _refuse_bad(new)
    row = ReportRow(
        patrol_id,
        new.position,
        new.member_id,
        at,
        new.reason,
        new.has_findings,
        new.note.strip(),
        new.lon,
        new.lat,
        new.client_uuid,
    )
    added = store.add_report(session, row)
    if added is not None:
        return Subject("stop_report", added)
    stored = store.report_by(session, new.client_uuid) if new.client_uuid else None
    if stored is None or _told(stored[1]) != _told(row):
        raise Conflict("check_in_sent_already", at=_clock(stored[1].at if stored else at, settings))
    return Subject("stop_report", stored[0])


def _refuse_bad(new: Report) -> None:
    if new.reason is not None and new.reason not in REASONS:
        raise BadRequest("stop_reason_needed")
    check_ins.refuse_bad_note(new.note)
    check_ins.refuse_bad_place(new.lon, new.lat)


def _told(row: ReportRow) -> tuple[object, ...]:
    return row.patrol_id, row.position, row.member_id, row.reason, row.has_findings, row.note


def _clock(at: datetime, settings: Settings) -> str:
    return f"{at.astimezone(settings.zone_info):%H:%M}"
