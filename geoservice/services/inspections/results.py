"""Inspections as dispatchers look at them: how far each is, what was found by item, zone and point, and all of it as a workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.windows import local_day
from geoservice.errors import NotFound
from geoservice.formats.writing import Format, write
from geoservice.formats.writing_values import Features, Kind, column
from geoservice.services.inspections.doing import detail_of
from geoservice.store import checklist_rows, inspection_rows
from geoservice.store import inspection_tallies as store
from geoservice.store.inspection_tallies import Counts

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.inspections.doing import TaskDetail
    from geoservice.store.inspection_rows import TaskRow
    from geoservice.store.inspection_tallies import ItemTally, Listed, TaskTally, ZoneTally

LISTED, RESULTS_LISTED = 200, 1000
PLANNED, RUNNING, OVER, CANCELLED = "planned", "running", "over", "cancelled"
RESULTS_ZH = {"pass": "合格", "fail": "不合格", "not_applicable": "不适用"}
HEADERS = (
    ("inspection", "检查"),
    ("day", "日期"),
    ("inspector", "检查人员"),
    ("zone_code", "区域编码"),
    ("zone", "区域"),
    ("point_code", "点位编码"),
    ("point", "点位"),
    ("category", "点位类别"),
    ("done_at", "完成时间"),
    ("score", "得分"),
    ("item_code", "测评项编码"),
    ("item", "测评项"),
    ("weight", "权重"),
    ("result", "结果"),
    ("note", "说明"),
    ("case", "案件编号"),
)
_KINDS = {"day": Kind.DAY, "done_at": Kind.INSTANT, "score": Kind.REAL, "weight": Kind.REAL}


@dataclass(frozen=True)
class InspectionView:
    """An inspection with how far it is. `state` is one of planned, running, over, cancelled."""

    row: Listed
    counts: Counts
    state: str


@dataclass(frozen=True)
class InspectionDetail:
    """An inspection with its tasks, and what was found by item and by zone."""

    view: InspectionView
    tasks: list[TaskTally]
    items: list[ItemTally]
    zones: list[ZoneTally]


def list_inspections(
    session: Session, settings: Settings, *, now: datetime, account_id: int | None = None
) -> list[InspectionView]:
    """Return the newest inspections that the session may see something of, or that the account made."""
    return _views(session, settings, store.listed(session, account_id, LISTED), now)


def read_inspection(
    session: Session, settings: Settings, inspection_id: int, *, now: datetime, account_id: int | None = None
) -> InspectionDetail:
    """Return one inspection; NotFound without it."""
    view = _one(session, settings, inspection_id, now, account_id)
    on = local_day(now, settings.zone_info)
    return InspectionDetail(
        view,
        store.tasks(session, inspection_id, on),
        store.items(session, inspection_id),
        store.zones(session, inspection_id, on, view.row.spec.get("level") or ""),
    )


def recent_results(session: Session, since: datetime) -> list[TaskRow]:
    """Return what was inspected since an instant on the ground that the session may see, the newest first."""
    return inspection_rows.tasks_done_since(session, since, RESULTS_LISTED)


def read_result(session: Session, task_id: int) -> TaskDetail:
    """Return what was found at one point; NotFound for a task the session may not see, or that is not done."""
    row = inspection_rows.task_by_id(session, task_id)
    if row is None or row.done_at is None:
        raise NotFound("inspection_result_unknown")
    return detail_of(session, row)


def export_inspection(  # noqa: PLR0913 - whose, where to, in which words
    session: Session,
    settings: Settings,
    inspection_id: int,
    path: Path,
    locale: str,
    *,
    now: datetime,
    account_id: int | None = None,
) -> None:
    """Write every result of an inspection into a workbook, a row an item; a task that is not done has one without results."""
    view = _one(session, settings, inspection_id, now, account_id)
    zh = locale.startswith("zh")
    words = {word.code: word.in_language(locale) for word in checklist_rows.categories(session)}
    found: dict[int, list[store.ResultTally]] = {}
    for one in store.results(session, inspection_id):
        found.setdefault(one.task_id, []).append(one)
    rows: list[tuple[Any, ...]] = []
    for task in store.tasks(session, inspection_id, local_day(now, settings.zone_info)):
        place = (
            task.zone_code,
            task.zone_name,
            task.code,
            task.name,
            words.get(task.category, task.category),
        )
        head = (view.row.name, task.on_day, task.inspector, *place, task.done_at, task.score)
        for one in found.get(task.id, []):
            said = RESULTS_ZH[one.result] if zh else one.result
            rows.append((*head, one.code, one.title, one.weight, said, one.note or None, one.case_number))
        if task.id not in found:
            rows.append((*head, None, None, None, None, None, None))
    made = tuple(
        column(name_zh if zh else name, _KINDS.get(name, Kind.TEXT), [row[place] for row in rows])
        for place, (name, name_zh) in enumerate(HEADERS)
    )
    notes = (
        f"seed {view.row.seed}, frame SHA-256 {view.row.spec.get('frame_sha256', '–')}",
        "得分 = 合格项权重 ÷ 适用项权重 × 100" if zh else "score = 100 × weight passed ÷ weight that applied",
    )
    write(path, Format.XLSX, Features("inspection", view.row.name, made, notes=notes))


def _one(
    session: Session, settings: Settings, inspection_id: int, now: datetime, account_id: int | None
) -> InspectionView:
    found = _views(session, settings, store.listed(session, account_id, 1, inspection_id), now)
    if not found:
        raise NotFound("inspection_unknown", id=inspection_id)
    return found[0]


def _views(session: Session, settings: Settings, rows: list[Listed], now: datetime) -> list[InspectionView]:
    on = local_day(now, settings.zone_info)
    counts = store.counts(session, [row.id for row in rows], on)
    views = []
    for row in rows:
        state = RUNNING if row.from_on <= on <= row.to_on else PLANNED if on < row.from_on else OVER
        views.append(
            InspectionView(row, counts.get(row.id, Counts()), CANCELLED if row.cancelled_at else state)
        )
    return views
