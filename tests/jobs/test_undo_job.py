"""Undoing an import as a job: done in the name of whoever asked, or failed with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from geoservice.jobs.run import execute
from geoservice.services.importing import Input, Run, ZoneOptions, import_zones
from geoservice.store.imports import ImportBatch
from tests.services.importing_samples import cells


def test_an_import_is_undone_by_a_job_and_only_once(bench, new_database, tmp_path):
    bench.settings = replace(bench.settings, database_url=new_database())
    path = cells(tmp_path / "cells.geojson", 2)
    with bench.transaction() as session:
        options = ZoneOptions("grid", code="code", name="name")
        report = import_zones(session, bench.settings, Input((path,)), options, Run(datetime.now(UTC)))
    done, again = (bench.ask("undo_import", wake_it=False, batch=report.batch) for _ in range(2))
    execute(bench.settings, done)
    assert (bench.read(done).state, bench.read(done).result["removed"]) == (
        "done",
        {"zone_version": 2, "zone": 2},
    )
    execute(bench.settings, again)
    assert bench.read(again).error["code"] == "undone_already"
    with bench.transaction() as session:
        assert session.get(ImportBatch, report.batch).undone_at is not None
