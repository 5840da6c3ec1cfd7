"""A town to inspect: two subdistricts, points of three categories, two inspectors and a dispatcher."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import shapely
from geoalchemy2 import WKBElement
from shapely import Point, box

from geoservice.domain.roles import Role
from geoservice.services.cases import Actor
from geoservice.services.inspections.wishes import Wish
from geoservice.store.people import AppUser
from geoservice.store.points import Point as PointRow
from tests.factories import add_zone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LON, LAT = 114.05, 22.53
NOW = datetime(2026, 3, 18, 2, tzinfo=UTC)  # a Wednesday, 10:00 in Shanghai
TODAY = date(2026, 3, 18)
COUNTS = {("market", 0): 12, ("market", 1): 4, ("park", 0): 6, ("park", 1): 2, ("other", 0): 3}


@dataclass(frozen=True)
class Town:
    """Ids and people."""

    zones: tuple[int, int]
    points: dict[str, int]
    inspectors: dict[str, Actor]
    desk: Actor


def lay(session: Session) -> Town:
    """Insert the town: 12 and 4 markets, 6 and 2 parks, and 3 points that have no checklist."""
    city = add_zone(session, "district", "9901", "测区", box(LON, LAT, LON + 0.02, LAT + 0.01))
    halves = [
        add_zone(session, "street", f"99010{half}", f"街道{half}", _half(half), city) for half in (0, 1)
    ]
    grids = [
        add_zone(session, "grid", f"99010{half}001", f"网格{half}", _half(half), halves[half])
        for half in (0, 1)
    ]
    points = {}
    for (category, half), count in COUNTS.items():
        for number in range(count):
            code = f"{category}-{half}-{number:02d}"
            place = Point(LON + 0.01 * half + 0.0005 * (number + 1), LAT + 0.005)
            row = PointRow(
                code=code,
                category=category,
                name=f"点{code}",
                zone_id=grids[half].zone_id,
                geom=WKBElement(shapely.to_wkb(place), srid=4326),
            )
            session.add(row)
            session.flush()
            points[code] = row.id
    people = {login: actor(session, login, Role.INSPECTOR) for login in ("i1", "i2")}
    return Town((grids[0].zone_id, grids[1].zone_id), points, people, actor(session, "d1", Role.DISPATCHER))


def actor(session: Session, login: str, role: Role) -> Actor:
    """A new account as somebody who acts."""
    user = AppUser(login=login, name=f"用户{login}", role=role, password_hash="-")
    session.add(user)
    session.flush()
    return Actor(user.id, role, user.name)


def wish(**given: Any) -> Wish:
    """A random inspection of today, changed as given."""
    return Wish(
        **{
            "name": "三月抽查",
            "kind": "random",
            "from_on": TODAY,
            "to_on": TODAY,
            "seed": 7,
            "size": 8,
            "inspectors": ("i1", "i2"),
            **given,
        }
    )


def _half(half: int) -> shapely.Geometry:
    return box(LON + 0.01 * half, LAT, LON + 0.01 * (half + 1), LAT + 0.01)
