"""`geoservice feeds`: links to calendars from a terminal."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from geoservice.app import create_app
from geoservice.cli import main
from geoservice.config import Settings
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import Team


@pytest.fixture
def made(new_database, redis_url, tmp_path):
    """Settings of an empty deployment with one team."""
    settings = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path,
    )
    with transaction(make_engine(settings.database_url)) as session:
        session.add(Team(code="T1", name="一队"))
    return settings


def test_a_link_is_made_listed_and_revoked(made):
    environment = {
        "DATABASE_URL": made.database_url,
        "SECRET_KEY": made.secret_key,
        "REDIS_URL": made.redis_url,
    }

    def run(*arguments: str):
        return CliRunner().invoke(main, ["feeds", *arguments], env=environment)

    path = run("make", "T1", "--name", "队长").output.strip()
    client = create_app(made).test_client()
    assert client.get(path).status_code == 200
    (listed,) = json.loads(run("list", "--json").output)
    assert (listed["team_code"], listed["name"], listed["revoked_at"]) == ("T1", "队长", None)
    assert "in use" in run("list").output
    assert run("revoke", str(listed["id"])).exit_code == 0
    assert client.get(path).status_code == 404
    again = run("revoke", str(listed["id"]))
    assert (again.exit_code, "revoked" in again.output) == (1, True)
    assert "There is no team T9" in run("make", "T9", "--name", "x").output
