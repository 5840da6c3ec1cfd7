"""How things stand today: one case in every state there is, with requests that wait, and what came in just now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.cases import State
from geoservice.services.demo.courses import Course
from geoservice.services.demo.findings import Told
from geoservice.services.demo.logins import LEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.services.demo.findings import Finder

_DESK = -1
_NOBODYS = 17  # a community without a leader, where a case waits for somebody to be found


@dataclass(frozen=True)
class _Standing:
    """A case reported `back` days ago at an hour: where, what, by a leader (by his number) or the desk, and how it stands."""

    back: int
    hour: float
    category: str
    kind: str
    words: str
    course: Course
    by: int = _DESK
    community: int | None = None


_CASES = (
    _Standing(6, 9.2, "park", "greening", "绿地踩踏、黄土裸露", Course(asks="suspend", stays=State.SUSPENDED), by=0),
    _Standing(5, 9.5, "back_lane", "illegal_building", "巷内搭建铁皮棚", Course(stays=State.HANDLING), by=0),
    _Standing(4, 10.0, "main_street", "facility", "隔离护栏倾倒", Course(asks="postpone", answer=None)),
    _Standing(4, 10.6, "old_compound", "facility", "单元门禁损坏", Course(asks="suspend", answer=None), by=1),
    _Standing(7, 9.1, "station", "greening", "站台旁绿篱枯死", Course(pace=0.1, desk=0.2, reworks=1, asks="appeal")),
    _Standing(5, 14.2, "school", "propaganda", "宣传栏内容过期", Course(pace=0.4, stays=State.REPLIED), by=1),
    _Standing(6, 11.0, "public_toilet", "facility", "水龙头失灵", Course(pace=0.4, desk=0.2, stays=State.VERIFIED)),
    _Standing(4, 9.3, "restaurant", "greening", "门前树池堆放油桶", Course(stays=State.ASSIGNED)),
    _Standing(4, 9.8, "old_compound", "illegal_building", "楼顶搭建阳光房", Course(to_leader=True), by=0),
    _Standing(5, 15.0, "", "order", "公共通道堆放杂物", Course(stays=State.OPENED), community=_NOBODYS),
    _Standing(6, 15.3, "old_compound", "order", "夜间广场舞扰民", Course(rejected=True, asks="appeal"), by=0),
)  # fmt: skip
# What came in just now: hours ago, where, what.
_FRESH = (
    (5.2, "market", "rubbish", "地面积水、菜叶未清"),
    (2.4, "station", "parking", "非机动车占用站台"),
    (0.7, "main_street", "stall", "店外经营占用人行道"),
)
_AGAIN_HOURS, _AGAIN_DEG = 0.4, 3e-4


def standing_cases(finder: Finder, now: datetime) -> Iterator[Told]:
    """Yield what is on its way today, and what the desk has not yet looked at: the last of it told of twice."""
    today = now.astimezone(finder.zone).date()
    for one in _CASES:
        day = today - timedelta(days=one.back)
        at = datetime.combine(day, time(int(one.hour), round(one.hour % 1 * 60)), finder.zone)
        by = finder.crew.dispatcher if one.by == _DESK else finder.crew.leaders[one.by]
        source = "desk" if one.by == _DESK else "leader"
        new = finder.new_case(_place(finder, one), one.kind, one.words)
        yield Told(replace(new, source=source, at=at), by, at, True, one.course)
    waits = Course(stays=State.REPORTED)
    for hours, category, kind, words in _FRESH:
        at = now - timedelta(hours=hours)
        new = finder.new_case(_some(finder, category, turn=round(hours)), kind, words)
        yield Told(replace(new, source="desk", at=at), finder.crew.dispatcher, at, False, waits)
    later = at + timedelta(hours=_AGAIN_HOURS)
    again = replace(new, source="leader", lon=round(new.lon + _AGAIN_DEG, 7), at=later, point_id=None)
    yield Told(again, finder.crew.leaders[0], later, True, waits)


def _place(finder: Finder, one: _Standing) -> int:
    if one.community is not None:
        cells = finder.city.ground.cells
        return next(
            n for n, place in enumerate(finder.city.places) if cells[place.cell].community == one.community
        )
    if one.by != _DESK and (mine := finder.places_of(LEADERS[one.by], one.category)):
        return mine[0]
    return _some(finder, one.category, turn=one.back)


def _some(finder: Finder, category: str, turn: int) -> int:
    mine = [number for number, place in enumerate(finder.city.places) if place.category == category]
    return mine[(turn + 1) * 7 % len(mine)]
