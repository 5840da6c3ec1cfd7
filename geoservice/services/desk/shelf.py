"""Drafts as they lie on the desk: listed, read, dropped, and swept away when they are old."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from geoservice.errors import Conflict, NotFound
from geoservice.formats.kinds import SHAPEFILE_PARTS
from geoservice.store import audit, draft_items, jobs
from geoservice.store import drafts as stored

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.store.drafts import Draft

KEPT = timedelta(days=30)
# Files of a draft that is just being received have no row to be seen yet.
JUST_RECEIVED = timedelta(days=1)


@dataclass(frozen=True)
class DraftRow:
    """A draft as it is listed. `counts`: outcome → how many, once it was checked."""

    id: int
    kind: str | None
    state: str
    names: tuple[str, ...]
    counts: dict[str, int]
    job_id: int | None
    batch_id: int | None
    created_by: int | None
    created_by_name: str
    created_at: datetime


def drafts(session: Session, *, only_by: int | None, limit: int = 50) -> list[DraftRow]:
    """Return the newest drafts that were not dropped, of everybody or of one user."""
    return [
        DraftRow(
            draft.id,
            draft.kind,
            draft.state,
            tuple(file["name"] for file in draft.files),
            draft.report.get("counts", {}),
            draft.job_id,
            draft.batch_id,
            draft.created_by,
            draft.created_by_name,
            draft.created_at,
        )
        for draft in stored.newest_drafts(session, only_by=only_by, limit=limit)
    ]


def read_draft(session: Session, draft_id: int, *, only_by: int | None = None) -> Draft:
    """Return one draft; NotFound when there is none, or none of that user."""
    draft = stored.read_draft(session, draft_id, only_by=only_by)
    if draft is None or draft.state == "dropped":
        raise NotFound("draft_not_found", id=draft_id)
    return draft


def hold_draft(session: Session, draft_id: int, row_version: int | None = None) -> Draft:
    """Return a draft that stays as it is until this transaction ends.

    NotFound when there is none, Conflict `draft_busy` while a job works on it, `draft_changed` when `row_version` is given and not
    the newest.
    """
    draft = stored.lock_draft(session, draft_id)
    if draft is None or draft.state == "dropped":
        raise NotFound("draft_not_found", id=draft_id)
    if jobs.is_open(session, key_of(draft_id)):
        raise Conflict("draft_busy")
    if row_version is not None and row_version != draft.row_version:
        raise Conflict("draft_changed")
    return draft


def key_of(draft_id: int) -> str:
    """Return by what the background work for a draft is known."""
    return f"desk {draft_id}"


def drop(session: Session, settings: Settings, draft_id: int, *, by: int | None) -> None:
    """Drop a draft with its files; Conflict while a job works on it."""
    hold_draft(session, draft_id)
    _drop(session, settings, draft_id)
    audit.record(session, by, "draft.drop", "import_draft", str(draft_id))


def file_paths(settings: Settings, draft: Draft) -> list[Path]:
    """Return where the files lie that an import reads: of a Shapefile its .shp alone."""
    beside = set(SHAPEFILE_PARTS[1:])
    return [
        draft_folder(settings, draft.id) / file["path"]
        for file in draft.files
        if Path(file["path"]).suffix not in beside
    ]


def draft_folder(settings: Settings, draft_id: int) -> Path:
    """Return where the files of a draft lie."""
    return uploads(settings) / str(draft_id)


def uploads(settings: Settings) -> Path:
    """Return where the files of all drafts lie."""
    return settings.var_dir / "uploads"


def sweep(session: Session, settings: Settings, now: datetime) -> int:
    """Drop the drafts older than 30 days with their files, and files without a draft; return how many drafts."""
    old = [
        draft_id
        for draft_id in stored.old_drafts(session, now - KEPT)
        if not jobs.is_open(session, key_of(draft_id))
    ]
    for draft_id in old:
        _drop(session, settings, draft_id)
    _remove_orphans(session, settings, now)
    return len(old)


def _drop(session: Session, settings: Settings, draft_id: int) -> None:
    draft_items.delete_items(session, draft_id)
    stored.set_draft(session, draft_id, state="dropped", seen={}, report={})
    shutil.rmtree(draft_folder(settings, draft_id), ignore_errors=True)


def _remove_orphans(session: Session, settings: Settings, now: datetime) -> None:
    folders = [path for path in uploads(settings).glob("*") if path.is_dir() and path.name.isdecimal()]
    kept = stored.kept_drafts(session)
    for folder in folders:
        since = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        if int(folder.name) not in kept and since < now - JUST_RECEIVED:
            shutil.rmtree(folder, ignore_errors=True)
