"""What each step writes on its case, beside the state, the clocks and the requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import Action, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from geoservice.store.cases import Case


@dataclass(frozen=True)
class Taken:
    """A step as it was taken: from which state, when it takes effect, by which account, with what."""

    was: State
    at: datetime
    by: int | None
    given: Mapping[str, Any]


def mark(case: Case, action: Action, taken: Taken) -> None:
    """Write on a case what a step says of it."""
    if action in _MARKS:
        _MARKS[action](case, taken)


def _open(case: Case, taken: Taken) -> None:
    case.opened_at = taken.at


def _assign(case: Case, taken: Taken) -> None:
    case.department_id, case.handler_id = taken.given.get("department_id"), None
    case.leader_id = taken.given.get("leader_id", case.leader_id)
    case.assigned_at = taken.at


def _accept(case: Case, taken: Taken) -> None:
    case.handler_id = taken.by


def _send_back(case: Case, _taken: Taken) -> None:
    case.department_id = case.handler_id = case.assigned_at = None


def _reply(case: Case, taken: Taken) -> None:
    case.replied_at = taken.at


def _verify(case: Case, taken: Taken) -> None:
    case.verified_at = taken.at


def _rework(case: Case, _taken: Taken) -> None:
    case.verified_at = None
    case.reworks += 1


def _close(case: Case, taken: Taken) -> None:
    case.closed_at = taken.at


def _reopen(case: Case, taken: Taken) -> None:
    """Open it again for whoever is now to handle it; what was done before is in its steps."""
    case.department_id = case.handler_id = case.assigned_at = None
    case.replied_at = case.verified_at = case.closed_at = None
    case.opened_at = case.opened_at or taken.at
    case.reopened += 1


def _postpone(case: Case, _taken: Taken) -> None:
    case.postponed += 1


def _appeal(case: Case, taken: Taken) -> None:
    """Take back what was appealed against: a rework counts no more and the reply stands; a rejected case is open after all."""
    if taken.was is State.HANDLING:
        case.reworks -= 1
        case.verified_at = taken.at
    else:
        case.opened_at = taken.at


def _join(case: Case, taken: Taken) -> None:
    case.joined_into_id = taken.given.get("into_id")


_MARKS: dict[Action, Callable[[Case, Taken], None]] = {
    Action.OPEN: _open,
    Action.ASSIGN: _assign,
    Action.ACCEPT: _accept,
    Action.SEND_BACK: _send_back,
    Action.REPLY: _reply,
    Action.VERIFY: _verify,
    Action.REWORK: _rework,
    Action.CLOSE: _close,
    Action.REOPEN: _reopen,
    Action.GRANT_POSTPONE: _postpone,
    Action.GRANT_APPEAL: _appeal,
    Action.JOIN: _join,
    Action.SEPARATE: _join,
}
