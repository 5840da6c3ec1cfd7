"""Rates, counts and hours of the lives lived in `closed_loop_lives`, counted from their bare steps and nothing else."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from scripts.bench.closed_loop_lives import DECIDED
from scripts.bench.closed_loop_replay import HOUR, WAITING, Story, us, without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

COUNTS = ("reported", "opened", "rejected", "closed", "reworks", "overdue")
OTHERS = ("citizen", "leader", "inspection")
Key = tuple[str, int]


class Everything:
    """All rows there are, and each case's story."""

    def __init__(self, session: Session, settings: Settings) -> None:
        def rows(asked: str) -> list[Any]:
            return list(session.execute(text(asked)).all())

        kinds = {kind.code: kind for kind in rows("SELECT * FROM case_kind")}
        steps: dict[int, list[Any]] = defaultdict(list)
        for step in rows("SELECT * FROM case_step ORDER BY id"):
            steps[step.case_id].append(step)
        self.decided = [
            (datetime.combine(known_on, time(16), settings.zone_info).astimezone(UTC), day, working)
            for known_on, day, working in DECIDED
        ]
        self.stories = [
            Story(case, kinds[case.kind], steps[case.id], self.decided)
            for case in rows("SELECT *, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM patrol_case ORDER BY id")
        ]
        self.orders = rows("SELECT * FROM supervision_order ORDER BY id")
        self.paths = {row.zone_id: row.path for row in rows("SELECT zone_id, path FROM zone_version")}
        self.departments = [row.id for row in rows("SELECT id FROM department ORDER BY id")]
        keeps = rows("SELECT m.id, z.zone_id FROM member m JOIN team_zone z ON z.team_id = m.team_id")
        self.keepers: dict[int, set[int]] = defaultdict(set)
        for row in keeps:
            self.keepers[row.zone_id].add(row.id)
        self.zone_of = {story.case.id: story.case.zone_id for story in self.stories}
        self._recur(steps)

    def _recur(self, steps: dict[int, list[Any]]) -> None:
        """Count for each case how often its like had been closed at its place when it was reported, in the order of things."""
        told: list[tuple[int, Any, Any]] = []
        for story in self.stories:
            told += [(step.id, story.case, step) for step in steps[story.case.id]]
        closed: dict[int, datetime] = {}
        before: dict[tuple[Any, ...], list[Any]] = defaultdict(list)  # by point, and by rows of the map
        self.recurrences: dict[int, int] = {}
        for _, case, step in sorted(told, key=lambda one: one[0]):
            if step.action == "report":
                since, row = step.at - timedelta(days=90), int(case.lat * 1000)
                rows = [("point", case.point_id)] if case.point_id else [("row", row + n) for n in (-1, 0, 1)]
                others = [other for at in rows for other in before[case.kind, *at]]
                when = [
                    closed[other.id] for other in others if other.id in closed and is_same_place(case, other)
                ]
                self.recurrences[case.id] = sum(since < at <= step.at for at in when)
                before[case.kind, "row", row].append(case)
                before[case.kind, "point", case.point_id].append(case)
            elif step.action == "close":
                closed[case.id] = step.at
            elif step.action == "reopen":
                closed.pop(case.id, None)


def is_same_place(case: Any, other: Any) -> bool:
    """Tell whether a case lies where another did: at the same point, or within 50 m by the length of a degree there."""
    if case.point_id is not None:
        return bool(case.point_id == other.point_id)
    lat = math.radians(case.lat)
    north = 111132.95 - 559.82 * math.cos(2 * lat) + 1.175 * math.cos(4 * lat)
    east = 111412.84 * math.cos(lat) - 93.5 * math.cos(3 * lat) + 0.118 * math.cos(5 * lat)
    return math.hypot(north * (case.lat - other.lat), east * (case.lon - other.lon)) <= 50


def keys_of(everything: Everything, story: Story, past: list[Any]) -> Iterator[Key]:
    """Yield everybody whom a case belongs to after some of its steps."""
    case, state = story.case, past[-1].to_state
    yield "city", 0
    for zone_id in everything.paths.get(case.zone_id, ()):
        yield "zone", zone_id
    given = [step.given for step in past if step.action == "assign"]
    leaders = [one["leader_id"] for one in given if "leader_id" in one]
    if leaders:
        yield "leader", leaders[-1]
    if given and state not in WAITING and given[-1].get("department_id") is not None:
        yield "department", given[-1]["department_id"]
    if case.member_id is not None:
        yield "member", case.member_id
    if case.source in OTHERS:
        keepers = {
            one for zone_id in everything.paths.get(case.zone_id, ()) for one in everything.keepers[zone_id]
        }
        for member_id in keepers - {case.member_id}:
            yield "member", member_id
    if case.source == "inspection":
        yield "inspector", case.reported_by


def told_of(
    story: Story, recurrence: int, past: list[Any], start: int, until: int
) -> Iterator[tuple[str, Any]]:
    """Yield what a case adds between two instants: (rate, hit or not), (count, 1), ("hours", hours of handling)."""
    state, source = past[-1].to_state, story.case.source
    ways = {
        "opened": []
        if state in {"rejected", "reported"}
        else [us(one.at) for one in past if one.to_state == "opened"]
    }
    for name in ("rejected", "closed"):
        ways[name] = (
            [us(one.at) for one in past if one.to_state == name != one.from_state] if state == name else []
        )
    opened = ways["opened"]
    if start <= us(past[0].at) < until:
        yield "reported", 1
        if opened or ways["rejected"]:
            yield "opening_rate", bool(opened)
            if source in {"patrol", "inspection"}:
                yield "valid_report_rate", bool(opened)
    if opened and start <= opened[0] < until:
        yield "opened", 1
        yield "recurrence_rate", recurrence > 0
        if source in {"patrol", *OTHERS}:
            yield "missed_report_rate", source != "patrol"
    if ways["rejected"] and start <= ways["rejected"][-1] < until:
        yield "rejected", 1
    yield from _handling(story, past, ways["closed"], start, until)
    yield from _desk(story, start, until)


def _desk(story: Story, start: int, until: int) -> Iterator[tuple[str, Any]]:
    for code, stage in (("on_time_verification_rate", "open"), ("on_time_check_rate", "verify")):
        for run in story.runs:
            due = run.due_as_of(until)
            if run.stage == stage and run.start < until and start <= due < until:
                yield code, run.ended is not None and run.ended < until and run.ended <= due


def after_each(past: list[Any]) -> list[str]:
    """Return for each step which comes next of those that send back or take that back; "" for none."""
    found, after = [], ""
    for step in reversed(past):
        found.append(after)
        if step.action == "rework" or (step.action == "grant_appeal" and step.from_state == "handling"):
            after = step.action
    return found[::-1]


def _handling(
    story: Story, past: list[Any], closed: list[int], start: int, until: int
) -> Iterator[tuple[str, Any]]:
    after = zip(past, after_each(past), strict=True)
    reworked = [us(one.at) for one, later in after if one.action == "rework" and later != "grant_appeal"]
    yield from (("reworks", 1) for at in reworked if start <= at < until)
    is_closed = bool(closed) and start <= closed[-1] < until
    if is_closed:
        yield "closed", 1
    state = past[-1].to_state
    runs = [run for run in story.runs if run.stage == "handle" and run.start < until]
    if not runs or state in {*WAITING, "suspended", "joined"}:
        return
    run, due = runs[-1], runs[-1].due_as_of(until)
    replies = [us(step.at) for step in past if step.action == "reply"]
    done = replies[-1] if replies and state in {"replied", "verified", "closed"} else None
    if start <= due < until:
        yield "closing_rate", bool(closed)
        yield "on_time_closing_rate", bool(closed) and done is not None and done <= due
        yield "rework_rate", any(at >= run.start for at in reworked)
    if done is None and due < until:
        yield "overdue", 1
    if is_closed and done is not None:
        yield "hours", sum(last - first for first, last in without(run.start, done, run.pauses)) / HOUR


def recount(everything: Everything, start: int, until: int) -> dict[Key, Counter[Any]]:
    """Return everybody's rates (code, "of" and "hit"), counts and hours between two instants."""
    found: dict[Key, Counter[Any]] = defaultdict(Counter)
    hours: dict[Key, list[float]] = defaultdict(list)
    for story in everything.stories:
        past = [step for step in story.steps if us(step.at) < until]
        if not past or past[-1].to_state == "joined":
            continue
        told = list(told_of(story, everything.recurrences[story.case.id], past, start, until))
        counted = [word for code, value in told for word in _words(code, value)]
        for key in set(keys_of(everything, story, past)) if told else ():
            found[key].update(counted)
            hours[key] += [value for code, value in told if code == "hours"]
    for key, mine in hours.items():
        found[key]["hours"] = sorted(mine)  # type: ignore[assignment]
    for order in everything.orders:
        if order.withdrawn_at is None or us(order.withdrawn_at) >= until:
            for key in _keys_of_order(everything, order):
                found[key].update(_told_of_order(order, start, until))
    return found


def _words(code: str, value: Any) -> list[Any]:
    if code in COUNTS:
        return [code]
    return [] if code == "hours" else [(code, "of"), *([(code, "hit")] if value else [])]


def _keys_of_order(everything: Everything, order: Any) -> Iterator[Key]:
    yield "city", 0
    for zone_id in everything.paths.get(everything.zone_of.get(order.case_id), ()):
        yield "zone", zone_id
    if order.leader_id:
        yield "leader", order.leader_id
    if order.department_id:
        yield "department", order.department_id


def _told_of_order(order: Any, start: int, until: int) -> Iterator[Any]:
    if start <= us(order.raised_at) < until:
        yield f"orders_{order.kind}"
    if order.reply_due_at is not None and start <= us(order.reply_due_at) < until:
        yield "order_reply_rate", "of"
        if order.replied_at is not None and order.replied_at <= order.reply_due_at:
            yield "order_reply_rate", "hit"
