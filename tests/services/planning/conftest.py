"""A town of crossing streets, three teams that start from its corners, and points that fall due."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import text

from geoservice.services import planning
from tests.services.ground_kit import add_point, add_street, add_zone, lay_raster, place

MONDAY = date(2026, 6, 8)
NOW = datetime(2026, 6, 7, 4, tzinfo=UTC)  # Sunday noon in Shanghai
SIDE = 600


def add_team(session, code, depot, **more):
    """Insert a team that starts at `depot`, metres from the origin; None: nowhere."""
    lonlat = (None, None) if depot is None else place(depot)[0].tolist()
    columns = {"mode": 1, "shift_from": "08:30", "shift_to": "17:30", **more}
    return session.scalar(
        text(
            f"INSERT INTO team (code, name, depot, {', '.join(columns)}) VALUES (:code, :code, CASE WHEN "
            "CAST(:lon AS float8) IS NOT NULL THEN ST_Point(:lon, :lat, 4326) END, "
            f"{', '.join(':' + name for name in columns)}) RETURNING id"
        ),
        {"code": code, "lon": lonlat[0], "lat": lonlat[1], **columns},
    )


def check_in(session, point_id, at):
    session.execute(
        text("INSERT INTO check_in (point_id, at, has_findings) VALUES (:point, :at, false)"),
        {"point": point_id, "at": at},
    )


@dataclass
class Town:
    """What the tests plan with."""

    session: object
    settings: object
    points: dict[str, int]
    teams: dict[str, int]

    def wish(self, **more) -> planning.Wish:
        return planning.Wish(**{"from_on": MONDAY, "to_on": MONDAY, "seconds": 0.5, **more})

    def due(self, **more) -> planning.DueList:
        return planning.due(self.session, self.settings, self.wish(**more), now=NOW)

    def ask(self, **more) -> planning.PlanView:
        by = more.pop("by", None)
        return planning.ask(self.session, self.settings, self.wish(**more), by=by, now=NOW)

    def solve(self, plan_id, version=None, progress=lambda _percent, _stage: None) -> planning.PlanView:
        draft = planning.prepare(self.session, self.settings, plan_id, now=NOW, version=version)
        streets = planning.streets_of(self.session, draft)
        solved = planning.work_out(draft, streets, progress, lambda: False)
        planning.keep(self.session, draft, solved, by=None, now=NOW)
        return planning.read(self.session, plan_id)

    def plan(self, **more) -> planning.PlanView:
        return self.solve(self.ask(**more).id)

    def rule(self, code, **columns) -> None:
        """Set opening hours or skills of a point."""
        values = {"opening": None, "skills": [], **columns}
        self.session.execute(
            text(
                "INSERT INTO point_rule (point_id, opening, skills) VALUES (:id, CAST(:opening AS jsonb), :skills)"
            ),
            {"id": self.points[code], "opening": json.dumps(values["opening"]), "skills": values["skills"]},
        )

    def set_point(self, code, **columns) -> None:
        self.session.execute(
            text(f"UPDATE point SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE code = :code"),
            {"code": code, **columns},
        )

    def publish(self, view) -> planning.Outcome:
        return planning.publish(self.session, self.settings, view.id, version=view.newest, by=None, now=NOW)

    def change(self, view, **change) -> planning.PlanView:
        return planning.change(
            self.session, self.settings, view.id, change, version=view.newest, by=None, now=NOW
        )


@pytest.fixture
def town(session, settings) -> Town:
    """Streets every 100 m over 600 m, nine points on them due on Monday, two teams on foot in opposite corners."""
    lay_raster(session, settings)
    add_zone(session, settings, "WEST", shapely.box(-50, -50, SIDE / 2, SIDE + 50))
    add_zone(session, settings, "EAST", shapely.box(SIDE / 2, -50, SIDE + 50, SIDE + 50))
    for number in range(7):
        at = 100 * number
        add_street(session, settings, f"H{number}", [(0, at), (SIDE, at)])
        add_street(session, settings, f"V{number}", [(at, 0), (at, SIDE)])
    points = {}
    for number in range(9):
        x, y = 50 + 200 * (number % 3), 100 + 200 * (number // 3)
        points[f"P{number}"] = add_point(session, settings, f"P{number}", (x, y))
    session.execute(
        text("UPDATE point SET required_interval_days = 7, service_minutes = 10, weight = 1, zone_id = "
             "(SELECT zone_id FROM zone_version v WHERE ST_Intersects(v.geom, point.geom) LIMIT 1)")
    )  # fmt: skip
    for point_id in points.values():
        check_in(session, point_id, datetime(2026, 6, 1, 1, tzinfo=UTC))
    teams = {"A": add_team(session, "A", (0, 0)), "B": add_team(session, "B", (SIDE, SIDE))}
    return Town(session, settings, points, teams)


def stops_of(view: planning.PlanView) -> dict[str, list[str]]:
    """Patrol → the keys of its stops in order."""
    return {patrol["key"]: [stop["key"] for stop in patrol["stops"]] for patrol in view.content["patrols"]}
