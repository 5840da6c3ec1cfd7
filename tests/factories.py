"""A small made-up city: two subdistricts of sixteen grid cells, a leader for each, half of the ground seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import shapely
from geoalchemy2 import WKBElement
from shapely import LineString, MultiPolygon, Point, box

from geoservice.domain.coverage import rasterize
from geoservice.domain.crs import to_metric
from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.services.ground import ensure_deployment, refresh_masks
from geoservice.store import bitmaps
from geoservice.store.contracts import Contract
from geoservice.store.imports import ImportBatch
from geoservice.store.patrols import Patrol, Route
from geoservice.store.people import Department, Device, Leader, Member, Team
from geoservice.store.points import Point as PointRow
from geoservice.store.streets import Street
from geoservice.store.tracks import Track
from geoservice.store.zones import Zone, ZoneVersion

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

WEST, SOUTH = 114.05, 22.53
CELL_LON, CELL_LAT = 0.0020, 0.0018
SIDE = 4
PASSWORD = "right-horse-battery"

MINE, OTHERS = "桂园", "CANARY翠竹"
SCRIPT_NAME = "<script>window.hacked=1</script>${window.hacked=2}`{{7*7}}"


@dataclass(frozen=True)
class City:
    """Ids of what was made."""

    district_id: int
    street_ids: tuple[int, int]
    grid_ids: tuple[tuple[int, ...], tuple[int, ...]]
    leader_ids: tuple[int, int]
    member_id: int
    user_ids: dict[str, int]
    batch_id: int


def make_city(session: Session, settings: Settings, today: date, now: datetime) -> City:
    """Insert the city; its west half was seen yesterday, and a strip of it a week before."""
    ensure_deployment(session, settings, WEST, SOUTH)
    whole = box(WEST, SOUTH, WEST + 2 * SIDE * CELL_LON, SOUTH + SIDE * CELL_LAT)
    district = add_zone(session, "district", "440399", "明湖区", whole)
    halves = [_block(half) for half in (0, 1)]
    streets = [
        add_zone(session, "street", f"44039900{half + 1}", f"{name}街道", halves[half], district)
        for half, name in enumerate((MINE, OTHERS))
    ]
    grids = [
        tuple(_add_grid(session, half, number, streets[half]).zone_id for number in range(SIDE * SIDE))
        for half in (0, 1)
    ]
    refresh_masks(session, settings)
    leaders = [_add_leader(session, *one) for one in (("L1", "王建国"), ("L2", "CANARY李卫东"))]
    cadre = _add_leader(session, "L3", "赵敏")
    points = [_add_point(session, half, grids[half][5]) for half in (0, 1)]
    roads = [_add_street(session, half, grids[half][5]) for half in (0, 1)]
    refresh_masks(session, settings)
    for half in (0, 1):
        for ground in (
            {"zone_id": streets[half].zone_id},
            {"point_id": points[half]},
            {"street_id": roads[half]},
        ):
            session.add(
                Contract(leader_id=leaders[half], role="leader", valid_from=today - timedelta(90), **ground)
            )
    session.add(Contract(leader_id=cadre, role="community_cadre", zone_id=streets[0].zone_id))
    session.flush()
    see(session, box(WEST, SOUTH, WEST + 2.5 * CELL_LON, SOUTH + SIDE * CELL_LAT), today - timedelta(1))
    see(session, box(WEST + 3 * CELL_LON, SOUTH, WEST + 4 * CELL_LON, SOUTH + CELL_LAT), today - timedelta(8))
    member = _add_duty(session, today, now)
    users = _add_users(session, leaders, member, streets[1].zone_id)
    return City(
        district.zone_id,
        (streets[0].zone_id, streets[1].zone_id),
        (grids[0], grids[1]),
        (leaders[0], leaders[1]),
        member,
        users,
        _add_batch(session),
    )


def add_zone(
    session: Session,
    level: str,
    code: str,
    name: str,
    border: shapely.Geometry,
    parent: ZoneVersion | None = None,
) -> ZoneVersion:
    """Insert a zone that has always been there."""
    zone = Zone(level=level, code=code)
    session.add(zone)
    session.flush()
    version = ZoneVersion(
        zone_id=zone.id,
        name=name,
        parent_id=parent.zone_id if parent else None,
        path=[*(parent.path if parent else []), zone.id],
        geom=WKBElement(shapely.to_wkb(MultiPolygon([border])), srid=4326),
    )
    session.add(version)
    session.flush()
    return version


def see(session: Session, ground: shapely.Geometry, day: date) -> None:
    """Let patrols have seen this ground on a day."""
    from geoservice.services.ground import read_grid

    grid = read_grid(session)
    metric = to_metric(grid.metric_epsg, np.array([ground], dtype=object))[0]
    slot = int(bitmaps.day_slot(np.array([day.toordinal()], np.int32), np.array([1], np.int8))[0])
    bitmaps.merge_days(session, rasterize(metric, slot, grid.cell_m))


def add_user(session: Session, login: str, role: Role, **more: int | None) -> int:
    """Insert a user with the usual password."""
    return accounts.add_user(session, NewUser(login, f"用户 {login}", role, **more), PASSWORD).id


def _block(half: int) -> shapely.Geometry:
    west = WEST + half * SIDE * CELL_LON
    return box(west, SOUTH, west + SIDE * CELL_LON, SOUTH + SIDE * CELL_LAT)


def _add_grid(session: Session, half: int, number: int, street: ZoneVersion) -> ZoneVersion:
    west = WEST + (half * SIDE + number % SIDE) * CELL_LON
    south = SOUTH + number // SIDE * CELL_LAT
    name = f"{(MINE, OTHERS)[half]}{number + 1:02d}网格"
    if half == 0 and number == 15:
        name = SCRIPT_NAME
    cell = box(west, south, west + CELL_LON, south + CELL_LAT)
    return add_zone(session, "grid", f"44039900{half + 1}{number + 1:03d}", name, cell, street)


def _add_leader(session: Session, code: str, name: str) -> int:
    leader = Leader(code=code, name=name, title="副区长", phone="0755-1234567")
    session.add(leader)
    session.flush()
    return leader.id


def _add_point(session: Session, half: int, zone_id: int) -> int:
    place = Point(WEST + (half * SIDE + 1.5) * CELL_LON, SOUTH + 1.5 * CELL_LAT)
    point = PointRow(
        code=f"P{half}", category="market", name=f"{(MINE, OTHERS)[half]}市场", zone_id=zone_id,
        geom=WKBElement(shapely.to_wkb(place), srid=4326),
    )  # fmt: skip
    session.add(point)
    session.flush()
    return point.id


def _add_street(session: Session, half: int, zone_id: int) -> int:
    west = WEST + half * SIDE * CELL_LON
    line = LineString([(west, SOUTH + CELL_LAT), (west + SIDE * CELL_LON, SOUTH + CELL_LAT * 1.1)])
    street = Street(
        code=f"S{half}", name=f"{(MINE, OTHERS)[half]}路", zone_id=zone_id,
        geom=WKBElement(shapely.to_wkb(line), srid=4326),
    )  # fmt: skip
    session.add(street)
    session.flush()
    return street.id


def _add_duty(session: Session, today: date, now: datetime) -> int:
    team = Team(code="T1", name="一队")
    route = Route(code="R1", name="早班路线")
    session.add_all([team, route])
    session.flush()
    member = Member(code="M1", name="钱小明", team_id=team.id)
    session.add(member)
    session.flush()
    device = Device(code="D1", member_id=member.id, team_id=team.id)
    session.add(device)
    session.add(Patrol(on_day=today, route_id=route.id, team_id=team.id, status="published"))
    session.flush()
    track = Track(
        device_id=device.id,
        source="D1.gpx",
        started_at=now - timedelta(hours=3),
        ended_at=now,
        fix_count=1234,
    )
    session.add(track)
    session.flush()
    return member.id


def _add_department(session: Session) -> int:
    department = Department(code="D1", name="区城市管理执法局")
    session.add(department)
    session.flush()
    return department.id


def _add_users(session: Session, leaders: list[int], member: int, zone_id: int) -> dict[str, int]:
    return {
        "admin": add_user(session, "admin", Role.ADMINISTRATOR),
        "dispatcher": add_user(session, "dispatcher", Role.DISPATCHER),
        "gis": add_user(session, "gis", Role.GIS),
        "leader": add_user(session, "leader", Role.LEADER, leader_id=leaders[0]),
        "other": add_user(session, "other", Role.LEADER, leader_id=leaders[1]),
        "member": add_user(session, "member", Role.MEMBER, member_id=member),
        "inspector": add_user(session, "inspector", Role.INSPECTOR),
        "handler": add_user(session, "handler", Role.HANDLER, department_id=_add_department(session)),
        "part": add_user(session, "part", Role.DISPATCHER, scope_zone_id=zone_id),
    }


def _add_batch(session: Session) -> int:
    batch = ImportBatch(
        kind="zones",
        files=[{"name": "网格.shp", "sha256": "0" * 64, "bytes": 1234}],
        detected={"encoding": "gb18030", "crs": "EPSG:4490"},
        new_count=32,
        rejected=[
            {
                "file": "网格.shp",
                "row": 7,
                "column": "code",
                "value": "44",
                "code": "file_empty",
                "values": {},
            }
        ],
    )
    session.add(batch)
    session.flush()
    return batch.id
