"""What has never been checked: items of the checklists in force × points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.windows import local_day
from geoservice.formats.writing import Format, write
from geoservice.formats.writing_values import Features, Kind, column
from geoservice.services.inspections.results import RESULTS_ZH
from geoservice.store import areas, checked_rows, checklist_rows

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.checked_rows import CategorySummary, MatrixPoint, Seen
    from geoservice.store.checklist_rows import StoredItem, Word


@dataclass(frozen=True)
class MatrixFilters:
    """Which points: of a category, under a zone, whose name or code holds a text; `never_only`: with an unchecked item."""

    category: str | None = None
    zone_id: int | None = None
    q: str = ""
    never_only: bool = False


@dataclass(frozen=True)
class MatrixRow:
    """A point with each item's last look, None: never."""

    point: MatrixPoint
    seen: tuple[Seen | None, ...]

    @property
    def never(self) -> int:
        """How many items were never looked at."""
        return self.seen.count(None)


@dataclass(frozen=True)
class Matrix:
    """One category: its items in force and its points, those with the most unchecked items first."""

    word: Word
    items: tuple[StoredItem, ...]
    rows: tuple[MatrixRow, ...]


def summarize(
    session: Session, settings: Settings, filters: MatrixFilters, *, now: datetime
) -> list[tuple[Word, CategorySummary]]:
    """Return how much of each category was ever looked at, the most that never was first."""
    on = local_day(now, settings.zone_info)
    words = {word.code: word for word in checklist_rows.categories(session)}
    found = checked_rows.summary(
        session,
        list(checklist_rows.in_force(session, on).values()),
        category=filters.category,
        zone_ids=_zones(session, filters, on),
        q=filters.q,
    )
    return sorted(((words[one.category], one) for one in found), key=lambda pair: -pair[1].never)


def read_matrix(
    session: Session, settings: Settings, filters: MatrixFilters, *, now: datetime
) -> Matrix | None:
    """Return the matrix of a category; None without a category, or where it has no checklist in force."""
    on = local_day(now, settings.zone_info)
    word = next((one for one in checklist_rows.categories(session) if one.code == filters.category), None)
    checklist_id = checklist_rows.in_force(session, on).get(filters.category or "")
    if word is None or checklist_id is None:
        return None
    items = tuple(checklist_rows.items_of(session, [checklist_id])[checklist_id])
    points = checked_rows.points(session, word.code, zone_ids=_zones(session, filters, on), q=filters.q)
    seen = checked_rows.last_seen(session, [point.id for point in points])
    rows = [MatrixRow(point, tuple(seen.get((point.id, one.item.code)) for one in items)) for point in points]
    shown = [row for row in rows if row.never] if filters.never_only else rows
    return Matrix(word, items, tuple(sorted(shown, key=lambda row: (-row.never, row.point.code))))


def export_matrix(
    session: Session, settings: Settings, filters: MatrixFilters, path: Path, locale: str, *, now: datetime
) -> None:
    """Write the matrix as a workbook, a row a point and item: of one category, or of all."""
    zh = locale.startswith("zh")
    codes = (
        [filters.category] if filters.category else [one.code for one in checklist_rows.categories(session)]
    )
    cells: list[tuple[object, ...]] = []
    for code in codes:
        matrix = read_matrix(
            session, settings, MatrixFilters(code, filters.zone_id, filters.q, filters.never_only), now=now
        )
        if matrix is None:
            continue
        for row in matrix.rows:
            for one, seen in zip(matrix.items, row.seen, strict=True):
                if seen is not None and filters.never_only:
                    continue
                head = (matrix.word.in_language(locale), row.point.code, row.point.name)
                cells.append((*head, one.item.code, one.item.title, *_told(seen, zh=zh)))
    headers = (
        ("category", "点位类别"),
        ("point_code", "点位编码"),
        ("point", "点位"),
        ("item_code", "测评项编码"),
        ("item", "测评项"),
        ("last_checked_at", "最近检查时间"),
        ("last_result", "最近结果"),
    )
    made = tuple(
        column(
            headers[place][1 if zh else 0],
            Kind.INSTANT if headers[place][0] == "last_checked_at" else Kind.TEXT,
            [row[place] for row in cells],
        )
        for place in range(len(headers))
    )
    title = "测评项覆盖" if zh else "Items by point"
    write(path, Format.XLSX, Features("items_by_point", title, made))


def _told(seen: Seen | None, *, zh: bool) -> tuple[datetime | None, str]:
    if seen is None:
        return None, "从未检查" if zh else "never"
    return seen.at, RESULTS_ZH[seen.result] if zh else seen.result


def _zones(session: Session, filters: MatrixFilters, on: date) -> list[int]:
    """The zone asked for with all below it; nothing: all."""
    if filters.zone_id is None:
        return []
    return sorted(areas.subtree_ids(session, frozenset({filters.zone_id}), on)) or [-1]
