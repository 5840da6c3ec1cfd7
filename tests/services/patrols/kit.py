"""A patrol on small ground: a team with a phone, a route with stops in metres from the origin, its time from 09:00."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from geoalchemy2 import WKBElement

from geoservice.domain.windows import local_day
from geoservice.store.patrols import Patrol, Route, RouteStop, StopReport
from geoservice.store.people import Device, Member, Team
from geoservice.store.sightings import CheckIn
from tests.services.ground_kit import cover, fixes, lay_raster, place, receive

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

NINE = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai, a Monday
EVENING = NINE + timedelta(hours=12)


@dataclass
class Crew:
    """A team with one member and his phone."""

    team: Team
    member: Member
    device: Device


@dataclass
class Planned:
    """What a route is made of: stops as (what, planned minutes after the start); what: {"point_id"|"street_id"|"at": …}."""

    stops: list[tuple[dict, float | None]] = field(default_factory=list)
    line: list[tuple[float, float]] | None = None
    starts: datetime = NINE
    hours: float = 2.0
    status: str = "published"


def add_crew(session: Session, code: str = "T1") -> Crew:
    team = Team(code=code, name=f"班组 {code}")
    session.add(team)
    session.flush()
    member = Member(code=f"M-{code}", name=f"队员 {code}", team_id=team.id)
    session.add(member)
    session.flush()
    device = Device(code=f"phone-{code}", member_id=member.id)
    session.add(device)
    session.flush()
    return Crew(team, member, device)


def add_patrol(session: Session, settings: Settings, crew: Crew, planned: Planned) -> Patrol:
    """Publish a patrol."""
    lay_raster(session, settings)
    day = local_day(planned.starts, settings.zone_info)
    number = session.query(Route).count() + 1
    geom = (
        None
        if planned.line is None
        else WKBElement(shapely.to_wkb(shapely.LineString(place(planned.line))), srid=4326)
    )
    route = Route(code=f"R{number}", name=f"路线 {number}", geom=geom)
    session.add(route)
    session.flush()
    for position, (what, minutes) in enumerate(planned.stops, 1):
        told = dict(what)
        if "at" in told:
            told["geom"] = WKBElement(shapely.to_wkb(shapely.Point(place(told.pop("at"))[0])), srid=4326)
        arrive_s = None if minutes is None else 60 * minutes
        session.add(
            RouteStop(
                route_id=route.id, position=position, service_minutes=5, arrive_s=arrive_s,
                leave_s=None if arrive_s is None else arrive_s + 300, **told,
            )
        )  # fmt: skip
    patrol = Patrol(
        on_day=day, route_id=route.id, team_id=crew.team.id, status=planned.status, starts_at=planned.starts,
        ends_at=planned.starts + timedelta(hours=planned.hours),
    )  # fmt: skip
    session.add(patrol)
    session.flush()
    return patrol


def walk(
    session: Session,
    settings: Settings,
    crew: Crew,
    legs: list[tuple[float, tuple[float, float]]],
    *,
    start: datetime = NINE,
    now: datetime | None = None,
) -> None:
    """Record a track through (minute, place in metres), a fix every 15 s, straight between them, and compute its day.

    It is received as its last fix is recorded, unless `now` says otherwise.
    """
    minutes = np.array([minute for minute, _ in legs])
    seconds = np.arange(60 * minutes[0], 60 * minutes[-1] + 1, 15)
    metres = np.column_stack(
        [np.interp(seconds / 60, minutes, [at[axis] for _, at in legs]) for axis in (0, 1)]
    )
    receive(
        session,
        settings,
        fixes(crew.device.code, start, seconds, metres),
        now or start + timedelta(minutes=float(minutes[-1])),
    )
    cover(session, settings)


def check_in(
    session: Session, crew: Crew, point_id: int, minute: float, *, findings: bool = False, note: str = ""
) -> None:
    session.add(
        CheckIn(
            point_id=point_id, member_id=crew.member.id, at=NINE + timedelta(minutes=minute), has_findings=findings,
            note=note,
        )
    )  # fmt: skip
    session.flush()


def report(
    session: Session, patrol: Patrol, position: int, outcome: str, minute: float, **more: object
) -> None:
    session.add(
        StopReport(
            patrol_id=patrol.id,
            position=position,
            at=NINE + timedelta(minutes=minute),
            outcome=outcome,
            **more,
        )
    )
    session.flush()
