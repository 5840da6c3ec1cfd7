"""Inspections and their tasks: made, given out, done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, text

from geoservice.domain.cases import TERMINAL
from geoservice.domain.checklists import Result
from geoservice.store.cases import Case
from geoservice.store.evidence import Evidence
from geoservice.store.inspections import Inspection, InspectionResult, InspectionTask
from geoservice.store.points import Point, PointCategory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class TaskRow:
    """A task with its inspection and its point."""

    id: int
    inspection_id: int
    inspection_name: str
    kind: str
    to_on: date
    cancelled_at: datetime | None
    on_day: date
    inspector_id: int | None
    checklist_id: int
    done_at: datetime | None
    score: float | None
    note: str
    client_uuid: UUID | None
    point_id: int
    point_code: str
    point_name: str
    address: str
    lon: float
    lat: float
    category: str
    category_zh: str
    category_en: str


@dataclass(frozen=True)
class ResultRow:
    """What was found of an item."""

    item_id: int
    result: Result
    note: str
    case_id: int | None


def add_inspection(session: Session, values: Mapping[str, Any], tasks: Sequence[Mapping[str, Any]]) -> int:
    """Add an inspection with its tasks → its id."""
    row = Inspection(**values)
    session.add(row)
    session.flush()
    session.execute(insert(InspectionTask), [{**task, "inspection_id": row.id} for task in tasks])
    return row.id


def inspection_by_id(session: Session, inspection_id: int, *, lock: bool = False) -> Inspection | None:
    """One inspection."""
    return session.get(Inspection, inspection_id, with_for_update=True if lock else None)


def open_tasks(session: Session, inspection_id: int) -> int:
    """How many tasks of an inspection are not done."""
    query = select(func.count()).where(
        InspectionTask.inspection_id == inspection_id, InspectionTask.done_at.is_(None)
    )
    return session.scalar(query) or 0


def tasks_until(session: Session, inspector_id: int, on: date) -> list[TaskRow]:
    """An inspector's tasks of a day, and those of earlier days that are still to be done; none of a later day."""
    wanted = (
        _tasks()
        .where(
            InspectionTask.inspector_id == inspector_id,
            Inspection.cancelled_at.is_(None) | InspectionTask.done_at.is_not(None),
            (InspectionTask.on_day == on)
            | (InspectionTask.on_day < on) & InspectionTask.done_at.is_(None) & (Inspection.to_on >= on),
        )
        .order_by(InspectionTask.on_day, InspectionTask.id)
    )
    return [TaskRow(*row) for row in session.execute(wanted)]


def tasks_done_since(session: Session, since: datetime, most: int) -> list[TaskRow]:
    """What was inspected since an instant on the ground that the session may see, the newest first."""
    wanted = (
        _tasks().where(InspectionTask.done_at >= since).order_by(InspectionTask.done_at.desc()).limit(most)
    )
    return [TaskRow(*row) for row in session.execute(wanted)]


def task_by_id(session: Session, task_id: int, *, lock: bool = False) -> TaskRow | None:
    """One task; `lock` makes others wait until we are done."""
    if lock:
        session.execute(select(InspectionTask.id).where(InspectionTask.id == task_id).with_for_update())
    row = session.execute(_tasks().where(InspectionTask.id == task_id)).one_or_none()
    return TaskRow(*row) if row else None


def point_ids_of(session: Session, inspector_id: int, on: date) -> frozenset[int]:
    """The points of what an inspector may see on a day."""
    return frozenset(task.point_id for task in tasks_until(session, inspector_id, on))


def results_of(session: Session, task_id: int) -> list[ResultRow]:
    """What was found in a task."""
    rows = session.execute(
        select(
            InspectionResult.item_id,
            InspectionResult.result,
            InspectionResult.note,
            InspectionResult.case_id,
        ).where(InspectionResult.task_id == task_id)
    )
    return [ResultRow(row.item_id, Result(row.result), row.note, row.case_id) for row in rows]


def finish_task(
    session: Session, task_id: int, values: Mapping[str, Any], results: Sequence[ResultRow]
) -> None:
    """Store what was found in a task."""
    row = session.get_one(InspectionTask, task_id)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    session.execute(
        insert(InspectionResult),
        [
            {
                "task_id": task_id,
                "item_id": one.item_id,
                "result": one.result.value,
                "note": one.note,
                "case_id": one.case_id,
            }
            for one in results
        ],
    )


def photographed_items(session: Session, task_id: int) -> frozenset[int]:
    """The items of a task that a photo shows."""
    query = select(Evidence.item_id).where(Evidence.task_id == task_id, Evidence.item_id.is_not(None))
    return frozenset(number for number in session.scalars(query) if number is not None)


def is_uuid_taken(session: Session, client_uuid: UUID, task_id: int) -> bool:
    """Tell whether another task was sent under this name."""
    query = select(InspectionTask.id).where(
        InspectionTask.client_uuid == client_uuid, InspectionTask.id != task_id
    )
    return session.scalar(query) is not None


def lock_point(session: Session, point_id: int) -> None:
    """Wait until nobody else makes cases of what was found at a point; held until the transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('findings'), :id)"), {"id": point_id})


def open_case_of(session: Session, point_id: int, kind: str) -> int | None:
    """The oldest case of a kind at a point about which something is still to be done."""
    query = select(Case.id).where(
        Case.point_id == point_id, Case.kind == kind, Case.state.not_in([state.value for state in TERMINAL])
    )
    return session.scalar(query.order_by(Case.id).limit(1))


def case_numbers(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """Case's id → its number."""
    rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(case_ids)))
    return {row.id: row.number for row in rows}


def _tasks() -> Any:
    return (
        select(
            InspectionTask.id,
            Inspection.id,
            Inspection.name,
            Inspection.kind,
            Inspection.to_on,
            Inspection.cancelled_at,
            InspectionTask.on_day,
            InspectionTask.inspector_id,
            InspectionTask.checklist_id,
            InspectionTask.done_at,
            InspectionTask.score,
            InspectionTask.note,
            InspectionTask.client_uuid,
            Point.id,
            Point.code,
            Point.name,
            Point.address,
            func.ST_X(Point.geom),
            func.ST_Y(Point.geom),
            Point.category,
            PointCategory.name_zh,
            PointCategory.name_en,
        )
        .join(Inspection, Inspection.id == InspectionTask.inspection_id)
        .join(Point, Point.id == InspectionTask.point_id)
        .join(PointCategory, PointCategory.code == Point.category)
    )
