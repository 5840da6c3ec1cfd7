"""Teams, routes and points to set up, without ground under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoalchemy2 import WKBElement
from shapely import Point, to_wkb

from geoservice.store.patrols import Route
from geoservice.store.people import Team
from geoservice.store.points import Point as PointRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def add_team(session: Session, code: str, **values: object) -> Team:
    team = Team(code=code, name=f"{code}队", **values)
    session.add(team)
    session.flush()
    session.refresh(team)
    return team


def add_route(session: Session, code: str) -> Route:
    route = Route(code=code, name=f"{code}线")
    session.add(route)
    session.flush()
    return route


def add_points(session: Session, *codes: str) -> list[PointRow]:
    rows = [
        PointRow(
            code=code, category="market", name=f"{code}市场", address="", attributes={},
            geom=WKBElement(to_wkb(Point(114.06 + 0.001 * number, 22.53)), srid=4326),
        )
        for number, code in enumerate(codes)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return rows
