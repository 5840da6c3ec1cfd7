"""What is answered when something goes wrong: a status, a sentence in the reader's language, never a stack trace."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from geoservice import errors
from geoservice.app import create_app
from geoservice.web.errors import STATUS, status_of
from tests.web.conftest import csrf, log_in


def test_every_error_class_has_a_status():
    ours = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.GeoServiceError)
    ]
    assert {kind for kind in ours if kind is not errors.GeoServiceError} <= set(STATUS)
    assert status_of(errors.GeoServiceError()) == 500


@pytest.fixture
def broken(web_settings, city):
    app = create_app(web_settings, TESTING=True, PROPAGATE_EXCEPTIONS=False)

    @app.get("/broken")
    def broken_view():
        raise ZeroDivisionError("a secret inside")

    @app.get("/conflict")
    def conflict_view():
        raise errors.Conflict

    app.view_functions["broken_view"].__module__ = "tests"
    return app.test_client()


def test_a_fault_of_ours_says_what_to_do_and_gives_the_number_that_is_in_the_log(broken, caplog):
    with caplog.at_level(logging.ERROR):
        answer = broken.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    number = answer.text.split("<code>")[1].split("<")[0]
    assert number in caplog.text
    assert "a secret inside" in caplog.text
    assert "管理员" in answer.text


def test_scripts_get_a_problem_document(broken):
    for address, status, code in (
        ("/broken", 500, "internal_error"),
        ("/conflict", 409, "conflict"),
        ("/nope", 404, "http_404"),
    ):
        answer = broken.get(address, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert answer.json["code"] == code
        assert answer.json["detail"]


def test_the_error_page_speaks_the_readers_language(app, city):
    client = app.test_client()
    assert "未找到" in client.get("/nope").text
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client)})
    assert "Not found" in client.get("/nope").text


def test_without_a_database_pages_say_come_back_and_health_says_no(web_settings):
    settings = replace(
        web_settings, database_url="postgresql+psycopg2://nobody@/nothing?host=/nowhere&connect_timeout=1"
    )
    client = create_app(settings, PROPAGATE_EXCEPTIONS=False).test_client()
    form = {"login": "x", "password": "y", "csrf_token": csrf(client)}
    answer = client.post("/login", data=form)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert client.get("/health").status_code == 503
    assert client.get("/health").json["database"] == "unavailable"
    assert client.get("/health").json["redis"] == "ok"


def test_without_redis_health_says_so(web_settings, city):
    client = create_app(replace(web_settings, redis_url="redis://127.0.0.1:1/0")).test_client()
    assert client.get("/health").status_code == 503
    assert client.get("/health").json == {"status": "unavailable", "database": "ok", "redis": "unavailable"}


def test_a_session_that_ended_sends_htmx_to_the_login(app, city):
    answer = app.test_client().get("/jobs/1/progress", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_every_answer_carries_its_headers(app, as_user):
    client = as_user("leader")
    for address in ("/leader/", "/login", "/nope", "/health"):
        headers = client.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
    entered = log_in(app.test_client(), "leader").headers
    cookie = next(value for value in entered.getlist("Set-Cookie") if value.startswith("geoservice="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "sandbox allow-scripts" in client.get("/leader/map").headers["Content-Security-Policy"]


def test_a_body_that_is_too_large_is_refused(web_settings, city):
    client = create_app(replace(web_settings, max_upload_mb=1), PROPAGATE_EXCEPTIONS=False).test_client()
    answer = client.post("/login", data={"login": "x" * 2_000_000, "csrf_token": "y"})
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_with_a_zero_byte_is_a_bad_request(app, city, kind):
    client = app.test_client()
    form = {"login": "nobody\x00", "password": "x", "csrf_token": csrf(client)}
    assert client.post("/login", data=form, content_type=kind).status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/leader/?days=abc", "/leader/?days=-1", "/leader/?days=99999999999999999999", "/leader/?days=",
    ],
)  # fmt: skip
def test_a_number_of_days_that_makes_no_sense_is_the_usual_one(as_user, address):
    answer = as_user("leader").get(address)
    assert answer.status_code == 200
    assert "2026-03-12" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/leader/?from=2026-02-31", "/leader/?from=yesterday&to=2026-01-01", "/leader/?from=2026-03-02&to=2026-03-01",
        "/leader/?from=2020-01-01&to=2026-01-01", "/leader/?from=%00", "/leader/?x=%00",
    ],
)  # fmt: skip
def test_days_that_make_no_sense_are_a_bad_request(as_user, address):
    answer = as_user("leader").get(address)
    assert answer.status_code == 400
    assert "error-page" in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/dispatch/?level=nothing", 400), ("/dispatch/?page=-5", 200), ("/dispatch/?page=99999", 200),
        ("/dispatch/?page=x", 200), ("/dispatch/?q=%25", 200), ("/dispatch/?q='--", 200), ("/dispatch/zones/99999999999", 404),
        ("/dispatch/zones/0", 404), ("/jobs/999999999", 404), ("/jobs/99999999999999999999", 404), ("/dispatch/map?level=x", 400),
        ("/dispatch/?job=99999999999999999999", 200), ("/dispatch/?from=2030-01-01", 200),
    ],
)  # fmt: skip
def test_strange_addresses_are_no_fault_of_ours(as_user, address, status):
    assert as_user("dispatcher").get(address).status_code == status


def test_an_administrator_makes_disables_and_unlocks_users(app, as_user):
    client = as_user("admin")
    token = csrf(client, "/admin/users")
    made = client.post(
        "/admin/users", data={"login": "fresh", "role": "gis", "name": "新人", "csrf_token": token}
    )
    password = made.text.split('made-password">')[1].split("<")[0]
    fresh = app.test_client()
    assert log_in(fresh, "fresh", password).status_code == 302
    twice = client.post("/admin/users", data={"login": "FRESH", "role": "gis", "csrf_token": token})
    assert (twice.status_code, 'role="alert"' in twice.text) == (400, True)
    unled = client.post("/admin/users", data={"login": "unled", "role": "leader", "csrf_token": token})
    assert unled.status_code == 400
    user_id = made.text.split(">fresh<")[1].split("/password")[0].rsplit("/", 1)[1]
    client.post(f"/admin/users/{user_id}/active", data={"active": "0", "csrf_token": token})
    assert fresh.get("/gis/imports").status_code == 302
    client.post(f"/admin/users/{user_id}/active", data={"active": "1", "csrf_token": token})
    reset = client.post(f"/admin/users/{user_id}/password", data={"csrf_token": token})
    assert (
        log_in(app.test_client(), "fresh", reset.text.split('made-password">')[1].split("<")[0]).status_code
        == 302
    )
    trail = client.get("/admin/audit/?check=1").text
    assert "user.disable" in trail
    assert "note-good" in trail and "note-bad" not in trail, "each entry fits the one before"
