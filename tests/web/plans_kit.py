"""Plans stored as a solver would have left them, so that pages need none."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select, text

from geoservice.domain.tracks import Mode
from geoservice.domain.ways import Costs
from geoservice.services.planning.places import pack
from geoservice.store import plan_rows
from geoservice.store.base import make_engine, transaction
from geoservice.store.plans import Plan, PlanVersion
from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST

if TYPE_CHECKING:
    from geoservice.config import Settings

DAYS = ("2026-03-19", "2026-03-20")
TEAMS = ("T1", "T2")
SCRIPT_NAME = "<script>window.hacked=1</script>${window.hacked=2}`{{7*7}}"
MINUTE = 60
ANYWHERE = {"days": list(DAYS), "windows": {}, "skills": [], "zone_id": None}
SPEED_MS = 3.0


def place(number: int) -> tuple[float, float]:
    """The nth place of a street of places, inside the city of the factories."""
    return round(WEST + CELL_LON * (0.4 + 0.55 * number), 6), round(
        SOUTH + CELL_LAT * (0.5 + 0.7 * (number % 4)), 6
    )


def stop(number: int, at: int, **more: Any) -> dict[str, Any]:
    """A stop that begins `at` minutes after midnight."""
    lon, lat = place(number)
    return {
        "key": f"point:{number}", "kind": "point", "id": number, "wanted_id": None, "code": f"P-{number:03d}",
        "label": f"东门市场 {number}", "lon": lon, "lat": lat, "arrive": clock(at), "begin": clock(at),
        "leave": clock(at + 10), "service_s": 600, "weight": 2.0, "why": ["overdue", 3], "pinned": False,
        "metres": 400 + 10 * number, "arrive_s": at * MINUTE, "begin_s": at * MINUTE, "leave_s": (at + 10) * MINUTE,
        "travel_s": 120, "vertex": 0, "may": ANYWHERE, **more,
    }  # fmt: skip


def clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def patrol(day: str, team: str, numbers: list[int], **more: Any) -> dict[str, Any]:
    """A patrol of a team past numbered places, twenty minutes apart."""
    stops = [stop(number, 9 * 60 + 20 * at, vertex=at + 1) for at, number in enumerate(numbers)]
    start = list(place(0))
    return {
        "key": f"{day}/{team}", "on": day, "team": team, "team_id": 0, "team_name": {"T1": "东门一组", "T2": "东门二组"}[team],
        "mode": "ebike", "locked": False, "starts": "08:30", "ends": "16:42", "shift": ["08:30", "17:30"],
        "start": start, "end": start, "rest": {"at": "09:30", "minutes": 30}, "metres": 4200, "travel_s": 1500,
        "service_s": 600 * len(stops), "wait_s": 0,
        "line": [start, *([one["lon"], one["lat"]] for one in stops), start], "stops": stops,
        "starts_s": 510 * MINUTE, "ends_s": 1002 * MINUTE,
        "may": {"mode": int(Mode.EBIKE), "hours": [510 * MINUTE, 1050 * MINUTE], "skills": [], "rest": None, "zone_ids": None},
        **more,
    }  # fmt: skip


def unserved(number: int, reason: str, **more: Any) -> dict[str, Any]:
    """Something that was left out."""
    lon, lat = place(number)
    return {
        "key": f"point:{number}", "kind": "point", "id": number, "code": f"P-{number:03d}", "label": f"西门公厕 {number}",
        "lon": lon, "lat": lat, "weight": 1.0, "reason": reason, "values": {},
        "service_s": 600, "why": ["due", DAYS[0]], "pinned": False, "wanted_id": None, "may": ANYWHERE, **more,
    }  # fmt: skip


def content(**more: Any) -> dict[str, Any]:
    """Two days, two teams, ten stops, two left out."""
    first, second = DAYS
    patrols = [
        patrol(first, "T1", [1, 2, 3]),
        patrol(first, "T2", [4, 5, 6]),
        patrol(second, "T1", [7, 8]),
        patrol(second, "T2", []),
    ]
    patrols[1]["stops"][0]["label"] = SCRIPT_NAME
    return {
        "days": list(DAYS), "approximate": True, "patrols": patrols,
        "unserved": [unserved(9, "no_time"), unserved(10, "no_skill", values={"skills": ["食品"]})],
        "idle": [{"team": "T2", "on": second, "reason": "day_off"}],
        "totals": {
            "stops": 8, "unserved": 2, "weight": 18.0, "weight_served": 16.0, "metres": 12600, "travel_s": 4500,
            "service_s": 4800, "longest_s": 29520, "mean_s": 27000, "fairness": 1.09,
        },
        **more,
    }  # fmt: skip


def add_plan(settings: Settings, made: dict[str, Any] | None = None, **columns: Any) -> int:
    """Store a plan in its first version; without `made` one that is still to be worked out."""
    with transaction(make_engine(settings.database_url)) as session:
        kept = {"from_on": DAYS[0], "to_on": DAYS[1], "within": None}
        plan = Plan(
            **{
                "name": "周四周五", "from_on": date.fromisoformat(DAYS[0]), "to_on": date.fromisoformat(DAYS[1]),
                "state": "ready" if made else "asked", "wish": kept, "version_number": 1 if made else 0, **columns,
            }
        )  # fmt: skip
        session.add(plan)
        session.flush()
        if made:
            session.add(PlanVersion(plan_id=plan.id, number=1, content=made))
            plan_rows.keep_costs(session, plan.id, int(Mode.EBIKE), *_costs())
        return plan.id


def _costs() -> tuple[dict[str, int], bytes]:
    """What it costs to go between all places here, as the crow flies."""
    keys = [f"point:{number}" for number in range(1, 13)]
    depots = [f"{side}:{team}" for team in TEAMS for side in ("start", "end")]
    lonlat = np.array([*(place(number) for number in range(1, 13)), *(place(0) for _ in depots)])
    metres = np.hypot(*(((lonlat[:, None] - lonlat) * (102_800, 111_000)).transpose(2, 0, 1)))
    return {key: row for row, key in enumerate([*keys, *depots])}, pack(Costs(metres / SPEED_MS, metres))


def add_version(settings: Settings, plan_id: int, made: dict[str, Any]) -> int:
    """Store what somebody else made of a plan; return its version."""
    with transaction(make_engine(settings.database_url)) as session:
        plan = session.scalars(select(Plan).where(Plan.id == plan_id).with_for_update()).one()
        plan.version_number += 1
        session.add(PlanVersion(plan_id=plan_id, number=plan.version_number, content=made))
        return plan.version_number


def newest(settings: Settings, plan_id: int) -> dict[str, Any]:
    """What a plan is now."""
    with transaction(make_engine(settings.database_url)) as session:
        return session.execute(
            text(
                "SELECT v.content FROM plan p JOIN plan_version v ON v.plan_id = p.id AND v.number = p.version_number"
                " WHERE p.id = :id"
            ),
            {"id": plan_id},
        ).scalar_one()


def orders(made: dict[str, Any]) -> dict[str, list[str]]:
    """The stops of each patrol in order."""
    return {one["key"]: [each["key"] for each in one["stops"]] for one in made["patrols"]}
