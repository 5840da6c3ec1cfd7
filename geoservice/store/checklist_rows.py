"""Checklists in their versions: read, drafted, published, and which one is in force on a day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from geoservice.domain.checklists import EvidenceAsked, Item
from geoservice.store.cases import CaseKind
from geoservice.store.inspections import Checklist, ChecklistItem
from geoservice.store.points import PointCategory

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Word:
    """A code with its names."""

    code: str
    zh: str
    en: str

    def in_language(self, locale: str) -> str:
        """The name for readers of a language."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True)
class StoredItem:
    """An item with its id."""

    id: int
    item: Item


@dataclass(frozen=True)
class StoredChecklist:
    """One version; `valid_from` None: a draft."""

    id: int
    category: Word
    version: int
    name: str
    note: str
    valid_from: date | None
    made_at: datetime


def categories(session: Session) -> list[Word]:
    """Every category of points, in the order they were set up."""
    rows = session.execute(
        select(PointCategory.code, PointCategory.name_zh, PointCategory.name_en).order_by(
            PointCategory.weight.desc(), PointCategory.code
        )
    )
    return [Word(*row) for row in rows]


def case_kinds(session: Session) -> list[Word]:
    """Every kind of case that is in use, by code."""
    rows = session.execute(
        select(CaseKind.code, CaseKind.name_zh, CaseKind.name_en)
        .where(CaseKind.active)
        .order_by(CaseKind.code)
    )
    return [Word(*row) for row in rows]


def all_versions(session: Session, category: str | None = None) -> list[StoredChecklist]:
    """Every version by category, the newest first."""
    return _versions(session, None if category is None else [category])


def version_by_id(session: Session, checklist_id: int) -> StoredChecklist | None:
    """One version."""
    found = _versions(session, None, checklist_id)
    return found[0] if found else None


def items_of(session: Session, checklist_ids: Collection[int]) -> dict[int, list[StoredItem]]:
    """Checklist's id → its items, in order."""
    found: dict[int, list[StoredItem]] = {number: [] for number in checklist_ids}
    query = select(ChecklistItem).where(ChecklistItem.checklist_id.in_(checklist_ids))
    for row in session.scalars(query.order_by(ChecklistItem.checklist_id, ChecklistItem.position)):
        item = Item(row.code, row.title, row.standard, row.weight, EvidenceAsked(row.evidence), row.case_kind)
        found[row.checklist_id].append(StoredItem(row.id, item))
    return found


def in_force(session: Session, on: date) -> dict[str, int]:
    """Category → the id of the checklist that holds on a day; of two from the same day the newer version."""
    rows = session.execute(
        select(Checklist.category, Checklist.id)
        .ext(distinct_on(Checklist.category))
        .where(Checklist.valid_from <= on)
        .order_by(Checklist.category, Checklist.valid_from.desc(), Checklist.version.desc())
    )
    return {row.category: row.id for row in rows}


def add_version(  # noqa: PLR0913 - what a version is made of
    session: Session,
    category: str,
    name: str,
    note: str,
    items: Sequence[Item],
    *,
    by: int | None,
    now: datetime,
) -> int:
    """Add a draft after the newest version of a category → its id."""
    newest = session.scalar(select(func.max(Checklist.version)).where(Checklist.category == category)) or 0
    row = Checklist(category=category, version=newest + 1, name=name, note=note, made_by=by, made_at=now)
    session.add(row)
    session.flush()
    _put_items(session, row.id, items)
    return row.id


def replace_draft(session: Session, checklist_id: int, name: str, note: str, items: Sequence[Item]) -> None:
    """Let a draft say something else."""
    session.execute(update(Checklist).where(Checklist.id == checklist_id).values(name=name, note=note))
    session.execute(delete(ChecklistItem).where(ChecklistItem.checklist_id == checklist_id))
    _put_items(session, checklist_id, items)


def publish(session: Session, checklist_id: int, valid_from: date) -> None:
    """Let a draft hold from a day on; after that the database refuses every change of it."""
    session.execute(update(Checklist).where(Checklist.id == checklist_id).values(valid_from=valid_from))


def remove_draft(session: Session, checklist_id: int) -> None:
    """Remove a draft with its items."""
    session.execute(delete(Checklist).where(Checklist.id == checklist_id))


def _versions(
    session: Session, wanted: Collection[str] | None, checklist_id: int | None = None
) -> list[StoredChecklist]:
    query = select(Checklist, PointCategory).join(PointCategory, PointCategory.code == Checklist.category)
    if wanted is not None:
        query = query.where(Checklist.category.in_(wanted))
    if checklist_id is not None:
        query = query.where(Checklist.id == checklist_id)
    rows = session.execute(query.order_by(Checklist.category, Checklist.version.desc()))
    return [
        StoredChecklist(
            one.id,
            Word(one.category, category.name_zh, category.name_en),
            one.version,
            one.name,
            one.note,
            one.valid_from,
            one.made_at,
        )
        for one, category in rows
    ]


def _put_items(session: Session, checklist_id: int, items: Sequence[Item]) -> None:
    rows = [
        {"checklist_id": checklist_id, "position": place, **vars(item), "evidence": item.evidence.value}
        for place, item in enumerate(items, 1)
    ]
    if rows:
        session.execute(insert(ChecklistItem), rows)
