"""`geoservice orders` and `geoservice tasks`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.domain.roles import Role
from geoservice.store.base import make_engine, transaction
from tests.factories import add_user
from tests.services.order_kit import add_department, assigned


@pytest.fixture(scope="module")
def run(new_database, redis_url, tmp_path_factory):
    environment = {
        "DATABASE_URL": new_database(),
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
    }
    settings = Settings(database_url=environment["DATABASE_URL"], demo_mode=True)
    with transaction(make_engine(settings.database_url)) as session:
        department = add_department(session)
        add_user(session, "hand", Role.HANDLER, department_id=department)
        start = datetime.now(UTC) - timedelta(hours=11)
        assigned(session, settings, "C1", start, department_id=department)
    return lambda *arguments: CliRunner(env=environment).invoke(main, [str(each) for each in arguments])


def test_orders_are_raised_once_listed_and_shown(run):
    raised = json.loads(run("orders", "raise", "--json").stdout)
    assert [order["kind"] for order in raised] == ["reminder", "green"]
    assert json.loads(run("orders", "raise", "--json").stdout) == []
    listed = json.loads(run("orders", "list", "--kind", "green", "--state", "open", "--json").stdout)
    assert [order["number"] for order in listed] == [raised[1]["number"]]
    shown = json.loads(run("orders", "show", raised[0]["number"], "--json").stdout)
    assert shown == raised[0]
    assert shown["why"].startswith("70 %")
    assert raised[0]["number"] in run("orders", "list").stdout
    nothing = run("orders", "show", "督1999-0001")
    assert nothing.exit_code == 1
    assert "no such order" in nothing.output


def test_rules_are_shown(run):
    rules = json.loads(run("orders", "rules", "--json").stdout)
    assert [rule["kind"] for rule in rules] == ["reminder", "green", "yellow", "red", "talk"]
    assert "elapsed 0.7" in run("orders", "rules").stdout


def test_what_somebody_has_to_do_is_listed(run):
    run("orders", "raise")
    (mine,) = json.loads(run("tasks", "--person", "hand", "--json").stdout)
    assert {task["number"] for task in mine["tasks"]} >= {"C1"}
    (same,) = [one for one in json.loads(run("tasks", "--json").stdout) if one["login"] == "hand"]
    assert same == mine
    assert "C1" in run("tasks").stdout
    assert run("tasks", "--person", "nobody").exit_code == 1
    assert run("tasks", "--on", "1999-01-01").exit_code == 1
