"""`geoservice calendar` and `geoservice teams`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from geoservice.cli import main


@pytest.fixture(scope="module")
def run(new_database, redis_url, tmp_path_factory):
    environment = {
        "DATABASE_URL": new_database(),
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }
    return lambda *arguments: CliRunner(env=environment).invoke(main, [str(each) for each in arguments])


def test_a_year_is_shown_with_what_was_decided_here(run):
    assert run("calendar", "set", "2026-05-09", "--resting", "--name", "停工").exit_code == 0
    answer = json.loads(run("calendar", "show", "--year", 2026, "--json").stdout)
    days = {day["on"]: day for day in answer["days"]}
    assert len(days) == 365 and answer["announced"] is True
    assert days["2026-05-09"] == {
        "on": "2026-05-09", "working": False, "kind": "make_up", "name": "停工", "decided_here": True,
    }  # fmt: skip
    assert days["2026-01-04"]["kind"] == "make_up" and days["2026-01-04"]["working"]
    assert "停工" in run("calendar", "show", "--year", 2026).stdout
    assert run("calendar", "unset", "2026-05-09").exit_code == 0
    again = run("calendar", "unset", "2026-05-09")
    assert again.exit_code == 1 and "country's calendar" in again.output


def test_a_year_not_announced_yet_says_so(run):
    assert "not announced" in run("calendar", "show", "--year", 2090).output
    assert run("calendar", "show", "--year", 9999).exit_code == 1


def test_teams_are_added_set_and_listed(run):
    assert run("teams", "add", "T1", "--name", "一队").exit_code == 0
    assert (
        run("teams", "set", "T1", "--depot", "116.39,39.9", "--mode", "car", "--shift-to", "16:00").exit_code
        == 0
    )
    (team,) = json.loads(run("teams", "list", "--json").stdout)
    assert (team["mode"], team["depot"], team["shift_to"]) == ("car", [116.39, 39.9], "16:00")
    assert "car" in run("teams", "list").stdout
    wrong = run("teams", "set", "T1", "--depot", "39.9,116.39")
    assert wrong.exit_code == 1 and "longitude first" in wrong.output.lower()
    (shift,) = json.loads(run("calendar", "shifts", "--on", "2026-05-06", "--json").stdout)
    assert shift == {"team": "T1", "starts": "08:30", "ends": "16:00", "template": None, "free": True}
    assert run("calendar", "make", "--on", "2026-05-06").stdout.startswith("0 ")
    assert json.loads(run("calendar", "templates", "--json").stdout) == []


def test_opening_hours_come_from_a_table(run, tmp_path):
    points, rules = tmp_path / "points.csv", tmp_path / "rules.csv"
    points.write_text("code,name,lon,lat\nP1,a,114.05,22.53\nP2,b,114.06,22.53\nP3,c,114.07,22.53\n", "utf-8")
    assert run("import", "points", points).exit_code == 0
    rules.write_text(
        "点位编码,开放时间,技能\nP1,周一至周五 8:00-12:00,hazmat\nP2,8-12,\nP9,08:00-09:00,\nP3,,\nP1,,\n",
        "utf-8",
    )
    tried = json.loads(run("teams", "point-rules", rules, "--dry-run", "--json").stdout)
    taken = json.loads(run("teams", "point-rules", rules, "--json").stdout)
    assert tried == taken, "a dry run changes nothing and says the same"
    assert (taken["changed"], taken["unchanged"]) == (1, 1)
    assert {(bad["row"], bad["column"], bad["code"]) for bad in taken["rejected"]} == {
        (3, "开放时间", "opening_unreadable"), (4, "点位编码", "point_unknown"), (6, "点位编码", "duplicate_code"),
    }  # fmt: skip
    again = json.loads(run("teams", "point-rules", rules, "--json").stdout)
    assert (again["changed"], again["unchanged"]) == (0, 2)
    assert run("teams", "point-rules", rules, "--strict").exit_code == 1
    assert run("teams", "point-rules", points).exit_code == 1


def test_a_year_comes_from_a_table(run, tmp_path):
    days = tmp_path / "days.csv"
    days.write_text(
        "日期,安排,名称\n2027-02-04,休,春节\n2027/02/20,上班,\nsoon,休,\n2027-03-01,maybe,\n2027-02-04,班,\n",
        "utf-8",
    )
    tried = json.loads(run("calendar", "import", days, "--dry-run", "--json").stdout)
    taken = json.loads(run("calendar", "import", days, "--json").stdout)
    assert tried == taken and taken["new"] == 2
    assert {(bad["row"], bad["code"]) for bad in taken["rejected"]} == {
        (4, "day_invalid"), (5, "working_unreadable"), (6, "duplicate_code"),
    }  # fmt: skip
    answer = json.loads(run("calendar", "show", "--year", 2027, "--json").stdout)
    decided = [(day["on"], day["working"], day["name"]) for day in answer["days"] if day["decided_here"]]
    assert decided == [("2027-02-04", False, "春节"), ("2027-02-20", True, "")]
    assert json.loads(run("calendar", "import", days, "--json").stdout)["unchanged"] == 2
