"""Checklists by category of point: drafted, published from a day, and copied to be changed.

A published version stands still (the database refuses to change it), so that a score can be understood years later.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from geoservice.domain.checklists import MOST_ITEMS, fault_of, first_repeated
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.seen import check_seen, fingerprint
from geoservice.store import audit, batches
from geoservice.store import checklist_rows as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.domain.checklists import Item
    from geoservice.store.checklist_rows import StoredChecklist, StoredItem, Word

LONGEST_NAME, LONGEST_NOTE = 100, 500
LOCK = "checklists"
DRAFT, COMING, IN_FORCE, PAST = "draft", "coming", "in_force", "past"


@dataclass(frozen=True)
class ChecklistView:
    """One version with its items. `state` is one of draft, coming, in_force, past; `seen` says which state of it this is."""

    stored: StoredChecklist
    items: tuple[StoredItem, ...]
    state: str

    @property
    def id(self) -> int:
        """Its number."""
        return self.stored.id

    @property
    def weight(self) -> float:
        """What all items weigh together."""
        return sum(one.item.weight for one in self.items)

    @property
    def seen(self) -> str:
        """What a form carries to say from which state it was made."""
        return fingerprint(_stored(self))


@dataclass(frozen=True)
class Category:
    """A category of points with its versions, the newest first."""

    word: Word
    versions: tuple[ChecklistView, ...]

    def one(self, state: str) -> ChecklistView | None:
        """The newest version in a state."""
        return next((version for version in self.versions if version.state == state), None)


def list_categories(session: Session, on: date) -> list[Category]:
    """Return every category of points with its checklists, also those that have none."""
    stored = store.all_versions(session)
    views = _views(session, stored, on)
    return [
        Category(word, tuple(view for view in views if view.stored.category.code == word.code))
        for word in store.categories(session)
    ]


def read_checklist(session: Session, checklist_id: int, on: date) -> ChecklistView:
    """Return one version; NotFound without it."""
    stored = store.version_by_id(session, checklist_id)
    if stored is None:
        raise NotFound("checklist_unknown", id=checklist_id)
    return _views(session, [stored], on)[0]


def start_draft(session: Session, category: str, *, by: int | None, now: datetime) -> int:
    """Begin the next version of a category as a copy of its newest → its id; a draft that is there already is returned."""
    batches.lock(session, LOCK)
    word = _category(session, category)
    versions = store.all_versions(session, category)
    if versions and versions[0].valid_from is None:
        return versions[0].id
    items: list[Item] = []
    name, note = word.zh, ""
    if versions:
        name, note = versions[0].name, versions[0].note
        items = [one.item for one in store.items_of(session, [versions[0].id])[versions[0].id]]
    draft_id = store.add_version(session, category, name, note, items, by=by, now=now)
    audit.record(session, by, "checklist.draft", "checklist", str(draft_id), {"category": category})
    return draft_id


def save_draft(  # noqa: PLR0913 - what a draft says
    session: Session,
    checklist_id: int,
    name: str,
    note: str,
    items: Sequence[Item],
    *,
    by: int | None,
    on: date,
    seen: str | None = None,
) -> None:
    """Let a draft say this; Conflict for a published version and for a draft that somebody changed meanwhile."""
    batches.lock(session, LOCK)
    before = _draft(session, checklist_id, on)
    check_seen(seen, _stored(before), before.stored.name)
    check_items(session, items)
    store.replace_draft(session, checklist_id, checked_name(name), note.strip()[:LONGEST_NOTE], items)
    audit.record(session, by, "checklist.change", "checklist", str(checklist_id), {"items": len(items)})


def publish(session: Session, checklist_id: int, valid_from: date, *, by: int | None, on: date) -> None:
    """Let a draft hold from a day on, today or later; BadRequest for one without items and for a day that is over."""
    batches.lock(session, LOCK)
    draft = _draft(session, checklist_id, on)
    if not draft.items:
        raise BadRequest("checklist_empty", name=draft.stored.name)
    if valid_from < on:
        raise BadRequest("checklist_from_past", day=valid_from.isoformat(), today=on.isoformat())
    store.publish(session, checklist_id, valid_from)
    detail = {"category": draft.stored.category.code, "valid_from": valid_from.isoformat()}
    audit.record(session, by, "checklist.publish", "checklist", str(checklist_id), detail)


def remove_draft(session: Session, checklist_id: int, *, by: int | None, on: date) -> None:
    """Throw a draft away; Conflict for a published version."""
    batches.lock(session, LOCK)
    draft = _draft(session, checklist_id, on)
    store.remove_draft(session, checklist_id)
    detail = {"category": draft.stored.category.code, "version": draft.stored.version}
    audit.record(session, by, "checklist.remove", "checklist", str(checklist_id), detail)


def case_kinds(session: Session) -> list[Word]:
    """Return the kinds of cases a fail may become."""
    return store.case_kinds(session)


def check_items(session: Session, items: Sequence[Item]) -> None:
    """Raise BadRequest for items that can't make a checklist, naming the first."""
    if len(items) > MOST_ITEMS:
        raise BadRequest("checklist_too_long", count=len(items), most=MOST_ITEMS)
    kinds = {word.code for word in store.case_kinds(session)}
    for place, item in enumerate(items, 1):
        if fault := fault_of(item):
            raise BadRequest(
                fault.code,
                item=item.code or place,
                field=fault.field,
                value=fault.value[:40],
                most=fault.most,
            )
        if item.case_kind is not None and item.case_kind not in kinds:
            raise BadRequest("checklist_kind_unknown", item=item.code, value=item.case_kind[:40])
    if repeated := first_repeated(item.code for item in items):
        raise BadRequest("checklist_code_twice", item=repeated)


def checked_name(name: str) -> str:
    """Return what a checklist may be called."""
    plain = " ".join(name.split())
    if not plain:
        raise BadRequest("checklist_field_needed", item="–", field="name")
    if len(plain) > LONGEST_NAME:
        raise BadRequest("checklist_field_long", item="–", field="name", most=LONGEST_NAME)
    return plain


def _category(session: Session, category: str) -> Word:
    found = next((word for word in store.categories(session) if word.code == category), None)
    if found is None:
        known = ", ".join(word.code for word in store.categories(session))
        raise NotFound("unknown_category", value=category[:40], categories=known)
    return found


def _draft(session: Session, checklist_id: int, on: date) -> ChecklistView:
    found = read_checklist(session, checklist_id, on)
    if found.state != DRAFT:
        raise Conflict("checklist_published", name=found.stored.name, version=found.stored.version)
    return found


def _views(session: Session, stored: Sequence[StoredChecklist], on: date) -> list[ChecklistView]:
    items = store.items_of(session, [one.id for one in stored])
    current = set(store.in_force(session, on).values())
    return [ChecklistView(one, tuple(items[one.id]), _state(one, on, current)) for one in stored]


def _state(stored: StoredChecklist, on: date, current: set[int]) -> str:
    if stored.valid_from is None:
        return DRAFT
    if stored.valid_from > on:
        return COMING
    return IN_FORCE if stored.id in current else PAST


def _stored(view: ChecklistView) -> dict[str, object]:
    return {
        "name": view.stored.name,
        "note": view.stored.note,
        "items": [asdict(one.item) for one in view.items],
        "valid_from": view.stored.valid_from,
    }
