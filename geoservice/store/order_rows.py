"""What raising orders reads and writes: the rules, the watched cases with their history, the numbers, the orders themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from geoservice.store.cases import Case, CaseClock, CaseStep, WorkShift
from geoservice.store.orders import (
    CaseWatch,
    DepartmentWatch,
    Numbering,
    OrderDesk,
    OrderRule,
    SupervisionOrder,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

HANDLE = "handle"
_LOCK = "geoservice.orders"
# An order refers to its case: where that row is not locked too, two transactions may wait for each other.
_WATCHED = """
    SELECT w.case_id FROM case_watch w JOIN patrol_case c ON c.id = w.case_id
    WHERE w.look_at <= :now ORDER BY w.look_at, w.case_id LIMIT :most
    FOR UPDATE OF w SKIP LOCKED FOR KEY SHARE OF c SKIP LOCKED
"""


@dataclass(frozen=True)
class ClockRow:
    """A clock of handling."""

    id: int
    clock: str
    limit: float
    started_at: datetime
    pauses: tuple[tuple[datetime, datetime], ...]
    paused_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class CaseRow:
    """A case with what its orders follow from; steps as (action, state before, at, given)."""

    id: int
    department_id: int | None
    leader_id: int | None
    clocks: tuple[ClockRow, ...]
    steps: tuple[tuple[str, str | None, datetime, dict[str, Any]], ...]


def lock_raising(session: Session) -> None:
    """Wait until nobody else raises orders, and let others wait until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(_LOCK))))


def all_rules(session: Session) -> list[OrderRule]:
    """Return every rule there is or was, the oldest first."""
    return list(session.scalars(select(OrderRule).order_by(OrderRule.id)))


def end_rule(session: Session, rule: OrderRule, at: datetime) -> None:
    """Let a rule hold until an instant."""
    rule.valid_to = at
    session.flush()


def add_rule(session: Session, rule: OrderRule) -> None:
    """Add a rule."""
    session.add(rule)
    session.flush()


def desk(session: Session, *, lock: bool = False) -> OrderDesk:
    """Return who issues orders, and by what cases were looked at last."""
    session.execute(upsert(OrderDesk).values(id=1).on_conflict_do_nothing())
    return session.get_one(OrderDesk, 1, with_for_update=True if lock else None)


def office(session: Session) -> str:
    """Return the name of the office that issues orders; "" where none was chosen."""
    return session.scalar(select(OrderDesk.office)) or ""


def shifts(session: Session) -> tuple[tuple[int, int], ...]:
    """Return the working hours of a day, in minutes of it."""
    rows = session.execute(select(WorkShift.minute_from, WorkShift.minute_to).order_by(WorkShift.minute_from))
    return tuple((first, last) for first, last in rows)


def look_at_all(session: Session) -> None:
    """Let every case with a clock of handling that runs be looked at again."""
    session.execute(
        text(
            "INSERT INTO case_watch (case_id) SELECT DISTINCT case_id FROM case_clock "
            "WHERE stage = 'handle' AND ended_at IS NULL ORDER BY case_id "
            "ON CONFLICT (case_id) DO UPDATE SET look_at = 'epoch'"
        )
    )


def watched(session: Session, now: datetime, most: int) -> list[int]:
    """Return cases to look at by now, locked; whoever changes one of them just now is not waited for."""
    return list(session.scalars(text(_WATCHED), {"now": now, "most": most}))


def is_watched(session: Session, now: datetime) -> bool:
    """Tell whether some case is still to be looked at by now."""
    return session.scalar(select(CaseWatch.case_id).where(CaseWatch.look_at <= now).limit(1)) is not None


def look_again(session: Session, looks: Mapping[int, datetime | None]) -> None:
    """Say when each of these cases is to be looked at next; None: not before it changes."""
    done = [case_id for case_id, at in looks.items() if at is None]
    later = [{"case_id": case_id, "look_at": at} for case_id, at in looks.items() if at is not None]
    if done:
        session.execute(delete(CaseWatch).where(CaseWatch.case_id.in_(done)))
    if later:
        session.execute(update(CaseWatch), later)


def case_rows(session: Session, case_ids: Collection[int]) -> list[CaseRow]:
    """Return cases with what their orders follow from, by id."""
    clocks = _clocks_of(session, case_ids)
    steps: dict[int, list[tuple[str, str | None, datetime, dict[str, Any]]]] = {}
    for case_id, *step in session.execute(
        select(CaseStep.case_id, CaseStep.action, CaseStep.from_state, CaseStep.at, CaseStep.given)
        .where(CaseStep.case_id.in_(case_ids))
        .order_by(CaseStep.case_id, CaseStep.number)
    ):
        steps.setdefault(case_id, []).append((step[0], step[1], step[2], step[3]))
    rows = session.execute(
        select(Case.id, Case.department_id, Case.leader_id).where(Case.id.in_(case_ids)).order_by(Case.id)
    )
    return [
        CaseRow(row.id, row.department_id, row.leader_id, tuple(clocks.get(row.id, ())), tuple(steps.get(row.id, ())))
        for row in rows
    ]  # fmt: skip


def _clocks_of(session: Session, case_ids: Collection[int]) -> dict[int, list[ClockRow]]:
    rows = list(
        session.scalars(
            select(CaseClock)
            .where(CaseClock.case_id.in_(case_ids), CaseClock.stage == HANDLE)
            .order_by(CaseClock.case_id, CaseClock.id)
            .execution_options(populate_existing=True)
        )
    )
    found: dict[int, list[ClockRow]] = {}
    for row in rows:
        pauses = tuple((datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in row.pauses)  # fmt: skip
        kept = ClockRow(
            row.id,
            row.clock,
            row.limit,
            row.started_at,
            pauses,
            row.paused_at,
            row.ended_at,
        )
        found.setdefault(row.case_id, []).append(kept)
    return found


def causes_of(session: Session, case_ids: Collection[int]) -> dict[int, set[str]]:
    """Return the causes of the orders there are about each of these cases."""
    found: dict[int, set[str]] = {case_id: set() for case_id in case_ids}
    rows = session.execute(
        select(SupervisionOrder.case_id, SupervisionOrder.cause).where(SupervisionOrder.case_id.in_(case_ids))
    )
    for case_id, cause in rows:
        if case_id is not None:
            found[case_id].add(cause)
    return found


def count_again(session: Session, department_ids: Collection[int]) -> None:
    """Let the orders to these departments be counted again."""
    rows = [{"department_id": department_id} for department_id in sorted(department_ids)]
    if rows:
        session.execute(upsert(DepartmentWatch).on_conflict_do_nothing(), rows)


def take_departments(session: Session) -> list[int]:
    """Return the departments whose orders are to be counted again, and take them off the list."""
    return sorted(session.scalars(delete(DepartmentWatch).returning(DepartmentWatch.department_id)))


def orders_to(session: Session, department_id: int) -> list[tuple[str, datetime, str, datetime | None]]:
    """Return (kind, when it fell due, cause, when it was withdrawn) of every order to a department."""
    rows = session.execute(
        select(
            SupervisionOrder.kind,
            SupervisionOrder.raised_at,
            SupervisionOrder.cause,
            SupervisionOrder.withdrawn_at,
        ).where(SupervisionOrder.department_id == department_id)
    )
    return [(kind, at, cause, withdrawn_at) for kind, at, cause, withdrawn_at in rows]


def take_numbers(session: Session, series: str, count: int) -> range:
    """Return the next numbers of a series; others wait for theirs until this transaction ends, so that none is left out."""
    statement = upsert(Numbering).values(series=series, last=count)
    taken = statement.on_conflict_do_update(
        index_elements=[Numbering.series], set_={"last": Numbering.last + count}
    )
    last = session.execute(taken.returning(Numbering.last)).scalar_one()
    return range(last - count + 1, last + 1)


def add_orders(session: Session, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert orders → their ids, in the order of the rows."""
    added = insert(SupervisionOrder).returning(SupervisionOrder.id, sort_by_parameter_order=True)
    return list(session.scalars(added, list(rows)))


def one_order(session: Session, order_id: int) -> SupervisionOrder | None:
    """Return an order that this session sees, locked until the transaction ends."""
    return session.get(SupervisionOrder, order_id, with_for_update=True, populate_existing=True)
