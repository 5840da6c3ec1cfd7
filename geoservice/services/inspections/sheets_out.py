"""Checklists given out as workbooks that can be taken in again, and the template to fill in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.checklists import EvidenceAsked
from geoservice.formats.writing import Format, write
from geoservice.formats.writing_template import TemplateColumn, write_template
from geoservice.formats.writing_values import Features, Kind, column
from geoservice.services.inspections import sheet_words as words
from geoservice.services.inspections.checklists import list_categories
from geoservice.services.inspections.sheet_words import EVIDENCE_ZH, HEADERS
from geoservice.store import checklist_rows as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.services.inspections.checklists import ChecklistView


def export_checklists(
    session: Session, path: Path, locale: str, on: date, checklist_ids: Sequence[int] = ()
) -> None:
    """Write checklists into a workbook that can be taken in again: those named, else the newest of each category."""
    versions = [
        version
        for category in list_categories(session, on)
        for version in _chosen(category.versions, checklist_ids)
    ]
    zh = locale.startswith("zh")
    kinds = {word.code: word.in_language(locale) for word in store.case_kinds(session)}
    rows = [(version, one.item) for version in versions for one in version.items]
    cells: dict[str, list[Any]] = {
        "category": [version.stored.category.in_language(locale) for version, _ in rows],
        "name": [version.stored.name for version, _ in rows],
        "code": [item.code for _, item in rows],
        "title": [item.title for _, item in rows],
        "standard": [item.standard for _, item in rows],
        "weight": [item.weight for _, item in rows],
        "evidence": [EVIDENCE_ZH[item.evidence] if zh else item.evidence.value for _, item in rows],
        "case_kind": [item.case_kind and kinds.get(item.case_kind, item.case_kind) for _, item in rows],
    }
    made = tuple(
        column(HEADERS[name][0 if zh else 1], Kind.REAL if name == "weight" else Kind.TEXT, values)
        for name, values in cells.items()
    )
    write(path, Format.XLSX, Features("checklists", "测评清单" if zh else "Checklists", made))


def write_checklist_template(session: Session, path: Path, locale: str) -> None:
    """Write the workbook to fill in, with two examples and drop-downs."""
    zh = locale.startswith("zh")
    categories = tuple(word.in_language(locale) for word in store.categories(session))
    kinds = tuple(word.in_language(locale) for word in store.case_kinds(session))
    evidence = tuple(EVIDENCE_ZH.values()) if zh else tuple(EvidenceAsked)
    examples = words.EXAMPLES_ZH if zh else words.EXAMPLES_EN
    choices = {"category": categories, "case_kind": kinds, "evidence": evidence}
    about = words.ABOUT_ZH if zh else words.ABOUT_EN
    columns = [
        TemplateColumn(
            HEADERS[name][0 if zh else 1],
            examples[name],
            about.get(name, ""),
            required=name in {"category", "code", "title", "standard", "weight"},
            choices=choices.get(name, ()),
            is_number=name == "weight",
        )
        for name in HEADERS
    ]
    write_template(
        path, "测评清单" if zh else "Checklists", columns, words.NOTES_ZH if zh else words.NOTES_EN
    )


def _chosen(versions: Sequence[ChecklistView], wanted: Sequence[int]) -> list[ChecklistView]:
    if wanted:
        return [version for version in versions if version.id in wanted]
    return list(versions[:1])
