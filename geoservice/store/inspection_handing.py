"""Tasks of inspections that passed to other hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text, update

from geoservice.store.inspections import InspectionHandover, InspectionTask

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Handover:
    """One task that passed: from whom ("": nobody had it) to whom, when, and who said so."""

    task_id: int
    point_code: str
    point_name: str
    on_day: date
    from_name: str
    to_name: str
    at: datetime
    by_name: str
    note: str


def give(  # noqa: PLR0913 - a row of its history
    session: Session,
    task_id: int,
    from_id: int | None,
    to_id: int,
    *,
    by: int | None,
    at: datetime,
    note: str,
) -> None:
    """Let a task be somebody's, and keep whose it was."""
    session.execute(update(InspectionTask).where(InspectionTask.id == task_id).values(inspector_id=to_id))
    session.add(InspectionHandover(task_id=task_id, from_id=from_id, to_id=to_id, at=at, by=by, note=note))
    session.flush()


def handovers(session: Session, inspection_id: int) -> list[Handover]:
    """Return the history of an inspection's tasks that this session sees, the last first."""
    rows = session.execute(
        text(
            "SELECT h.task_id, p.code, p.name, t.on_day, coalesce(f.name, '') AS from_name, g.name AS to_name, h.at, "
            "coalesce(u.name, '') AS by_name, h.note FROM inspection_handover h JOIN inspection_task t ON t.id = h.task_id "
            "JOIN point p ON p.id = t.point_id JOIN app_user g ON g.id = h.to_id LEFT JOIN app_user f ON f.id = h.from_id "
            "LEFT JOIN app_user u ON u.id = h.by WHERE t.inspection_id = :id ORDER BY h.id DESC"
        ),
        {"id": inspection_id},
    )
    return [Handover(*row) for row in rows]


def passed_on(session: Session, task_id: int, from_id: int) -> tuple[str, datetime] | None:
    """Return to whom a task that somebody had passed last, and when; None where it never was his."""
    row = session.execute(
        text(
            "SELECT g.name, h.at FROM inspection_handover h JOIN inspection_task t ON t.id = h.task_id "
            "JOIN app_user g ON g.id = t.inspector_id WHERE h.task_id = :task AND h.from_id = :person ORDER BY h.id DESC LIMIT 1"
        ),
        {"task": task_id, "person": from_id},
    ).one_or_none()
    return None if row is None else (row.name, row.at)
