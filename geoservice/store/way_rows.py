"""A patrol on its way: its stops with their places, what was said at them, and when it began and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoalchemy2.shape import to_shape
from sqlalchemy import case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.patrols import Assignment, Patrol, Route, RouteStop, StopReport
from geoservice.store.people import Member, Team
from geoservice.store.points import Point, PointCategory
from geoservice.store.sightings import CheckIn
from geoservice.store.streets import Street

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from uuid import UUID

    from shapely import LineString
    from sqlalchemy.orm import Session

PUBLISHED = ("published", "under_way", "done")
SHOWN = (*PUBLISHED, "cancelled")


@dataclass(frozen=True)
class WayPatrol:
    """A patrol with its route and team. `line` None: the way between the stops is not known."""

    id: int
    on_day: date
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    route_code: str
    route_name: str
    mode: int
    team_id: int
    team_code: str
    team_name: str
    line: LineString | None


@dataclass(frozen=True)
class WayStop:
    """A stop of a route. `arrive_s` and `leave_s`: planned, after the patrol's start. A street stands for its middle."""

    position: int
    point_id: int | None
    street_id: int | None
    code: str
    name: str
    address: str
    lon: float
    lat: float
    service_minutes: float | None
    arrive_s: float | None
    leave_s: float | None


@dataclass(frozen=True)
class Said:
    """What somebody said at a point or at a stop. `reason`: why it was skipped; None: it was done."""

    at: datetime
    by: str | None
    has_findings: bool
    note: str
    reason: str | None = None


@dataclass(frozen=True)
class ReportRow:
    """What is to be stored of a stop."""

    patrol_id: int
    position: int
    member_id: int
    at: datetime
    reason: str | None
    has_findings: bool
    note: str
    lon: float | None
    lat: float | None
    client_uuid: UUID | None


def patrol_by(session: Session, patrol_id: int) -> WayPatrol | None:
    """Return one patrol."""
    found = _patrols(session, Patrol.id == patrol_id)
    return found[0] if found else None


def patrols_by(session: Session, patrol_ids: Collection[int]) -> list[WayPatrol]:
    """Return patrols, in order."""
    return _patrols(session, Patrol.id.in_(patrol_ids))


def patrols_of_team(session: Session, team_id: int, from_on: date, limit: int) -> list[WayPatrol]:
    """Return a team's published patrols from a day on, in order."""
    return _patrols(
        session,
        (Patrol.team_id == team_id) & (Patrol.on_day >= from_on) & Patrol.status.in_(PUBLISHED),
        limit,
    )


def is_his(session: Session, patrol: WayPatrol, member_id: int) -> bool:
    """Tell whether a member is of the patrol's team, or was given the patrol."""
    named = select(Assignment.patrol_id).where(
        Assignment.patrol_id == patrol.id, Assignment.member_id == member_id
    )
    mate = select(Member.id).where(Member.id == member_id, Member.team_id == patrol.team_id)
    return bool(session.scalar(select(or_(named.exists(), mate.exists()))))


def grounds_of(session: Session, patrol_ids: Collection[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Return the ids of the points and of the streets that patrols stop at."""
    rows = session.execute(
        select(RouteStop.point_id, RouteStop.street_id)
        .join(Patrol, Patrol.route_id == RouteStop.route_id)
        .where(Patrol.id.in_(patrol_ids))
    ).all()
    points = frozenset(row.point_id for row in rows if row.point_id is not None)
    return points, frozenset(row.street_id for row in rows if row.street_id is not None)


def stops_of(session: Session, patrol_ids: Collection[int]) -> dict[int, list[WayStop]]:
    """Return the stops of patrols, in order; what lies at a place this session may not see is left out."""
    place = func.coalesce(Point.geom, func.ST_LineInterpolatePoint(Street.geom, 0.5), RouteStop.geom)
    # An unnamed stretch of street is known by its code.
    name = func.coalesce(Point.name, func.nullif(Street.name, ""), Street.code, RouteStop.label)
    minutes = func.coalesce(RouteStop.service_minutes, Point.service_minutes, PointCategory.service_minutes)
    rows = session.execute(
        select(
            Patrol.id,
            RouteStop.position,
            RouteStop.point_id,
            RouteStop.street_id,
            func.coalesce(Point.code, Street.code, "").label("code"),
            name.label("name"),
            func.coalesce(Point.address, "").label("address"),
            func.ST_X(place).label("lon"),
            func.ST_Y(place).label("lat"),
            minutes.label("service_minutes"),
            RouteStop.arrive_s,
            RouteStop.leave_s,
        )
        .join(Patrol, Patrol.route_id == RouteStop.route_id)
        .outerjoin(Point, Point.id == RouteStop.point_id)
        .outerjoin(PointCategory, PointCategory.code == Point.category)
        .outerjoin(Street, Street.id == RouteStop.street_id)
        .where(Patrol.id.in_(patrol_ids), place.is_not(None))
        .order_by(Patrol.id, RouteStop.position)
    )
    found: dict[int, list[WayStop]] = {patrol_id: [] for patrol_id in patrol_ids}
    for patrol_id, *stop in rows:
        found[patrol_id].append(WayStop(*stop))
    return found


def check_ins_of(
    session: Session, patrol: WayPatrol, point_ids: Collection[int], since: datetime, until: datetime
) -> dict[int, list[Said]]:
    """Return what the patrol's people said at points in a time, both ends included, the oldest first."""
    named = select(Assignment.member_id).where(Assignment.patrol_id == patrol.id)
    rows = session.execute(
        select(CheckIn.point_id, CheckIn.at, Member.name, CheckIn.has_findings, CheckIn.note)
        .join(Member, Member.id == CheckIn.member_id)
        .where(CheckIn.point_id.in_(point_ids), CheckIn.at.between(since, until))
        .where(or_(Member.team_id == patrol.team_id, Member.id.in_(named)))
        .order_by(CheckIn.at, CheckIn.id)
    )
    found: dict[int, list[Said]] = {}
    for row in rows:
        found.setdefault(row.point_id, []).append(Said(*row[1:]))
    return found


def reports_of(session: Session, patrol_id: int) -> dict[int, list[Said]]:
    """Return what was said at each stop, by position, the oldest first."""
    rows = session.execute(
        select(
            StopReport.position,
            StopReport.at,
            Member.name,
            StopReport.has_findings,
            StopReport.note,
            StopReport.reason,
        )
        .outerjoin(Member, Member.id == StopReport.member_id)
        .where(StopReport.patrol_id == patrol_id)
        .order_by(StopReport.at, StopReport.id)
    )
    found: dict[int, list[Said]] = {}
    for row in rows:
        found.setdefault(row.position, []).append(Said(*row[1:]))
    return found


def add_report(session: Session, row: ReportRow) -> int | None:
    """Store what was said at a stop → its id; None when `client_uuid` is stored already."""
    values = {**vars(row), "outcome": "done" if row.reason is None else "skipped"}
    added: int | None = session.scalar(
        insert(StopReport)
        .values(values)
        .on_conflict_do_nothing(index_elements=["client_uuid"])
        .returning(StopReport.id)
    )
    return added


def report_by(session: Session, client_uuid: UUID) -> tuple[int, ReportRow] | None:
    """Return what is stored under the phone's own name for it, with its id."""
    stored = session.scalar(select(StopReport).where(StopReport.client_uuid == client_uuid))
    if stored is None:
        return None
    return stored.id, ReportRow(**{name: getattr(stored, name) for name in ReportRow.__dataclass_fields__})


def begin(session: Session, patrol_id: int, now: datetime) -> bool:
    """Let a planned patrol begin; False where it is not only planned."""
    return _change(session, patrol_id, "published", status="under_way", started_at=now)


def end(session: Session, patrol_id: int, now: datetime) -> bool:
    """Let a patrol under way end; False where it is not under way."""
    return _change(session, patrol_id, "under_way", status="done", finished_at=now)


def go_on(session: Session, patrol_id: int) -> bool:
    """Let a patrol that ended go on; False where it has not ended."""
    return _change(session, patrol_id, "done", status="under_way", finished_at=None)


def end_later(session: Session, patrol_id: int, now: datetime) -> bool:
    """Let a patrol that ended have ended only now; False where it has not ended."""
    later = case((Patrol.finished_at > now, Patrol.finished_at), else_=now)
    return _change(session, patrol_id, "done", finished_at=later)


def lines_near(session: Session, box: tuple[float, float, float, float], limit: int) -> list[bytes]:
    """Return the streets in a box (min lon, min lat, max lon, max lat) as WKB, the longest first; no names."""
    west, south, east, north = box
    sql = """
        SELECT ST_AsBinary(ST_ClipByBox2D(geom, b.box)) FROM street,
               (SELECT ST_MakeEnvelope(:west, :south, :east, :north, 4326) AS box) b
        WHERE geom && b.box AND NOT ST_IsEmpty(ST_ClipByBox2D(geom, b.box))
        ORDER BY ST_Length(ST_ClipByBox2D(geom, b.box)) DESC LIMIT :limit
    """
    values = {"west": west, "south": south, "east": east, "north": north, "limit": limit}
    return [bytes(row[0]) for row in session.execute(text(sql), values)]


def _change(session: Session, patrol_id: int, was: str, **values: object) -> bool:
    changed = session.execute(
        update(Patrol).where(Patrol.id == patrol_id, Patrol.status == was).values(**values)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _patrols(session: Session, which: object, limit: int | None = None) -> list[WayPatrol]:
    rows = session.execute(
        select(
            Patrol.id,
            Patrol.on_day,
            Patrol.status,
            Patrol.starts_at,
            Patrol.ends_at,
            Patrol.started_at,
            Patrol.finished_at,
            Route.code,
            Route.name,
            Route.mode,
            Team.id,
            Team.code,
            Team.name,
            Route.geom,
        )
        .join(Route, Route.id == Patrol.route_id)
        .join(Team, Team.id == Patrol.team_id)
        .where(which)  # type: ignore[arg-type]
        .order_by(Patrol.on_day, Patrol.starts_at, Patrol.id)
        .limit(limit)
    )
    found = []
    for row in rows:
        values: list[Any] = list(row)
        values[-1] = None if values[-1] is None else to_shape(values[-1])
        found.append(WayPatrol(*values))
    return found
