"""The page of one's own tokens, and the same on the command line."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from geoservice.cli import main
from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.store.base import make_engine, transaction
from geoservice.store.trail import recent_entries
from tests.factories import add_user
from tests.web.conftest import csrf

PAGE = "/account/programs/"


def _make(client, name: str, days: str = "30"):
    return client.post(PAGE, data={"name": name, "days": days, "csrf_token": csrf(client, PAGE)})


def _token(page) -> str:
    found = set(re.findall(r"gs_[\w-]{43}", page.text))
    assert len(found) == 1
    return found.pop()


def _levels(app, token: str) -> int:
    return app.test_client().get("/api/v1/levels", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_is_shown_once_works_and_ends_when_it_is_revoked(app, as_user):
    client = as_user("gis")
    made = _make(client, "QGIS <b>desk</b>")
    token = _token(made)
    assert "QGIS &lt;b&gt;desk&lt;/b&gt;" in made.text and "<b>desk" not in made.text
    assert f"Authorization: Bearer {token}" in made.text.replace("&#34;", '"')
    assert _levels(app, token) == 200
    again = client.get(PAGE)
    assert token not in again.text and token[3:] not in again.text
    number = re.search(r"/account/programs/(\d+)/revoke", again.text)[1]
    other = as_user("dispatcher")
    stolen = other.post(f"{PAGE}{number}/revoke", data={"csrf_token": csrf(other, PAGE)})
    assert (stolen.status_code, _levels(app, token)) == (404, 200)
    assert client.post(f"{PAGE}{number}/revoke", data={"csrf_token": csrf(client, PAGE)}).status_code == 302
    assert _levels(app, token) == 401


def test_a_token_ends_on_its_day(app, as_user, clock):
    token = _token(_make(as_user("gis"), "short", "1"))
    assert _levels(app, token) == 200
    clock.now = clock.now.replace(day=20)
    assert _levels(app, token) == 401


def test_a_token_dies_with_the_account(app, as_user, city, web_settings):
    with transaction(make_engine(web_settings.database_url)) as session:
        user_id = add_user(session, "leaving", Role.GIS)
    token = _token(_make(as_user("leaving"), "x"))
    with transaction(make_engine(web_settings.database_url)) as session:
        accounts.set_active(session, user_id, active=False)
    assert _levels(app, token) == 401


@pytest.mark.parametrize(("name", "days"), [("", "30"), ("x" * 101, "30"), ("x", "0"), ("x", "4000")])
def test_what_can_not_be_made_is_said(as_user, name, days):
    answer = _make(as_user("leader"), name, days)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text and "gs_" not in answer.text


def test_the_trail_names_the_token_and_not_the_secret(as_user, web_settings):
    token = _token(_make(as_user("admin"), "traced"))
    with transaction(make_engine(web_settings.database_url)) as session:
        found = [entry for entry in recent_entries(session, 20) if entry.action == "token.make"]
    assert found[0].detail == {"name": "traced"}
    assert token not in str(found)


def test_tokens_on_the_command_line(app, city, web_settings, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", web_settings.database_url)
    monkeypatch.setenv("SECRET_KEY", web_settings.secret_key)

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, ["tokens", *words])
        assert done.exit_code == 0, done.output
        return done.output.strip()

    token = run("make", "GIS", "--name", "nightly", "--days", "3650")
    assert _levels(app, token) == 200
    number = run("list", "gis").split("\n")[0].split("\t")[0]
    assert token not in run("list", "gis", "--json")
    run("revoke", "gis", number)
    assert _levels(app, token) == 401
    assert CliRunner().invoke(main, ["tokens", "make", "nobody", "--name", "x"]).exit_code == 1
