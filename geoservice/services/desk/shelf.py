"""Drafts as they lie on the desk: listed, read, dropped, and swept away when they are old."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


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


@dataclass(frozen=True)
class Draft:
    """One draft: its files ({"name", "path", "sha256", "bytes"}), what was chosen, seen and found out.

    `seen` is what `looking` wrote, `report` what the check found: {"counts": {outcome: n}, "detected", "warnings": [problem],
    "more"}, `job_id` the newest job.
    """

    id: int
    kind: str | None
    state: str
    files: list[dict[str, Any]]
    choices: dict[str, str]
    seen: dict[str, Any]
    report: dict[str, Any]
    job_id: int | None
    batch_id: int | None
    created_by: int | None
    created_by_name: str
    created_at: datetime
    row_version: int


def drafts(session: Session, *, only_by: int | None, limit: int = 50) -> list[DraftRow]:
    """Return the newest drafts that were not dropped, of everybody or of one user."""
    raise NotImplementedError


def read_draft(session: Session, draft_id: int, *, only_by: int | None = None) -> Draft:
    """Return one draft; NotFound when there is none, or none of that user."""
    raise NotImplementedError


def drop(session: Session, settings: Settings, draft_id: int, *, by: int | None) -> None:
    """Drop a draft with its files; Conflict while a job works on it, or once it was applied."""
    raise NotImplementedError


def file_paths(settings: Settings, draft: Draft) -> list[Path]:
    """Return where the files lie that an import reads: of a Shapefile its .shp alone."""
    raise NotImplementedError


def sweep(session: Session, settings: Settings, now: datetime) -> int:
    """Drop the drafts older than 30 days with their files, and files without a draft; return how many drafts."""
    raise NotImplementedError
