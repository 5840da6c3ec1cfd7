"""`geoservice users`: what the set-up scripts and an administrator at a terminal rely on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from argon2 import Type, extract_parameters
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.store.base import make_engine, transaction
from tests.web.conftest import log_in


@pytest.fixture(scope="module")
def empty_url(new_database) -> str:
    return new_database()


@pytest.fixture
def run(empty_url, web_settings):
    def invoke(*arguments: str, demo: bool = False, stdin: str = ""):
        environment = {
            "DATABASE_URL": empty_url,
            "SECRET_KEY": web_settings.secret_key,
            "REDIS_URL": web_settings.redis_url,
            "DEMO_MODE": "1" if demo else "0",
        }
        return CliRunner().invoke(main, ["users", *arguments], env=environment, input=stdin)

    return invoke


def test_the_first_administrator_is_made_once_and_can_log_in(run, empty_url, web_settings):
    from dataclasses import replace

    from geoservice.app import create_app

    made = json.loads(run("add-admin", "--if-none", "--json").output)
    assert set(made) == {"login", "password"}
    assert json.loads(run("add-admin", "--if-none", "--json").output) == {}
    client = create_app(replace(web_settings, database_url=empty_url)).test_client()
    assert log_in(client, made["login"], made["password"]).status_code == 302


def test_users_are_added_listed_and_given_passwords(run):
    assert run("add", "gis1", "--role", "gis", "--name", "吴工").exit_code == 0
    assert {"login": "gis1", "name": "吴工", "role": "gis", "active": True} in json.loads(
        run("list", "--json").output
    )
    assert "gis1" in run("list").output
    again = run("add", "GIS1", "--role", "gis")
    assert again.exit_code == 1
    assert "exists already" in again.output
    assert run("password", "gis1", "--password-stdin", stdin="a-long-enough-word\n").exit_code == 0
    assert "10" in run("password", "gis1", "--password-stdin", stdin="short\n").output
    assert run("unlock", "gis1").exit_code == 0
    assert run("unlock", "nobody").exit_code == 1
    assert run("add", "lead1", "--role", "leader").exit_code == 1
    assert run("add", "lead1", "--role", "leader", "--leader", "L-none").exit_code == 1


def test_demo_logins_are_shown_in_demo_mode_only(run, empty_url):
    with transaction(make_engine(empty_url)) as session:
        accounts.add_demo_users(
            session, {role: NewUser("", "某人", role) for role in (Role.DISPATCHER, Role.GIS)}
        )
        accounts.add_demo_users(session, {Role.GIS: NewUser("", "某人", Role.GIS)})
    shown = json.loads(run("logins", "--json", demo=True).output)
    assert [one["role"] for one in shown] == ["dispatcher", "gis"]
    assert all({"role", "login", "password"} <= set(one) for one in shown)
    assert json.loads(run("logins", "--json").output) == []


def test_the_last_administrator_stays(empty_url):
    from geoservice.errors import Conflict

    with transaction(make_engine(empty_url)) as session:
        admins = [
            one for one in accounts.all_accounts(session) if one.role is Role.ADMINISTRATOR and one.active
        ]
        for one in admins[1:]:
            accounts.set_active(session, one.id, False)
        with pytest.raises(Conflict):
            accounts.set_active(session, admins[0].id, False)


def test_a_guess_costs_more_than_owasp_asks():
    """In a process of its own: the tests make their own passwords cheap. OWASP's least for Argon2id: 19 MiB, two passes."""
    asked = "from geoservice.services.passwords import hasher; print(hasher.hash('a long enough word'))"
    stored = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    found = extract_parameters(stored.strip())
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
