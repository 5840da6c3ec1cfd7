"""Everything that happens by the clock, as one list."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from geoservice.store import job_holds, jobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

log = logging.getLogger(__name__)

# A job whose worker was lost so often is taken to be the reason.
MAX_ATTEMPTS = 3
# So many device days take one worker half a minute.
MANY_DEVICE_DAYS = 300
# So many cases are looked at for orders at a time, so that nothing else waits long.
ORDER_CASES = 500
# What comes of patrols may still change for so long: a phone without a network sends later.
WISH_DAYS = 7


@dataclass(frozen=True)
class Periodic:
    """One thing done every `every_s` seconds, or daily at `daily_at` local time, and always once at start.

    `ask` works inside a transaction that no other scheduler shares by name, may be called late or again, and returns the
    ids of the jobs to wake after the commit.
    """

    name: str
    ask: Callable[[Session, Settings, datetime], Iterable[int]]
    every_s: float | None = None
    daily_at: time | None = None

    def __post_init__(self) -> None:
        if (self.every_s is None) == (self.daily_at is None):
            raise ValueError(f"{self.name}: either every_s or daily_at")

    def next_due(self, after: datetime, zone: ZoneInfo) -> datetime:
        """Return when it is due again, having run at `after`."""
        if self.every_s is not None:
            return after + timedelta(seconds=self.every_s)
        assert self.daily_at is not None
        local = after.astimezone(zone)
        due = datetime.combine(local.date(), self.daily_at, zone)
        if due <= local:
            due = datetime.combine(local.date() + timedelta(days=1), self.daily_at, zone)
        return due


def reconcile(session: Session, _settings: Settings, now: datetime) -> Iterable[int]:
    """Bring back what Redis or a worker lost: end what was lost too often, wake what waits."""
    for job_id in job_holds.end_lost(session, now, max_attempts=MAX_ATTEMPTS):
        log.error("job %d: its worker was lost; given up", job_id)
    return job_holds.lost(session, now)


def cover(session: Session, settings: Settings, _now: datetime) -> Iterable[int]:
    """Ask for coverage to be computed when tracks wait for it, or the settings ask for it anew.

    Where much waits a second worker may come from the other end.
    """
    from geoservice.services import following
    from geoservice.store import device_days

    if not (device_days.is_waiting(session) or following.have_changed(session, settings)):
        return
    if not jobs.is_open(session, "cover"):
        yield jobs.ask(session, "cover", {}, dedupe_key="cover")
    many = device_days.count_waiting(session, None, None) >= MANY_DEVICE_DAYS
    if many and not jobs.is_open(session, "cover 2"):
        yield jobs.ask(session, "cover", {"newest_first": True}, dedupe_key="cover 2")


def gap_reports(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Ask for the gaps of the standard windows where they are absent or stale."""
    from geoservice.services import gap_reports as reports

    today = now.astimezone(settings.zone_info).date()
    for first, last in reports.due(session, settings, today):
        key = f"gap_report {first} {last}"
        if not jobs.is_open(session, key):
            yield jobs.ask(session, "gap_report", {"from": f"{first}", "to": f"{last}"}, dedupe_key=key)


def partitions(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Make room for the fixes of this month and the next."""
    from geoservice.store import fixes

    today = now.astimezone(settings.zone_info).date()
    fixes.ensure_partitions(session, (today, today.replace(day=1) + timedelta(days=32)))
    return ()


def clear_desk(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Clear the import desk of what was left there."""
    from geoservice.services import desk

    dropped = desk.sweep(session, settings, now)
    if dropped:
        log.info("%d old imports were dropped from the desk", dropped)
    return ()


def recurring_patrols(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Publish the patrols of today and tomorrow that come round again."""
    from geoservice.services import templates

    today = now.astimezone(settings.zone_info).date()
    for day in (today, today + timedelta(days=1)):
        made = templates.make_patrols(session, settings, day)
        if made:
            log.info("%d recurring patrols of %s were published", made, day)
    return ()


def wishes(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Note as done what somebody wanted in a plan and patrols of the last days did, and what leaders asked for."""
    from geoservice.domain.windows import Window
    from geoservice.services import patrol_requests, patrols, planning

    planning.settle_wanted(session, settings, now=now)
    today = now.astimezone(settings.zone_info).date()
    patrols.settle_wanted(session, settings, Window.ending(today, WISH_DAYS), now=now)
    patrol_requests.settle(session, settings, now=now)
    return ()


def orders(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Raise the orders of supervision that fell due."""
    from geoservice.services import orders as service

    raised = service.raise_due(session, settings, now=now, most=ORDER_CASES)
    if raised:
        log.info("%d orders of supervision were raised", len(raised))
    return ()


def reports(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Ask for the drafts of what is over: yesterday, last week, month and quarter."""
    from geoservice.jobs.reports import drafts_due

    return drafts_due(session, settings, now)


def photos(session: Session, _settings: Settings, now: datetime) -> Iterable[int]:
    """Hold photos of the last days against tracks that came after them."""
    from geoservice.services import evidence

    raised = evidence.look_again(session, now=now)
    if raised:
        log.info("%d photos lie off the tracks that came after them", raised)
    return ()


def deadlines(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Let suspended cases go on whose day has come, and count deadlines by the calendar as this version knows it."""
    from geoservice.services import cases

    resumed = cases.resume_due(session, settings, now=now)
    moved = cases.recount_deadlines(session, settings, by=cases.Actor.system(), now=now)
    if resumed or moved:
        log.info("%d suspended cases go on, %d deadlines moved", len(resumed), len(moved))
    return ()


def usual_hours(session: Session, settings: Settings, now: datetime) -> Iterable[int]:
    """Ask for the hours of the days that today is compared with, once a day is over or somebody's ground is new."""
    from geoservice.services import today_usual

    on = now.astimezone(settings.zone_info).date()
    if today_usual.is_due(session, settings, on) and not jobs.is_open(session, "usual_hours"):
        yield jobs.ask(session, "usual_hours", {"on": on.isoformat()}, dedupe_key="usual_hours")


PERIODIC: tuple[Periodic, ...] = (
    Periodic("reconcile", reconcile, every_s=10),
    Periodic("cover", cover, every_s=60),
    Periodic("gap_reports", gap_reports, every_s=120),
    Periodic("partitions", partitions, daily_at=time(2, 30)),
    Periodic("clear_desk", clear_desk, daily_at=time(3, 30)),
    Periodic("wishes", wishes, every_s=900),
    Periodic("photos", photos, every_s=1800),
    Periodic("recurring_patrols", recurring_patrols, daily_at=time(19)),
    Periodic("orders", orders, every_s=60),
    Periodic("reports", reports, daily_at=time(4)),
    Periodic("deadlines", deadlines, daily_at=time(0, 5)),
    Periodic("usual_hours", usual_hours, every_s=900),
)
