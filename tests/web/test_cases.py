"""Pages of cases: who sees and may do what, what is said when it can't be done, and that nothing typed is lost."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from sqlalchemy import text

from geoservice.domain.cases import Action, State
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from geoservice.web import case_words
from tests.factories import CELL_LAT, CELL_LON, SCRIPT_NAME, SOUTH, WEST
from tests.web.case_kit import KIND, Desk, picture
from tests.web.conftest import NOON, csrf

CANARY = "CANARY别人的案件"


@pytest.fixture
def desk(web_settings, city) -> Desk:
    return Desk(web_settings, city, NOON)


@pytest.fixture
def database(web_settings, city):
    def run(sql: str, **values):
        with transaction(make_engine(web_settings.database_url), EVERYTHING) as session:
            return session.execute(text(sql), values).all()

    return run


@pytest.fixture
def english(as_user):
    def make(login: str):
        client = as_user(login)
        _post(client, "/language", locale="en")
        return client

    return make


def _post(client, address: str, **form):
    token = client.environ_base.setdefault("token", None) or csrf(client, "/account/password")
    client.environ_base["token"] = token
    return client.post(address, data={"csrf_token": token, **form})


def _act(client, door: str, case, action: str, **form):
    version = form.pop("row_version", case.row_version)
    return _post(client, f"/{door}/{case.id}/act", step=action, row_version=version, **form)


def _told(answer) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


def _photo(seed: int):
    return (io.BytesIO(picture(seed)), "after.jpg")


# ---- words ----


def test_every_state_and_step_has_its_words(app):
    with app.test_request_context():
        states = [case_words.word_of_state(state) for state in State]
        assert len(set(states)) == len(State)
        assert len({case_words.word_of_action(action) for action in Action}) == len(Action)
        assert all(case_words.word_of_done(action) for action in Action)


# ---- the list ----


def test_the_list_holds_what_its_address_asks_for(english, desk):
    word = f"找我{uuid4().hex[:6]}"
    urgent = desk.handed(number=1, title=f"{word}甲", kind="wires")
    waiting = desk.report(1, number=2, title=f"{word}乙")
    rejected = desk.act(desk.report(number=3, title=f"{word}丙"), "reject", note="不属实")
    client = english("dispatcher")

    def numbers(**args) -> set[str]:
        page = client.get("/cases/", query_string={"q": word, **args}).text
        return {case.number for case in (urgent, waiting, rejected) if f">{case.number}<" in page}

    assert numbers() == {urgent.number, waiting.number}
    assert numbers(state="all") == {urgent.number, waiting.number, rejected.number}
    assert numbers(state="rejected") == {rejected.number}
    assert numbers(kind="wires") == {urgent.number}
    assert numbers(zone=desk.city.street_ids[1]) == {waiting.number}
    assert numbers(department=urgent.department_id) == {urgent.number}
    assert numbers(overdue="1") == set()
    assert numbers(q=urgent.number) == {urgent.number}
    assert numbers(state="nonsense", zone="x", department="-1") == {urgent.number, waiting.number}
    assert "No case fits these filters" in client.get("/cases/?q=" + "%25" * 9).text


def test_a_list_is_turned_by_its_key_without_loss(english, desk, monkeypatch):
    word = f"翻页{uuid4().hex[:6]}"
    made = {desk.report(number=number, title=f"{word}{number}").number for number in range(5)}
    monkeypatch.setattr("geoservice.web.cases.LISTED", 2)
    client, address, seen = english("dispatcher"), f"/cases/?q={word}", []
    while address:
        page = client.get(address).text
        seen += re.findall(r"the map\">(\d{8}-\d+)<", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = unescape(following[1]) if following else ""
    assert (len(seen), set(seen)) == (5, made)


def test_the_map_draws_the_list(english, desk):
    word = f"地图{uuid4().hex[:6]}"
    case = desk.report(number=4, title=word)
    desk.report(number=5, title="另一件")
    page = english("dispatcher").get(f"/cases/map?q={word}").text
    shapes = json.loads(re.search(r'id="shapes-cases">(.*?)</script>', page, re.S)[1])
    assert (shapes["ids"], shapes["looks"]) == ([case.id], ["calm"])
    assert shapes["places"] == [[round(case.lat * 1e6), round(case.lon * 1e6)]]


# ---- one case, step by step ----


def test_a_case_goes_its_whole_way_through_the_pages(english, desk, city, database):
    member, dispatcher, handler = english("member"), english("dispatcher"), english("handler")
    client_uuid = str(uuid4())
    form = {
        "kind": KIND, "title": "market corner", "description": "since Monday", "client_uuid": client_uuid,
        "lon": f"{WEST + 2.2 * CELL_LON:.6f}", "lat": f"{SOUTH + 2.6 * CELL_LAT:.6f}",
    }  # fmt: skip
    first = _post(member, "/tell/", **form, photos=_photo(1))
    again = _post(member, "/tell/", **form, photos=_photo(1))
    assert first.status_code == 302
    assert first.location == again.location
    case = desk.read(int(first.location.rsplit("/", 1)[1])).view
    kept = database("SELECT stage, by FROM evidence WHERE case_id = :id", id=case.id)
    assert [tuple(row) for row in kept] == [("before", city.user_ids["member"])]
    assert "Your case" not in member.get(first.location).text

    assert _act(dispatcher, "cases", case, "open").status_code == 302
    case = desk.read(case.id).view
    department = str(desk.actor("handler").department_id)
    if case.state is not State.ASSIGNED or str(case.department_id) != department:
        assert _act(dispatcher, "cases", case, "assign", department_id=department).status_code == 302
    case = desk.read(case.id).view
    assert case.number in handler.get("/handling/").text
    assert _act(handler, "handling", case, "accept").status_code == 302
    case = desk.read(case.id).view

    without = _act(handler, "handling", case, "reply", note="swept clean")
    assert without.status_code == 400
    assert "swept clean" in without.text, "what was typed stays"
    assert desk.read(case.id).view.state is State.HANDLING

    form_id = str(uuid4())
    for _ in range(2):
        done = _act(
            handler, "handling", case, "reply", note="swept clean", photos=_photo(2), client_uuid=form_id
        )
        assert done.status_code == 302
    detail = desk.read(case.id)
    assert (detail.view.state, len(detail.evidence_ids)) == (State.REPLIED, 2)
    assert [step.action for step in detail.steps].count(Action.REPLY) == 1

    assert _act(dispatcher, "cases", detail.view, "verify").status_code == 302
    assert _act(dispatcher, "cases", desk.read(case.id).view, "close").status_code == 302
    told = _told(dispatcher.get(f"/cases/{case.id}"))
    for word in ("Closed", "Verified", "Replied", "Accepted", "Reported", "swept clean", "用户 handler"):
        assert word in told
    assert "Closed" in _told(member.get(f"/tell/{case.id}"))


def test_exactly_the_steps_of_the_table_are_offered(english, desk):
    case = desk.handed(number=6)
    for door, login in (("cases", "dispatcher"), ("handling", "handler")):
        page = english(login).get(f"/{door}/{case.id}").text
        offered = set(re.findall(r'name="step" value="(\w+)"', page))
        assert offered == {step.action.value for step in desk.read(case.id, login).possible}
        assert offered


def test_requests_are_asked_for_and_decided(english, desk):
    handler, dispatcher = english("handler"), english("dispatcher")
    case = desk.handed(number=7)
    assert _act(handler, "handling", case, "ask_postpone", limit="2", note="no crane yet").status_code == 302
    told = _told(dispatcher.get(f"/cases/{case.id}"))
    assert "no crane yet" in told
    assert "waits for a decision" in told
    case = desk.read(case.id).view
    assert _act(dispatcher, "cases", case, "grant_postpone").status_code == 302
    detail = desk.read(case.id)
    assert detail.view.handle_due_at > case.handle_due_at
    told = _told(dispatcher.get(f"/cases/{case.id}"))
    assert f"{case.handle_due_at.astimezone(desk.settings.zone_info):%Y-%m-%d %H:%M}" in told
    assert "granted" in told


def test_who_comes_second_is_told_what_the_first_did_and_keeps_his_words(english, desk):
    first, second = english("dispatcher"), english("admin")
    case = desk.report(number=8)
    assert _act(first, "cases", case, "open").status_code == 302
    late = _act(second, "cases", case, "reject", note="I saw nothing there")
    assert late.status_code == 409
    told = _told(late)
    assert "用户 dispatcher" in told
    assert "I saw nothing there" in told
    assert desk.read(case.id).view.state is not State.REJECTED


def test_near_duplicates_are_offered_and_joined(english, desk):
    client = english("dispatcher")
    one = desk.report(1, number=10, kind="manhole")
    two = desk.report(1, number=10, kind="manhole", title="同一个井盖")
    page = client.get(f"/cases/{two.id}").text
    assert f'name="into_id" value="{one.number}"' in page
    assert _act(client, "cases", two, "join", into_id=one.number).status_code == 302
    assert desk.read(two.id).view.joined_into_id == one.id
    unknown = _act(client, "cases", desk.report(number=11), "join", into_id="20200101-0001")
    assert unknown.status_code == 400
    assert "20200101-0001" in unknown.text
    near = client.get("/cases/near", query_string={"kind": "manhole", "lon": one.lon, "lat": one.lat})
    assert one.number in near.text


# ---- who sees what ----


def test_nobody_reads_a_byte_of_anothers_case(english, desk, city):
    hidden = desk.report(1, number=20, by="other", title=CANARY, description=CANARY, kind="fire")
    place = {"kind": "fire", "lon": hidden.lon, "lat": hidden.lat}
    for login, doors in {
        "leader": ("handling", "tell"), "member": ("tell",), "inspector": ("tell",), "handler": ("handling",),
    }.items():  # fmt: skip
        client = english(login)
        for door in doors:
            assert client.get(f"/{door}/{hidden.id}").status_code == 404, (login, door)
            refused = _act(client, door, hidden, "accept")
            assert refused.status_code == 404, (login, door)
            lists = [f"/{door}/", f"/{door}/?list=ground", f"/{door}/?list=over", f"/{door}/mine"]
            for address in lists[:3] if door == "handling" else lists[3:]:
                assert CANARY not in client.get(address).text
            if door == "tell":
                assert CANARY not in client.get("/tell/near", query_string=place).text
        api = client.get("/api/v1/cases?closed=true").text
        assert CANARY not in api
        assert client.get(f"/api/v1/cases/{hidden.id}").status_code == 404
    other = english("other")
    assert CANARY in other.get(f"/tell/{hidden.id}").text
    assert CANARY in other.get("/handling/?list=ground").text


def test_a_deputy_is_shown_photos_of_the_absent_ones_case_while_he_stands_in(english, desk, database, clock):
    case = desk.act(desk.report(1, number=24), "open")
    cadre = database("SELECT id FROM leader WHERE code = 'L3'")[0].id
    case = desk.act(case, "assign", leader_id=cadre)
    desk.keep_photo(case.id, picture(24))
    served = database("SELECT served FROM evidence WHERE case_id = :id", id=case.id)[0].served
    deputy, photo = english("leader"), f"/photos/{served}-small.jpg"
    pages = (f"/handling/{case.id}", photo)
    assert [deputy.get(page).status_code for page in pages] == [404, 404]
    with desk.deputy(cadre, desk.city.leader_ids[0], NOON.date()):
        assert [deputy.get(page).status_code for page in pages] == [200, 200]
        assert str(served) in deputy.get(pages[0]).text
        clock.now += timedelta(days=1)
        later = english("leader")
        assert [later.get(page).status_code for page in pages] == [404, 404]


def test_a_request_that_waits_is_found_and_counted(english, desk, database):
    word = f"延期{uuid4().hex[:6]}"
    asked, calm = (desk.handed(number=number, title=f"{word}{number}") for number in (25, 26))
    asked = desk.act(asked, "ask_postpone", "handler", limit=2, note="等配件")
    appealed = desk.act(desk.report(number=27, title=f"{word}27"), "reject", note="不属实")
    appealed = desk.act(appealed, "ask_appeal", "member", note="请再看")
    client = english("dispatcher")

    def numbers(**args) -> set[str]:
        page = client.get("/cases/", query_string={"q": word, **args}).text
        return {case.number for case in (asked, calm, appealed) if f">{case.number}<" in page}

    assert numbers() == {asked.number, calm.number}
    assert numbers(asked="any") == {asked.number, appealed.number}
    assert numbers(asked="appeal") == {appealed.number}
    assert numbers(asked="postpone", state="handling") == {asked.number}
    assert numbers(asked="suspend") == set()
    page = client.get("/cases/", query_string={"q": word}).text
    assert re.search(r'Waits for a decision <span class="num">2<', page)
    assert "To decide: More time" in page
    found = client.get("/api/v1/cases", query_string={"q": word, "asked": "any"}).json["items"]
    assert {case["number"] for case in found} == {asked.number, appealed.number}
    desk.act(asked, "grant_postpone", limit=1)
    assert numbers(asked="any") == {appealed.number}


def test_a_desk_of_a_part_runs_only_its_part(english, desk):
    mine, theirs = (
        desk.report(1, number=21, title="本片区的"),
        desk.report(0, number=21, title="CANARY西边的"),
    )
    client = english("part")
    page = client.get("/cases/?state=all").text
    assert mine.number in page
    assert theirs.title not in page
    assert theirs.title not in client.get("/cases/map?state=all").text
    assert client.get(f"/cases/{theirs.id}").status_code == 404
    assert _act(client, "cases", theirs, "open").status_code == 404
    assert client.get(f"/api/v1/cases/{theirs.id}").status_code == 404
    into = _act(client, "cases", mine, "join", into_id=theirs.number)
    assert into.status_code == 400
    assert theirs.title not in into.text
    outside = {"kind": KIND, "title": "x", "lon": theirs.lon, "lat": theirs.lat}
    assert "outside the part of the city" in _post(client, "/cases/new", **outside).text


def test_who_reported_is_named_to_the_desk_only(english, desk):
    case = desk.handed(number=22, by="member")
    assert "用户 member" in english("dispatcher").get(f"/cases/{case.id}").text
    assert "用户 member" not in english("handler").get(f"/handling/{case.id}").text
    assert "用户 member" not in english("handler").get(f"/api/v1/cases/{case.id}").text


def test_hostile_text_stays_text(english, desk):
    case = desk.report(number=23, title=SCRIPT_NAME[:80], description=SCRIPT_NAME, address=SCRIPT_NAME)
    client = english("dispatcher")
    pages = [
        f"/cases/{case.id}",
        "/cases/?state=reported",
        "/cases/map",
        f"/cases/near?kind={KIND}&lon={case.lon}&lat={case.lat}",
    ]
    for address in pages:
        page = client.get(address).text
        assert "<script>window.hacked" not in page, address
        assert "49`" not in page
    refused = _post(
        client, "/cases/new", kind=KIND, title='"><script>window.hacked=1</script>', lon="x", lat="1"
    )
    assert refused.status_code == 400
    assert "<script>window.hacked" not in refused.text


# ---- new cases ----


def test_what_a_new_case_lacks_is_named_and_what_was_typed_stays(english):
    client = english("dispatcher")
    whole = {
        "kind": KIND,
        "title": "a heap",
        "description": "of old chairs",
        "lon": "114.0535",
        "lat": "22.5327",
    }
    for gone in ("lon", "kind", "title"):
        answer = _post(client, "/cases/new", **{**whole, gone: "", **({"lat": ""} if gone == "lon" else {})})
        assert answer.status_code == 400, gone
        assert "of old chairs" in answer.text
    with_file = _post(client, "/cases/new", **{**whole, "title": ""}, photos=_photo(3))
    assert "choose them again" in with_file.text
    broken = _post(client, "/cases/new", **whole, photos=(io.BytesIO(b"no picture"), "x.jpg"))
    assert broken.status_code in {400, 422}
    assert "of old chairs" in broken.text


def test_a_case_starts_from_a_point_a_check_in_or_a_blind_spot(english, as_user, desk, city, database):
    point = database("SELECT id, st_x(geom) AS lon FROM point WHERE code = 'P0'")[0]
    client = english("dispatcher")
    page = client.get(f"/cases/new?point={point.id}&source=patrol&description=two+bins").text
    assert f'name="lon" value="{point.lon:.6f}"' in page
    assert "two bins" in page
    lon, lat = f"{WEST + CELL_LON:.6f}", f"{SOUTH + CELL_LAT:.6f}"
    made = _post(client, "/cases/new", kind=KIND, title="unseen ground", lon=lon, lat=lat, source="gap")
    assert desk.read(int(made.location.rsplit("/", 1)[1])).view.source == "gap"
    assert "Make a case of it" in client.get(f"/dispatch/zones/{city.street_ids[0]}").text
    member = english("member")
    assert f"/tell/?point={point.id}" in member.get(f"/field/check-in/{point.id}").text
    told = _post(member, "/tell/", kind=KIND, title="here", lon=lon, lat=lat, point=str(point.id))
    assert desk.read(int(told.location.rsplit("/", 1)[1])).view.point_id == point.id
    foreign = _post(member, "/tell/", kind=KIND, title="here", lon=lon, lat=lat, patrol="999999")
    assert foreign.status_code == 404


def test_streets_behind_a_small_map_have_no_names(english, city):
    answer = english("member").get(f"/tell/streets.json?lon={WEST}&lat={SOUTH}")
    assert answer.status_code == 200
    assert all(isinstance(number, int) for path in answer.json for number in path)
    assert english("member").get("/tell/streets.json?lon=x&lat=1").status_code == 400


# ---- settings ----


def test_kinds_are_changed_and_added(english, desk, database):
    client = english("dispatcher")
    form = {
        "name_zh": "路灯不亮", "name_en": "Street lamp out", "clock": "working_days", "handle_limit": "3",
        "open_limit": "2", "verify_limit": "4", "weight": "1", "active": "yes",
    }  # fmt: skip
    code = f"lamp_{uuid4().hex[:6]}"
    assert _post(client, "/cases/settings/kinds", **form, code=code, new="1").status_code == 302
    assert _post(client, "/cases/settings/kinds", **form, code=code, new="1").status_code == 409
    assert (
        _post(client, "/cases/settings/kinds", **{**form, "handle_limit": "5"}, code=code).status_code == 302
    )
    row = database("SELECT handle_limit, photo_needed FROM case_kind WHERE code = :code", code=code)[0]
    assert tuple(row) == (5, False)
    for wrong in ({"handle_limit": "soon"}, {"handle_limit": "0"}, {"clock": "moon"}, {"name_en": " "}):
        answer = _post(client, "/cases/settings/kinds", **{**form, **wrong}, code=code)
        assert answer.status_code == 400, wrong
        assert "路灯不亮" in answer.text
    assert _post(client, "/cases/settings/kinds", **form, code="Not A Code", new="1").status_code == 400
    assert _post(client, "/cases/settings/kinds", **form, code="no_such").status_code == 404


def test_changed_working_hours_move_deadlines_and_say_which(english, desk):
    client = english("dispatcher")
    case = desk.report(number=30)
    before = desk.read(case.id).view.due_at
    try:
        answer = _post(client, "/cases/settings/shifts", shifts="09:30-12:00\n15:00-17:00")
        after = desk.read(case.id).view.due_at
        assert after != before
        assert case.number in answer.text
        assert f"{after.astimezone(desk.settings.zone_info):%Y-%m-%d %H:%M}" in answer.text
        for wrong in ("8 to 12", "12:00-09:00", ""):
            refused = _post(client, "/cases/settings/shifts", shifts=wrong)
            assert refused.status_code == 400, wrong
    finally:
        _post(client, "/cases/settings/shifts", shifts="08:30-12:00\n14:00-17:30")
    assert desk.read(case.id).view.due_at == before
