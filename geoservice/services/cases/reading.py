"""Cases for whoever looks: one with everything about it, lists by key, counts, places."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from geoservice.domain.cases import TRANSITIONS, Action, State, Who, possible
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, NotFound
from geoservice.services.cases import asking
from geoservice.services.cases.acting import is_shown, view_of
from geoservice.services.cases.assigning import answers_as, propose, roles_on
from geoservice.services.cases.hours import work_time
from geoservice.services.cases.ticking import as_view
from geoservice.services.cases.values import CaseDetail, CasePage, Possible
from geoservice.store import case_lists, case_rows
from geoservice.store import case_writes as store
from geoservice.store.case_lists import MOST_URGENT, NEWEST, CaseFilters

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases.values import Actor, Proposal
    from geoservice.store.case_lists import Key
    from geoservice.store.case_rows import CaseView
    from geoservice.store.cases import Case

MOST_A_PAGE = 500
_PROPOSED = frozenset({State.REPORTED, State.OPENED})


def read(session: Session, settings: Settings, case_id: int, *, by: Actor, now: datetime) -> CaseDetail:
    """Return everything about a case and what the actor may do with it; NotFound where it is none of his."""
    on = local_day(now, settings.zone_info)
    case = store.case_by_id(session, case_id)
    as_what = frozenset() if case is None else roles_on(session, case, by, on)
    if case is None or not is_shown(session, as_what):
        raise NotFound("case_unknown")
    hours = work_time(session, settings)
    return CaseDetail(
        view=view_of(session, case_id),
        steps=tuple(case_rows.steps(session, case_id)),
        clocks=tuple(as_view(row, hours, now) for row in store.clocks_of(session, case_id)),
        requests=tuple(case_rows.requests(session, case_id)),
        moves=tuple(case_rows.moves(session, case_id=case_id)),
        evidence_ids=tuple(case_rows.evidence_ids(session, case_id)),
        joined=tuple(case_rows.joined_ids(session, case_id)),
        possible=_possible(session, case, by, as_what),
        proposal=_proposal(session, case, as_what, on),
    )


def find(
    session: Session, settings: Settings, filters: CaseFilters, *, after: str | None = None, limit: int = 50
) -> CasePage:
    """Return a page of cases; `after` is the key that the page before ended with."""
    if filters.order not in {NEWEST, MOST_URGENT}:
        raise BadRequest("case_order_unknown", order=filters.order[:40])
    key = None if after is None else _read_key(after, filters.order)
    found, following = case_lists.page(session, filters, key, max(1, min(limit, MOST_A_PAGE)))
    return CasePage(tuple(found), None if following is None else _write_key(following))


def counts(session: Session, filters: CaseFilters) -> dict[State, int]:
    """Count cases by state, whatever `filters.states` says; every state is a key."""
    return case_lists.count_by_state(session, filters)


def count_asked(session: Session, filters: CaseFilters) -> int:
    """Count the cases about which a request waits for a decision, whatever `filters` says of states."""
    return case_lists.count_asked(session, filters)


def asked_about(session: Session, shown: Iterable[CaseView]) -> dict[int, list[str]]:
    """Case's id → the kinds of requests about it that wait for a decision; without those about which none does."""
    return case_lists.asked_about(session, [case.id for case in shown])


def places(session: Session, filters: CaseFilters, *, limit: int = 2000) -> list[CaseView]:
    """Return the cases of a list for a map, in its order."""
    return case_lists.page(session, filters, None, limit)[0]


def own_filters(session: Session, actor: Actor, on: date) -> CaseFilters:
    """Return what narrows lists to what the actor handles: his department's, his own ground's, that of whom he stands in for."""
    return CaseFilters(own=(actor.department_id, tuple(sorted(answers_as(session, actor, on)))))


def _possible(session: Session, case: Case, by: Actor, as_what: frozenset[Who]) -> tuple[Possible, ...]:
    state = State(case.state)
    kind = store.kind_of(session, case.kind)
    waiting = store.open_requests(session, case.id)
    is_replier = by.account_id is not None and store.last_replier(session, case.id) == by.account_id
    return tuple(
        Possible(
            action,
            TRANSITIONS[state, action].fields,
            TRANSITIONS[state, action].one_of,
            photo=action is Action.REPLY and kind is not None and kind.photo_needed,
        )
        for action in possible(state, as_what)
        if asking.is_open_to(action, case, waiting)
        and not (is_replier and action in {Action.VERIFY, Action.REWORK})
    )


def _proposal(session: Session, case: Case, as_what: frozenset[Who], on: date) -> Proposal | None:
    kind = store.kind_of(session, case.kind)
    if Who.DESK not in as_what or case.state not in _PROPOSED or kind is None:
        return None
    return propose(session, case, kind, on)


def _write_key(key: Key) -> str:
    return "_".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in key)


def _read_key(after: str, order: str) -> Key:
    at, _, row_id = after.rpartition("_")
    if not (row_id.isdecimal() and len(row_id) < 19 and bool(at) == (order == MOST_URGENT)):
        raise BadRequest("case_page_unknown")
    try:
        return (datetime.fromisoformat(at), int(row_id)) if at else (int(row_id),)
    except ValueError:
        raise BadRequest("case_page_unknown") from None
