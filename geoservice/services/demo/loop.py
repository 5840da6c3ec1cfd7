"""Ninety days of the closed loop, told by the services themselves: inspections, cases, orders, and the reports of four weeks."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from geoservice.domain.checklists import Result, needs_photo
from geoservice.domain.report_kinds import ReportKind, window_of
from geoservice.services import cases, orders, reports
from geoservice.services.cases import CaseFilters
from geoservice.services.demo.findings import found_things
from geoservice.services.demo.histories import Follower, People
from geoservice.services.demo.photos import Camera
from geoservice.services.evidence import Subject
from geoservice.services.inspections import doing, drawing
from geoservice.services.inspections.doing import Findings, Found
from geoservice.services.inspections.wishes import Wish
from geoservice.store import inspection_rows, people

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import CaseView
    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.rows import Ids

WEEKS = 4
# Days ago, name, kind, points: two days each.
_INSPECTIONS = (
    (82, "第一轮随机抽查", "random", 5),
    (52, "第二轮随机抽查", "random", 5),
    (22, "第三轮暗访", "covert", 5),
)
_COMING = (2, "下一轮随机抽查", "random", 5)
# Whose kinds of case one department of the city handles, whatever the ground; the others go by contract.
_DEPARTMENTS = {"urban_management": 0, "traffic_police": 1, "market_regulation": 2, "sanitation": 3}
_FAILS, _APPLIES_NOT = 0.1, 0.06
_PAGE = 100


def tell_loop(
    session: Session, settings: Settings, city: DemoCity, ids: Ids, *, now: datetime, seed: int
) -> dict[str, int]:
    """Inspect, report, follow up, raise orders, publish reports → how many of each there are; nothing lies ahead of `now`."""
    rng = np.random.default_rng([seed, 90])
    today = now.astimezone(settings.zone_info).date()
    crew = People.of(session)
    for code, department in _DEPARTMENTS.items():
        for kind in cases.list_kinds(session):
            if kind.role == code:
                cases.set_kind(session, kind.code, {"department_id": ids.departments[department]}, by=None)
    with Camera(session, settings, rng) as camera:
        done = _Inspecting(session, settings, crew, camera, rng, now)
        for back, name, way, size in (*_INSPECTIONS, (-_COMING[0], *_COMING[1:])):
            done.inspect(back, name, way, size)
        for new, by in found_things(session, city, ids, rng, today, settings.zone_info):
            if new.at is not None and new.at <= now:
                cases.report(session, settings, new, by=by, now=new.at)
        follower = Follower(session, settings, crew, camera, rng, now)
        stored = _all_cases(session, settings)
        for case in stored:
            follower.follow(case)
    raised = orders.raise_due(session, settings, now=now)
    return {
        "cases": len(stored),
        "orders": len(raised),
        "weekly_reports": _publish(session, settings, crew, now),
    }


class _Inspecting:
    """Rounds of inspection, each drawn on the day before and done on its days."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        crew: People,
        camera: Camera,
        rng: np.random.Generator,
        now: datetime,
    ) -> None:
        self._session, self._settings, self._crew = session, settings, crew
        self._camera, self._rng, self._now = camera, rng, now

    def inspect(self, back: int, name: str, kind: str, size: int) -> None:
        """Draw points `back` days ago (ahead, when negative), and inspect those whose day has come."""
        first = self._now.astimezone(self._settings.zone_info).date() - timedelta(days=back)
        asked_at = min(self._morning(first - timedelta(days=1)), self._now)
        inspector = people.user_by_id(self._session, self._crew.inspector.account_id or 0)
        assert inspector is not None
        wish = Wish(
            name=name, kind=kind, from_on=first, to_on=first + timedelta(days=1), seed=20260000 + abs(back),
            size=size, inspectors=(inspector.login,), rest_days=True,
        )  # fmt: skip
        drawing.make(self._session, self._settings, wish, by=self._crew.dispatcher.account_id, now=asked_at)
        for number, task in enumerate(inspection_rows.tasks_until(self._session, inspector.id, wish.to_on)):
            at = self._morning(task.on_day) + timedelta(minutes=25 * number)
            if at <= self._now:
                self._do(task.id, at)

    def _do(self, task_id: int, at: datetime) -> None:
        inspector = self._crew.inspector
        assert inspector.account_id is not None
        detail = doing.read_task(self._session, self._settings, task_id, inspector.account_id, now=at)
        found = []
        for one in detail.items:
            dice = float(self._rng.random())
            result = (
                Result.FAIL
                if dice < _FAILS
                else Result.NOT_APPLICABLE
                if dice > 1 - _APPLIES_NOT
                else Result.PASS
            )
            found.append(Found(one.id, result.value))
            if needs_photo(one.item.evidence, result):
                place = (detail.row.lon, detail.row.lat)
                self._camera.take(Subject("task", task_id, one.id), "before", place, at, inspector.account_id)
        name = UUID(bytes=self._rng.bytes(16))
        doing.submit(
            self._session,
            self._settings,
            Findings(task_id, tuple(found), at, name, lon=detail.row.lon, lat=detail.row.lat),
            by=inspector,
            now=at,
        )

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(9, 10), self._settings.zone_info)


def _all_cases(session: Session, settings: Settings) -> list[CaseView]:
    found: list[CaseView] = []
    after = None
    while True:
        page = cases.find(session, settings, CaseFilters(), after=after, limit=_PAGE)
        found += page.cases
        after = page.after
        if after is None:
            return sorted(found, key=lambda case: (case.reported_at, case.id))


def _publish(session: Session, settings: Settings, crew: People, now: datetime) -> int:
    """Publish the reports of the last whole weeks, each as on the Monday after it."""
    by = crew.dispatcher.account_id
    today = now.astimezone(settings.zone_info).date()
    for back in range(WEEKS, 0, -1):
        window = window_of(ReportKind.WEEK, today - timedelta(weeks=back))
        monday = datetime.combine(window.to_on + timedelta(days=1), time(9), settings.zone_info)
        at = min(monday, now)
        reports.prepare(session, settings, ReportKind.WEEK, window.from_on, now=at)
        made = reports.make(session, settings, ReportKind.WEEK, window.from_on, by=by, now=at)
        reports.publish(session, settings, made.id, by=by, now=at)
    return WEEKS
