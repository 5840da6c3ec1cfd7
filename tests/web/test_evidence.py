"""Photos that come with check-ins, who is shown them, and the queue of those that somebody must judge."""

from __future__ import annotations

import io
import re
from contextlib import nullcontext
from datetime import timedelta
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import text

from geoservice.formats.photos import PhotoReader
from geoservice.services.evidence import taking
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST
from tests.photo_kit import SCRIPT, jpeg, png_header
from tests.way_kit import kept_round
from tests.web import own_city
from tests.web.conftest import NOON, csrf

city, web_settings = own_city.city, own_city.web_settings

HERE = (WEST + 1.5 * CELL_LON, SOUTH + 1.5 * CELL_LAT)


@pytest.fixture(scope="module")
def reader():
    with PhotoReader() as reader:
        yield reader


@pytest.fixture(autouse=True)
def _one_child_for_all(reader, monkeypatch):
    """Starting a process for each photo is what takes long."""
    monkeypatch.setattr(taking, "PhotoReader", lambda: nullcontext(reader))


@pytest.fixture
def database(web_settings, city):
    def run(sql: str, **values):
        with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
            found = session.execute(text(sql), values)
            return found.all() if found.returns_rows else []

    yield run
    run("DELETE FROM evidence")
    run("DELETE FROM check_in")


@pytest.fixture
def point_id(database) -> int:
    return database("SELECT id FROM point WHERE code = 'P0'")[0].id


@pytest.fixture
def member(as_user):
    client = as_user("member")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def _send(client, address: str, *photos: bytes, name: str | None = None, json: bool = False, **form):
    return client.post(
        address,
        data={
            "csrf_token": csrf(client, "/account/password"),
            "has_findings": "no",
            "client_uuid": name or str(uuid4()),
            **form,
            "photos": [(io.BytesIO(photo), f"IMG_{number}.jpg") for number, photo in enumerate(photos)],
        },
        headers={"Accept": "application/json"} if json else {},
    )


def test_a_check_in_with_photos_sent_twice_is_one_check_in_and_each_photo_once(member, database, point_id):
    name, photos = str(uuid4()), (jpeg(1, taken=NOON, place=HERE), jpeg(2, taken=NOON, place=HERE))
    for _ in range(2):
        answer = _send(member, f"/field/check-in/{point_id}", *photos, name=name, json=True)
        assert (answer.status_code, answer.json["next"]) == (200, "/field/check-in")
    assert len(database("SELECT 1 FROM check_in")) == 1
    rows = database(
        "SELECT e.*, u.login FROM evidence e JOIN app_user u ON u.id = e.by WHERE e.check_in_id IS NOT NULL"
    )
    assert [row.login for row in rows] == ["member", "member"]
    assert {row.taken_at for row in rows} == {NOON}


def test_what_waited_on_the_phone_is_stored_when_it_was_said(member, database, point_id, clock):
    _send(member, f"/field/check-in/{point_id}", jpeg(1), age_s="5400.5")
    ((at, received),) = database("SELECT at, received_at FROM check_in")
    assert (clock.now - at, received) == (timedelta(seconds=5400.5), clock.now)
    assert database("SELECT at FROM evidence")[0].at == at
    late = _send(member, f"/field/check-in/{point_id}", age_s=str(15 * 86400), json=True)
    assert (late.status_code, late.json["code"]) == (400, "said_too_long_ago")


@pytest.mark.parametrize(
    ("photo", "code", "said"),
    [
        (png_header(20_000, 10_000), "photo_too_many_pixels", "200 megapixels"),
        (jpeg(1)[:4000], "photo_damaged", "cut short"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 99, "photo_heic", "Most Compatible"),
    ],
)
def test_a_photo_that_cannot_be_taken_is_said_and_nothing_is_stored_by_half(
    member, database, point_id, photo, code, said
):
    address = f"/field/check-in/{point_id}"
    answer = _send(member, address, jpeg(1), photo, note="the lamp is broken")
    assert answer.status_code == 422
    assert said in answer.text
    assert "IMG_1.jpg" in answer.text
    assert "the lamp is broken" in answer.text
    assert _send(member, address, photo, json=True).json["code"] == code
    assert not database("SELECT 1 FROM check_in")
    assert not database("SELECT 1 FROM evidence")


def test_a_photo_is_shown_bare_to_those_who_may_see_the_point_and_to_nobody_else(
    app, as_user, member, database, point_id
):
    _send(member, f"/field/check-in/{point_id}", jpeg(1, taken=NOON, place=HERE, software=SCRIPT))
    (row,) = database("SELECT served, sha256 FROM evidence")
    address = f"/photos/{row.served}.jpg"
    for login in ("member", "leader", "dispatcher", "admin"):
        answer = as_user(login).get(address)
        assert answer.status_code == 200, login
        assert answer.headers["Cache-Control"] == "private, no-cache"
        kept = as_user(login).get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (kept.status_code, kept.data) == (304, b"")
        assert b"script" not in answer.data
        with Image.open(io.BytesIO(answer.data)) as copy:
            assert (copy.format, dict(copy.getexif())) == ("JPEG", {})
    small = as_user("leader").get(f"/photos/{row.served}-small.jpg")
    assert Image.open(io.BytesIO(small.data)).size == (320, 240)
    for login in ("other", "handler", "inspector", "part"):
        asked = as_user(login).get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert asked.status_code == 404, login
    assert app.test_client().get(address).status_code == 302
    for guess in (row.sha256.hex(), "original", f"{row.served}.jpg/../original"):
        assert as_user("admin").get(f"/photos/{guess}").status_code in {404, 405}


def test_a_flagged_photo_waits_until_it_is_judged_and_stays_afterwards(as_user, member, database, point_id):
    first, second = (jpeg(1, taken=NOON, place=HERE) for _ in range(2))
    _send(member, f"/field/check-in/{point_id}", first)
    far = jpeg(3, taken=NOON - timedelta(days=3), place=(HERE[0] + 0.02, HERE[1]), software=f"GIMP {SCRIPT}")
    _send(member, f"/field/check-in/{point_id}", second, far)
    same, odd = (row.id for row in database("SELECT id FROM evidence ORDER BY id")[1:])
    desk = as_user("dispatcher")
    desk.post("/language", data={"locale": "en", "csrf_token": csrf(desk, "/account/password")})
    listed = desk.get("/dispatch/evidence/").text
    assert listed.index(f"/dispatch/evidence/{odd}") < listed.index(f"/dispatch/evidence/{same}")
    assert "Same photo used before" in listed
    page = desk.get(f"/dispatch/evidence/{odd}").text
    for words in ("Taken elsewhere", "2.1 km", "Taken at another time", "3 days", "Editing software"):
        assert words in page, words
    assert "<script>window" not in page
    assert "GIMP &lt;script&gt;" in page
    assert "The other one" in desk.get(f"/dispatch/evidence/{same}").text
    assert desk.get(f"/dispatch/evidence/{odd}/streets.json").status_code == 200
    token = csrf(desk, f"/dispatch/evidence/{odd}")
    refused = desk.post(
        f"/dispatch/evidence/{odd}", data={"verdict": "refused", "note": "", "csrf_token": token}
    )
    assert (refused.status_code, "why the photo is refused" in refused.text) == (400, True)
    answer = desk.post(
        f"/dispatch/evidence/{odd}", data={"verdict": "refused", "note": SCRIPT, "csrf_token": token}
    )
    assert answer.location == f"/dispatch/evidence/{same}", "the next one that waits"
    assert f"/dispatch/evidence/{odd}" not in desk.get("/dispatch/evidence/").text
    assert f"/dispatch/evidence/{odd}" in desk.get("/dispatch/evidence/?show=judged").text
    assert re.search(r"data-verdict=\"refused\"", desk.get(f"/dispatch/evidence/{odd}").text)
    assert len(database("SELECT 1 FROM evidence")) == 3


def test_a_dispatcher_of_a_part_sees_the_photos_of_his_part_only(as_user, member, database, point_id):
    other = database("SELECT id FROM point WHERE code = 'P1'")[0].id
    for point in (point_id, other):
        _send(member, f"/field/check-in/{point}", jpeg(point, make="", model=""))
    ids = {row.point_id: row.id for row in database(
        "SELECT c.point_id, e.id FROM evidence e JOIN check_in c ON c.id = e.check_in_id"
    )}  # fmt: skip
    part = as_user("part")
    assert part.get(f"/dispatch/evidence/{ids[other]}").status_code == 200
    assert part.get(f"/dispatch/evidence/{ids[point_id]}").status_code == 404
    listed = part.get("/dispatch/evidence/").text
    assert f"/dispatch/evidence/{ids[other]}" in listed
    assert f"/dispatch/evidence/{ids[point_id]}" not in listed


@pytest.fixture
def round_(web_settings, city):
    yield from kept_round(web_settings, NOON)


def test_photos_of_a_patrols_stops_are_shown_on_its_page_and_on_the_points(as_user, database, round_):
    walker = as_user("walker")
    for position, form in ((1, {}), (3, {}), (2, {"skip": "1", "reason": "closed"})):
        name = str(uuid4())
        for _ in range(2):
            answer = _send(
                walker, f"/field/patrols/{round_.patrol}/stops/{position}", jpeg(position), name=name, json=True, **form
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
    rows = database("SELECT served, check_in_id, stop_report_id FROM evidence ORDER BY id")
    assert [(row.check_in_id is None, row.stop_report_id is None) for row in rows] == [
        (False, True),
        (True, False),
        (True, False),
    ]
    desk = as_user("dispatcher")
    page = desk.get(f"/dispatch/patrols/{round_.patrol}").text
    assert all(f"/photos/{row.served}-small.jpg" in page for row in rows)
    point = desk.get(f"/dispatch/setup/points/{round_.crew.point_ids[0]}").text
    assert [f"/photos/{row.served}-small.jpg" in point for row in rows] == [True, False, False]
    assert as_user("stranger").get(f"/photos/{rows[0].served}.jpg").status_code == 404
    database("DELETE FROM evidence")
