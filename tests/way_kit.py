"""Patrols on their way for tests: a team with a member, points, and routes with planned times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import shapely
from geoalchemy2 import WKBElement
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.store.base import make_engine, transaction
from geoservice.store.patrols import Patrol, Route, RouteStop
from geoservice.store.people import Member, Team, user_by_login
from geoservice.store.points import Point
from geoservice.store.scope import EVERYTHING
from geoservice.store.streets import Street
from tests.factories import add_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

ROUND_WORDS = ("WA", "WB")
WEST, SOUTH = 114.0512, 22.5311
MARKET, STREET_NAME, PLACE = "东门<b>市场", "湖滨路", "后巷盲点 ${7*7}"


@dataclass(frozen=True)
class Crew:
    """A team, its two members, and ground to visit."""

    team_id: int
    member_ids: tuple[int, int]
    point_ids: tuple[int, int]
    street_id: int


def wkb(shape: shapely.Geometry) -> WKBElement:
    return WKBElement(shapely.to_wkb(shape), srid=4326)


def make_crew(session: Session, word: str) -> Crew:
    """Insert a team `word` with two members, two points and a street."""
    team = Team(code=word, name=f"{word}队")
    session.add(team)
    session.flush()
    members = [Member(code=f"{word}-{n}", name=f"队员{word}{n}", team_id=team.id) for n in (1, 2)]
    points = [
        Point(
            code=f"{word}-P{n}",
            category="market",
            name=f"{MARKET}{n}",
            address="东门路 7 号",
            service_minutes=12,
            geom=wkb(shapely.Point(WEST + 0.002 * n, SOUTH + 0.001 * n)),
        )
        for n in (1, 2)
    ]
    line = shapely.LineString([(WEST, SOUTH + 0.003), (WEST + 0.004, SOUTH + 0.003)])
    street = Street(code=f"{word}-S", name=STREET_NAME, geom=wkb(line))
    session.add_all([*members, *points, street])
    session.flush()
    return Crew(team.id, (members[0].id, members[1].id), (points[0].id, points[1].id), street.id)


def make_patrol(
    session: Session,
    crew: Crew,
    code: str,
    on: date,
    starts_at: datetime | None,
    *,
    status: str = "published",
    line: bool = True,
) -> int:
    """Insert a patrol of four stops: a point, a street, a bare place, a point; planned half an hour apart."""
    shape = shapely.LineString([(WEST, SOUTH), (WEST + 0.002, SOUTH + 0.002), (WEST + 0.005, SOUTH + 0.002)])
    route = Route(code=code, name=f"{code} 路线", mode=2, geom=wkb(shape) if line else None)
    session.add(route)
    session.flush()
    places = (
        {"point_id": crew.point_ids[0]},
        {"street_id": crew.street_id},
        {"geom": wkb(shapely.Point(WEST + 0.005, SOUTH + 0.001)), "label": PLACE, "service_minutes": 5},
        {"point_id": crew.point_ids[1]},
    )
    for number, place in enumerate(places, 1):
        arrive = 1800.0 * number
        session.add(
            RouteStop(route_id=route.id, position=number, arrive_s=arrive, leave_s=arrive + 600, **place)
        )
    patrol = Patrol(
        on_day=on,
        route_id=route.id,
        team_id=crew.team_id,
        status=status,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=4) if starts_at else None,
    )
    session.add(patrol)
    session.flush()
    return patrol.id


def let_in(session: Session, login: str, member_id: int) -> None:
    """Let a member log in with the usual password."""
    known = user_by_login(session, login)
    if known is None:
        add_user(session, login, Role.MEMBER, member_id=member_id)
    else:
        known.member_id = member_id


def take_away(session: Session, words: Sequence[str]) -> None:
    """Delete crews and all that belongs to them; users stay, without a person, since the audit trail names them."""
    gone = {"words": list(words)}
    teams = "(SELECT id FROM team WHERE code = ANY(:words))"
    members = f"(SELECT id FROM member WHERE team_id IN {teams})"
    routes = f"SELECT route_id FROM patrol WHERE team_id IN {teams}"
    found = list(session.scalars(text(routes), gone))
    for statement in (
        f"DELETE FROM check_in WHERE member_id IN {members}",
        f"DELETE FROM patrol WHERE team_id IN {teams}",
        "DELETE FROM route WHERE id = ANY(:routes)",
        f"UPDATE app_user SET member_id = NULL WHERE member_id IN {members}",
        f"DELETE FROM member WHERE team_id IN {teams}",
        f"DELETE FROM calendar_feed WHERE team_id IN {teams}",
        "DELETE FROM team WHERE code = ANY(:words)",
        "DELETE FROM point WHERE split_part(code, '-', 1) = ANY(:words)",
        "DELETE FROM street WHERE split_part(code, '-', 1) = ANY(:words)",
    ):
        session.execute(text(statement), {**gone, "routes": found})


def kept_round(settings: Settings, noon: datetime) -> Iterator[SimpleNamespace]:
    """Two crews, each with a member who logs in (walker, stranger) and a patrol of today; the first with more of other days."""
    engine, today, eight = make_engine(settings.database_url), noon.date(), noon - timedelta(hours=4)
    with transaction(engine, EVERYTHING) as session:
        crew, others = (make_crew(session, word) for word in ROUND_WORDS)
        made = SimpleNamespace(
            crew=crew,
            others=others,
            patrol=make_patrol(session, crew, "RA", today, eight),
            theirs=make_patrol(session, others, "RB", today, eight),
            draft=make_patrol(session, crew, "RA-draft", today, eight, status="draft"),
            cancelled=make_patrol(session, crew, "RA-off", today, eight, status="cancelled"),
            coming=make_patrol(session, crew, "RA-later", today + timedelta(3), eight + timedelta(3)),
            whole_day=make_patrol(session, crew, "RA-day", today + timedelta(4), None, line=False),
            old=make_patrol(session, crew, "RA-old", today - timedelta(40), eight - timedelta(40)),
        )
        for login, people in (("walker", crew), ("stranger", others)):
            let_in(session, login, people.member_ids[0])
    yield made
    with transaction(engine, EVERYTHING) as session:
        take_away(session, ROUND_WORDS)
