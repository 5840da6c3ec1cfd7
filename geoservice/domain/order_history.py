"""What of a case counts for orders, read from its steps: they are only ever added to, its clocks are rewritten.

So an order that fell due while a run went on stays due, even if an appeal later says that the run should have ended before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import TRANSITIONS, Action, Stage, State, Tick
from geoservice.domain.orders import CaseHistory, HandleRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from geoservice.domain.clocks import Clock, Span

_DIGITS = 9  # of a limit that is worked out again


@dataclass(frozen=True)
class KeptClock:
    """A clock of handling as it is kept: `limit` is what it allows in the end."""

    clock: Clock
    limit: float
    started_at: datetime
    pauses: tuple[Span, ...] = ()
    paused_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class KeptStep:
    """A step as it is kept."""

    action: Action
    from_state: State | None
    at: datetime
    given: Mapping[str, Any]


@dataclass
class _Stretch:
    """A run while its steps are read; `granted`: from when how many units more."""

    started_at: datetime
    department_id: int | None
    leader_id: int | None
    pauses: list[Span] = field(default_factory=list)
    granted: list[tuple[datetime, float]] = field(default_factory=list)
    paused_at: datetime | None = None
    ended_at: datetime | None = None

    def take(self, tick: Tick, step: KeptStep) -> None:
        at = step.at
        if tick is Tick.EXTEND:
            self.granted.append((at, float(step.given.get("limit", 0))))
        elif tick is Tick.END or tick is Tick.SETTLE:
            self.ended_at = self.paused_at or at
            self.paused_at = None
        elif tick is Tick.PAUSE:
            self.paused_at = at
        elif tick is Tick.RESUME and self.paused_at is not None:
            self.pauses.append((self.paused_at, at))
            self.paused_at = None
        elif tick is Tick.RETAKE and self.ended_at is not None:
            self.pauses.append((self.ended_at, at))
            self.ended_at = None


def read_history(
    case_id: int,
    now_with: tuple[int | None, int | None],
    clocks: Sequence[KeptClock],
    steps: Sequence[KeptStep],
) -> CaseHistory:
    """Return what counts; `now_with` are department and leader who have the case now, `steps` and `clocks` are in order."""
    stretches = _stretches(steps, now_with[1])
    if len(stretches) != len(clocks):
        # Cases that came from elsewhere have clocks but not every step.
        stretches = [_as_kept(clock, now_with) for clock in clocks]
    runs = tuple(
        HandleRun(
            number,
            clock.clock,
            _limits(clock, stretch.granted),
            tuple(stretch.pauses),
            stretch.paused_at,
            stretch.ended_at,
            stretch.department_id,
            stretch.leader_id,
        )
        for number, (clock, stretch) in enumerate(zip(clocks, stretches, strict=True), 1)
    )
    return CaseHistory(case_id, runs, tuple(step.at for step in steps if step.action is Action.REWORK))


def _stretches(steps: Iterable[KeptStep], leader_id: int | None) -> list[_Stretch]:
    """Return the runs; who answers for the ground stays so until a step names somebody else."""
    found: list[_Stretch] = []
    for step in steps:
        transition = TRANSITIONS.get((step.from_state, step.action))
        for stage, tick in transition.ticks if transition else ():
            if stage is not Stage.HANDLE:
                continue
            if tick is Tick.START:
                leader_id = step.given.get("leader_id", leader_id)
                found.append(_Stretch(step.at, step.given.get("department_id"), leader_id))
            elif found:
                found[-1].take(tick, step)
    return found


def _as_kept(clock: KeptClock, now_with: tuple[int | None, int | None]) -> _Stretch:
    return _Stretch(
        clock.started_at,
        *now_with,
        pauses=list(clock.pauses),
        paused_at=clock.paused_at,
        ended_at=clock.ended_at,
    )


def _limits(
    clock: KeptClock, granted: Sequence[tuple[datetime, float]]
) -> tuple[tuple[datetime, float], ...]:
    """Return how many units were allowed from when: what was granted in the end, less what was granted later.

    A deadline does not tell: a calendar that changed since would count other units up to it.
    """
    since, limit, found = clock.started_at, clock.limit - sum(more for _, more in granted), []
    for at, more in granted:
        found.append((since, round(limit, _DIGITS)))
        since, limit = at, limit + more
    return (*found, (since, clock.limit))
