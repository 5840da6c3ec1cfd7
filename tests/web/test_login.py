"""Who gets in, who stays out, and when a session ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from geoservice.app import create_app
from geoservice.domain.roles import Role
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.services.passwords import DEMO_PASSWORD
from geoservice.store.base import make_engine, transaction
from tests.factories import PASSWORD, add_user
from tests.web.conftest import csrf, log_in


@pytest.fixture
def database(web_settings):
    return lambda: transaction(make_engine(web_settings.database_url))


@pytest.fixture
def somebody(database, request) -> str:
    login = f"somebody-{request.node.name[:40]}"
    with database() as session:
        add_user(session, login, Role.GIS)
    return login


def test_login_opens_the_page_of_the_role(app, city):
    homes = {
        "admin": "/admin/users",
        "dispatcher": "/dispatch/today/",
        "gis": "/gis/imports",
        "leader": "/leader/",
        "member": "/field/",
    }
    for login, home in homes.items():
        assert log_in(app.test_client(), login).location == home


def test_who_asks_is_looked_up_once_a_request(as_user, monkeypatch):
    client, asked = as_user("dispatcher"), []
    look_up = accounts.account_of
    monkeypatch.setattr(accounts, "account_of", lambda *of: asked.append(of[1]) or look_up(*of))
    assert client.get("/dispatch/streets").status_code == 200
    assert len(asked) == 1


def test_wrong_unknown_disabled_and_locked_get_the_same_answer(app, city, somebody, database):
    with database() as session:
        off = add_user(session, "switched-off", Role.GIS)
        accounts.set_active(session, off, False)
    answers = [log_in(app.test_client(), login, word) for login, word in
               ((somebody, "wrong"), ("nobody-at-all", PASSWORD), ("switched-off", PASSWORD))]  # fmt: skip
    assert {answer.status_code for answer in answers} == {401}
    said = {answer.text.split('role="alert">')[1].split("<")[0] for answer in answers}
    assert len(said) == 1


def test_five_failures_lock_the_account_for_fifteen_minutes(app, city, clock, somebody, database):
    client = app.test_client()
    for _ in range(5):
        assert log_in(client, somebody, "wrong").status_code == 401
    assert log_in(client, somebody).status_code == 401, "locked, though the password is right"
    clock.now += timedelta(minutes=16)
    assert log_in(client, somebody).status_code == 302
    with database() as session:
        actions = session.execute(
            text("SELECT action FROM audit_entry a JOIN app_user u ON u.id = a.user_id WHERE u.login = :login ORDER BY a.id"),
            {"login": somebody},
        ).scalars().all()  # fmt: skip
    assert actions == ["session.fail"] * 5 + ["user.lock", "session.refuse", "session.open"]


def test_a_login_is_found_in_whatever_case_it_is_typed(app, city):
    assert log_in(app.test_client(), "DISPATCHER").status_code == 302


def test_login_starts_a_fresh_session(app, city):
    client = app.test_client()
    before = csrf(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    log_in(client, "gis")
    with client.session_transaction() as session:
        assert "planted" not in session
    answer = client.post("/logout", data={"csrf_token": before})
    assert answer.status_code == 400, "a token from before the login is worth nothing"


def test_an_idle_session_ends(as_user, clock):
    client = as_user("gis")
    clock.now += timedelta(minutes=29)
    assert client.get("/gis/imports").status_code == 200
    clock.now += timedelta(minutes=29)
    assert client.get("/gis/imports").status_code == 200, "it was used in between"
    clock.now += timedelta(minutes=31)
    assert client.get("/gis/imports").status_code == 302


def test_a_copied_cookie_is_worthless_after_logout(app, as_user):
    client = as_user("gis")
    cookie = client.get_cookie("geoservice").value
    client.post("/logout", data={"csrf_token": csrf(client, "/gis/imports")})
    thief = app.test_client()
    thief.set_cookie("geoservice", cookie)
    assert thief.get("/gis/imports").status_code == 302


def test_a_new_password_ends_other_sessions_and_keeps_this_one(app, city, somebody):
    here, elsewhere = app.test_client(), app.test_client()
    for client in (here, elsewhere):
        log_in(client, somebody)
    form = {"old": PASSWORD, "new": "another-long-word", "again": "another-long-word"}
    token = csrf(here, "/account/password")
    assert here.post("/account/password", data={**form, "csrf_token": token}).status_code == 302
    assert here.get("/gis/imports").status_code == 200
    assert elsewhere.get("/gis/imports").status_code == 302
    assert log_in(app.test_client(), somebody).status_code == 401
    assert log_in(app.test_client(), somebody, "another-long-word").status_code == 302


@pytest.mark.parametrize(
    "form",
    [
        {"old": "wrong", "new": "another-long-word", "again": "another-long-word"},
        {"old": PASSWORD, "new": "another-long-word", "again": "not-the-same-word"},
        {"old": PASSWORD, "new": "short", "again": "short"},
        {"old": PASSWORD, "new": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"},
    ],
)
def test_a_bad_new_password_is_refused_with_a_sentence(as_user, form):
    client = as_user("gis")
    answer = client.post("/account/password", data={**form, "csrf_token": csrf(client, "/account/password")})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_disabled_user_is_out_at_once(app, city, somebody, database):
    client = app.test_client()
    log_in(client, somebody)
    with database() as session:
        user_id = next(one.id for one in accounts.all_accounts(session) if one.login == somebody)
        accounts.set_active(session, user_id, False)
    assert client.get("/gis/imports").status_code == 302


def test_the_demo_password_opens_nothing_outside_demo_mode(web_settings, city, database):
    from dataclasses import replace

    with database() as session:
        accounts.add_user(session, NewUser("left-over", "x", Role.ADMINISTRATOR), DEMO_PASSWORD)
    assert log_in(create_app(web_settings).test_client(), "left-over", DEMO_PASSWORD).status_code == 401
    demo = create_app(replace(web_settings, demo_mode=True))
    assert log_in(demo.test_client(), "left-over", DEMO_PASSWORD).status_code == 302
    assert "demo-note" in demo.test_client().get("/login").text


def test_login_leads_back_to_the_page_asked_for_and_nowhere_else(app, city):
    for target, led in (
        ("/gis/imports?x=1", "/gis/imports?x=1"),
        ("https://elsewhere.example/", "/gis/imports"),
        ("//elsewhere.example/", "/gis/imports"),
        ("/\\elsewhere.example/", "/gis/imports"),
    ):
        client = app.test_client()
        form = {"login": "gis", "password": PASSWORD, "next": target, "csrf_token": csrf(client)}
        assert client.post("/login", data=form).location == led, target


def test_too_many_logins_from_one_address_are_slowed_down(web_settings, city):
    from dataclasses import replace

    client = create_app(replace(web_settings, login_rate="3 per hour")).test_client()
    answers = [log_in(client, "nobody", "x").status_code for _ in range(4)]
    assert answers[-1] == 429
    assert set(answers[:-1]) <= {401, 429}


def test_logins_work_and_are_limited_while_redis_is_away(web_settings, city):
    from dataclasses import replace

    settings = replace(web_settings, redis_url="redis://127.0.0.1:1/0", login_rate="2 per hour")
    client = create_app(settings).test_client()
    assert log_in(client, "gis").status_code == 302
    assert client.get("/gis/imports").status_code == 200
    other = create_app(settings).test_client()
    assert [log_in(other, "nobody", "x").status_code for _ in range(3)][-1] == 429


def test_a_stranger_can_make_the_server_take_no_large_upload(client):
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.geojson"\r\n\r\n'
    body = head + b"x" * (2 * 1024 * 1024) + b"\r\n--x--\r\n"
    answer = client.post("/gis/import", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
