"""The closed loop (巡查—交办—整改—督办) as one table: every state a case can be in, every step, who may take it, what he must give.

report 上报 → open 立案 or reject 不予立案 → assign 派遣 → accept 受理 or send back 退回 → reply 处置反馈 → verify 核查 → close 结案 or rework
返工; postpone 延期 and suspend 挂账 by request and approval, appeal 申诉, reopen 重新立案. Near-duplicates are joined 并案.

Three stages have clocks. `open` is the desk's: from report until the case is assigned or rejected. `handle` is the department's: from
assignment until the reply; it stands still while the case is suspended, and while a reply that was not good enough waited to be looked
at. `verify` is the desk's again: from the reply until it is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LATEST = timedelta(days=3)
"""How long before its arrival a phone without network may say that something was done."""


class State(StrEnum):
    """Where a case stands."""

    REPORTED = "reported"  # 待立案
    OPENED = "opened"  # 待派遣
    ASSIGNED = "assigned"  # 待受理
    HANDLING = "handling"  # 处置中
    SUSPENDED = "suspended"  # 挂账
    REPLIED = "replied"  # 待核查
    VERIFIED = "verified"  # 待结案
    CLOSED = "closed"  # 已结案
    REJECTED = "rejected"  # 不予立案
    JOINED = "joined"  # 已并案


class Action(StrEnum):
    """What somebody does with a case."""

    REPORT = "report"
    OPEN = "open"
    REJECT = "reject"
    JOIN = "join"
    SEPARATE = "separate"
    ASSIGN = "assign"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    REPLY = "reply"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"
    REOPEN = "reopen"
    RESUME = "resume"
    ASK_POSTPONE = "ask_postpone"
    GRANT_POSTPONE = "grant_postpone"
    REFUSE_POSTPONE = "refuse_postpone"
    ASK_SUSPEND = "ask_suspend"
    GRANT_SUSPEND = "grant_suspend"
    REFUSE_SUSPEND = "refuse_suspend"
    ASK_APPEAL = "ask_appeal"
    GRANT_APPEAL = "grant_appeal"
    REFUSE_APPEAL = "refuse_appeal"


class Who(StrEnum):
    """As what somebody acts on a case; one person may be several."""

    DESK = "desk"  # runs the cases
    HANDLER = "handler"  # of the department that handles it, the leader who answers for it, or his deputy
    REPORTER = "reporter"  # who reported this very case
    SYSTEM = "system"


class Stage(StrEnum):
    """What a clock of a case measures."""

    OPEN = "open"
    HANDLE = "handle"
    VERIFY = "verify"


class Tick(StrEnum):
    """What a step does to the clock of a stage."""

    START = "start"  # a new run, with the whole limit
    END = "end"
    PAUSE = "pause"
    RESUME = "resume"
    RETAKE = "retake"  # the run that a reply ended goes on; the time in between counts for nobody
    SETTLE = "settle"  # a retaken run ends where the reply had ended it
    EXTEND = "extend"  # the limit grows by what was granted


@dataclass(frozen=True)
class Field:
    """Something a step is given: `kind` is text, department, leader, case, number or day."""

    name: str
    kind: str
    needed: bool = False


@dataclass(frozen=True)
class Transition:
    """One row of the table: where a step leads, who may take it, what is given, and what it does to the clocks."""

    to: State
    who: frozenset[Who]
    fields: tuple[Field, ...] = ()
    ticks: tuple[tuple[Stage, Tick], ...] = ()
    one_of: tuple[str, ...] = ()  # of these fields at least one is needed


TERMINAL = frozenset({State.CLOSED, State.REJECTED, State.JOINED})
ACTIVE = frozenset(State) - TERMINAL
WITH_HANDLER = frozenset({State.ASSIGNED, State.HANDLING, State.SUSPENDED})

REQUESTS = ("postpone", "suspend", "appeal")

_DESK = frozenset({Who.DESK})
_HANDLER = frozenset({Who.HANDLER})
_CHECKS = frozenset({Who.DESK, Who.REPORTER})
_NOTE, _WHY = Field("note", "text"), Field("note", "text", needed=True)
_TO = (Field("department_id", "department"), Field("leader_id", "leader"), _NOTE)
_INTO = (Field("into_id", "case", needed=True), _NOTE)
_MORE = (Field("limit", "number", needed=True), _WHY)
_UNTIL = (Field("until", "day"), _WHY)
_START_OPEN, _END_OPEN = (Stage.OPEN, Tick.START), (Stage.OPEN, Tick.END)
_START_HANDLE, _END_HANDLE = (Stage.HANDLE, Tick.START), (Stage.HANDLE, Tick.END)
_START_VERIFY, _END_VERIFY = (Stage.VERIFY, Tick.START), (Stage.VERIFY, Tick.END)
_RETAKE = (Stage.HANDLE, Tick.RETAKE)
_ASSIGN_FIRST = Transition(
    State.ASSIGNED,
    frozenset({Who.DESK, Who.SYSTEM}),
    _TO,
    (_END_OPEN, _START_HANDLE),
    ("department_id", "leader_id"),
)
_ASSIGN_AGAIN = Transition(
    State.ASSIGNED, _DESK, _TO, (_END_HANDLE, _START_HANDLE), ("department_id", "leader_id")
)
_REJECT = Transition(State.REJECTED, _DESK, (_WHY,), (_END_OPEN,))
_JOIN = Transition(State.JOINED, _DESK, _INTO, (_END_OPEN,))
_REOPEN = Transition(State.OPENED, _DESK, (_WHY,), (_START_OPEN,))


def _stay(state: State, who: frozenset[Who], *fields: Field) -> Transition:
    return Transition(state, who, fields)


TRANSITIONS: dict[tuple[State | None, Action], Transition] = {
    (None, Action.REPORT): Transition(State.REPORTED, frozenset(Who), (), (_START_OPEN,)),
    (State.REPORTED, Action.OPEN): Transition(State.OPENED, _DESK, (_NOTE,)),
    (State.REPORTED, Action.REJECT): _REJECT,
    (State.REPORTED, Action.JOIN): _JOIN,
    (State.OPENED, Action.ASSIGN): _ASSIGN_FIRST,
    (State.OPENED, Action.REJECT): _REJECT,
    (State.OPENED, Action.JOIN): _JOIN,
    (State.ASSIGNED, Action.ACCEPT): Transition(State.HANDLING, _HANDLER, (_NOTE,)),
    (State.ASSIGNED, Action.SEND_BACK): Transition(
        State.OPENED, _HANDLER, (_WHY,), (_END_HANDLE, _START_OPEN)
    ),
    (State.ASSIGNED, Action.ASSIGN): _ASSIGN_AGAIN,
    (State.HANDLING, Action.REPLY): Transition(
        State.REPLIED, _HANDLER, (_WHY,), (_END_HANDLE, _START_VERIFY)
    ),
    (State.HANDLING, Action.ASSIGN): _ASSIGN_AGAIN,
    (State.HANDLING, Action.ASK_POSTPONE): _stay(State.HANDLING, _HANDLER, *_MORE),
    (State.HANDLING, Action.GRANT_POSTPONE): Transition(
        State.HANDLING, _DESK, (Field("limit", "number"), _NOTE), ((Stage.HANDLE, Tick.EXTEND),)
    ),
    (State.HANDLING, Action.REFUSE_POSTPONE): _stay(State.HANDLING, _DESK, _WHY),
    (State.HANDLING, Action.ASK_SUSPEND): _stay(State.HANDLING, _HANDLER, *_UNTIL),
    (State.HANDLING, Action.GRANT_SUSPEND): Transition(
        State.SUSPENDED, _DESK, (Field("until", "day"), _NOTE), ((Stage.HANDLE, Tick.PAUSE),)
    ),
    (State.HANDLING, Action.REFUSE_SUSPEND): _stay(State.HANDLING, _DESK, _WHY),
    (State.HANDLING, Action.ASK_APPEAL): _stay(State.HANDLING, _HANDLER, _WHY),
    (State.HANDLING, Action.GRANT_APPEAL): Transition(
        State.VERIFIED, _DESK, (_NOTE,), ((Stage.HANDLE, Tick.SETTLE),)
    ),
    (State.HANDLING, Action.REFUSE_APPEAL): _stay(State.HANDLING, _DESK, _WHY),
    (State.SUSPENDED, Action.RESUME): Transition(
        State.HANDLING,
        frozenset({Who.DESK, Who.HANDLER, Who.SYSTEM}),
        (_NOTE,),
        ((Stage.HANDLE, Tick.RESUME),),
    ),
    (State.REPLIED, Action.VERIFY): Transition(State.VERIFIED, _CHECKS, (_NOTE,), (_END_VERIFY,)),
    (State.REPLIED, Action.REWORK): Transition(State.HANDLING, _CHECKS, (_WHY,), (_END_VERIFY, _RETAKE)),
    (State.VERIFIED, Action.CLOSE): Transition(State.CLOSED, _DESK, (_NOTE,)),
    (State.VERIFIED, Action.REWORK): Transition(State.HANDLING, _DESK, (_WHY,), (_RETAKE,)),
    (State.CLOSED, Action.REOPEN): _REOPEN,
    (State.REJECTED, Action.REOPEN): _REOPEN,
    (State.REJECTED, Action.ASK_APPEAL): _stay(State.REJECTED, frozenset({Who.REPORTER}), _WHY),
    (State.REJECTED, Action.GRANT_APPEAL): Transition(State.OPENED, _DESK, (_NOTE,), (_START_OPEN,)),
    (State.REJECTED, Action.REFUSE_APPEAL): _stay(State.REJECTED, _DESK, _WHY),
    (State.JOINED, Action.SEPARATE): Transition(State.REPORTED, _DESK, (_WHY,), (_START_OPEN,)),
}


def request_of(action: Action) -> str | None:
    """Return which request (one of REQUESTS) a step makes or decides; None for every other step."""
    _, _, kind = action.value.partition("_")
    return kind if kind in REQUESTS else None


def possible(state: State, as_what: frozenset[Who]) -> tuple[Action, ...]:
    """Return the steps that whoever acts as `as_what` may take from a state, in the table's order."""
    return tuple(action for (at, action), row in TRANSITIONS.items() if at is state and row.who & as_what)


def takes_effect_at(at: datetime | None, *, received_at: datetime, last_at: datetime | None) -> datetime:
    """Return when a step counts as done that somebody's own clock dates `at`: two clocks, one history.

    Steps take effect in the order in which they arrive. So none is later than its arrival, none before the step that took
    effect last, and a clock that is more than LATEST behind is not believed.
    """
    believed = received_at if at is None or at < received_at - LATEST else min(at, received_at)
    return believed if last_at is None else max(believed, last_at)
