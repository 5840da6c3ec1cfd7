"""Who a case goes to: by its kind, its place and the contracts of the day; and as what somebody acts on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.domain.cases import Who
from geoservice.domain.contracts import LEADER
from geoservice.domain.roles import Role
from geoservice.services import responsibility
from geoservice.services.cases.values import Proposal
from geoservice.store import case_places, deputy_rows, people

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.services.cases.values import Actor
    from geoservice.services.responsibility import Answer
    from geoservice.store.cases import Case, CaseKind
    from geoservice.store.people import Leader


def propose(session: Session, case: Case, kind: CaseKind, on: date) -> Proposal:
    """Return who a case should go to on a day.

    The department of its kind; else that of whoever holds the kind's role on the ground, or of his deputy; else that of the
    leader. The leader who answers for the ground is named in any case; who stands in for him acts in his place.
    """
    answers = _answers(session, case, on)
    leader = _first(answers, LEADER)
    holder = _first(answers, kind.role) if kind.role else None
    if kind.department_id is not None:
        return _proposal(session, kind.department_id, leader, "kind", None)
    for role in (kind.role, LEADER):
        for answer in answers:
            department_id = _person(session, answer).department_id if answer.role == role else None
            if department_id is not None:
                return _proposal(session, department_id, leader or holder, role, answer.via_name)
    somebody = holder or leader
    if somebody is None:
        return Proposal(None, None, None, None, None, None)
    return _proposal(session, None, somebody, somebody.role, somebody.via_name)


def roles_on(session: Session, case: Case, by: Actor, on: date) -> frozenset[Who]:
    """Return as what somebody acts on a case."""
    if by.role is None:
        return frozenset({Who.SYSTEM})
    found: set[Who] = set()
    if by.is_desk:
        found.add(Who.DESK)
    if by.account_id is not None and case.reported_by == by.account_id:
        found.add(Who.REPORTER)
    if by.role is Role.HANDLER and by.department_id is not None and case.department_id == by.department_id:
        found.add(Who.HANDLER)
    if by.role is Role.LEADER and case.leader_id in answers_as(session, by, on):
        found.add(Who.HANDLER)
    return frozenset(found)


def answers_as(session: Session, by: Actor, on: date) -> frozenset[int]:
    """Return the leaders in whose place somebody may act on a day: himself, and those he stands in for."""
    if by.role is not Role.LEADER or by.leader_id is None:
        return frozenset()
    return frozenset({by.leader_id}) | deputy_rows.absent_leaders(session, by.leader_id, on)


def _answers(session: Session, case: Case, on: date) -> tuple[Answer, ...]:
    path = case_places.path_of(session, case.zone_id, on)
    held = responsibility.answers_around(
        session, on, zone_ids=path, point_id=case.point_id, street_id=case.street_id
    )
    if case.point_id is not None:
        return held.for_point(case.point_id, path)
    if case.street_id is not None:
        return held.for_street(case.street_id, path)
    return held.for_zone(path) if path else ()


def _first(answers: tuple[Answer, ...], role: str) -> Answer | None:
    return next((each for each in answers if each.role == role and not each.stands_in_for), None)


def _person(session: Session, answer: Answer) -> Leader:
    found = people.leader_by_id(session, answer.leader_id)
    assert found is not None
    return found


def _proposal(
    session: Session, department_id: int | None, leader: Answer | None, via: str | None, via_name: str | None
) -> Proposal:
    department = None if department_id is None else people.department_by_id(session, department_id)
    return Proposal(
        department_id=department_id,
        department_name=department.name if department else None,
        leader_id=leader.leader_id if leader else None,
        leader_name=leader.name if leader else None,
        via=via,
        via_name=via_name,
    )
