"""Ninety days of the closed loop, told by the services themselves in the order in which it happened."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.report_kinds import ReportKind, window_of
from geoservice.services import cases, orders, reports
from geoservice.services.cases import CaseFilters
from geoservice.services.demo import citizens
from geoservice.services.demo.crew import Crew
from geoservice.services.demo.findings import Finder, Told
from geoservice.services.demo.histories import Follower
from geoservice.services.demo.photos import camera
from geoservice.services.demo.rounds import ROUNDS, Inspecting
from geoservice.services.demo.rows import point_codes
from geoservice.services.demo.standing import standing_cases
from geoservice.services.demo.story import Story
from geoservice.services.demo.supervision import OFFICE, Supervision

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.demo.city import DemoCity
    from geoservice.services.demo.rows import Ids
    from geoservice.services.demo.story import Thread

WEEKS = 4
# Whose kinds of case one department of the city handles, whatever the ground; the others go by contract.
_DEPARTMENTS = {"urban_management": 0, "traffic_police": 1, "market_regulation": 2, "sanitation": 3}


def tell_loop(
    session: Session, settings: Settings, city: DemoCity, ids: Ids, *, now: datetime, seed: int
) -> dict[str, int]:
    """Inspect, report, follow up, raise orders, publish reports → how many of each there are; nothing lies ahead of `now`."""
    rng = np.random.default_rng([seed, 90])
    story, crew, hours = Story(now), Crew.of(session), cases.work_time(session, settings)
    _set_desk(session, ids, crew)
    supervision = Supervision(session, settings, crew, story, rng, hours)
    with camera(session, settings, rng) as taking:
        follower = Follower(session, settings, crew, taking, rng, hours, supervision.note_change)
        finder = Finder(session, city, ids, crew, rng, settings.zone_info)
        told = [*finder.told(now.astimezone(settings.zone_info).date()), *standing_cases(finder, now)]
        for one in told:
            story.begin(_reported(one, follower, story))
        inspecting = Inspecting(city, point_codes(city), follower, story)
        for each in ROUNDS:
            story.begin(inspecting.inspect(each))
        for thread in citizens.threads(finder, follower, story):
            story.begin(thread)
        story.begin(_published(session, settings, crew, now))
        story.tell(supervision.raise_first)
        supervision.raise_all(now)
    return {
        "cases": sum(cases.counts(session, CaseFilters()).values()),
        "orders": supervision.raised,
        "weekly_reports": WEEKS,
    }


def _set_desk(session: Session, ids: Ids, crew: Crew) -> None:
    by = crew.dispatcher.account_id
    orders.save_office(session, OFFICE, by=by)
    for kind in cases.list_kinds(session):
        if kind.role in _DEPARTMENTS:
            department_id = ids.departments[_DEPARTMENTS[kind.role]]
            cases.set_kind(session, kind.code, {"department_id": department_id}, by=by)


def _reported(one: Told, follower: Follower, story: Story) -> Thread:
    """Report something, and let its course begin; its near-duplicate is found to be one."""
    yield one.at
    case = follower.report(one)
    story.begin(follower.follow(case, one.course))
    if one.twin is not None:
        yield one.twin.at
        twin = follower.report(one.twin)
        story.begin(follower.joined(twin, case))


def _published(session: Session, settings: Settings, crew: Crew, now: datetime) -> Thread:
    """Publish the reports of the last whole weeks, each on the Monday after it."""
    by = crew.dispatcher.account_id
    today = now.astimezone(settings.zone_info).date()
    for back in range(WEEKS, 0, -1):
        window = window_of(ReportKind.WEEK, today - timedelta(weeks=back))
        monday = datetime.combine(window.to_on + timedelta(days=1), time(9), settings.zone_info)
        at = min(monday, now)
        yield at
        reports.prepare(session, settings, ReportKind.WEEK, window.from_on, now=at)
        made = reports.make(session, settings, ReportKind.WEEK, window.from_on, by=by, now=at)
        reports.publish(session, settings, made.id, by=by, now=at)
