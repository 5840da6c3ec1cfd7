"""`geoservice checklists` and `geoservice inspections`."""

from __future__ import annotations

import json

from click.testing import CliRunner

from geoservice.cli import main
from geoservice.store.base import make_engine, transaction
from tests.services.inspections.kit import lay


def test_checklists_go_round_and_samples_are_drawn_again(new_database, redis_url, tmp_path):
    url = new_database()
    environment = {"DATABASE_URL": url, "REDIS_URL": redis_url, "DEMO_MODE": "1", "VAR_DIR": str(tmp_path)}
    with transaction(make_engine(url)) as session:
        lay(session)

    def run(*arguments: object):
        return CliRunner(env=environment).invoke(main, [str(each) for each in arguments])

    listed = json.loads(run("checklists", "list", "--json").stdout)
    assert len(listed) == 12
    shown = json.loads(run("checklists", "show", "market", "--json").stdout)
    assert (shown["state"], len(shown["items"])) == ("in_force", 9)
    path = tmp_path / "out.xlsx"
    assert run("--lang", "zh_Hans_CN", "checklists", "export", path).exit_code == 0
    taken = run("checklists", "import", path, "--dry-run", "--json")
    assert json.loads(taken.stdout)["unchanged"] == 12
    assert run("checklists", "export", path, "--template").exit_code == 0
    assert json.loads(run("checklists", "import", path, "--json").stdout)["new"] == 1
    assert run("checklists", "publish", "market").exit_code == 0
    assert run("checklists", "publish", "market").exit_code == 1
    assert json.loads(run("checklists", "show", "market", "--json").stdout)["version"] == 2
    wanted = ("inspections", "draw", "抽查", "--size", 6, "--seed", 7, "--rest-days", "--json")
    tried = json.loads(run(*wanted, "--dry-run").stdout)
    assert tried["id"] is None
    made = json.loads(run(*wanted).stdout)
    assert [task["point"] for task in made["tasks"]] == [task["point"] for task in tried["tasks"]]
    assert len(made["tasks"]) == 6
    detail = json.loads(
        run("inspections", "show", made["id"], "--json", "--xlsx", tmp_path / "r.xlsx").stdout
    )
    assert (detail["tasks"][0]["done_at"], detail["frame_sha256"]) == (None, tried["frame_sha256"])
    assert (tmp_path / "r.xlsx").is_file()
    assert run("inspections", "cancel", made["id"]).exit_code == 0
    assert json.loads(run("inspections", "list", "--json").stdout)[0]["state"] == "cancelled"
    refused = run("inspections", "draw", "抽查", "--size", "many")
    assert refused.exit_code == 1
    assert "many" in refused.output
    assert run("inspections", "show", 999).exit_code == 1
