"""Who changed what of a zone, point or street, and when: what is noted of its rows, put side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.crs import to_metric
from geoservice.errors import NotFound
from geoservice.services import ground
from geoservice.store import editing_history

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.store.editing_history import Note

# What tells nobody anything: keys of rows, and what follows from the rest.
HIDDEN = frozenset({"id", "zone_id", "path", "row_version", "batch_id"})


@dataclass(frozen=True)
class Difference:
    """A field before and after; of a shape its size in m² or m."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Changed:
    """One change: `action` is insert, update or delete; `batch` the import it came by, None by hand."""

    at: datetime | None
    by: str | None
    batch: int | None
    action: str
    undone: bool = False
    differences: list[Difference] = field(default_factory=list)


def history(session: Session, noun: str, thing_id: int) -> list[Changed]:
    """Every change that is noted of a zone, point or street, the newest first; NotFound for what was never there.

    `noun` is zone, point or street. Notes are shown to those who see the whole city; others see how it came only.
    """
    notes = editing_history.notes_of(session, noun, thing_id)
    if not notes:
        raise NotFound
    epsg = ground.read_grid(session).metric_epsg
    rows = [row for note in notes for row in (note.before, note.after) if row]
    parents = {row["parent_id"] for row in rows if row.get("parent_id")}
    codes = editing_history.zone_codes(session, parents)
    found = [
        Changed(note.at, note.by, note.batch, note.action, note.undone, differences)
        for note in _succeeded(notes)
        if (differences := _differences(note, epsg, codes)) or note.action != "update"
    ]
    return found[::-1]


def _succeeded(notes: list[Note]) -> list[Note]:
    """The notes with each version that follows on another told as one change of it, not as an end and a coming."""
    ended = {
        note.after["valid_to"]: note
        for note in notes
        if note.action == "update" and note.after and note.after.get("valid_to")
    }
    told, joined = [], set()
    for note in notes:
        former = ended.get((note.after or {}).get("valid_from") or "")
        if note.action == "insert" and former is not None and former.before is not None:
            joined.add(id(former))
            told.append(replace(note, action="update", before=former.before))
        else:
            told.append(note)
    return [note for note in told if id(note) not in joined or not _only_ended(note)]


def _only_ended(note: Note) -> bool:
    return {name for name, value in (note.after or {}).items() if value != (note.before or {}).get(name)} <= {
        "valid_to",
        *HIDDEN,
    }


def _differences(note: Note, epsg: int, codes: Mapping[int, str]) -> list[Difference]:
    before, after = note.before or {}, note.after or {}
    names = [name for name in after or before if name not in HIDDEN]
    return [
        Difference(name, *(_shown(name, row.get(name), epsg, codes) for row in (before, after)))
        for name in names
        if (before.get(name) or None) != (after.get(name) or None)
    ]


def _shown(name: str, value: Any, epsg: int, codes: Mapping[int, str]) -> Any:
    """A value as it can be written; a shape is told by its size, or by where it is, a zone by its code."""
    if name == "parent_id":
        return codes.get(value, value)
    if name != "geom" or value is None:
        return value
    shape = shapely.from_wkb(value)
    if shape.geom_type == "Point":
        return f"{shape.x:.6f}, {shape.y:.6f}"
    metric = to_metric(epsg, shape)
    return round(float(metric.area if metric.area else metric.length), 1)
