"""Inspections counted: how far they are, and what was found by item, zone and point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.store.zone_versions import VALID_ON

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

# One row a task: the weight that passed and that applied, how many items failed, and the cases that came of it.
_SCORED = """
    scored AS (
        SELECT t.id AS task_id,
               coalesce(sum(i.weight) FILTER (WHERE r.result = 'pass'), 0) AS passed,
               coalesce(sum(i.weight) FILTER (WHERE r.result <> 'not_applicable'), 0) AS applicable,
               count(*) FILTER (WHERE r.result = 'fail') AS fails,
               count(DISTINCT r.case_id) AS cases
        FROM inspection_task t JOIN inspection_result r ON r.task_id = t.id JOIN checklist_item i ON i.id = r.item_id
        WHERE t.inspection_id = ANY(CAST(:ids AS int[])) GROUP BY t.id
    )
"""
_COUNTS = f"""
    WITH {_SCORED}
    SELECT t.inspection_id, count(*) AS tasks, count(t.done_at) AS done,
           count(*) FILTER (WHERE t.done_at IS NULL AND t.on_day < :day) AS late,
           coalesce(sum(s.passed), 0) AS passed, coalesce(sum(s.applicable), 0) AS applicable,
           CAST(coalesce(sum(s.fails), 0) AS int) AS fails, CAST(coalesce(sum(s.cases), 0) AS int) AS cases
    FROM inspection_task t LEFT JOIN scored s ON s.task_id = t.id
    WHERE t.inspection_id = ANY(CAST(:ids AS int[])) GROUP BY t.inspection_id
"""
_LISTED = """
    SELECT n.id, n.name, n.kind, n.from_on, n.to_on, n.seed, n.spec, n.made_by, u.name AS maker, n.made_at, n.cancelled_at
    FROM inspection n LEFT JOIN app_user u ON u.id = n.made_by
    WHERE (CAST(:id AS int) IS NULL OR n.id = :id)
      AND (n.made_by = :account OR EXISTS (SELECT 1 FROM inspection_task t WHERE t.inspection_id = n.id))
    ORDER BY n.from_on DESC, n.id DESC LIMIT :most
"""
_TASKS = f"""
    WITH {_SCORED}
    SELECT t.id, t.on_day, t.done_at, t.score, t.note, t.inspector_id, u.name AS inspector, p.id AS point_id, p.code, p.name, p.category,
           coalesce(z.code, '') AS zone_code, coalesce(v.name, z.code, '') AS zone_name, s.fails, s.cases
    FROM inspection_task t JOIN point p ON p.id = t.point_id
    LEFT JOIN app_user u ON u.id = t.inspector_id LEFT JOIN scored s ON s.task_id = t.id
    LEFT JOIN zone z ON z.id = p.zone_id LEFT JOIN zone_version v ON v.zone_id = z.id AND {VALID_ON}
    WHERE t.inspection_id = ANY(CAST(:ids AS int[])) ORDER BY t.on_day, u.name, p.code
"""
_ITEMS = """
    SELECT i.code, i.title, c.category, i.weight, count(*) FILTER (WHERE r.result = 'pass') AS passes,
           count(*) FILTER (WHERE r.result = 'fail') AS fails,
           count(*) FILTER (WHERE r.result = 'not_applicable') AS not_applicable
    FROM inspection_task t JOIN inspection_result r ON r.task_id = t.id JOIN checklist_item i ON i.id = r.item_id
    JOIN checklist c ON c.id = i.checklist_id
    WHERE t.inspection_id = ANY(CAST(:ids AS int[]))
    GROUP BY i.code, i.title, c.category, i.weight, i.position ORDER BY fails DESC, c.category, i.position
"""
_ZONES = f"""
    WITH {_SCORED}
    SELECT coalesce(a.code, z.code, '') AS zone_code, coalesce(a.name, v.name, z.code, '') AS zone_name, count(*) AS tasks,
           count(t.done_at) AS done, coalesce(sum(s.passed), 0) AS passed, coalesce(sum(s.applicable), 0) AS applicable,
           CAST(coalesce(sum(s.fails), 0) AS int) AS fails
    FROM inspection_task t JOIN point p ON p.id = t.point_id
    LEFT JOIN zone z ON z.id = p.zone_id LEFT JOIN zone_version v ON v.zone_id = z.id AND {VALID_ON}
    LEFT JOIN LATERAL (
        SELECT y.code, coalesce(w.name, y.code) AS name FROM zone y
        LEFT JOIN zone_version w ON w.zone_id = y.id AND {VALID_ON.replace("v.", "w.")}
        WHERE y.id = ANY(v.path) AND y.level = :level LIMIT 1
    ) a ON true
    LEFT JOIN scored s ON s.task_id = t.id
    WHERE t.inspection_id = ANY(CAST(:ids AS int[])) GROUP BY 1, 2 ORDER BY 1
"""
_RESULTS = """
    SELECT t.id AS task_id, i.code, i.title, i.weight, r.result, r.note, k.number AS case_number
    FROM inspection_task t JOIN inspection_result r ON r.task_id = t.id JOIN checklist_item i ON i.id = r.item_id
    LEFT JOIN patrol_case k ON k.id = r.case_id
    WHERE t.inspection_id = ANY(CAST(:ids AS int[])) ORDER BY t.id, i.position
"""


@dataclass(frozen=True)
class Listed:
    """An inspection as it was ordered."""

    id: int
    name: str
    kind: str
    from_on: date
    to_on: date
    seed: int | None
    spec: dict[str, Any]
    made_by: int | None
    maker: str | None
    made_at: datetime
    cancelled_at: datetime | None


@dataclass(frozen=True)
class Counts:
    """How far an inspection is. `passed` and `applicable` are weights; `late` tasks had their day and are not done."""

    tasks: int = 0
    done: int = 0
    late: int = 0
    passed: float = 0.0
    applicable: float = 0.0
    fails: int = 0
    cases: int = 0

    @property
    def score(self) -> float | None:
        """Passed weight per cent of what applied; None where nothing did."""
        return 100 * self.passed / self.applicable if self.applicable else None


@dataclass(frozen=True)
class TaskTally:
    """A task with what came of it."""

    id: int
    on_day: date
    done_at: datetime | None
    score: float | None
    note: str
    inspector_id: int | None
    inspector: str | None
    point_id: int
    code: str
    name: str
    category: str
    zone_code: str
    zone_name: str
    fails: int | None
    cases: int | None


@dataclass(frozen=True)
class ItemTally:
    """What was found of an item at all points together."""

    code: str
    title: str
    category: str
    weight: float
    passes: int
    fails: int
    not_applicable: int

    @property
    def rate(self) -> float | None:
        """Share that passed of what applied; None where it applied nowhere."""
        applied = self.passes + self.fails
        return self.passes / applied if applied else None


@dataclass(frozen=True)
class ZoneTally:
    """What was found in a zone."""

    zone_code: str
    zone_name: str
    tasks: int
    done: int
    passed: float
    applicable: float
    fails: int

    @property
    def score(self) -> float | None:
        """Passed weight per cent of what applied; None where nothing did."""
        return 100 * self.passed / self.applicable if self.applicable else None


@dataclass(frozen=True)
class ResultTally:
    """One result of a task."""

    task_id: int
    code: str
    title: str
    weight: float
    result: str
    note: str
    case_number: str | None


def listed(
    session: Session, account_id: int | None, most: int, inspection_id: int | None = None
) -> list[Listed]:
    """Inspections of which the session may see a task, or that the account made; the newest first."""
    rows = session.execute(text(_LISTED), {"id": inspection_id, "account": account_id, "most": most})
    return [Listed(*row) for row in rows]


def counts(session: Session, inspection_ids: list[int], on: date) -> dict[int, Counts]:
    """Inspection's id → how far it is on a day."""
    rows = session.execute(text(_COUNTS), {"ids": inspection_ids, "day": on})
    return {row[0]: Counts(*row[1:]) for row in rows}


def tasks(session: Session, inspection_id: int, on: date) -> list[TaskTally]:
    """The tasks of an inspection by day, inspector and point."""
    return [TaskTally(*row) for row in session.execute(text(_TASKS), {"ids": [inspection_id], "day": on})]


def items(session: Session, inspection_id: int) -> list[ItemTally]:
    """What was found by item, most fails first."""
    return [ItemTally(*row) for row in session.execute(text(_ITEMS), {"ids": [inspection_id]})]


def zones(session: Session, inspection_id: int, on: date, level: str) -> list[ZoneTally]:
    """What was found by zone of a level; points outside such zones by the zone they stand in."""
    given = {"ids": [inspection_id], "day": on, "level": level}
    return [ZoneTally(*row) for row in session.execute(text(_ZONES), given)]


def results(session: Session, inspection_id: int) -> list[ResultTally]:
    """Every result of an inspection, by task and item."""
    return [ResultTally(*row) for row in session.execute(text(_RESULTS), {"ids": [inspection_id]})]
