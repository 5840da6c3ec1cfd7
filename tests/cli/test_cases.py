"""`geoservice cases`, and the deadlines that `geoservice calendar` moves."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.store.base import make_engine, transaction
from tests.services.cases.kit import LAT, LON, lay


@pytest.fixture(scope="module")
def run(new_database, redis_url, tmp_path_factory):
    url = new_database()
    with transaction(make_engine(url)) as session:
        lay(session)
    make_engine(url).dispose()
    environment = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }
    return lambda *arguments: CliRunner(env=environment).invoke(main, [str(each) for each in arguments])


def answer(run, *arguments):
    found = run("cases", *arguments, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def report(run, *more, kind="rubbish"):
    return answer(run, "report", kind, "垃圾堆积", "--at", LON + 0.002, LAT + 0.002, *more)


def test_a_case_goes_its_way_on_the_command_line(run):
    case = report(run, "--by", "t-reporter")["case"]
    again = report(run)
    assert case["id"] in again["near"]
    opened = answer(run, "act", case["id"], "open", "--by", "t-desk", "--version", case["row_version"])
    assert opened["state"] == "assigned" and opened["department_name"] == "环卫处"
    late = run("cases", "act", case["id"], "reject", "--note", "x", "--by", "t-desk", "--version", case["row_version"])  # fmt: skip
    assert late.exit_code == 1 and "用户desk has opened this case" in late.output
    assert run("cases", "act", case["id"], "accept", "--by", "t-handler").exit_code == 0
    bare = run("cases", "act", case["id"], "reply", "--note", "已清", "--by", "t-handler")
    assert bare.exit_code == 1 and "Add a photo" in bare.output
    shown = answer(run, "show", case["id"], "--by", "t-handler")
    assert [step["action"] for step in shown["steps"]] == ["report", "open", "assign", "accept"]
    assert {each["action"] for each in shown["possible"]} == {"reply", "ask_postpone", "ask_suspend"}
    text = run("cases", "show", case["id"]).output
    assert "用户desk" in text and "of 4 working_hours" in text


def test_lists_go_on_where_they_ended(run):
    made = {report(run, kind="wires")["case"]["id"] for _ in range(3)}
    first = answer(run, "list", "--kind", "wires", "--limit", 2)
    second = answer(run, "list", "--kind", "wires", "--limit", 2, "--after", first["after"])
    assert {case["id"] for case in first["cases"] + second["cases"]} == made and second["after"] is None
    assert first["counts"]["reported"] == 3
    assert len(run("cases", "list", "--kind", "wires", "--order", "due").stdout.splitlines()) == 3
    assert run("cases", "list", "--after", "nonsense").exit_code == 1


def test_a_day_of_rest_moves_deadlines_and_names_them(run):
    case = report(run)["case"]
    on = (datetime.fromisoformat(case["due_at"]) + timedelta(hours=8)).date()
    rest = run("calendar", "set", on, "--resting")
    assert case["number"] in rest.stdout and "->" in rest.stdout
    assert run("cases", "recount").output.startswith("0 deadlines moved")
    assert case["number"] in run("calendar", "unset", on).stdout
    shifts = run("cases", "recount", "--shifts", "00:00-24:00")
    assert shifts.exit_code == 0
    due = datetime.fromisoformat(answer(run, "show", case["id"])["view"]["due_at"])
    assert due - datetime.now(UTC) <= timedelta(days=20)
    assert run("cases", "recount", "--shifts", "morning").exit_code == 1


def test_calendars_from_files_move_deadlines_too(run, tmp_path):
    case = report(run)["case"]
    on = (datetime.fromisoformat(case["due_at"]) + timedelta(hours=8)).date()
    days = tmp_path / "days.csv"
    days.write_text(f"日期,班休\n{on},休\n", "utf-8")
    tried = run("calendar", "import", days, "--day", "日期", "--working", "班休", "--dry-run", "--json")
    assert "deadlines_moved" not in json.loads(tried.stdout)
    taken = run("calendar", "import", days, "--day", "日期", "--working", "班休", "--json")
    assert case["number"] in json.loads(taken.stdout)["deadlines_moved"]
    run("calendar", "unset", on)


def test_kinds_are_listed_and_set(run):
    kinds = {
        kind["code"]: kind for kind in answer(run, "kinds", "--set", "stall", "--handle", 6, "--no-photo")
    }
    assert (kinds["stall"]["handle_limit"], kinds["stall"]["photo_needed"]) == (6, False)
    assert len(kinds) >= 14 and "占道经营" in run("cases", "kinds").stdout
    assert run("cases", "kinds", "--set", "ufo", "--handle", 1).exit_code == 1
    assert run("cases", "kinds", "--set", "stall", "--handle", -1).exit_code == 1
