"""Acting on a case: found and locked, by somebody who may, from the state he saw it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import TRANSITIONS, Action, State
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound
from geoservice.services.cases.assigning import roles_on
from geoservice.services.cases.steps import Steps
from geoservice.store import case_rows
from geoservice.store import case_writes as store
from geoservice.store.scope import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.cases import Who
    from geoservice.services.cases.values import Actor
    from geoservice.store.case_rows import CaseView
    from geoservice.store.cases import Case


def act(  # noqa: PLR0913 - a step is all of these, and every caller names what it gives
    session: Session,
    settings: Settings,
    case_id: int,
    action: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    at: datetime | None = None,
    client_uuid: UUID | None = None,
) -> CaseView:
    """Take one step of a case; the same `client_uuid` again: nothing more happens.

    `given` holds what the step's fields name (`read(...).possible`): note, department_id, leader_id, into_id, limit, until (a
    date). Raises NotFound, NotAllowed, BadRequest for what is missing or makes no sense, Conflict ("case_changed_…" tells what
    somebody else did since `row_version`, "case_is_…" that the state does not allow the step).
    """
    wanted = _action(action)
    if client_uuid is not None and _was_taken(session, case_id, wanted, client_uuid, by):
        return view_of(session, case_id)
    store.keep_hours(session)
    case = store.lock_case(session, case_id)
    as_what = frozenset() if case is None else roles_on(session, case, by, local_day(now, settings.zone_info))
    if case is None or not is_shown(session, as_what):
        raise NotFound("case_unknown")
    _check_version(session, settings, case, row_version)
    row = TRANSITIONS.get((State(case.state), wanted))
    if row is None:
        raise Conflict(f"case_is_{case.state}")
    if not row.who & as_what:
        raise NotAllowed("case_step_of_others")
    steps = Steps(session, settings, case, now=now, at=at)
    steps.take(wanted, row, given, by, client_uuid)
    if wanted is Action.OPEN:
        steps.assign_by_itself()
    return view_of(session, case_id)


def is_shown(session: Session, as_what: frozenset[Who]) -> bool:
    """Tell whether a case that this session found may be shown to one who acts on it as that.

    A session with a scope finds only what its owner may see; finding proves nothing in one that sees everything.
    """
    return bool(as_what) or session.info.get("scope") != EVERYTHING


def view_of(session: Session, case_id: int) -> CaseView:
    """Return a case; NotFound."""
    found = case_rows.view(session, case_id)
    if found is None:
        raise NotFound("case_unknown")
    return found


def _action(name: str) -> Action:
    try:
        return Action(name)
    except ValueError:
        raise BadRequest("case_action_unknown", action=str(name)[:40]) from None


def _was_taken(session: Session, case_id: int, action: Action, client_uuid: UUID, by: Actor) -> bool:
    store.lock_uuid(session, client_uuid)
    step = store.step_of_uuid(session, client_uuid)
    if step is not None and (step.case_id, step.action, step.by) != (case_id, action.value, by.account_id):
        raise Conflict("case_sent_differently")
    return step is not None


def _check_version(session: Session, settings: Settings, case: Case, row_version: int | None) -> None:
    if row_version is None or row_version == case.row_version:
        return
    # What the other did himself, not what followed of it by itself.
    done = next(step for step in reversed(case_rows.steps(session, case.id)) if step.by or step.number == 1)
    raise Conflict(
        f"case_changed_{done.action}",
        who=done.name or "GeoService",
        at=f"{done.received_at.astimezone(settings.zone_info):%Y-%m-%d %H:%M}",
        row_version=case.row_version,
    )
