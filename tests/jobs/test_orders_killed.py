"""A scheduler that is killed again and again, while cases go on, raises every order once: the pure function is the oracle.

ORDER_KILLS, ORDER_CASES and ORDER_STEPS_AT_ONCE make it longer than the test suite has time for: 50, 10000 and 100 are what is promised.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.domain.cases import Action
from geoservice.domain.orders import Known, OrderKind, fall_due, repeat_due
from geoservice.jobs.periodic import Periodic
from geoservice.jobs.scheduler import run_entry
from geoservice.services import orders as service
from geoservice.services.orders.raising import histories, read_rules, work_time
from geoservice.store.base import make_engine, transaction
from geoservice.store.orders import SupervisionOrder
from geoservice.store.scope import EVERYTHING
from tests.services.order_kit import MONDAY, StoredCase, add_department

if TYPE_CHECKING:
    from pathlib import Path

KILLS = int(os.environ.get("ORDER_KILLS", "4"))
CASES = int(os.environ.get("ORDER_CASES", "30"))
DAYS = 90
AT_ONCE = int(os.environ.get("ORDER_STEPS_AT_ONCE", "6"))  # steps a transaction
BITE = 9  # cases a run of the scheduler


def _serve(settings: Settings, clock: Path) -> None:
    """Be a scheduler whose clock is a file."""
    make_engine.cache_clear()

    def ask(session, given, now):
        service.raise_due(session, given, now=now, most=BITE)
        return ()

    while True:
        run_entry(settings, Periodic("orders", ask, every_s=1), datetime.fromisoformat(clock.read_text()))
        time.sleep(0.005)


class KilledScheduler:
    """A process that raises orders and is killed, and comes back."""

    def __init__(self, settings: Settings, clock: Path) -> None:
        self._of = (settings, clock)
        self.kills = 0
        self._start()

    def _start(self) -> None:
        self._process = multiprocessing.get_context("fork").Process(target=_serve, args=self._of, daemon=True)
        self._process.start()

    def kill(self, again: bool = True) -> None:
        """End it where it is, as a lost machine would."""
        self._process.kill()
        self._process.join()
        self._process.close()
        if again:
            self.kills += 1
            self._start()


def _story(rng: random.Random) -> list[tuple[datetime, Action, dict[str, object]]]:
    """Return what happens to one case, in order."""
    at = MONDAY + timedelta(minutes=rng.randrange((DAYS - 8) * 1440))
    steps: list[tuple[datetime, Action, dict[str, object]]] = []

    def then(action: Action, most_hours: float, **given: object) -> None:
        nonlocal at
        at += timedelta(minutes=rng.randrange(1, int(most_hours * 60)))
        steps.append((at, action, given))

    then(Action.ASSIGN, 1, department_id=rng.choice([1, 2]))
    then(Action.ACCEPT, 4)
    if rng.random() < 0.2:
        then(Action.GRANT_POSTPONE, 10, limit=rng.choice([2.0, 5.0]))
    if rng.random() < 0.2:
        then(Action.GRANT_SUSPEND, 6)
        then(Action.RESUME, 40)
    then(Action.REPLY, 20)
    for _ in range(rng.choice([0, 0, 0, 1, 2, 3])):
        then(Action.REWORK, 5)
        then(Action.REPLY, 15)
    if rng.random() < 0.7:
        then(Action.VERIFY, 5)
        then(Action.CLOSE, 5)
    return steps


def _live(
    session: Session, settings: Settings, clock: Path, scheduler: KilledScheduler, rng: random.Random
) -> None:
    """Let every case's steps happen in the order of their instants, and kill the scheduler at random among them."""
    departments = {1: add_department(session, "K1", "甲"), 2: add_department(session, "K2", "乙")}
    cases = []
    for number in range(CASES):
        cases.append(StoredCase(session, settings, f"K{number}", department_id=departments[1 + number % 2]))
    events = sorted(
        (
            (at, number, action, given)
            for number in range(CASES)
            for at, action, given in _story(rng)
        ),
        key=lambda event: event[:2],
    )  # fmt: skip
    session.commit()
    deaths = set(rng.sample(range(0, len(events), AT_ONCE), KILLS))
    for first in range(0, len(events), AT_ONCE):
        for at, number, action, given in events[first : first + AT_ONCE]:
            real = {**given, "department_id": departments[given["department_id"]]} if "department_id" in given else given  # fmt: skip
            cases[number].take(action, at, **real)
            session.flush()
        session.commit()
        fresh = clock.with_suffix(".new")
        fresh.write_text(at.isoformat())
        fresh.replace(clock)
        if first in deaths:
            time.sleep(rng.random() * 0.03)  # so that it dies anywhere, not always at the same place
            scheduler.kill()


@pytest.mark.parametrize("seed", [int(os.environ.get("ORDER_SEED", "7"))])
def test_no_order_is_lost_or_doubled_however_often_the_scheduler_is_killed(new_database, tmp_path, seed):
    rng = random.Random(seed)
    settings = Settings(database_url=new_database(), demo_mode=True)
    clock = tmp_path / "clock"
    clock.write_text(MONDAY.isoformat())
    end = MONDAY + timedelta(days=DAYS)
    scheduler = KilledScheduler(settings, clock)
    try:
        with Session(
            make_engine(settings.database_url), info={"scope": EVERYTHING}, expire_on_commit=False
        ) as session:
            _live(session, settings, clock, scheduler, rng)
    finally:
        scheduler.kill(again=False)
    assert scheduler.kills == KILLS
    with transaction(make_engine(settings.database_url)) as session:
        before = session.scalar(text("SELECT count(*) FROM supervision_order"))
        service.raise_due(session, settings, now=end)
        rows = session.execute(
            select(SupervisionOrder.cause, SupervisionOrder.raised_at, SupervisionOrder.number).order_by(
                SupervisionOrder.id
            )
        ).all()
        wanted = _wanted(session, settings, end)
    assert before > len(rows) / 3, "the scheduler raised next to nothing before the end"
    assert sorted((row.cause, row.raised_at) for row in rows) == sorted(wanted)
    assert [row.number for row in rows] == [f"督2026-{number:04d}" for number in range(1, len(rows) + 1)]
    print(f"{CASES} cases, {len(rows)} orders ({before} by the scheduler), {scheduler.kills} kills")


def _wanted(session: Session, settings: Settings, end: datetime) -> list[tuple[str, datetime]]:
    """Return cause and instant of every order, from the whole story at once."""
    rules, hours = read_rules(session), work_time(session, settings)
    ids = list(session.scalars(text("SELECT id FROM patrol_case")))
    dues = [due for case in histories(session, ids) for due in fall_due(case, rules, hours) if due.at <= end]  # fmt: skip
    found = [(due.cause, due.at) for due in dues]
    for department_id in {due.department_id for due in dues if due.department_id is not None}:
        known = [Known(due.kind, due.at, due.cause) for due in dues if due.department_id == department_id]
        found += [(due.cause, due.at) for due in repeat_due(department_id, known, rules, hours.zone)]
    assert any(kind in cause for kind in (OrderKind.TALK.value,) for cause, _ in found)
    return found
