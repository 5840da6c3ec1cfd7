"""Steps of one case whose row is locked: what each needs is checked, then case, clocks and requests change and the step is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import TERMINAL, TRANSITIONS, Action, State, takes_effect_at
from geoservice.domain.windows import local_day
from geoservice.errors import BadRequest, Conflict, NotAllowed
from geoservice.services.cases import asking
from geoservice.services.cases.assigning import propose
from geoservice.services.cases.given import take_given
from geoservice.services.cases.hours import work_time
from geoservice.services.cases.marks import Taken, mark
from geoservice.services.cases.ticking import Ticking, tick
from geoservice.services.cases.values import Actor
from geoservice.store import case_rows
from geoservice.store import case_writes as store
from geoservice.store.cases import CaseStep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.cases import Transition
    from geoservice.store.cases import Case


class Steps:
    """Steps of a locked case, arriving now; `at` is when whoever takes them says that they were taken."""

    def __init__(
        self, session: Session, settings: Settings, case: Case, *, now: datetime, at: datetime | None = None
    ) -> None:
        kind = store.kind_of(session, case.kind)
        assert kind is not None
        last = store.last_step(session, case.id)
        self._session, self._case, self._kind = session, case, kind
        self._now, self._on = now, local_day(now, settings.zone_info)
        self._told_at = at
        self._at = takes_effect_at(at, received_at=now, last_at=last.at if last else None)
        self._number = last.number if last else 0
        self._row_version = case.row_version
        self._hours = work_time(session, settings)

    def begin(self, by: Actor) -> None:
        """Keep that the case was reported, and start its first clock."""
        self._tick(by, TRANSITIONS[None, Action.REPORT], {})
        self._keep(Action.REPORT, None, by, {}, None)

    def take(
        self,
        action: Action,
        row: Transition,
        told: Mapping[str, Any],
        by: Actor,
        client_uuid: UUID | None = None,
    ) -> None:
        """Take one step of the table, if it can be taken and nothing is missing."""
        case, session = self._case, self._session
        waiting = store.open_requests(session, case.id)
        asking.check(action, case, waiting)
        self._check(action, by)
        taken = asking.fill_in(action, take_given(session, row, told, self._on), waiting)
        self._check_target(action, taken)
        told_of = Taken(State(case.state), self._at, by.account_id, taken)
        # What is read on the way is not what is written: all of it goes to the database with the step.
        with session.no_autoflush:
            case.state = row.to.value
            # What follows of a step by itself is of the same version.
            case.row_version = self._row_version + 1
            mark(case, action, told_of)
            self._tick(by, row, taken)
            asking.settle(session, case, action, told_of, waiting)
            self._keep(action, told_of.was, by, taken, client_uuid)

    def assign_by_itself(self) -> None:
        """Assign the case to whom its kind and place name; where they name nobody it waits for the desk."""
        proposal = propose(self._session, self._case, self._kind, self._on)
        if proposal.is_somebody:
            told = {"department_id": proposal.department_id, "leader_id": proposal.leader_id}
            row = TRANSITIONS[State.OPENED, Action.ASSIGN]
            self.take(Action.ASSIGN, row, told, Actor.system())

    def _check(self, action: Action, by: Actor) -> None:
        case = self._case
        if action in {Action.VERIFY, Action.REWORK}:
            replier = store.last_replier(self._session, case.id)
            if replier is not None and replier == by.account_id:
                raise NotAllowed("case_verify_own")
        if action is Action.REPLY and self._kind.photo_needed:
            since = store.handed_over_at(self._session, case.id)
            if not store.photos_after(self._session, case.id, since):
                raise BadRequest("case_photo_needed")

    def _check_target(self, action: Action, taken: Mapping[str, Any]) -> None:
        case = self._case
        if action is Action.ASSIGN and case.state != State.OPENED:
            to = taken.get("department_id"), taken.get("leader_id", case.leader_id)
            if to == (case.department_id, case.leader_id):
                raise Conflict("case_assigned_there")
        if action is Action.JOIN:
            into = case_rows.view(self._session, taken["into_id"])
            if into is None or into.id == case.id or into.state in TERMINAL:
                raise BadRequest("case_into_unknown", id=taken["into_id"])

    def _tick(self, by: Actor, row: Transition, taken: Mapping[str, Any]) -> None:
        granted = float(taken.get("limit", 0))
        told = Ticking(self._case, self._kind, self._hours, self._at, by.account_id, granted)
        tick(self._session, told, row.ticks)

    def _keep(
        self,
        action: Action,
        was: State | None,
        by: Actor,
        taken: Mapping[str, Any],
        client_uuid: UUID | None,
    ) -> None:
        kept = {name: value for name, value in taken.items() if name != "note"}
        if self._told_at is not None and self._told_at != self._at:
            kept["told_at"] = self._told_at.isoformat()
        self._number += 1
        step = CaseStep(
            case_id=self._case.id,
            number=self._number,
            action=action.value,
            from_state=was and was.value,
            to_state=self._case.state,
            at=self._at,
            received_at=self._now,
            by=by.account_id,
            note=taken.get("note", ""),
            given=kept,
            client_uuid=client_uuid,
        )
        store.add(self._session, step)
