"""What the demo city's plans are made from as rows, and its first plans: one of today, published, and one of tomorrow."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.opening import parse_opening
from geoservice.services import planning
from geoservice.services.demo.posts import group_places, rule_places
from geoservice.services.planning import Wish
from geoservice.services.templates import shifts_on
from geoservice.store import demo as store
from geoservice.store import rule_rows

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.rows import Ids

FIRST_STREET = 2  # in `DemoCity.zones`
SECONDS, STOPS_A_TEAM = 0.5, 12
# code, name, team, weekdays, days, hours, whether it has a route of its own
_TEMPLATES = (
    ("G07", "城管电动车一队工作日班", 6, (1, 2, 3, 4, 5), "working", (time(8, 30), time(17, 30)), False),
    ("Z07", "城管电动车一队周末班", 6, (6, 7), "resting", (time(9), time(16)), False),
    ("G09", "环卫电动车一队工作日班", 8, (1, 2, 3, 4, 5), "working", (time(8), time(17)), False),
    ("Z09", "环卫电动车一队节假日班", 8, (1, 2, 3, 4, 5, 6, 7), "resting", (time(7), time(12)), False),
    ("Y12", "城管车巡组周末夜巡", 11, (5, 6), "all", (time(20), time(22)), True),
)  # fmt: skip


def store_setup(session: Session, city: DemoCity, ids: Ids, today: date) -> None:
    """Store what the teams keep to, what points ask for, and which patrols recur."""
    store.add_joining(
        session,
        "team_zone",
        [
            {"team_id": team_id, "zone_id": ids.zones[FIRST_STREET + street]}
            for team_id, post in zip(ids.teams, city.posts, strict=True)
            for street in post.streets
        ],
    )
    rules = []
    for rule in rule_places(city.places):
        opening = parse_opening(rule.opening or "")
        rules.append((ids.points[rule.place], opening.rows if opening else None, rule.skills))
    rule_rows.set_rules(session, rules)
    for group in group_places(city.places):
        group_id = rule_rows.put_group(session, None, group.name, group.kind)
        rule_rows.set_members(session, group_id, [ids.points[place] for place in group.places])
    store.add_numbered(
        session,
        "patrol_template",
        [
            {
                "code": code, "name": name, "team_id": ids.teams[team],
                "route_id": ids.routes[team][0] if has_route else None, "weekdays": list(weekdays), "days": days,
                "starts": starts, "ends": ends, "valid_from": today - timedelta(days=30),
            }
            for code, name, team, weekdays, days, (starts, ends), has_route in _TEMPLATES
        ],
    )  # fmt: skip


def make_plans(session: Session, settings: Settings, today: date, now: datetime) -> int:
    """Plan today and tomorrow quickly, publish what is of today → how many plans were made; nobody works: none."""
    made = 0
    for day in (today, today + timedelta(days=1)):
        going = sum(one.is_free for one in shifts_on(session, settings, day))
        if not going:
            continue
        wish = Wish(from_on=day, to_on=day, seconds=SECONDS, most_stops=STOPS_A_TEAM * going)
        plan_id = _plan(session, settings, wish, now)
        made += 1
        if day == today:
            view = planning.read(session, plan_id)
            if any(patrol["stops"] for patrol in view.content["patrols"]):
                planning.publish(session, settings, plan_id, version=view.version, by=None, now=now)
    return made


def _plan(session: Session, settings: Settings, wish: Wish, now: datetime) -> int:
    plan_id = planning.ask(session, settings, wish, by=None, now=now).id
    draft = planning.prepare(session, settings, plan_id, now=now)
    streets = planning.streets_of(session, draft)
    outcome = planning.work_out(draft, streets, lambda _percent, _stage: None, lambda: False)
    planning.keep(session, draft, outcome, by=None, now=now)
    return plan_id
