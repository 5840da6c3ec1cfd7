"""Every route × every role × a stranger has the answer that one table expects; a route that is not in it fails."""

from __future__ import annotations

import pytest

from tests.web.conftest import csrf, log_in
from tests.web.route_rows import MACHINES, ROWS, base_maps, sharing, snapshots
from tests.web.route_rows.positions import DEVICE_DOORS

ROLES = ("admin", "dispatcher", "gis", "leader", "member", "inspector", "handler")

CITY = {"admin", "dispatcher", "gis"}
EVERYBODY = set(ROLES)

# endpoint → (method, address, form, who is let in, status of those let in). A stranger is sent to the login or told 401.
GUARDED = {
    **ROWS,
    "own.show_password": ("GET", "/account/password", None, EVERYBODY, 200),
    "own.change_password": ("POST", "/account/password", {"old": "wrong"}, EVERYBODY, 400),
    "dispatch.show_zones": ("GET", "/dispatch/", None, CITY, 200),
    "dispatch.show_zone": ("GET", "/dispatch/zones/{zone}", None, CITY, 200),
    "dispatch.show_map": ("GET", "/dispatch/map", None, CITY, 200),
    "dispatch.show_map_frame": ("GET", "/dispatch/map/frame", None, CITY, 200),
    "measures.show_streets": ("GET", "/dispatch/streets", None, CITY, 200),
    "measures.get_unseen_stretches": ("GET", "/dispatch/streets/unseen.geojson", None, CITY, 200),
    "measures.show_points": ("GET", "/dispatch/points", None, CITY, 200),
    "measures.show_gaps": ("GET", "/dispatch/gaps", None, CITY, 200),
    "measures.show_unvisited": ("GET", "/dispatch/unvisited", None, CITY, 200),
    "duty.show_responsibility": ("GET", "/dispatch/responsibility", None, CITY, 200),
    "duty.show_responsibility_map": ("GET", "/dispatch/responsibility/map", None, CITY, 200),
    "duty.show_leaders": ("GET", "/dispatch/leaders", None, CITY, 200),
    "duty.show_exclusions": ("GET", "/dispatch/exclusions", None, CITY, 200),
    "suggesting.show_form": ("GET", "/dispatch/suggest/", None, CITY, 200),
    "suggesting.ask": ("POST", "/dispatch/suggest/", {"budget": "posts", "amount": "0"}, CITY, 400),
    "suggesting.show_suggestion": ("GET", "/dispatch/suggest/{job}", None, CITY, 404),
    "suggesting.show_map": ("GET", "/dispatch/suggest/{job}/map", None, CITY, 404),
    "suggesting.get_items": ("GET", "/dispatch/suggest/{job}/items.geojson", None, CITY, 404),
    "jobs.show_jobs": ("GET", "/jobs/", None, CITY, 200),
    "jobs.compute_coverage": (
        "POST",
        "/jobs/coverage",
        {"from": "2026-03-01", "to": "2026-03-07"},
        CITY,
        302,
    ),
    "jobs.show_job": ("GET", "/jobs/{job}", None, CITY, 200),
    "jobs.show_progress": ("GET", "/jobs/{job}/progress", None, CITY, 200),
    "jobs.cancel_job": ("POST", "/jobs/{job}/cancel", {}, CITY, 303),
    "gis.show_imports": ("GET", "/gis/imports", None, {"admin", "gis"}, 200),
    "gis.show_import": ("GET", "/gis/imports/{batch}", None, {"admin", "gis"}, 200),
    "admin.go_to_users": ("GET", "/admin/", None, {"admin"}, 302),
    "admin.show_users": ("GET", "/admin/users", None, {"admin"}, 200),
    "admin.add_user": ("POST", "/admin/users", {"login": "", "role": "gis"}, {"admin"}, 400),
    "admin.reset_password": ("POST", "/admin/users/{nobody}/password", {}, {"admin"}, 404),
    "admin.unlock_user": ("POST", "/admin/users/{nobody}/unlock", {}, {"admin"}, 404),
    "admin.set_active": ("POST", "/admin/users/{nobody}/active", {}, {"admin"}, 404),
    "admin.show_health": ("GET", "/admin/health", None, {"admin"}, 200),
    "audit.show_entries": ("GET", "/admin/audit/", None, {"admin"}, 200),
    "field.show_patrols": ("GET", "/field/", None, {"member"}, 200),
    "field.show_points": ("GET", "/field/check-in", None, {"member"}, 200),
    "field.show_check_in": ("GET", "/field/check-in/{nobody}", None, {"member"}, 404),
    "field.check_in": ("POST", "/field/check-in/{nobody}", {"has_findings": "no"}, {"member"}, 404),
}
# Open to strangers: endpoint → (method, address, form, status for a stranger).
OPEN = {
    **base_maps.OPEN,
    **sharing.OPEN,
    **snapshots.OPEN,
    "service.show_health": ("GET", "/health", None, 200),
    "static": ("GET", "/static/css/app.css", None, 200),
    "account.go_home": ("GET", "/", None, 302),
    "account.show_login": ("GET", "/login", None, 200),
    "account.log_in": ("POST", "/login", {"login": "x", "password": "y"}, 401),
    "account.log_out": ("POST", "/logout", {}, 302),
    "feeds.get_feed": ("GET", "/feeds/nobodys.ics", None, 404),
    "account.choose_language": ("POST", "/language", {"locale": "en"}, 302),
}


def test_every_route_is_in_the_table(app):
    routes = {rule.endpoint: rule.methods - {"HEAD", "OPTIONS"} for rule in app.url_map.iter_rules()}
    assert set(routes) == set(GUARDED) | set(OPEN) | set(DEVICE_DOORS)
    for endpoint, (method, *_) in {**GUARDED, **OPEN, **DEVICE_DOORS}.items():
        assert routes[endpoint] == {method}, endpoint


def test_every_guarded_blueprint_has_a_guard_at_its_door(app):
    for name in {endpoint.split(".")[0] for endpoint in GUARDED}:
        assert app.blueprints[name].before_request_funcs, f"{name} has none"


def _address(template: str, city, job_id: int) -> str:
    return template.format(zone=city.street_ids[0], job=job_id, batch=city.batch_id, nobody=999_999)


@pytest.fixture
def job_id(as_user) -> int:
    client = as_user("dispatcher")
    form = {"from": "2026-02-01", "to": "2026-02-02", "csrf_token": csrf(client, "/dispatch/")}
    return int(client.post("/jobs/coverage", data=form).location.rsplit("=", 1)[1])


def _ask(client, method: str, address: str, form, token: str):
    if method == "GET":
        return client.get(address, buffered=True)
    if method == "POST" and not address.startswith("/api/"):
        return client.post(address, data={**form, "csrf_token": token})
    return client.open(address, method=method, json=form, headers={"X-CSRFToken": token})


def _is_for_machines(endpoint: str) -> bool:
    return endpoint.split(".")[0] in MACHINES


@pytest.mark.parametrize("role", ROLES)
def test_role_meets_the_answers_of_the_table(app, city, job_id, role):
    client = app.test_client()
    assert log_in(client, role).status_code == 302
    token = csrf(client, "/account/password")
    for endpoint, (method, template, form, allowed, status) in GUARDED.items():
        answer = _ask(client, method, _address(template, city, job_id), form, token)
        assert answer.status_code == (status if role in allowed else 403), f"{role} at {endpoint}"


def test_a_stranger_is_sent_to_the_login(app, city, job_id):
    client = app.test_client()
    token = csrf(client)
    for endpoint, (method, template, form, *_) in GUARDED.items():
        answer = _ask(client, method, _address(template, city, job_id), form, token)
        if method == "GET" and not _is_for_machines(endpoint):
            assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login"), endpoint
        else:
            assert answer.status_code == 401, endpoint


@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_device_needs_its_token_whoever_is_logged_in(app, city, role):
    client = app.test_client()
    if role:
        assert log_in(client, role).status_code == 302
    for endpoint, (method, address, form) in DEVICE_DOORS.items():
        answer = client.open(address, method=method, data=form)
        assert answer.status_code == 401, endpoint
        assert answer.headers["WWW-Authenticate"].startswith("Basic"), endpoint


def test_open_doors_answer_strangers(app):
    for endpoint, (method, address, form, status) in OPEN.items():
        client = app.test_client()
        assert _ask(client, method, address, form, csrf(client)).status_code == status, endpoint


def test_no_post_is_taken_without_its_token(as_user, city, job_id):
    client = as_user("admin")
    for endpoint, (method, template, form, *_) in GUARDED.items():
        if method != "GET":
            asked = {"json": form} if template.startswith("/api/") else {"data": form}
            answer = client.open(_address(template, city, job_id), method=method, **asked)
            assert answer.status_code == 400, endpoint
    for endpoint, (method, address, form, _) in OPEN.items():
        if method == "POST":
            assert client.post(address, data=form).status_code == 400, endpoint
