"""Cases with clocks, as somebody who handles them would leave them behind; put into the tables directly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import shapely
from geoalchemy2 import WKBElement

from geoservice.domain.cases import TRANSITIONS, Action, Stage, State, Tick
from geoservice.domain.clocks import Clock, Run, due_at
from geoservice.services.orders.raising import work_time
from geoservice.store.cases import Case, CaseClock, CaseKind, CaseStep, DeadlineMove
from geoservice.store.people import Department, Leader

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

MONDAY = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)  # 9 in Shanghai
KIND = "test_kind"


def add_kind(session: Session) -> None:
    """Insert a kind of case that counts hours day and night."""
    if session.get(CaseKind, KIND) is None:
        session.add(
            CaseKind(
                code=KIND, name_zh="占道经营", name_en="Street vending", clock="urgent_hours", handle_limit=10
            )
        )
        session.flush()


def add_department(session: Session, code: str = "OD1", name: str = "区市容环卫局") -> int:
    """Insert a department."""
    row = Department(code=code, name=name)
    session.add(row)
    session.flush()
    return row.id


def add_leader(session: Session, code: str, name: str, department_id: int | None = None) -> int:
    """Insert somebody who answers for ground."""
    row = Leader(code=code, name=name, title="副主任", department_id=department_id)
    session.add(row)
    session.flush()
    return row.id


class StoredCase:
    """A case in the tables, with the steps one takes with it."""

    def __init__(self, session: Session, settings: Settings, number: str, **more: object) -> None:
        self._session, self._settings = session, settings
        add_kind(session)
        row = Case(
            number=number,
            kind=KIND,
            state=State.OPENED.value,
            source="desk",
            title=str(more.pop("title", "占道经营")),
            geom=WKBElement(shapely.to_wkb(shapely.Point(114.05, 22.53)), srid=4326),
            reported_at=MONDAY,
            **more,
        )
        session.add(row)
        session.flush()
        self.id, self.row, self.steps = row.id, row, 0

    def take(self, action: Action, at: datetime, **given: object) -> StoredCase:
        """Take a step, with what it does to the clock of handling."""
        before = State(self.row.state)
        transition = TRANSITIONS[before, action]
        self.steps += 1
        self._session.add(
            CaseStep(
                case_id=self.id, number=self.steps, action=action.value, from_state=before.value,
                to_state=transition.to.value, at=at, given=given,
            )
        )  # fmt: skip
        self.row.state = transition.to.value
        for stage, tick in transition.ticks:
            if stage is Stage.HANDLE:
                self._tick(tick, at, given)
        self._session.flush()
        return self

    def _tick(self, tick: Tick, at: datetime, given: dict[str, object]) -> None:
        if tick is Tick.START:
            clock = CaseClock(
                case_id=self.id, stage="handle", clock="urgent_hours", limit=10.0, started_at=at,
                due_at=due_at(Run(Clock.URGENT_HOURS, 10.0, at), work_time(self._session, self._settings)), pauses=[],
            )  # fmt: skip
            self._session.add(clock)
            self.row.assigned_at, self.row.handle_due_at, self.row.due_at = at, clock.due_at, clock.due_at
            self.clock = clock
            return
        clock, iso = self.clock, at.isoformat()
        if tick is Tick.END:
            clock.ended_at = at
            self.row.due_at = None
        elif tick is Tick.PAUSE:
            clock.paused_at = at
        elif tick is Tick.RESUME:
            clock.pauses, clock.paused_at = [*clock.pauses, [clock.paused_at.isoformat(), iso]], None
        elif tick is Tick.RETAKE:
            clock.pauses, clock.ended_at = [*clock.pauses, [clock.ended_at.isoformat(), iso]], None
        elif tick is Tick.EXTEND:
            old = clock.due_at
            clock.limit += float(given["limit"])  # type: ignore[arg-type]
            pauses = tuple((datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in clock.pauses)
            run = Run(Clock.URGENT_HOURS, clock.limit, clock.started_at, pauses)
            clock.due_at = due_at(run, work_time(self._session, self._settings))
            self._session.flush()
            self._session.add(
                DeadlineMove(
                    clock_id=clock.id, cause="postponed", old_due_at=old, new_due_at=clock.due_at, at=at
                )
            )


def assigned(
    session: Session, settings: Settings, number: str, at: datetime = MONDAY, **more: object
) -> StoredCase:
    """Insert a case that was assigned at an instant, with ten hours to put it right."""
    told = {name: more[name] for name in ("department_id", "leader_id") if name in more}
    return StoredCase(session, settings, number, **more).take(Action.ASSIGN, at, **told)
