"""Where files lie that were made in the background, and for how long."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from geoservice.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geoservice.config import Settings

KEPT_DAYS = 7


def exports_folder(settings: Settings) -> Path:
    """Return the folder of all such files; it is made where it is missing."""
    folder = settings.var_dir / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def passing_folder(settings: Settings) -> Iterator[Path]:
    """Open a folder for files that are sent at once and not kept."""
    with TemporaryDirectory(dir=exports_folder(settings), prefix=".now-") as folder:
        yield Path(folder)


def job_folder(settings: Settings, job_id: int) -> Path:
    """Return the folder of one job's file."""
    return exports_folder(settings) / str(job_id)


def kept_file(settings: Settings, job_id: int, name: str) -> Path:
    """Return a job's file; NotFound once it was swept away."""
    path = job_folder(settings, job_id) / name
    if not path.is_file():
        raise NotFound("export_gone", days=KEPT_DAYS)
    return path


def sweep(settings: Settings, now: datetime) -> int:
    """Remove files older than a week, and what a killed process left → how many."""
    old = [
        path
        for path in exports_folder(settings).iterdir()
        if path.is_dir()
        and datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - timedelta(days=KEPT_DAYS)
    ]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)
