"""The demo city's values as rows, each kind as an import of its own that says it is demo data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import shapely
from shapely import MultiPolygon

from geoservice.domain.windows import instant_of
from geoservice.services.demo.city import FIRST_CELL, FIRST_COMMUNITY
from geoservice.services.demo.names import DISTRICT_CODE
from geoservice.services.demo.people import DEPARTMENTS
from geoservice.store import (
    batches,
    check_in_rows,
    contract_rows,
    exclusion_rows,
    placing,
    point_rows,
    street_rows,
    zone_versions,
)
from geoservice.store import demo as store
from geoservice.store.check_in_rows import CheckInRow
from geoservice.store.contract_rows import ContractRow
from geoservice.store.exclusion_rows import ExclusionRow
from geoservice.store.point_rows import PointRow
from geoservice.store.street_rows import StreetRow
from geoservice.store.zone_versions import NewZoneVersion

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from sqlalchemy.orm import Session

    from geoservice.services.demo.city import DemoCity

SOURCE = "演示数据 / demo data"
_MARK = {"demo": True}
_ANSWERED_SINCE = timedelta(days=120)


@dataclass
class Ids:
    """The database's ids of what was stored, in the order of the city's lists."""

    zones: list[int] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    streets: list[int] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    leaders: list[int] = field(default_factory=list)
    teams: list[int] = field(default_factory=list)
    members: list[list[int]] = field(default_factory=list)  # by team
    routes: list[list[int]] = field(default_factory=list)  # by team


def open_batch(session: Session, kind: str, count: int, now: datetime) -> int:
    """Open, count and close the batch under which one kind of rows is stored → its id."""
    files = [{"name": SOURCE, "sha256": "", "bytes": 0}]
    batch_id = batches.add_batch(session, kind=kind, files=files, options=_MARK, by=None, at=now)
    batches.finish_batch(session, batch_id, {"new_count": count})
    batches.add_audit(session, kind=kind, batch_id=batch_id, by=None, at=now, detail={**_MARK, "new": count})
    return batch_id


def store_zones(session: Session, city: DemoCity, ids: Ids, now: datetime, today: date) -> None:
    """Store the tree of zones, the widest level first, valid since ever."""
    batch_id = open_batch(session, "zones", len(city.zones), now)
    for level, group in groupby(city.zones, key=lambda zone: zone.level):
        zones = list(group)
        found = zone_versions.add_zones(session, level, [zone.code for zone in zones])
        versions = [
            NewZoneVersion(
                zone_id=found[zone.code],
                name=zone.name,
                parent_id=None if zone.parent is None else ids.zones[zone.parent],
                geom=shapely.to_wkb(MultiPolygon([zone.shape])),
                valid_from=None,
                valid_to=None,
                attributes=json.dumps(_MARK),
            )
            for zone in zones
        ]
        zone_versions.insert_versions(session, versions, today, batch_id)
        ids.zones += [found[zone.code] for zone in zones]


def store_exclusions(session: Session, city: DemoCity, now: datetime) -> None:
    """Store the water, the hills and the closed yards."""
    batch_id = open_batch(session, "exclusions", len(city.obstacle_shapes), now)
    rows = []
    for number, (each, shape) in enumerate(zip(city.ground.obstacles, city.obstacle_shapes, strict=True), 1):
        wkb = shapely.to_wkb(MultiPolygon([shape]))
        rows.append(ExclusionRow(f"X{number:02d}", each.kind, each.name, each.reason, wkb, None, None))
    exclusion_rows.insert_exclusions(session, rows, batch_id, None)


def store_streets(session: Session, city: DemoCity, ids: Ids, now: datetime, today: date) -> None:
    """Store the streets and set the cell each runs through."""
    batch_id = open_batch(session, "streets", len(city.street_lines), now)
    rows = [
        StreetRow(
            f"{DISTRICT_CODE}-S{number:04d}", road.name, road.street_class, road.one_way, shapely.to_wkb(line), _MARK
        )
        for number, (road, line) in enumerate(zip(city.roads.streets, city.street_lines, strict=True), 1)
    ]  # fmt: skip
    street_rows.insert_streets(session, [(row, json.dumps(row.attributes)) for row in rows], batch_id)
    placing.place_streets(session, today)
    found = street_rows.street_ids(session, [row.code for row in rows])
    ids.streets = [found[row.code] for row in rows]


def point_codes(city: DemoCity) -> list[str]:
    """Return the codes of the points, in the order of the city's list."""
    return [f"{DISTRICT_CODE}-P{number:04d}" for number in range(1, len(city.places) + 1)]


def store_points(session: Session, city: DemoCity, ids: Ids, now: datetime, today: date) -> None:
    """Store the points and set the cell each stands in."""
    batch_id = open_batch(session, "points", len(city.places), now)
    rows = [
        PointRow(
            code, place.category, place.name, place.address, shapely.to_wkb(shape), None, None, None, True, _MARK
        )
        for code, place, shape in zip(point_codes(city), city.places, city.place_shapes, strict=True)
    ]  # fmt: skip
    point_rows.insert_points(session, [(row, json.dumps(row.attributes)) for row in rows], batch_id)
    placing.place_points(session, today)
    found = point_rows.point_ids(session, [row.code for row in rows])
    ids.points = [found[row.code] for row in rows]


def store_people(session: Session, city: DemoCity, ids: Ids) -> None:
    """Store departments, leaders, teams, members and devices."""
    departments = ids.departments = store.add_numbered(
        session, "department", [{"code": f"D{n:02d}", "name": name} for n, name in enumerate(DEPARTMENTS, 1)]
    )
    ids.leaders = store.add_numbered(
        session,
        "leader",
        [
            {
                "code": f"L{number:02d}", "name": one.name, "title": DEPARTMENTS[one.department] + one.title,
                "phone": one.phone, "department_id": departments[one.department],
            }
            for number, one in enumerate(city.leaders, 1)
        ],
    )  # fmt: skip
    ids.teams = store.add_numbered(
        session,
        "team",
        [
            {
                "code": f"T{number:02d}", "name": team.name, "department_id": departments[team.department],
                "mode": team.mode, "skills": list(post.skills), "depot": store.line(post.depot),
                "end_depot": store.line(post.end_depot) if post.end_depot else None,
                "shift_from": post.shift[0], "shift_to": post.shift[1], "break_from": post.rest[0],
                "break_to": post.rest[1], "break_minutes": post.rest[2],
            }
            for number, (team, post) in enumerate(zip(city.teams, city.posts, strict=True), 1)
        ],
    )  # fmt: skip
    _store_members(session, city, ids)


def _store_members(session: Session, city: DemoCity, ids: Ids) -> None:
    for number, (team, team_id) in enumerate(zip(city.teams, ids.teams, strict=True), 1):
        members = [
            {"code": f"M{number:02d}{place}", "name": one.name, "phone": one.phone, "team_id": team_id}
            for place, one in enumerate(team.members, 1)
        ]
        member_ids = store.add_numbered(session, "member", members)
        devices = [
            {"code": one.device, "member_id": member_id, "team_id": team_id}
            for one, member_id in zip(team.members, member_ids, strict=True)
        ]
        store.add_numbered(session, "device", devices)
        ids.members.append(member_ids)


def store_contracts(session: Session, city: DemoCity, ids: Ids, now: datetime, today: date) -> None:
    """Store who answers for what: contracts of whole years, since before the oldest case until the end of this year."""
    batch_id = open_batch(session, "contracts", len(city.contracts), now)
    grounds = {
        "community": ("zone", ids.zones[FIRST_COMMUNITY:FIRST_CELL]),
        "cell": ("zone", ids.zones[FIRST_CELL:]),
        "road": ("street", ids.streets),
        "point": ("point", ids.points),
    }
    start, end = date((today - _ANSWERED_SINCE).year, 1, 1), date(today.year + 1, 1, 1)
    rows = []
    for each in city.contracts:
        ground, found = grounds[each.kind]
        rows.append(ContractRow(ids.leaders[each.leader], each.role, ground, found[each.number], start, end))
    contract_rows.insert_contracts(session, rows, batch_id)


def store_patrols(session: Session, city: DemoCity, ids: Ids, zone: tzinfo) -> None:
    """Store the routes with their stops, and the patrols that walked them or will."""
    numbered = [
        (number, letter, route)
        for number, group in groupby(city.routes, key=lambda route: route.team)
        for letter, route in zip("ABCDEFG", group, strict=False)
    ]
    rows = [
        {
            "code": f"T{number + 1:02d}-{letter}", "name": f"{city.teams[number].name}{letter}线",
            "mode": city.teams[number].mode, "geom": store.line(line),
        }
        for (number, letter, _), line in zip(numbered, city.route_lines, strict=True)
    ]  # fmt: skip
    route_ids = store.add_numbered(session, "route", rows)
    ids.routes = [[] for _ in city.teams]
    stops = []
    for route_id, (number, _, route) in zip(route_ids, numbered, strict=True):
        ids.routes[number].append(route_id)
        stops += [
            {"route_id": route_id, "position": position, "point_id": ids.points[stop.place]}
            for position, stop in enumerate(route.stops, 1)
        ]
    store.add_joining(session, "route_stop", stops)
    _store_dated(session, city, ids, zone)


def store_check_ins(session: Session, city: DemoCity, ids: Ids, now: datetime) -> None:
    """Store what the members said of the points they were at."""
    batch_id = open_batch(session, "check_ins", len(city.reports), now)
    rows = [
        CheckInRow(
            ids.points[each.place], instant_of(each.time_us), ids.members[each.team][each.member],
            each.has_findings, each.note, each.lon, each.lat,
        )
        for each in city.reports
    ]  # fmt: skip
    check_in_rows.insert_check_ins(session, rows, batch_id, now)


def _store_dated(session: Session, city: DemoCity, ids: Ids, zone: tzinfo) -> None:
    patrols = [
        {
            "on_day": patrol.on, "team_id": ids.teams[patrol.team], "route_id": ids.routes[patrol.team][patrol.route],
            "status": patrol.status, "starts_at": patrol.starts.replace(tzinfo=zone),
            "ends_at": patrol.ends.replace(tzinfo=zone),
        }
        for patrol in city.patrols
    ]  # fmt: skip
    patrol_ids = store.add_numbered(session, "patrol", patrols)
    walkers = [
        {"patrol_id": patrol_id, "member_id": ids.members[patrol.team][member]}
        for patrol_id, patrol in zip(patrol_ids, city.patrols, strict=True)
        for member in patrol.members
    ]
    store.add_joining(session, "assignment", walkers)
