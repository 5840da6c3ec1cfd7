"""`geoservice contracts` on a command line, from the first contract to the hand-over."""

from __future__ import annotations

import json

import pytest
import shapely
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from tests.services.contract_kit import add_leader
from tests.services.ground_kit import add_zone, place

HERE = ",".join(str(number) for number in place([100, 100])[0].tolist())


@pytest.fixture(scope="module")
def run(new_database, redis_url, tmp_path_factory):
    url = new_database()
    folder = tmp_path_factory.mktemp("var")
    settings = Settings(database_url=url, redis_url=redis_url, demo_mode=True, var_dir=folder)
    with transaction(make_engine(url)) as session:
        add_zone(session, settings, "G1", shapely.box(0, 0, 200, 200))
        add_leader(session, "甲")
        add_leader(session, "乙")
    environment = {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(folder),
    }
    return lambda *arguments: CliRunner(env=environment).invoke(main, [str(each) for each in arguments])


def who(run, on):
    found = json.loads(run("contracts", "who", "--at", HERE, "--on", on, "--json").stdout)
    return [(person["role"], person["name"], person["stands_in_for"]) for person in found["people"]]


def test_from_a_first_contract_to_a_hand_over(run):
    made = run("contracts", "add", "--leader", "甲", "--kind", "zone", "--code", "G1", "--from", "2026-01-01")
    assert made.exit_code == 0, made.output
    wrong = run(
        "contracts", "add", "--leader", "L-乙", "--kind", "zone", "--code", "G1", "--from", "2026-02-01", "--to", "2026-01-01"
    )  # fmt: skip
    assert wrong.exit_code == 1 and "before it begins" in wrong.output
    asked = ("contracts", "hand-over", "--from", "L-甲", "--to", "乙", "--on", "2026-06-01")
    shown = json.loads(run(*asked, "--dry-run", "--json").stdout)
    assert (shown["done"], shown["contracts"][0]["ends"]) == (False, "2026-06-01")
    assert who(run, "2026-06-01") == [("leader", "甲", "")]
    assert run(*asked).exit_code == 0
    assert who(run, "2026-05-31") == [("leader", "甲", "")] and who(run, "2026-06-01") == [
        ("leader", "乙", "")
    ]
    assert run(*asked).exit_code == 1
    listed = json.loads(run("contracts", "list", "--on", "2026-06-01", "--when", "all", "--json").stdout)
    assert {(row["leader_name"], row["valid_from"], row["valid_to"]) for row in listed} == {
        ("甲", "2026-01-01", "2026-06-01"), ("乙", "2026-06-01", None)
    }  # fmt: skip
    ended = run(
        "contracts",
        "end",
        next(row["id"] for row in listed if row["leader_name"] == "乙"),
        "--on",
        "2026-12-31",
    )
    assert (
        ended.exit_code == 0
        and "nobody" in run("contracts", "who", "--kind", "zone", "--code", "G1", "--on", "2027-01-01").stdout
    )


def test_deputies_roles_and_departments(run):
    days = ("--from", "2026-07-01", "--to", "2026-07-02")
    added = run("contracts", "deputies", "add", "--leader", "乙", "--deputy", "甲", *days, "--reason", "休假")
    assert added.exit_code == 0
    (row,) = json.loads(run("contracts", "deputies", "list", "--json").stdout)
    assert (row["deputy_name"], row["valid_to"]) == ("甲", "2026-07-03")
    assert run("contracts", "deputies", "end", row["id"], "--on", "2026-07-01").exit_code == 0
    assert run("contracts", "roles", "put", "fire", "--zh", "消防").exit_code == 0
    assert run("contracts", "roles", "put", "fire", "--zh", "消防救援").exit_code == 0
    assert "消防救援" in run("contracts", "roles", "list").stdout
    assert run("contracts", "roles", "remove", "fire").exit_code == 0
    assert run("contracts", "roles", "remove", "leader").exit_code == 1
    assert run("contracts", "departments", "add", "CG", "--name", "城管局").exit_code == 0
    assert {
        each["code"] for each in json.loads(run("contracts", "departments", "list", "--json").stdout)
    } == {"CG", ""}
    assert run("contracts", "holes", "--on", "2026-07-01").exit_code == 0
