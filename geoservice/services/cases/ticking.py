"""What steps do to the clocks of a case: each run is a row, each deadline that moves leaves one too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from geoservice.domain.cases import Stage, Tick
from geoservice.domain.clocks import Clock, Run, due_at, elapsed
from geoservice.services.cases.values import ClockView
from geoservice.store import case_writes as store
from geoservice.store.cases import CaseClock, DeadlineMove

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from geoservice.domain.clocks import Span, WorkTime
    from geoservice.store.cases import Case, CaseKind


@dataclass(frozen=True)
class Ticking:
    """What the clocks of one step are told: the case with its kind, when the step takes effect, by whom, and what was granted."""

    case: Case
    kind: CaseKind
    hours: WorkTime
    at: datetime
    by: int | None
    granted: float = 0.0


def tick(session: Session, told: Ticking, ticks: Iterable[tuple[Stage, Tick]]) -> None:
    """Let a step start, end, pause and move the clocks of its case, and write the case's deadlines anew; all at the next flush."""
    runs = store.clocks_of(session, told.case.id)
    for stage, each in ticks:
        if each is Tick.START:
            runs.append(_new_run(told, stage))
            session.add(runs[-1])
            continue
        run = _last_run(runs, stage)
        if run is not None:
            _change(session, told, run, each)
    handling = _last_run(runs, Stage.HANDLE)
    running = [run for run in runs if run.ended_at is None and run.paused_at is None]
    told.case.due_at = running[0].due_at if running else None
    told.case.handle_due_at = handling.due_at if handling and told.case.assigned_at else None


def run_of(row: CaseClock, until: datetime | None = None) -> Run:
    """Return a stored run as the clocks count it; where it stands still, it has stood still until then."""
    pauses = _spans(row)
    if row.paused_at is not None and until is not None and until > row.paused_at:
        pauses = (*pauses, (row.paused_at, until))
    return Run(Clock(row.clock), row.limit, row.started_at, pauses)


def move(row: CaseClock, hours: WorkTime, *, cause: str, at: datetime, by: int | None) -> DeadlineMove | None:
    """Count a run's deadline again → the move, unstored; None where it stays."""
    was, row.due_at = row.due_at, due_at(run_of(row), hours)
    if was == row.due_at:
        return None
    return DeadlineMove(clock_id=row.id, cause=cause, old_due_at=was, new_due_at=row.due_at, at=at, by=by)


def as_view(row: CaseClock, hours: WorkTime, now: datetime) -> ClockView:
    """Return a run as it stands now, or stood when it ended."""
    run = run_of(row, now)
    passed = elapsed(run, hours, row.ended_at or now)
    return ClockView(
        id=row.id,
        stage=row.stage,
        clock=row.clock,
        limit=row.limit,
        started_at=row.started_at,
        due_at=row.due_at,
        paused_at=row.paused_at,
        pauses=_spans(row),
        ended_at=row.ended_at,
        elapsed=passed,
        share=passed / row.limit,
    )


def _change(session: Session, told: Ticking, row: CaseClock, each: Tick) -> None:
    cause: str | None = None
    if each is Tick.END:
        row.ended_at = told.at
    elif each is Tick.SETTLE:
        row.ended_at = told.case.replied_at
    elif each is Tick.PAUSE:
        row.paused_at = told.at
    elif each is Tick.EXTEND:
        row.limit += told.granted
        cause = "postponed"
    else:
        stood_since = row.paused_at if each is Tick.RESUME else row.ended_at
        assert stood_since is not None
        row.pauses = [*row.pauses, [stood_since.isoformat(), told.at.isoformat()]]
        row.paused_at = row.ended_at = None
        cause = "resumed"
    moved = cause and move(row, told.hours, cause=cause, at=told.at, by=told.by)
    if moved:
        store.add_moves(session, [moved])


def _new_run(told: Ticking, stage: Stage) -> CaseClock:
    kind = told.kind
    clock, limit = {
        Stage.OPEN: (Clock.WORKING_HOURS, kind.open_limit),
        Stage.HANDLE: (Clock(kind.clock), kind.handle_limit),
        Stage.VERIFY: (Clock.WORKING_HOURS, kind.verify_limit),
    }[stage]
    return CaseClock(
        case_id=told.case.id,
        stage=stage.value,
        clock=clock.value,
        limit=limit,
        started_at=told.at,
        due_at=due_at(Run(clock, limit, told.at), told.hours),
        pauses=[],
    )


def _last_run(runs: list[CaseClock], stage: Stage) -> CaseClock | None:
    return next((run for run in reversed(runs) if run.stage == stage), None)


def _spans(row: CaseClock) -> tuple[Span, ...]:
    return tuple((datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in row.pauses)
