"""What is asked for on the way (延期, 挂账, 申诉): one request of a kind at a time, decided once, dropped when the case moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import Action, State, request_of
from geoservice.errors import BadRequest, Conflict
from geoservice.store.cases import CaseRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.cases.marks import Taken
    from geoservice.store.cases import Case

_GRANTED, _REFUSED = "granted", "refused"


def is_open_to(action: Action, case: Case, waiting: Mapping[str, CaseRequest]) -> bool:
    """Tell whether a step that is about a request can be taken: one is decided while it waits, and asked for while none does."""
    kind = request_of(action)
    if kind is None:
        return True
    if action is Action.ASK_APPEAL and case.state == State.HANDLING and not _was_sent_back(case):
        return False
    return action.value.startswith("ask_") != (kind in waiting)


def _was_sent_back(case: Case) -> bool:
    """Tell whether whoever handles a case now has replied; not others before him, nor before it was opened again."""
    replied_at, assigned_at = case.replied_at, case.assigned_at
    return replied_at is not None and assigned_at is not None and replied_at >= assigned_at


def check(action: Action, case: Case, waiting: Mapping[str, CaseRequest]) -> None:
    """Refuse what `is_open_to` says can't be done, with the reason: Conflict, or BadRequest for an appeal against nothing."""
    if is_open_to(action, case, waiting):
        return
    if request_of(action) in waiting:
        raise Conflict("case_asked_already")
    if action is Action.ASK_APPEAL:
        raise BadRequest("case_nothing_to_appeal")
    raise Conflict("case_nothing_asked")


def fill_in(action: Action, given: dict[str, Any], waiting: Mapping[str, CaseRequest]) -> dict[str, Any]:
    """Return what is given when a request is granted: where the desk says nothing else, what was asked for."""
    kind = request_of(action)
    if kind is None or not action.value.startswith("grant_"):
        return given
    return {**waiting[kind].wanted, **given}


def settle(
    session: Session, case: Case, action: Action, taken: Taken, waiting: Mapping[str, CaseRequest]
) -> None:
    """Keep a request, its decision, or that the case has left the state in which it could be decided; at the next flush."""
    kind = request_of(action)
    if kind is not None and action.value.startswith("ask_"):
        session.add(_request(case, kind, taken))
        return
    if kind is not None:
        decision = _GRANTED if action.value.startswith("grant_") else _REFUSED
        _decide(waiting[kind], decision, taken, by=taken.by)
    if case.state != taken.was:
        for asked, row in waiting.items():
            if asked != kind:
                _decide(row, _REFUSED, taken, by=None)


def _request(case: Case, kind: str, taken: Taken) -> CaseRequest:
    wanted = {name: value for name, value in taken.given.items() if name != "note"}
    reason = taken.given["note"]
    return CaseRequest(
        case_id=case.id, kind=kind, wanted=wanted, reason=reason, asked_by=taken.by, asked_at=taken.at
    )


def _decide(row: CaseRequest, decision: str, taken: Taken, *, by: int | None) -> None:
    row.decision, row.decided_by, row.decided_at = decision, by, taken.at
    row.note = taken.given.get("note", "") if by is not None else ""
