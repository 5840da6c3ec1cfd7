"""Several at one draft, jobs that are stopped, workers that die: nobody overwrites anybody, and nothing is half done."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.errors import Conflict
from geoservice.jobs import desk as desk_jobs
from geoservice.jobs.queue import wake
from geoservice.jobs.run import execute
from geoservice.services import desk
from tests.jobs.conftest import wait_until
from tests.jobs.desk_kit import Desk, clear, grid, refused, shapefile
from tests.services.importing_samples import cells

if TYPE_CHECKING:
    from pathlib import Path

    from tests.jobs.conftest import Bench


@pytest.fixture
def mine(bench: Bench, tmp_path: Path) -> Desk:
    clear(bench)
    return Desk(bench, tmp_path)


def test_of_two_who_choose_at_once_the_second_is_told(mine: Desk, tmp_path: Path) -> None:
    draft = mine.ready(cells(tmp_path / "a.geojson", 1))
    version = mine.draft(draft).row_version
    start, ends = threading.Barrier(2), []

    def choose(level: str) -> None:
        start.wait()
        try:
            with mine.bench.transaction() as session:
                told = {"kind": "zones", "level": level}
                desk.choose(session, mine.bench.settings, draft, told, by=None, row_version=version)
            ends.append(level)
        except Conflict as error:
            ends.append(error.code)

    threads = [threading.Thread(target=choose, args=(level,)) for level in ("grid", "community")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends.count("draft_changed") == 1
    (level,) = set(ends) - {"draft_changed"}
    assert mine.draft(draft).choices["level"] == level


def test_a_draft_at_work_is_left_alone(mine: Desk, tmp_path: Path) -> None:
    draft = mine.ready(cells(tmp_path / "a.geojson", 1))
    version = mine.draft(draft).row_version
    with mine.bench.transaction() as session:
        desk.ask(session, draft, "look", by=None)
    with mine.bench.transaction() as session:
        for work in (
            lambda: desk.choose(session, mine.bench.settings, draft, {}, by=None, row_version=version),
            lambda: desk.ask(session, draft, "look", by=None),
            lambda: desk.drop(session, mine.bench.settings, draft, by=None),
        ):
            assert refused(work) == "draft_busy"


def test_a_check_that_is_cancelled_leaves_everything_as_it_was(
    mine: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = mine.ready(cells(tmp_path / "a.geojson", 3), kind="zones", level="grid")
    before, kept = mine.state(aside="audit_entry"), mine.draft(draft)
    with mine.bench.transaction() as session:
        job_id = desk.ask(session, draft, "check", by=None)
    read_out = desk_jobs.desk.check_draft

    def check_and_be_cancelled(*arguments: Any) -> Any:
        mine.bench.cancel(job_id)
        return read_out(*arguments)

    monkeypatch.setattr(desk_jobs.desk, "check_draft", check_and_be_cancelled)
    execute(mine.bench.settings, job_id)
    assert mine.bench.read(job_id).state == "cancelled"
    assert mine.state(aside="audit_entry") == before, "but for the entry that says who cancelled"
    after = mine.draft(draft)
    assert (after.state, after.report, after.row_version) == (kept.state, {}, kept.row_version)
    monkeypatch.undo()
    assert mine.check(draft)["new"] == 3


def test_a_real_worker_that_is_killed_leaves_nothing_and_the_next_one_finishes(
    mine: Desk, tmp_path: Path
) -> None:
    shapes = grid(1000)
    path = shapefile(
        tmp_path / "g.gpkg", shapes, {"code": [f"G{n}" for n in range(len(shapes))]}, driver="GPKG", layer="g"
    )
    draft = mine.ready(path, kind="zones", level="grid")
    before = mine.state()
    bench = mine.bench
    worker = bench._start("tests.jobs.desk_worker_entry", "2", "first")
    with bench.transaction() as session:
        job_id = desk.ask(session, draft, "check", by=None)
    assert wake(bench.settings, [job_id])
    wait_until(
        lambda: bench.read(job_id).stage in {"writing", "comparing", "keeping"}, "the check is under way", 60
    )
    bench.kill(worker.pid, bench.horse(worker))
    worker.wait()
    assert mine.state() == before
    assert mine.draft(draft).state == "looked"
    wait_until(lambda: done_by_another(bench, job_id), "another took over once the lease was out")
    assert bench.read(job_id).attempts == 2
    assert bench.read(job_id).result["counts"]["new"] == 1000
    assert mine.state() == before
    with bench.transaction() as session:
        assert desk.counts(session, draft)["new"] == 1000


def done_by_another(bench: Bench, job_id: int) -> bool:
    execute(bench.settings, job_id)
    return bench.read(job_id).state == "done"
