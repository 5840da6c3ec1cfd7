"""Checklists from workbooks: each category in them becomes a draft."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.checklists import EvidenceAsked, Item, differences, fault_of
from geoservice.errors import BadRequest, Problem
from geoservice.formats.values import as_number
from geoservice.services.importing.flow import Report, reject_repeated
from geoservice.services.importing.point_rules import refuse_nothing_taken
from geoservice.services.importing.rows import BadRow, read_tables
from geoservice.services.inspections.checklists import LOCK, checked_name
from geoservice.services.inspections.sheet_words import EVIDENCE, HEADERS
from geoservice.store import audit, batches
from geoservice.store import checklist_rows as store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.services.importing.columns import Column, Header
    from geoservice.services.importing.flow import Run
    from geoservice.services.importing.row_list import Row
    from geoservice.store.checklist_rows import Word


@dataclass(frozen=True)
class SheetOptions:
    """Which sheet of the workbook, and how its texts are encoded."""

    sheet: str | None = None
    encoding: str = "auto"


@dataclass(frozen=True)
class _Columns:
    category: Column
    code: Column
    title: Column
    standard: Column
    weight: Column
    name: Column | None
    evidence: Column | None
    case_kind: Column | None


@dataclass(frozen=True)
class _Told:
    category: str
    name: str | None
    item: Item


def import_checklists(session: Session, paths: Sequence[Path], options: SheetOptions, run: Run) -> Report:
    """Take sheets of items; each category in them becomes a draft, unless its newest version says the same already.

    A category of which one row can't be taken is left out whole: a checklist without an item would score otherwise.
    """
    report = Report()
    header, rows = read_tables(paths, report, sheet=options.sheet, encoding=options.encoding)
    columns = _columns(header)
    report.detected["guessed"] = header.guessed
    categories, kinds = _by_name(store.categories(session)), _by_name(store.case_kinds(session))
    found: list[tuple[Row, _Told]] = []
    incomplete: set[str] = set()
    for row in rows:
        try:
            category = _category(row, columns.category, categories)
        except BadRow as bad:
            report.rejected.append(bad.args[0])
            continue
        try:
            found.append((row, _Told(category, _name(row, columns.name), _item(row, columns, kinds))))
        except BadRow as bad:
            incomplete.add(category)
            report.rejected.append(bad.args[0])
    kept = reject_repeated(
        [(f"{told.category} {told.item.code.casefold()}", row.place) for row, told in found],
        lambda place, first: found[place][0].problem(
            "duplicate_code", columns.code.shown, found[place][1].item.code, first=first
        ),
        report,
    )
    incomplete |= {told.category for place, (_, told) in enumerate(found) if place not in set(kept)}
    told = [found[place][1] for place in kept]
    with batches.savepoint(session) as undo:
        batches.lock(session, LOCK)
        _leave_out(incomplete, told, header.file, report)
        _apply(session, [one for one in told if one.category not in incomplete], run, report)
        refuse_nothing_taken(report, run)
        detail = {"files": [path.name for path in paths][:20], "new": report.new, "changed": report.changed}
        audit.record(session, run.by, "checklist.import", detail=detail)
        if run.dry_run:
            undo()
    return report


def _columns(header: Header) -> _Columns:
    return _Columns(
        category=header.need("checklist_category", None, HEADERS["category"][0]),
        code=header.need("checklist_code", None, HEADERS["code"][0]),
        title=header.need("checklist_title", None, HEADERS["title"][0]),
        standard=header.need("checklist_standard", None, HEADERS["standard"][0]),
        weight=header.need("checklist_weight", None, HEADERS["weight"][0]),
        name=header.find("checklist_name"),
        evidence=header.find("checklist_evidence"),
        case_kind=header.find("checklist_case_kind"),
    )


def _by_name(words: Sequence[Word]) -> dict[str, str]:
    """Code or name in either language, in small letters → code."""
    names = {name.casefold(): word.code for word in words for name in (word.zh, word.en)}
    return names | {word.code.casefold(): word.code for word in words}


def _category(row: Row, found: Column, categories: dict[str, str]) -> str:
    name = found.text(row) or ""
    if name.casefold() not in categories:
        known = ", ".join(dict.fromkeys(categories.values()))
        raise BadRow(row.problem("unknown_category", found.shown, name, categories=known))
    return categories[name.casefold()]


def _name(row: Row, found: Column | None) -> str | None:
    name = found.text(row) if found else None
    if found is None or name is None:
        return None
    try:
        return checked_name(name)
    except BadRequest as error:
        raise BadRow(_fault(row, found, name, error)) from error


def _fault(row: Row, found: Column, value: str, error: BadRequest) -> Problem:
    values = {key: each for key, each in error.values.items() if key != "value"}
    return row.problem(error.code, found.shown, value, **values)


def _item(row: Row, columns: _Columns, kinds: dict[str, str]) -> Item:
    item = Item(
        columns.code.code(row) or "",
        " ".join((columns.title.text(row) or "").split()),
        (columns.standard.text(row) or "").strip(),
        _weight(row, columns.weight),
        _evidence(row, columns.evidence),
        _case_kind(row, columns.case_kind, kinds),
    )
    if fault := fault_of(item):
        named: Column = getattr(columns, fault.field)
        more = {"item": item.code or row.place, "field": named.shown, "most": fault.most}
        raise BadRow(row.problem(fault.code, named.shown, fault.value, **more))
    return item


def _weight(row: Row, found: Column) -> float:
    raw = found.value(row)
    try:
        number = as_number(raw)
    except ValueError as error:
        raise BadRow(row.problem("number_invalid", found.shown, raw)) from error
    return 0.0 if number is None else number


def _evidence(row: Row, found: Column | None) -> EvidenceAsked:
    word = found.text(row) if found else None
    if found is None or word is None:
        return EvidenceAsked.ON_FAIL
    if word.casefold() not in EVIDENCE:
        raise BadRow(row.problem("checklist_evidence_unknown", found.shown, word))
    return EVIDENCE[word.casefold()]


def _case_kind(row: Row, found: Column | None, kinds: dict[str, str]) -> str | None:
    word = found.text(row) if found else None
    if found is None or word is None:
        return None
    if word.casefold() not in kinds:
        known = ", ".join(dict.fromkeys(kinds.values()))
        raise BadRow(row.problem("checklist_case_kind_unknown", found.shown, word, kinds=known))
    return kinds[word.casefold()]


def _leave_out(incomplete: set[str], told: Sequence[_Told], file: str, report: Report) -> None:
    good = Counter(one.category for one in told)
    for category in sorted(incomplete):
        report.warnings.append(
            Problem(
                "checklist_left_out", file=file, values={"category": category, "count": good.get(category, 0)}
            )
        )


def _apply(session: Session, told: Sequence[_Told], run: Run, report: Report) -> None:
    by_category: dict[str, list[_Told]] = {}
    for one in told:
        by_category.setdefault(one.category, []).append(one)
    words = {word.code: word for word in store.categories(session)}
    drafts = report.more.setdefault("drafts", [])
    for category, rows in by_category.items():
        items = [one.item for one in rows]
        versions = store.all_versions(session, category)
        newest = versions[0] if versions else None
        before = store.items_of(session, [newest.id])[newest.id] if newest else []
        name = next((one.name for one in rows if one.name), None)
        name = name or (newest.name if newest else words[category].zh)
        if newest and [one.item for one in before] == items and newest.name == name:
            report.unchanged += 1
            report.unchanged_codes.append(category)
            continue
        added, changed, gone = differences([one.item for one in before], items)
        drafts.append({"category": category, "added": added, "changed": changed, "removed": gone})
        if newest and newest.valid_from is None:
            store.replace_draft(session, newest.id, name, newest.note, items)
            report.changed += 1
        else:
            store.add_version(session, category, name, "", items, by=run.by, now=run.now)
            report.new += 1
