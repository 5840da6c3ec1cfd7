"""A small town with people in it for cases to happen in: two zones, a point, four contracts, three departments, and who acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import shapely
from geoalchemy2 import WKBElement
from shapely import MultiPolygon, Point, box
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.services import cases
from geoservice.services.cases import Actor, NewCase
from geoservice.store.contracts import Contract
from geoservice.store.people import AppUser, Department, Leader
from geoservice.store.points import Point as PointRow
from geoservice.store.zones import Zone, ZoneVersion

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LON, LAT = 114.05, 22.53
# A Wednesday morning; Thursday and Friday are working days too.
NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # 10:00 in Shenzhen
TODAY = date(2026, 11, 18)


@dataclass(frozen=True)
class Town:
    """Ids and people."""

    west: int
    east: int
    point: int
    departments: dict[str, int]
    leaders: dict[str, int]
    desk: Actor
    reporter: Actor
    handler: Actor
    leader: Actor


def lay(session: Session) -> Town:
    """Insert the town."""
    city = _zone(session, "street", "T", None, box(LON, LAT, LON + 0.02, LAT + 0.01))
    west = _zone(session, "grid", "TW", city, box(LON, LAT, LON + 0.01, LAT + 0.01))
    east = _zone(session, "grid", "TE", city, box(LON + 0.01, LAT, LON + 0.02, LAT + 0.01))
    point = PointRow(
        code="TP", category="market", name="东门市场", zone_id=west.zone_id, geom=_at(0.005, 0.005)
    )
    departments = {code: Department(code=f"T-{code}", name=name) for code, name in _DEPARTMENTS}
    session.add_all([point, *departments.values()])
    session.flush()
    leaders = {
        code: Leader(code=f"T-{code}", name=name, department_id=departments[of].id if of else None)
        for code, name, of in _LEADERS
    }
    session.add_all(leaders.values())
    session.flush()
    for code, role, ground in (
        ("mayor", "leader", {"zone_id": city.zone_id}),
        ("sweeper", "sanitation", {"zone_id": city.zone_id}),
        ("inspector", "market_regulation", {"point_id": point.id}),
        ("market", "leader", {"point_id": point.id}),
    ):
        session.add(Contract(leader_id=leaders[code].id, role=role, **ground))
    people = {
        "desk": _actor(session, "desk", Role.DISPATCHER),
        "reporter": _actor(session, "reporter", Role.INSPECTOR),
        "handler": _actor(session, "handler", Role.HANDLER, department_id=departments["clean"].id),
        "leader": _actor(session, "leader", Role.LEADER, leader_id=leaders["mayor"].id),
    }
    return Town(
        west.zone_id,
        east.zone_id,
        point.id,
        {code: row.id for code, row in departments.items()},
        {code: row.id for code, row in leaders.items()},
        **people,
    )


_DEPARTMENTS = (("clean", "环卫处"), ("market", "市场监管局"), ("police", "交警大队"))
_LEADERS = (
    ("mayor", "王建国", None),
    ("sweeper", "李环卫", "clean"),
    ("inspector", "张市监", "market"),
    ("market", "赵市场", None),
    ("deputy", "钱代理", None),
)


def new_case(kind: str = "rubbish", **more: object) -> NewCase:
    """Return a report of something in the west."""
    told = {"title": "垃圾堆积", "description": "路边", "lon": LON + 0.002, "lat": LAT + 0.002, **more}
    return NewCase(kind, **told)


def add_photo(session: Session, case_id: int, stage: str = "after", at: datetime = NOW) -> None:
    """Insert a photo of a case."""
    session.execute(
        text(
            "INSERT INTO evidence (case_id, stage, sha256, served, media_type, size, width, height, at, received_at) "
            "VALUES (:case, :stage, decode('00', 'hex'), gen_random_uuid(), 'image/jpeg', 1, 1, 1, :at, :at)"
        ),
        {"case": case_id, "stage": stage, "at": at},
    )


def walk(
    session: Session, settings, town: Town, case_id: int, *actions: str, now: datetime = NOW
) -> cases.CaseView:
    """Take some steps, each by whoever may, each with what it needs."""
    view = None
    for action in actions:
        by = town.handler if action in _BY_HANDLER else town.desk
        if action == "reply":
            add_photo(session, case_id, at=now)
        view = cases.act(session, settings, case_id, action, dict(_GIVEN.get(action, {})), by=by, now=now)
    assert view is not None
    return view


_BY_HANDLER = {"accept", "send_back", "reply", "ask_postpone", "ask_suspend"}
_GIVEN = {
    "reject": {"note": "不属实"},
    "send_back": {"note": "不归我管"},
    "reply": {"note": "已清理"},
    "rework": {"note": "没清干净"},
    "reopen": {"note": "又来了"},
    "ask_postpone": {"note": "下雨", "limit": 2},
    "ask_suspend": {"note": "施工"},
}


def _zone(session: Session, level: str, code: str, parent: ZoneVersion | None, border) -> ZoneVersion:
    zone = Zone(level=level, code=code)
    session.add(zone)
    session.flush()
    geom = WKBElement(shapely.to_wkb(MultiPolygon([border])), srid=4326)
    path = [*(parent.path if parent else []), zone.id]
    version = ZoneVersion(
        zone_id=zone.id, name=code, parent_id=parent.zone_id if parent else None, path=path, geom=geom
    )
    session.add(version)
    session.flush()
    return version


def _at(east: float, north: float) -> WKBElement:
    return WKBElement(shapely.to_wkb(Point(LON + east, LAT + north)), srid=4326)


def _actor(session: Session, login: str, role: Role, **more: int) -> Actor:
    user = AppUser(login=f"t-{login}", name=f"用户{login}", role=role.value, password_hash="x", **more)
    session.add(user)
    session.flush()
    return Actor(user.id, role, user.name, more.get("department_id"), more.get("leader_id"), None)
