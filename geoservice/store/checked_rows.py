"""Item × point: when each item of a checklist in force was last looked at in each point, and what never was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_POINTS = """
    FROM point p
    WHERE p.active AND (CAST(:category AS text) IS NULL OR p.category = :category)
      AND (CAST(:zones AS int[]) = '{}' OR p.zone_id = ANY(CAST(:zones AS int[])))
      AND (:q = '' OR strpos(lower(p.name || ' ' || p.code), lower(:q)) > 0)
"""
_SUMMARY = f"""
    WITH wanted AS (SELECT p.id, p.category {_POINTS}),
    items AS (SELECT c.category, i.code FROM checklist c JOIN checklist_item i ON i.checklist_id = c.id
              WHERE c.id = ANY(CAST(:lists AS int[]))),
    checked AS (SELECT DISTINCT w.category, t.point_id, i.code FROM wanted w
                JOIN inspection_task t ON t.point_id = w.id AND t.done_at IS NOT NULL
                JOIN inspection_result r ON r.task_id = t.id JOIN checklist_item i ON i.id = r.item_id
                JOIN items n ON n.category = w.category AND n.code = i.code)
    SELECT w.category, count(*) AS points, (SELECT count(*) FROM items n WHERE n.category = w.category) AS items,
           (SELECT count(*) FROM checked k WHERE k.category = w.category) AS checked,
           (SELECT count(DISTINCT k.point_id) FROM checked k WHERE k.category = w.category) AS seen_points
    FROM wanted w GROUP BY w.category ORDER BY w.category
"""
_LAST = """
    SELECT DISTINCT ON (t.point_id, i.code) t.point_id, i.code, t.done_at, r.result
    FROM inspection_task t JOIN inspection_result r ON r.task_id = t.id JOIN checklist_item i ON i.id = r.item_id
    WHERE t.point_id = ANY(CAST(:points AS int[])) AND t.done_at IS NOT NULL
    ORDER BY t.point_id, i.code, t.done_at DESC
"""


@dataclass(frozen=True)
class CategorySummary:
    """Points of a category, items in force, pairs of both that were ever looked at, and points with at least one."""

    category: str
    points: int
    items: int
    checked: int
    seen_points: int

    @property
    def pairs(self) -> int:
        """How many pairs of point and item there are."""
        return self.points * self.items

    @property
    def never(self) -> int:
        """How many of them were never looked at."""
        return self.pairs - self.checked

    @property
    def rate(self) -> float | None:
        """Share of the pairs that was looked at; None without any pair."""
        return self.checked / self.pairs if self.pairs else None


@dataclass(frozen=True)
class MatrixPoint:
    """A row of the matrix."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class Seen:
    """When an item was looked at last in a point, and what was found."""

    at: datetime
    result: str


def summary(
    session: Session,
    checklist_ids: Sequence[int],
    *,
    category: str | None = None,
    zone_ids: Sequence[int] = (),
    q: str = "",
) -> list[CategorySummary]:
    """How much of each category was ever looked at."""
    given = {"lists": list(checklist_ids), "category": category, "zones": list(zone_ids), "q": q}
    return [CategorySummary(*row) for row in session.execute(text(_SUMMARY), given)]


def points(
    session: Session, category: str, *, zone_ids: Sequence[int] = (), q: str = ""
) -> list[MatrixPoint]:
    """The points in use of a category, by code."""
    rows = session.execute(
        text(f"SELECT p.id, p.code, p.name {_POINTS} ORDER BY p.code"),
        {"category": category, "zones": list(zone_ids), "q": q},
    )
    return [MatrixPoint(*row) for row in rows]


def last_seen(session: Session, point_ids: Sequence[int]) -> dict[tuple[int, str], Seen]:
    """(point, item's code) → when it was looked at last."""
    rows = session.execute(text(_LAST), {"points": list(point_ids)})
    return {(row.point_id, row.code): Seen(row.done_at, row.result) for row in rows}
