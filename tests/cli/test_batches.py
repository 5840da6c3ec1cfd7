"""`geoservice imports`: list, show, undo."""

from __future__ import annotations

import json

from click.testing import CliRunner

from geoservice.cli import main
from tests.services.importing_samples import cells


def test_an_import_is_listed_shown_and_undone_once(new_database, redis_url, tmp_path):
    environment = {
        "DATABASE_URL": new_database(),
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(tmp_path),
    }

    def run(*arguments: object):
        return CliRunner(env=environment).invoke(main, [str(each) for each in arguments])

    taken = run("import", "zones", cells(tmp_path / "cells.geojson", 2), "--level", "grid", "--json")
    batch = json.loads(taken.stdout)["batch"]
    (listed,) = json.loads(run("imports", "list", "--json").stdout)["imports"]
    assert (listed["id"], listed["kind"], listed["new_count"], listed["undone_at"]) == (
        batch,
        "zones",
        2,
        None,
    )
    assert "cells.geojson" in run("imports", "show", batch).stdout
    undone = json.loads(run("imports", "undo", batch, "--json").stdout)
    assert undone["removed"] == {"zone_version": 2, "zone": 2}
    again = run("imports", "undo", batch)
    assert again.exit_code == 1 and "undone already" in again.output
    assert "undone" in run("imports", "list").stdout
    assert run("imports", "show", 999).exit_code == 1
