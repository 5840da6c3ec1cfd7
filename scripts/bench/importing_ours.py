"""Our imports, from the file to the committed transaction, with the seconds of every stage."""

from __future__ import annotations

import resource
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from geoservice.config import Settings
from geoservice.services import ground
from geoservice.services.importing import (
    Input,
    PointOptions,
    Report,
    Run,
    ZoneOptions,
    import_points,
    import_zones,
)
from geoservice.store.base import make_engine, transaction
from scripts.bench.processor import Processor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

NOW = datetime(2026, 8, 1, tzinfo=UTC)
RASTERS = "rasters"


class Stopwatch:
    """Seconds between the stages that an import tells of."""

    def __init__(self, processor: Processor) -> None:
        self.stages: dict[str, float] = {}
        self.processor = processor
        self.cpu: dict[str, float] = {}
        self._stage, self._since = "fingerprint", time.perf_counter()

    def tell(self, stage: str, _share: float) -> None:
        if stage in {RASTERS, "end"} and not self.cpu:
            self.cpu = self.processor.used()
        now = time.perf_counter()
        self.stages[self._stage] = self.stages.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now


def import_twice(database_url: str, kind: str, path: str, with_rasters: bool) -> dict:
    """Import a file, and the same file again."""
    with nullcontext() if with_rasters else patch.object(ground, "refresh_masks", return_value=0):
        first = _imported(database_url, kind, Path(path), NOW)
        first["child_mb"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        return {**first, "again": _imported(database_url, kind, Path(path), NOW + timedelta(days=1))}


def _imported(database_url: str, kind: str, path: Path, now: datetime) -> dict:
    settings = Settings(database_url=database_url, demo_mode=True)
    engine = make_engine(database_url)
    watch = Stopwatch(Processor(database_url))
    run = Run(now=now, progress=watch.tell)
    started = time.perf_counter()
    with transaction(engine) as session:
        report = KINDS[kind](session, settings, path, run)
    watch.tell("end", 1.0)
    return {
        "seconds": time.perf_counter() - started - watch.stages.get(RASTERS, 0.0), "stages": watch.stages, **watch.cpu,
        "new": report.new, "changed": report.changed, "unchanged": report.unchanged, "rejected": len(report.rejected),
    }  # fmt: skip


def _zones(session: Session, settings: Settings, path: Path, run: Run) -> Report:
    return import_zones(session, settings, Input((path,)), ZoneOptions(level="grid"), run)


def _points(session: Session, settings: Settings, path: Path, run: Run) -> Report:
    return import_points(session, settings, Input((path,)), PointOptions(), run)


KINDS: dict[str, Callable[..., Report]] = {"zones": _zones, "points": _points}
