"""Links to one map: what they show, to whom, until when, and that nothing else is behind them."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.errors import BadRequest
from geoservice.services.sharing import read_origins
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import NOTHING, Scope
from tests.factories import MINE, OTHERS
from tests.web.conftest import NOON, csrf

CADRE = "赵敏"


@pytest.fixture
def change(web_settings):
    @contextmanager
    def make(statement: str, back: str, **values):
        """Do something to the city for a while."""
        try:
            with transaction(make_engine(web_settings.database_url)) as session:
                session.execute(text(statement), values)
            yield
        finally:
            with transaction(make_engine(web_settings.database_url)) as session:
                session.execute(text(back), values)

    return make


def make_link(client, query: str = "", **form) -> str:
    """The path of a new link."""
    token = csrf(client, "/sharing/")
    sent = {"name": "某某", "days": "7", "people": "none", "origins": "", **form, "csrf_token": token}
    answer = client.post(f"/sharing/{query}", data=sent)
    assert answer.status_code == 200, answer.text
    return re.search(r'data-copy="http://localhost(/shared/[\w-]{43})"', answer.text)[1]


def policy(answer, name: str) -> str:
    parts = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    return parts[name]


def test_a_stranger_with_the_link_sees_the_map_and_no_way_to_anything_else(app, as_user):
    path = make_link(as_user("leader"))
    stranger = app.test_client()
    page, frame = stranger.get(path), stranger.get(f"{path}/map")
    assert (page.status_code, frame.status_code) == (200, 200)
    for answer in (page, frame):
        assert MINE in answer.text
        assert OTHERS not in answer.text
        assert "王建国" not in answer.text
        assert CADRE not in answer.text
        assert "0755" not in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    linked = re.findall(r'(?:href|src|action)="([^"#]+)"', page.text)
    assert {one for one in linked if not one.startswith(("/static/", path))} == set()
    assert stranger.get("/leader/map").status_code == 302
    assert "Nobody" not in frame.text
    assert "无人" not in frame.text


def test_the_maker_chooses_whether_people_and_their_telephones_are_on_it(app, as_user):
    client, stranger = as_user("leader"), app.test_client()
    names = stranger.get(make_link(client, people="names"))
    assert "王建国" in names.text
    assert "0755" not in names.text
    phones = stranger.get(make_link(client, people="phones"))
    assert CADRE in phones.text
    assert "0755-1234567" in phones.text


def test_the_citys_map_keeps_its_filters_and_the_makers_scope(app, as_user):
    stranger = app.test_client()
    path = make_link(as_user("dispatcher"), "?show=points&level=street&days=30")
    page = stranger.get(f"{path}?lang=en").text
    assert f"{MINE}街道" in page
    assert f"{OTHERS}街道" in page
    assert f"{MINE}01网格" not in page
    assert f"{MINE}市场" in stranger.get(f"{path}/map").text
    part = make_link(as_user("part"), "?level=grid")
    text_of_part = stranger.get(part).text + stranger.get(f"{part}/map").text
    assert OTHERS in text_of_part
    assert MINE not in text_of_part


def test_a_dispatcher_shares_a_leaders_map_as_far_as_he_sees_it(app, as_user):
    stranger = app.test_client()
    text_of_map = stranger.get(make_link(as_user("dispatcher"), "?leader=L1")).text
    assert MINE in text_of_map
    assert OTHERS not in text_of_map
    client = as_user("part")
    token = csrf(client, "/sharing/")
    refused = client.post("/sharing/?leader=L1", data={"name": "x", "days": "7", "csrf_token": token})
    assert refused.status_code == 404
    own = make_link(as_user("leader"), "?leader=L2")
    assert OTHERS not in stranger.get(own).text


def test_a_link_closes_when_it_ends_and_when_it_is_revoked(app, as_user, clock):
    client, stranger = as_user("leader"), app.test_client()
    path = make_link(client, name="到期的", days="2")
    clock.now = NOON + timedelta(days=1, hours=23)
    assert stranger.get(path).status_code == 200
    clock.now = NOON + timedelta(days=2)
    closed = stranger.get(path)
    assert closed.status_code == stranger.get(f"{path}/map").status_code == 404
    assert MINE not in closed.text
    clock.now = NOON
    assert stranger.get(path).status_code == 200
    listed = client.get("/sharing/").text
    row = listed[listed.index("到期的") :]
    number = re.search(r"/sharing/(\d+)/revoke", row)[1]
    as_user("other").post(
        f"/sharing/{number}/revoke", data={"csrf_token": csrf(as_user("other"), "/sharing/")}
    )
    assert stranger.get(path).status_code == 200
    assert "到期的" not in as_user("other").get("/sharing/").text
    assert "到期的" in as_user("admin").get("/sharing/").text
    gone = client.post(f"/sharing/{number}/revoke", data={"csrf_token": csrf(client, "/sharing/")})
    assert gone.status_code == 302
    assert stranger.get(path).status_code == stranger.get(f"{path}/map").status_code == 404


def test_what_the_maker_may_not_see_any_more_is_not_shown(app, as_user, city, change):
    path, stranger = make_link(as_user("other")), app.test_client()
    assert OTHERS in stranger.get(path).text
    disabled = (
        "UPDATE app_user SET active = false WHERE login = 'other'",
        "UPDATE app_user SET active = true WHERE login = 'other'",
    )
    with change(*disabled):
        assert stranger.get(path).status_code == stranger.get(f"{path}/map").status_code == 404
    lost = (
        "UPDATE contract SET valid_to = '2026-03-01' WHERE leader_id = :leader",
        "UPDATE contract SET valid_to = NULL WHERE leader_id = :leader",
    )
    with change(*lost, leader=city.leader_ids[1]):
        assert stranger.get(path).status_code == stranger.get(f"{path}/map").status_code == 404
    another = (
        "UPDATE app_user SET leader_id = :one WHERE login = 'other'",
        "UPDATE app_user SET leader_id = :two WHERE login = 'other'",
    )
    with change(*another, one=city.leader_ids[0], two=city.leader_ids[1]):
        assert stranger.get(path).status_code == 404
    assert stranger.get(path).status_code == 200


def test_only_the_origins_that_the_maker_named_may_frame_it(app, as_user):
    client, stranger = as_user("leader"), app.test_client()
    plain = make_link(client)
    assert policy(stranger.get(plain), "frame-ancestors") == "'none'"
    assert policy(stranger.get(f"{plain}/map"), "frame-ancestors") == "'self'"
    assert stranger.get(plain).headers["X-Frame-Options"] == "DENY"
    framed = make_link(client, origins="https://a.example.cn:8443/\nhttp://门户.中国")
    page, frame = stranger.get(framed), stranger.get(f"{framed}/map")
    named = "https://a.example.cn:8443 http://xn--zoup46i.xn--fiqs8s"
    assert policy(page, "frame-ancestors") == named
    assert policy(frame, "frame-ancestors") == f"'self' {named}"
    for answer in (page, frame):
        assert "X-Frame-Options" not in answer.headers
    assert client.get("/leader/map").headers["X-Frame-Options"] == "SAMEORIGIN"


def test_only_the_hash_of_a_secret_is_kept_and_rows_are_their_makers(app, as_user, city, web_settings):
    path = make_link(as_user("leader"), name="只存散列")
    secret = path.rsplit("/", 1)[1]
    engine = make_engine(web_settings.database_url)
    asked = text("SELECT secret_sha256, shared_map::text FROM shared_map WHERE name = '只存散列'")
    with transaction(engine) as session:
        stored, row = session.execute(asked).one()
        trail = session.scalars(
            text("SELECT detail::text FROM audit_entry WHERE action = 'share.make'")
        ).all()
    assert bytes(stored) == hashlib.sha256(secret.encode()).digest()
    assert secret not in row
    assert not any(secret in detail for detail in trail)
    users = city.user_ids
    for scope, seen in (
        (NOTHING, 0),
        (Scope(account_id=users["other"]), 0),
        (Scope(account_id=users["leader"]), 1),
    ):
        with transaction(engine, scope) as session:
            assert len(session.execute(asked).all()) == seen
    app.test_client().get(path)
    assert re.search(
        r"只存散列.*?2026-03-18 12:00.*?2026-03-18 12:00", as_user("leader").get("/sharing/").text, re.S
    )


@pytest.mark.parametrize(
    "form",
    [
        {"name": " "},
        {"days": "0"},
        {"days": "366"},
        {"days": "x"},
        {"people": "everybody"},
        {"origins": "https://*.cn"},
    ],
)
def test_what_makes_no_sense_is_said_beside_the_form(as_user, form):
    client = as_user("leader")
    sent = {"name": "甲", "days": "7", "people": "none", **form, "csrf_token": csrf(client, "/sharing/")}
    answer = client.post("/sharing/", data=sent)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "text_of_form",
    ["*", "'self'", "https:", "example.cn", "https://a.cn/path", "https://a.cn?x", "https://u@a.cn", "ftp://a.cn",
     "https://a.cn:0", "https://a.cn:65536", "https://a..cn", "https://-a.cn", "https://a.cn\u2028;script-src", "data:x"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text_of_form):
    with pytest.raises(BadRequest):
        read_origins(text_of_form)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_of_a_form_breaks_out_of_the_policy(text_of_form):
    try:
        found = read_origins(text_of_form)
    except BadRequest:
        return
    for origin in found:
        assert re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?", origin)


def test_openings_of_an_address_are_limited(app):
    stranger, there = app.test_client(), {"REMOTE_ADDR": "192.0.2.7"}
    answers = [stranger.get(f"/shared/nobodys-{number}", environ_base=there).status_code for number in range(125)]  # fmt: skip
    assert set(answers) == {404, 429}
    assert stranger.get("/shared/nobodys").status_code == 404
