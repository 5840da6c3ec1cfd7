"""Rounds of inspection of all five kinds, each drawn the day before its first and done on its days; the next ones wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from geoservice.domain.checklists import Result, needs_photo
from geoservice.services.cases import Actor
from geoservice.services.demo.courses import usual_course
from geoservice.services.evidence import Subject
from geoservice.services.inspections import doing, drawing
from geoservice.services.inspections.doing import Findings, Found
from geoservice.services.inspections.wishes import Wish
from geoservice.store import case_rows
from geoservice.store import demo as store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.histories import Follower
    from geoservice.services.demo.story import Story, Thread

_FAILS, _APPLIES_NOT, _FORGOTTEN = 0.055, 0.06, 0.06
_LEFT_TODAY = 3  # so many tasks of today nobody has got to yet
_REMARKS = ("", "整体情况较好", "现场负责人在场陪同", "较上次检查有改善", "")
_FAULTS = (
    "",
    "已拍照取证，当场告知责任单位",
    "与上次检查情况相同，未见改善",
    "负责人已签字确认",
    "要求当日整改",
)


@dataclass(frozen=True)
class Round:
    """An inspection from `back` days ago (ahead, when negative) for so many days. `size` points are drawn of the categories, or
    every so many-th point of them is named: `every`."""

    back: int
    days: int
    kind: str
    name: str
    size: int = 0
    categories: tuple[str, ...] = ()
    every: int = 0
    every_days: int = 1


ROUNDS = (
    Round(84, 2, "random", "第一轮随机抽查", size=5),
    Round(73, 1, "open", "农贸市场明查", size=3, categories=("market",)),
    Round(55, 2, "random", "第二轮随机抽查", size=5),
    Round(40, 22, "fixed", "医院周边定点巡查", categories=("hospital",), every=12, every_days=7),
    Round(26, 2, "covert", "第三轮暗访", size=4),
    Round(13, 1, "directed", "投诉集中小区定向检查", categories=("old_compound",), every=40),
    Round(6, 2, "open", "餐饮单位明查", size=4, categories=("restaurant",)),
    Round(0, 1, "random", "本周随机抽查", size=5),
    Round(-2, 2, "covert", "下一轮暗访", size=5),
)  # fmt: skip


class Inspecting:
    """Lets the rounds happen, and whatever they find become cases."""

    def __init__(self, city: DemoCity, codes: list[str], follower: Follower, story: Story) -> None:
        self._city, self._codes, self._follower, self._story = city, codes, follower, story
        self._session, self._settings = follower.session, follower.settings
        self._inspector, self._rng = follower.crew.inspector, follower.rng

    def inspect(self, one: Round) -> Thread:
        """Draw the points of a round, and inspect those whose hour has come."""
        today = self._story.now.astimezone(self._settings.zone_info).date()
        first = (
            _working(today - timedelta(days=one.back)) if one.back > 0 else today - timedelta(days=one.back)
        )
        last = first + timedelta(days=one.days - 1)
        asked_at = min(self._morning(first - timedelta(days=1)), self._story.now)
        yield asked_at
        wish = Wish(
            name=one.name, kind=one.kind, from_on=first, to_on=last, seed=20260000 + abs(one.back),
            size=one.size or None, categories=() if one.every else one.categories,
            points=tuple(self._named(one)), inspectors=(self._inspector.login,), rest_days=True,
            every_days=one.every_days,
        )  # fmt: skip
        by = self._follower.crew.dispatcher.account_id
        made = drawing.make(self._session, self._settings, wish, by=by, now=asked_at)
        yield from self._done(store.tasks_of(self._session, made), today)

    def _done(self, tasks: list[tuple[int, date]], today: date) -> Thread:
        on, number = None, 0
        left = len([day for _, day in tasks if day == today]) - _LEFT_TODAY
        for task_id, day in tasks:
            number = number + 1 if day == on else 0
            on = day
            if self._rng.random() < _FORGOTTEN or (day == today and number >= left):
                continue
            at = self._morning(day) + timedelta(minutes=35 * number)
            yield at
            self._do(task_id, at)

    def _do(self, task_id: int, at: datetime) -> None:
        inspector = Actor.of(self._inspector)
        detail = doing.read_task(self._session, self._settings, task_id, self._inspector.id, now=at)
        place = (detail.row.lon, detail.row.lat)
        found = []
        for one in detail.items:
            result = self._result()
            note = self._word(_FAULTS) if result is Result.FAIL else ""
            found.append(Found(one.id, result.value, note))
            if needs_photo(one.item.evidence, result):
                self._follower.camera.take(
                    Subject("task", task_id, one.id), "before", place, at, self._inspector.id
                )
        findings = Findings(
            task_id, tuple(found), at, UUID(bytes=self._rng.bytes(16)), self._word(_REMARKS), *place
        )
        done = doing.submit(self._session, self._settings, findings, by=inspector, now=at)
        for case_id in done.case_numbers:
            case = case_rows.view(self._session, case_id)
            if case is not None and case.reported_at == at:
                self._story.begin(self._follower.follow(case, usual_course(self._rng)))

    def _result(self) -> Result:
        dice = float(self._rng.random())
        if dice < _FAILS:
            return Result.FAIL
        return Result.NOT_APPLICABLE if dice > 1 - _APPLIES_NOT else Result.PASS

    def _named(self, one: Round) -> Iterator[str]:
        if one.every:
            mine = [n for n, place in enumerate(self._city.places) if place.category in one.categories]
            yield from (self._codes[n] for n in mine[one.every // 2 :: one.every])

    def _word(self, words: tuple[str, ...]) -> str:
        return words[int(self._rng.integers(len(words)))]

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(9, 10), self._settings.zone_info)


def _working(day: date) -> date:
    """Return the day itself or the Monday after it."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= 5 else 0)
