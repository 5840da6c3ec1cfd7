"""The desk as a user goes through it, with real jobs run in this process, and what a database holds before and after."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from geoservice.errors import Conflict
from geoservice.jobs.run import execute
from geoservice.services import desk, importing
from geoservice.store import drafts as stored
from geoservice.store.schema import metadata

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.jobs.conftest import Bench

# What is the desk's own, or belongs to the running of jobs.
ASIDE = {"import_draft", "draft_item", "column_mapping", "job"}
GROUND = (
    "import_draft", "column_mapping", "contract", "check_in", "point", "street", "exclusion", "zone_version", "zone", "leader",
    "track", "fix", "device_day", "device", "import_batch", "row_change",
)  # fmt: skip


@dataclass
class Desk:
    """One user at the desk."""

    bench: Bench
    folder: Path

    def put(self, *paths: Path, names: tuple[str, ...] = ()) -> int:
        """Receive copies of files, under other names where such are given."""
        received = []
        for index, path in enumerate(paths):
            upload = self.folder / f"upload-{index}"
            shutil.copyfile(path, upload)
            received.append(desk.Received(names[index] if names else path.name, upload))
        with self.bench.transaction() as session:
            return desk.receive(session, self.bench.settings, received, by=None, now=datetime.now(UTC))

    def paste(self, words: str) -> int:
        with self.bench.transaction() as session:
            return desk.receive_text(session, self.bench.settings, words, by=None, now=datetime.now(UTC))

    def draft(self, draft_id: int) -> desk.Draft:
        with self.bench.transaction() as session:
            return desk.read_draft(session, draft_id)

    def choose(self, draft_id: int, **choices: str) -> None:
        """Choose; `column_code` is the key `column.code`."""
        told = {
            f"column.{key[7:]}" if key.startswith("column_") else key: value for key, value in choices.items()
        }
        version = self.draft(draft_id).row_version
        with self.bench.transaction() as session:
            desk.choose(session, self.bench.settings, draft_id, told, by=None, row_version=version)

    def step(self, draft_id: int, step: str) -> Any:
        """Do a step in this process → how its job ended."""
        with self.bench.transaction() as session:
            job_id = desk.ask(session, draft_id, step, by=None)
        execute(self.bench.settings, job_id)
        return self.bench.read(job_id)

    def look(self, draft_id: int) -> dict[str, Any]:
        job = self.step(draft_id, "look")
        assert job.state == "done", job.error
        return self.draft(draft_id).seen

    def check(self, draft_id: int) -> dict[str, int]:
        job = self.step(draft_id, "check")
        assert job.state == "done", job.error
        return self.draft(draft_id).report["counts"]

    def apply(self, draft_id: int) -> int:
        job = self.step(draft_id, "apply")
        assert job.state == "done", job.error
        return job.result["batch"]

    def items(self, draft_id: int, outcome: str) -> list[desk.Item]:
        with self.bench.transaction() as session:
            return desk.items(session, draft_id, outcome, page=1, size=1000).items

    def ready(self, *paths: Path, **choices: str) -> int:
        """Receive files and choose, as if they had been looked at."""
        draft_id = self.put(*paths)
        with self.bench.transaction() as session:
            stored.set_draft(session, draft_id, state="looked")
        self.choose(draft_id, **choices)
        return draft_id

    def take(self, kind: str, path: Path, level: str = "grid") -> None:
        """Bring a file in without the desk."""
        work: Any = getattr(importing, f"import_{kind}")
        options = {
            "zones": importing.ZoneOptions(level=level),
            "points": importing.PointOptions(),
            "streets": importing.StreetOptions(),
            "exclusions": importing.ExclusionOptions(),
        }
        run = importing.Run(now=datetime.now(UTC))
        with self.bench.transaction() as session:
            work(session, self.bench.settings, importing.Input((path,)), options[kind], run)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.bench.transaction() as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def state(self, aside: str = "") -> dict[str, str]:
        """A hash of every row of every table but the desk's own, and one more."""
        with self.bench.transaction() as session:
            return {
                name: session.execute(
                    text(f"SELECT md5(string_agg(md5(r::text), '' ORDER BY md5(r::text))) FROM {name} r")
                ).scalar()
                for name in sorted(set(metadata.tables) - ASIDE)
                if name != aside
            }


def clear(bench: Bench) -> None:
    """Empty what imports fill."""
    with bench.transaction() as session:
        for table in GROUND:
            session.execute(text(f"DELETE FROM {table}"))


def shapefile(path: Path, shapes: list[Any], fields: dict[str, list[Any]], **how: Any) -> Path:
    """A layer written by GDAL."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[
            np.array(values, dtype=object if isinstance(values[0], str) else None)
            for values in fields.values()
        ],
        fields=np.array(list(fields), dtype=object),
        **{
            "geometry_type": shapes[0].geom_type,
            "crs": "EPSG:4490",
            "driver": "ESRI Shapefile",
            "encoding": None,
            **how,
        },
    )
    return path


def grid(count: int, *, west: float = 114.05, south: float = 22.52, side: float = 0.002) -> list[Any]:
    """Squares in rows of a hundred."""
    return [
        shapely.box(
            west + column * side, south + row * side, west + (column + 1) * side, south + (row + 1) * side
        )
        for row, column in (divmod(index, 100) for index in range(count))
    ]


def refused(work: Callable[[], Any]) -> str:
    with pytest.raises(Conflict) as caught:
        work()
    return caught.value.code
