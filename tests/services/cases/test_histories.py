"""Cases that anything may happen to: whatever people try in whatever order, what is kept makes sense."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from geoservice.config import Settings
from geoservice.domain.cases import ACTIVE, TRANSITIONS, Action, State, Who
from geoservice.domain.clocks import Clock, Run, due_at
from geoservice.domain.workdays import Override
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotFound
from geoservice.services import cases, workdays
from geoservice.store import case_rows
from geoservice.store.scope import EVERYTHING
from tests.services.cases.kit import NOW, add_photo, lay, new_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

WHO = st.sampled_from(["desk", "handler", "reporter", "leader"])
HAPPENS = st.sampled_from(
    [action for action in Action if action is not Action.REPORT] + ["calendar", "morning"]
)
# What people try, how long after what was before, and by how much their clock is wrong.
EVENTS = st.lists(
    st.tuples(HAPPENS, WHO, st.integers(0, 2000), st.none() | st.integers(-6000, 600), st.booleans()),
    min_size=12,
    max_size=16,
)
# Enough for every step to be whole.
GIVEN = {"note": "说明", "limit": 3, "until": "2027-06-01"}


@contextmanager
def taken_back(engine: Engine) -> Iterator[Session]:
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, join_transaction_mode="create_savepoint", info={"scope": EVERYTHING}
        ) as session:
            yield session
        outer.rollback()


class History:
    """One case, an hour at a time, and what must be true of it at any."""

    def __init__(self, session: Session, settings: Settings) -> None:
        self.session, self.settings, self.now = session, settings, NOW
        self.town = lay(session)
        self.other = cases.report(session, settings, new_case("stall"), by=self.town.desk, now=NOW).id
        self.id = cases.report(session, settings, new_case(), by=self.town.reporter, now=NOW).id
        self.rests = 0
        self.dues: dict[int, datetime] = {}
        self.moved = 0

    def read(self, who: str = "desk") -> cases.CaseDetail:
        return cases.read(self.session, self.settings, self.id, by=vars(self.town)[who], now=self.now)

    def happen(self, what: str, who: str, minutes: int, wrong: int | None, has_photo: bool) -> None:
        self.now += timedelta(minutes=minutes)
        if what == "calendar":
            self.change_calendar()
        elif what == "morning":
            cases.resume_due(self.session, self.settings, now=self.now)
        else:
            if has_photo:
                add_photo(self.session, self.id, at=self.now)
            self.try_step(Action(what), who, wrong)

    def change_calendar(self) -> None:
        day = self.now.date() + timedelta(days=self.rests % 3)
        self.rests += 1
        working = workdays.calendar(self.session, self.settings).is_working(day)
        workdays.set_day(self.session, day, Override(not working), by=None, now=self.now)
        cases.recount_deadlines(self.session, self.settings, by=self.town.desk, now=self.now, on=day)

    def try_step(self, action: Action, who: str, wrong: int | None) -> None:
        before = len(case_rows.steps(self.session, self.id))
        offered = {each.action: each for each in self.offers(who)}
        fields = {field.name for field in (offered[action].fields if action in offered else ())}
        told = {name: value for name, value in GIVEN.items() if name in fields}
        told |= {"into_id": self.other} if action is Action.JOIN else {}
        told |= {"department_id": self.town.departments["clean"]} if action is Action.ASSIGN else {}
        at = None if wrong is None else self.now + timedelta(minutes=wrong)
        try:
            cases.act(
                self.session, self.settings, self.id, action, told, by=vars(self.town)[who], now=self.now, at=at
            )  # fmt: skip
        except GeoServiceError as refusal:
            assert len(case_rows.steps(self.session, self.id)) == before
            if action in offered:
                assert isinstance(refusal, BadRequest | Conflict)
                assert refusal.code in {"case_photo_needed", "case_assigned_there"}
        else:
            assert action in offered

    def check(self) -> None:
        detail = self.read()
        self.check_steps(detail)
        self.check_clocks(detail)
        if detail.view.is_active and not detail.possible:
            assert self.offers("handler"), "nobody can do anything"

    def offers(self, who: str) -> tuple[cases.Possible, ...]:
        try:
            return self.read(who).possible
        except NotFound:
            return ()

    def check_steps(self, detail: cases.CaseDetail) -> None:
        assert [step.number for step in detail.steps] == list(range(1, len(detail.steps) + 1))
        for last, step in pairwise(detail.steps):
            assert step.at >= last.at and step.from_state is last.to_state
            assert TRANSITIONS[step.from_state, step.action].to is step.to_state
            assert step.by is not None or Who.SYSTEM in TRANSITIONS[step.from_state, step.action].who
        assert all(step.at <= step.received_at for step in detail.steps)
        assert detail.steps[-1].to_state is detail.view.state
        reworks = [step.action for step in detail.steps].count(Action.REWORK)
        taken_back = [
            step
            for step in detail.steps
            if step.action is Action.GRANT_APPEAL and step.from_state is State.HANDLING
        ]
        assert detail.view.reworks == reworks - len(taken_back) >= 0

    def check_clocks(self, detail: cases.CaseDetail) -> None:
        hours = cases.work_time(self.session, self.settings)
        running = [clock for clock in detail.clocks if clock.ended_at is None and clock.paused_at is None]
        assert [clock.due_at for clock in running] == [due for due in [detail.view.due_at] if due]
        resting = {State.SUSPENDED, State.VERIFIED}
        assert bool(running) == (detail.view.state in ACTIVE - resting)
        self.check_causes(detail)
        for clock in detail.clocks:
            moves = [move for move in detail.moves if move.clock_id == clock.id]
            for last, move in pairwise(moves):
                assert move.old_due_at == last.new_due_at
            if moves:
                assert moves[-1].new_due_at == clock.due_at
            for (_, ended), (begun, _) in pairwise(clock.pauses):
                assert ended <= begun
            if clock in running:
                run = Run(Clock(clock.clock), clock.limit, clock.started_at, clock.pauses)
                assert due_at(run, hours) == clock.due_at
                unpaused = due_at(Run(run.clock, run.limit, run.started_at), hours)
                assert clock.due_at >= unpaused
                if not moves:
                    assert clock.due_at == unpaused

    def check_causes(self, detail: cases.CaseDetail) -> None:
        """A deadline is what it was when one looked last, but for the moves since, each of which says why."""
        since, self.moved = detail.moves[self.moved :], len(detail.moves)
        for clock in detail.clocks:
            causes = [move for move in since if move.clock_id == clock.id]
            before = self.dues.get(clock.id)
            if before is not None:
                assert (
                    [before, clock.due_at] == [causes[0].old_due_at, causes[-1].new_due_at]
                    if causes
                    else before == clock.due_at
                )
            self.dues[clock.id] = clock.due_at


@given(EVENTS)
@settings(max_examples=2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_whatever_happens_makes_one_history(engine, database_url, events):
    with taken_back(engine) as session:
        history = History(session, Settings(database_url=database_url, demo_mode=True))
        for event in events:
            history.happen(*event)
            history.check()


@given(st.lists(st.integers(0, 10**6), min_size=18, max_size=20))
@settings(max_examples=2, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_people_who_do_what_they_are_offered_go_everywhere_and_always_go_on(engine, database_url, choices):
    """Among the steps that are offered one is taken, so that long ways are walked, not only tried."""
    with taken_back(engine) as session:
        history = History(session, Settings(database_url=database_url, demo_mode=True))
        for choice in choices:
            offers = [
                (who, each.action) for who in ("desk", "handler", "reporter") for each in history.offers(who)
            ]
            assert offers
            who, action = offers[choice % len(offers)]
            history.happen(action.value, who, choice % 500, None, True)
            history.check()
