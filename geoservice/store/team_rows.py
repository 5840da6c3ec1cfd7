"""Teams as they are set up: how they go, from where, when, and the ground they keep to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely
from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import delete, func, insert, select

from geoservice.store.people import Department, Member, Team, TeamZone
from geoservice.store.streets import Street
from geoservice.store.zones import SRID, Zone, ZoneLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


def all_teams(session: Session) -> list[Team]:
    """Return every team, by code."""
    return list(session.scalars(select(Team).order_by(Team.code)))


def active_teams(session: Session) -> list[Team]:
    """Return the teams that go out at all, by code."""
    return list(session.scalars(select(Team).where(Team.active).order_by(Team.code)))


def team_by_id(session: Session, team_id: int) -> Team | None:
    """Return one team, which nobody else changes until we are done."""
    return session.get(Team, team_id, with_for_update=True, populate_existing=True)


def team_by_code(session: Session, code: str) -> Team | None:
    """Return the team of a code."""
    return session.scalar(select(Team).where(Team.code == code))


def add_team(session: Session, code: str, name: str) -> Team:
    """Add a team as the table's defaults make it."""
    team = Team(code=code, name=name)
    session.add(team)
    session.flush()
    session.refresh(team)
    return team


def members_by_team(session: Session) -> dict[int, list[Member]]:
    """Team id → its members, by name."""
    found: dict[int, list[Member]] = {}
    query = select(Member).where(Member.team_id.is_not(None)).order_by(Member.name, Member.code)
    for member in session.scalars(query):
        found.setdefault(member.team_id or 0, []).append(member)
    return found


def departments(session: Session) -> list[Department]:
    """Return every department, by code."""
    return list(session.scalars(select(Department).order_by(Department.code)))


def zone_codes_by_team(session: Session) -> dict[int, list[str]]:
    """Team id → the codes of the zones it keeps to."""
    query = (
        select(TeamZone.team_id, Zone.code)
        .join(Zone, Zone.id == TeamZone.zone_id)
        .order_by(TeamZone.team_id, Zone.code)
    )
    found: dict[int, list[str]] = {}
    for team_id, code in session.execute(query):
        found.setdefault(team_id, []).append(code)
    return found


def zone_ids(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Code → id of the zones that are there; the narrowest zone where several levels share a code."""
    query = select(Zone.code, Zone.id).join(ZoneLevel, ZoneLevel.code == Zone.level)
    query = query.where(Zone.code.in_(list(codes))).order_by(ZoneLevel.rank)
    return {row.code: row.id for row in session.execute(query)}


def set_zones(session: Session, team_id: int, zones: Iterable[int]) -> None:
    """Let a team keep to these zones and no others; zones that this session doesn't see stay as they are."""
    mine = TeamZone.zone_id.in_(select(Zone.id))
    session.execute(delete(TeamZone).where(TeamZone.team_id == team_id, mine))
    rows = [{"team_id": team_id, "zone_id": zone_id} for zone_id in sorted(set(zones))]
    if rows:
        session.execute(insert(TeamZone), rows)


def place_of(stored: WKBElement | None) -> tuple[float, float] | None:
    """Return longitude and latitude of a stored place."""
    if stored is None:
        return None
    shape = to_shape(stored)
    return float(shape.x), float(shape.y)


def place_for(place: tuple[float, float] | None) -> WKBElement | None:
    """Return longitude and latitude as the table takes them."""
    return None if place is None else WKBElement(shapely.to_wkb(shapely.Point(*place)), srid=SRID)


def streets_near(session: Session, place: tuple[float, float], most: int) -> list[tuple[str, str, bytes]]:
    """Return code, name and line (WKB) of the streets nearest to a place."""
    here = func.ST_SetSRID(func.ST_MakePoint(*place), SRID)
    query = select(Street.code, Street.name, func.ST_AsBinary(Street.geom))
    rows = session.execute(query.order_by(Street.geom.op("<->")(here)).limit(most))
    return [(code, name, bytes(line)) for code, name, line in rows]
