"""What citizens send: the public form, its code and answer, the desk's part of it, and nobody named anywhere else."""

from __future__ import annotations

import io
import re
import threading
from dataclasses import replace
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import text
from werkzeug.serving import make_server

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.services import citizens
from geoservice.store.base import make_engine, transaction
from tests.factories import CELL_LAT, CELL_LON, SOUTH, WEST, make_city
from tests.photo_kit import jpeg
from tests.web.conftest import NOON, Clock, csrf
from tests.web.test_browser import Visit

DESK = "/dispatch/citizens"
CONTACT = "CANARY-contact-13812345678"
PLACES = {half: f"{WEST + (half * 4 + 2.5) * CELL_LON:.6f},{SOUTH + 2.5 * CELL_LAT:.6f}" for half in (0, 1)}


@pytest.fixture(scope="module")
def settings(new_database, redis_url, tmp_path_factory):
    """A deployment of its own that lets citizens in: cases can't be taken away again."""
    made = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path_factory.mktemp("var"),
        login_rate="1000 per minute",
        citizen_reports=True,
        citizen_rate="1000 per minute",
    )
    with transaction(make_engine(made.database_url)) as session:
        make_city(session, made, NOON.date(), NOON)
    return made


@pytest.fixture(scope="module")
def app(settings):
    return create_app(settings, clock=Clock(), TESTING=True, PROPAGATE_EXCEPTIONS=False)


@pytest.fixture
def live_url(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def citizen(app):
    return app.test_client()


def sql(settings, statement, **values):
    with transaction(make_engine(settings.database_url)) as session:
        return session.execute(text(statement), values).all()


def form_of(client, **more):
    page = client.get("/snapshot/").text
    return {
        "csrf_token": re.search(r'name="csrf_token" value="([^"]+)"', page)[1],
        "client_uuid": re.search(r'name="client_uuid" value="([^"]+)"', page)[1],
        "description": "井盖破损",
        "place": PLACES[0],
        **more,
    }


def send(client, **more):
    return client.post("/snapshot/", data=form_of(client, **more), content_type="multipart/form-data")


def code_in(answer):
    return re.search(r"data-code>([^<]+)<", answer.text)[1]


def newest(settings):
    return sql(settings, "SELECT max(id) AS id FROM citizen_report")[0].id


def act(client, report_id, what, **form):
    token = csrf(client, "/account/password")
    return client.post(
        f"{DESK}/{report_id}/{what}", data={**form, "csrf_token": token}, follow_redirects=True
    )


def state_of(client, code):
    return re.search(r'data-state="(\w+)"', client.get(f"/snapshot/answer?code={code}").text)[1]


def test_nothing_is_there_while_the_deployment_does_not_want_it(settings):
    client = create_app(replace(settings, citizen_reports=False), clock=Clock()).test_client()
    for page in ("/snapshot/", "/snapshot/map", "/snapshot/answer?code=x"):
        assert client.get(page).status_code == 404
    assert client.post("/snapshot/", data={"csrf_token": csrf(client)}).status_code == 404


def test_from_the_street_to_the_answer(settings, app, citizen, as_user):
    photo = (io.BytesIO(jpeg(1)), "a.jpg")
    code = code_in(send(citizen, contact=CONTACT, photos=photo))
    assert state_of(citizen, code.lower().replace("-", " ")) == "received"
    desk = as_user("dispatcher")
    report_id = newest(settings)
    assert CONTACT in desk.get(f"{DESK}/{report_id}").text
    assert desk.get(f"{DESK}/{report_id}/map").status_code == 200
    kind = sql(settings, "SELECT min(code) AS code FROM case_kind")[0].code
    assert act(desk, report_id, "take", kind="none", title="x").status_code == 400
    taken = act(desk, report_id, "take", kind=kind, title="井盖破损", description="需要更换")
    assert taken.status_code == 200 and state_of(citizen, code) == "in_hand"
    assert act(desk, report_id, "take", kind=kind, title="x").status_code == 409
    assert act(desk, report_id, "refuse", reply="x").status_code == 409
    case = sql(
        settings,
        "SELECT * FROM patrol_case WHERE id = (SELECT case_id FROM citizen_report WHERE id = :id)",
        id=report_id,
    )[0]
    assert (case.source, case.title) == ("citizen", "井盖破损")
    assert sql(settings, "SELECT count(*) AS n FROM evidence WHERE case_id = :id", id=case.id)[0].n == 1
    act(desk, report_id, "answer", reply="已派人更换。")
    shown = citizen.get(f"/snapshot/answer?code={code}").text
    assert "已派人更换。" in shown and case.number not in shown
    sql(
        settings,
        "UPDATE patrol_case SET state = 'closed', closed_at = :now WHERE id = :id RETURNING id",
        now=NOON,
        id=case.id,
    )
    assert state_of(citizen, code) == "done"
    _nobody_else_learns_the_contact(settings, app, citizen, as_user, code, report_id, case.id)
    act(desk, report_id, "forget")
    assert CONTACT not in desk.get(f"{DESK}/{report_id}").text


def _nobody_else_learns_the_contact(settings, app, citizen, as_user, code, report_id, case_id):
    tables = sql(
        settings,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'spatial_ref_sys'",
    )
    holding = [
        name
        for (name,) in tables
        if sql(settings, f'SELECT 1 FROM "{name}" t WHERE t::text LIKE :what LIMIT 1', what=f"%{CONTACT}%")
    ]
    assert holding == ["citizen_report"]
    assert CONTACT not in citizen.get(f"/snapshot/answer?code={code}").text
    own = f"{DESK}/{report_id}"
    pages = [
        own,
        f"{DESK}/?state=all",
        f"{own}/map",
        f"/cases/{case_id}",
        "/cases/",
        f"/api/v1/cases/{case_id}",
    ]
    for role, asked in (
        ("dispatcher", pages), ("admin", [own, "/admin/audit/"]), ("leader", pages[:1] + pages[-1:]), ("handler", [own, "/handling/"])
    ):  # fmt: skip
        client = as_user(role)
        told = {page for page in asked if CONTACT in client.get(page).text}
        assert told == ({own} if role in {"admin", "dispatcher"} else set()), role


def test_a_form_sent_twice_is_one_report_with_one_code(settings, citizen):
    form = form_of(citizen, client_uuid=str(uuid4()))
    before = newest(settings)
    codes = {code_in(citizen.post("/snapshot/", data=form)) for _ in range(2)}
    assert (
        len(codes) == 1
        and len(sql(settings, "SELECT 1 FROM citizen_report WHERE id > :id", id=before or 0)) == 1
    )
    assert citizen.post("/snapshot/", data={**form, "description": "别的"}).status_code == 409
    (stored,) = sql(settings, "SELECT code_sha256 FROM citizen_report ORDER BY id DESC LIMIT 1")
    assert codes.pop().encode() not in bytes(stored.code_sha256)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"description": " "}, 400),
        ({"description": "x" * 1001}, 400),
        ({"contact": "x" * 101}, 400),
        ({"place": ""}, 400),
        ({"place": "0,0"}, 400),
        ({"place": "22.5,114.05"}, 400),
        ({"photos": (io.BytesIO(b"no photo at all"), "a.jpg")}, 422),
        ({"photos": [(io.BytesIO(b"x"), f"{n}.jpg") for n in range(4)]}, 400),
    ],
)
def test_what_can_not_be_taken_says_why_and_leaves_nothing(settings, citizen, more, status):
    before = newest(settings)
    answer = send(citizen, **more)
    assert answer.status_code == status and 'role="alert"' in answer.text
    assert newest(settings) == before


def test_too_many_reports_and_too_large_ones_are_stopped(settings, citizen):
    limited = create_app(replace(settings, citizen_rate="2 per minute"), clock=Clock()).test_client()
    assert [send(limited, description="").status_code for _ in range(3)] == [400, 400, 429]
    large = citizen.post("/snapshot/", data=bytes(33 << 20), content_type="multipart/form-data; boundary=x")
    assert large.status_code == 413
    assert citizen.post("/snapshot/", data=form_of(citizen, csrf_token="wrong")).status_code == 400


def test_guessing_codes_is_stopped(settings):
    client = create_app(replace(settings, login_rate="3 per minute"), clock=Clock()).test_client()
    assert [client.get(f"/snapshot/answer?code=AAAA{n}").status_code for n in range(5)][:3] == [404] * 3
    assert client.get("/snapshot/answer?code=AAAA9").status_code == 429


def test_a_code_is_read_however_it_is_typed(settings):
    code = citizens._code_for(settings, uuid4())
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert citizens.hash_of(sloppy) == citizens.hash_of(code)
    assert citizens.hash_of(code[:-1]) != citizens.hash_of(code)


def test_part_of_the_city_sees_and_touches_its_own_reports_only(settings, citizen, as_user):
    ids = {}
    for half in (0, 1):
        assert send(citizen, place=PLACES[half], description=f"半边{half}").status_code == 200
        ids[half] = newest(settings)
    part = as_user("part")
    listed = part.get(f"{DESK}/").text
    assert "半边1" in listed and "半边0" not in listed
    assert part.get(f"{DESK}/{ids[1]}").status_code == 200
    token = csrf(part, "/account/password")
    for what in ("take", "join", "refuse", "answer", "forget"):
        refused = part.post(f"{DESK}/{ids[0]}/{what}", data={"reply": "x", "csrf_token": token})
        assert refused.status_code == 404, what
    assert part.get(f"{DESK}/{ids[0]}/map").status_code == 404


def test_near_duplicates_are_offered_and_a_refusal_is_read_by_the_public(settings, citizen, as_user):
    desk = as_user("dispatcher")
    kind = sql(settings, "SELECT min(code) AS code FROM case_kind")[0].code
    place = f"{WEST + 0.5 * CELL_LON:.6f},{SOUTH + 0.5 * CELL_LAT:.6f}"
    send(citizen, place=place)
    act(desk, newest(settings), "take", kind=kind, title="第一件")
    (number,) = sql(settings, "SELECT number FROM patrol_case ORDER BY id DESC LIMIT 1")[0]
    again = code_in(send(citizen, place=place, description="同一件"))
    second = newest(settings)
    assert number in desk.get(f"{DESK}/{second}").text
    assert act(desk, second, "join", number="20000101-0001").status_code == 404
    assert act(desk, second, "join", number=number).status_code == 200
    assert state_of(citizen, again) == "in_hand"
    sql(settings, "UPDATE patrol_case SET state = 'rejected' WHERE number = :n RETURNING id", n=number)
    assert state_of(citizen, again) == "not_pursued"
    other = code_in(send(citizen, description="私事"))
    assert act(desk, newest(settings), "refuse", reply=" ").status_code == 400
    assert act(desk, newest(settings), "refuse", reply="不属于城市管理。").status_code == 200
    assert state_of(citizen, other) == "refused"
    assert "不属于城市管理。" in citizen.get(f"/snapshot/answer?code={other}").text


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_citizen_on_a_phone(browser, live_url, settings, tmp_path):
    window = Visit(browser, live_url, {"width": 360, "height": 740})
    lon, lat = map(float, PLACES[0].split(","))
    window.context.grant_permissions(["geolocation"])
    window.context.set_geolocation({"longitude": lon, "latitude": lat})
    page = window.page
    page.goto(f"{live_url}/snapshot/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.fill("#description", "路灯不亮")
    (tmp_path / "a.jpg").write_bytes(jpeg(2))
    page.set_input_files("#photos", tmp_path / "a.jpg")
    page.click("[data-here]")
    expect(page.locator("#place")).to_have_value(f"{lon:.6f},{lat:.6f}")
    expect(page.locator("#place-map[aria-busy=false]")).to_be_visible(timeout=20_000)
    frame = page.frame_locator("#place-map")
    expect(frame.locator("path.depot-start")).to_be_attached(timeout=20_000)
    expect(frame.locator(".leaflet-container.picks")).to_be_visible()
    frame.locator(".leaflet-container").click(position={"x": 90, "y": 120})
    expect(page.locator("#place")).not_to_have_value(f"{lon:.6f},{lat:.6f}", timeout=30_000)
    page.fill("#place", PLACES[0])
    page.locator(".snapshot-form button[type=submit]").click()
    code = page.locator("[data-code]").inner_text()
    page.locator("section a").click()
    expect(page.locator("[data-state=received]")).to_be_visible()
    assert page.input_value("#code") == code
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    window.context.close()
    assert not window.faults
