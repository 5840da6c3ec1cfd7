"""Cases as lists and pages show them: the row of a case with its names, its steps, clocks, requests and moved deadlines."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.cases import ACTIVE, Action, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class CaseView:
    """A case as lists show it. Names of ground that the session may not see are None.

    `due_at` is the deadline of the clock that runs now, None when none does; `handle_due_at` the one by which it must be or had
    to be put right.
    """

    id: int
    number: str
    kind: str
    kind_zh: str
    kind_en: str
    state: State
    source: str
    title: str
    description: str
    lon: float
    lat: float
    address: str
    zone_id: int | None
    zone_name: str | None
    point_id: int | None
    point_name: str | None
    street_id: int | None
    street_name: str | None
    department_id: int | None
    department_name: str | None
    leader_id: int | None
    leader_name: str | None
    handler_id: int | None
    handler_name: str | None
    reported_by: int | None
    reporter_name: str | None
    member_id: int | None
    patrol_id: int | None
    check_in_id: int | None
    reported_at: datetime
    received_at: datetime
    due_at: datetime | None
    opened_at: datetime | None
    assigned_at: datetime | None
    handle_due_at: datetime | None
    replied_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    reworks: int
    reopened: int
    postponed: int
    recurrence: int
    joined_into_id: int | None
    row_version: int

    @property
    def is_active(self) -> bool:
        """Tell whether something is still to be done about it."""
        return self.state in ACTIVE

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the clock that runs now has run out."""
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True)
class StepView:
    """One step of a case; `name` "" for the system. `at` is when it took effect, `received_at` when it reached us.

    `to` names whom it was assigned to.
    """

    number: int
    action: Action
    from_state: State | None
    to_state: State
    at: datetime
    received_at: datetime
    by: int | None
    name: str
    note: str
    given: dict[str, Any]
    to: str


@dataclass(frozen=True)
class RequestView:
    """A request of a kind (postpone, suspend, appeal). Refused by nobody: the case moved on before anybody decided."""

    id: int
    kind: str
    wanted: dict[str, Any]
    reason: str
    asked_by: int | None
    asked_name: str
    asked_at: datetime
    decision: str | None
    decided_by: int | None
    decided_name: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True)
class MoveView:
    """A deadline that moved: of which case and stage, why (postponed, resumed, calendar, shifts), from when to when."""

    case_id: int
    number: str
    clock_id: int
    stage: str
    cause: str
    old_due_at: datetime
    new_due_at: datetime
    at: datetime
    by: int | None


_NAMED = {
    "kind_zh": "k.name_zh",
    "kind_en": "k.name_en",
    "lon": "ST_X(c.geom)",
    "lat": "ST_Y(c.geom)",
    "zone_name": "(SELECT v.name FROM zone_version v WHERE v.zone_id = c.zone_id ORDER BY v.valid_from DESC NULLS LAST LIMIT 1)",
    "point_name": "(SELECT p.name FROM point p WHERE p.id = c.point_id)",
    "street_name": "(SELECT s.name FROM street s WHERE s.id = c.street_id)",
    "department_name": "(SELECT d.name FROM department d WHERE d.id = c.department_id)",
    "leader_name": "(SELECT l.name FROM leader l WHERE l.id = c.leader_id)",
    "handler_name": "(SELECT u.name FROM app_user u WHERE u.id = c.handler_id)",
    "reporter_name": "(SELECT u.name FROM app_user u WHERE u.id = c.reported_by)",
}
_COLUMNS = ", ".join(f"{_NAMED.get(each.name, 'c.' + each.name)} AS {each.name}" for each in fields(CaseView))
# Names are looked up only for the rows that are shown. To plan eight joins takes ten times as long as to find a case.
_SHOWN = f"""
    SELECT {_COLUMNS} FROM ({{chosen}}) AS c JOIN case_kind k ON k.code = c.kind
    ORDER BY {{order}}
"""


def views(session: Session, chosen: str, order: str, values: dict[str, Any]) -> list[CaseView]:
    """Return the cases that the statement `chosen` (of this package) picks from patrol_case, in an order."""
    rows = session.execute(text(_SHOWN.format(chosen=chosen, order=order)), values)
    return [CaseView(**{**row, "state": State(row["state"])}) for row in rows.mappings()]


def view(session: Session, case_id: int) -> CaseView | None:
    """Return one case."""
    found = views(session, "SELECT * FROM patrol_case WHERE id = :id", "c.id", {"id": case_id})
    return found[0] if found else None


def steps(session: Session, case_id: int) -> list[StepView]:
    """Return the steps of a case, in the order in which they took effect."""
    rows = session.execute(
        text(
            "SELECT t.number, t.action, t.from_state, t.to_state, t.at, t.received_at, t.by, coalesce(u.name, '') AS name, t.note, "
            "t.given, concat_ws(' · ', d.name, l.name) AS to FROM case_step t LEFT JOIN app_user u ON u.id = t.by "
            "LEFT JOIN department d ON d.id = CAST(t.given ->> 'department_id' AS integer) "
            "LEFT JOIN leader l ON l.id = CAST(t.given ->> 'leader_id' AS integer) WHERE t.case_id = :id ORDER BY t.number"
        ),
        {"id": case_id},
    )
    return [
        StepView(
            **{
                **row,
                "action": Action(row["action"]),
                "from_state": row["from_state"] and State(row["from_state"]),
                "to_state": State(row["to_state"]),
            }
        )
        for row in rows.mappings()
    ]


def requests(session: Session, case_id: int) -> list[RequestView]:
    """Return what was asked for about a case, the first first."""
    rows = session.execute(
        text(
            "SELECT q.id, q.kind, q.wanted, q.reason, q.asked_by, coalesce(a.name, '') AS asked_name, q.asked_at, q.decision, "
            "q.decided_by, coalesce(d.name, '') AS decided_name, q.decided_at, q.note FROM case_request q "
            "LEFT JOIN app_user a ON a.id = q.asked_by LEFT JOIN app_user d ON d.id = q.decided_by "
            "WHERE q.case_id = :id ORDER BY q.id"
        ),
        {"id": case_id},
    )
    return [RequestView(**row) for row in rows.mappings()]


def moves(session: Session, *, case_id: int | None = None, ids: Sequence[int] = ()) -> list[MoveView]:
    """Return the deadlines of a case that moved, or some moves by their ids, the first first."""
    rows = session.execute(
        text(
            "SELECT c.id AS case_id, c.number, m.clock_id, k.stage, m.cause, m.old_due_at, m.new_due_at, m.at, m.by "
            "FROM deadline_move m JOIN case_clock k ON k.id = m.clock_id JOIN patrol_case c ON c.id = k.case_id "
            "WHERE c.id = :case OR m.id = ANY(:ids) ORDER BY m.id"
        ),
        {"case": case_id, "ids": list(ids)},
    )
    return [MoveView(**row) for row in rows.mappings()]


def evidence_ids(session: Session, case_id: int) -> list[int]:
    """Return the photos of a case, the first first."""
    return list(
        session.scalars(text("SELECT id FROM evidence WHERE case_id = :id ORDER BY id"), {"id": case_id})
    )


def joined_ids(session: Session, case_id: int) -> list[int]:
    """Return the near-duplicates that were joined into a case."""
    query = text("SELECT id FROM patrol_case WHERE joined_into_id = :id ORDER BY id")
    return list(session.scalars(query, {"id": case_id}))
