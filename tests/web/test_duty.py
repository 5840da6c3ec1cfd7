"""Who answers for what, how leaders stand, what is not counted, and the leader's own lists."""

from __future__ import annotations

import html
import json
import re
from datetime import date

import pytest
import shapely
from geoalchemy2 import WKBElement
from shapely import box

from geoservice.maps.values import GapShape, StretchShape
from geoservice.services.ground import refresh_masks
from geoservice.store.base import make_engine, transaction
from geoservice.store.contracts import Contract
from geoservice.store.coverage import Exclusion
from geoservice.store.people import Leader
from geoservice.web.reasons import explain_gap, explain_stretch
from tests.factories import (
    CELL_LAT,
    CELL_LON,
    MINE,
    OTHERS,
    SCRIPT_NAME,
    SOUTH,
    WEST,
    City,
    make_city,
)
from tests.web import own_city
from tests.web.conftest import NOON

FIRST, SECOND = "王建国", "CANARY李卫东"
BEFORE_ALL = "2025-12-01"  # the city's contracts begin on 2025-12-18
PAGE = "/dispatch/responsibility"

web_settings = own_city.web_settings  # what happens in 2027 is nothing the other tests expect


@pytest.fixture(scope="module")
def city(web_settings) -> City:
    """The small city, and in 2027 a second leader, a hole, a hand-over and an exclusion."""
    with transaction(make_engine(web_settings.database_url)) as session:
        city = make_city(session, web_settings, NOON.date(), NOON)
        extra = Leader(code="LX", name=f"乙 {SCRIPT_NAME}")
        session.add(extra)
        session.flush()
        mine, other = city.leader_ids
        street, grid = city.street_ids[0], city.grid_ids[0][3]
        for leader, role, zone, start, end in (
            (extra.id, "leader", street, (2027, 1, 10), (2027, 1, 20)),
            (mine, "sanitation", street, (2027, 3, 1), (2027, 3, 10)),
            (extra.id, "sanitation", street, (2027, 3, 10), (2027, 4, 1)),
            (mine, "traffic_police", grid, (2027, 2, 1), (2027, 3, 5)),
            (other, "traffic_police", grid, (2027, 3, 10), (2027, 5, 1)),
        ):
            session.add(
                Contract(
                    leader_id=leader, role=role, zone_id=zone, valid_from=date(*start), valid_to=date(*end)
                )
            )
        half_a_grid = box(WEST, SOUTH, WEST + CELL_LON / 2, SOUTH + CELL_LAT)
        session.add(
            Exclusion(
                code="X1",
                kind="water",
                name="镜月湖",
                reason=f"水面 {SCRIPT_NAME}",
                geom=WKBElement(shapely.to_wkb(shapely.MultiPolygon([half_a_grid])), srid=4326),
                valid_from=date(2027, 1, 1),
                valid_to=date(2027, 6, 1),
                batch_id=city.batch_id,
                created_by=city.user_ids["gis"],
            )
        )
        session.flush()
        refresh_masks(session, web_settings)
    return city


def section(page: str, name: str) -> str:
    """The part of a page under the heading with an id, as text is read: entities turned back."""
    return html.unescape(page.split(f'id="{name}"')[1].split("</section>")[0])


def counted(page: str, name: str) -> int:
    return int(re.search(r'<small class="soft">(\d+)</small>', section(page, name))[1])


def ask(client, **args) -> str:
    answer = client.get(PAGE, query_string=args)
    assert answer.status_code == 200
    return answer.text


def shapes(page: str, kind: str) -> dict:
    """The data block of a layer of a map."""
    return json.loads(re.search(rf'id="shapes-{kind}"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_ground_with_nobody_is_listed_by_kind_and_can_be_flown_to(as_user, city):
    client = as_user("dispatcher")
    today, before = ask(client), ask(client, on=BEFORE_ALL)
    for kind, number in (("zone", 32), ("street", 2), ("point", 2)):
        assert (counted(today, f"nobody-{kind}"), counted(before, f"nobody-{kind}")) == (0, number)
    zones = section(before, "nobody-zone")
    assert set(re.findall(r'data-fly-to="zone:(\d+)"', zones)) == {
        str(zone_id) for half in city.grid_ids for zone_id in half
    }
    assert f"{OTHERS}市场" in section(before, "nobody-point")
    assert 'data-fly-to="street:S0"' in section(before, "nobody-street")
    frame = client.get(f"{PAGE}/map?on={BEFORE_ALL}").text
    drawn = shapes(frame, "zones")
    assert [drawn["fills"][each] for each in drawn["classes"]] == ["holding-none"] * 32
    assert (shapes(frame, "streets")["ids"], len(shapes(frame, "points")["ids"])) == (["S0", "S1"], 2)
    held = shapes(client.get(f"{PAGE}/map").text, "zones")
    assert {held["fills"][each] for each in held["classes"]} == {"holding-one"}


def test_two_leaders_are_both_named_on_their_days_only(as_user, city):
    client = as_user("dispatcher")
    assert [counted(ask(client, on=f"2027-01-{day}"), "two") for day in ("09", "10", "19", "20")] == [
        0, 1, 1, 0
    ]  # fmt: skip
    two = section(ask(client, on="2027-01-15"), "two")
    assert f"{MINE}街道" in two
    assert FIRST in two
    assert SCRIPT_NAME in two
    drawn = shapes(client.get(f"{PAGE}/map?on=2027-01-15").text, "zones")
    assert [drawn["fills"][each] for each in drawn["classes"]].count("holding-two") == 16


def test_a_hole_and_a_doubling_in_a_chain_say_which_days(as_user, city):
    breaks = section(ask(as_user("dispatcher"), on="2027-03-31"), "breaks")
    hole = next(row for row in breaks.split("<li>") if "2027-03-05" in row)
    assert f"{MINE}04网格" in hole
    assert "2027-03-05 – 2027-03-09" in hole
    assert FIRST in hole
    assert SECOND in hole
    assert "2027-01-10 – 2027-01-19" in section(ask(as_user("dispatcher"), on="2027-01-31"), "breaks")


def test_on_the_day_of_a_hand_over_the_next_one_answers(as_user, city):
    client = as_user("dispatcher")
    for day, is_next in (("2027-03-09", False), ("2027-03-10", True)):
        found = section(ask(client, on=day, q="440399001"), "matches")
        assert (f"乙 {SCRIPT_NAME}" in found) == is_next, day
        assert found.count(FIRST) == (2 if is_next else 3), (
            day
        )  # as leader in summary and list, and in the other role


def test_who_answers_says_through_which_ground(as_user, city):
    client = as_user("dispatcher")
    grid = section(ask(client, q="440399001003"), "matches")
    assert FIRST in grid
    assert "赵敏" in grid
    assert grid.count(f"{MINE}街道") == 2  # each of the two through the subdistrict
    point = section(ask(client, q="p0"), "matches")
    assert FIRST in point
    assert point.count(f"{MINE}街道") == 1  # his own contract; only the cadre's comes from the zone
    by_name = section(ask(client, q=f"{MINE}05"), "matches")
    assert "440399001005" in by_name
    assert '<details class="ground"' not in section(ask(client, q="nothing like it"), "matches")


def test_an_idle_leader_is_listed_until_he_has_ground(as_user, city):
    client = as_user("dispatcher")
    assert SCRIPT_NAME in section(ask(client), "idle")
    assert "2027-01-19" in section(ask(client, on="2027-02-01"), "idle")
    assert SCRIPT_NAME not in section(ask(client, on="2027-01-15"), "idle")


def test_one_list_can_be_paged_to_its_end(as_user, city):
    client = as_user("dispatcher")
    page = ask(client, on=BEFORE_ALL, list="nobody-zone", page=9)
    assert 'id="nobody-street"' not in page
    assert section(page, "nobody-zone").count("data-fly-to") == 32
    assert 'id="nobody-street"' in ask(client, list="no-such-list")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", "<b>"])
@pytest.mark.parametrize("page", [PAGE, f"{PAGE}/map", "/dispatch/exclusions"])
def test_a_day_that_is_none_is_told_so(as_user, page, day):
    answer = as_user("dispatcher").get(page, query_string={"on": day})
    assert answer.status_code == 400
    assert "2026-01-31" in answer.text
    assert "<b>" not in answer.text


def test_no_name_runs_as_script(as_user, city):
    client = as_user("dispatcher")
    for page in (
        f"{PAGE}?on={BEFORE_ALL}", f"{PAGE}?on=2027-01-15", f"{PAGE}/map?on=2027-01-15",
        f"{PAGE}?q=%3Cscript%3Ewindow.hacked%3D3", "/dispatch/leaders?from=2027-01-12&to=2027-01-15",
        "/dispatch/exclusions?on=2027-02-01",
    ):  # fmt: skip
        text_of_page = client.get(page).text
        assert "hacked" in text_of_page, page
        assert "<script>window.hacked" not in text_of_page, page


def test_a_scoped_dispatcher_meets_his_part_only(as_user, city):
    client = as_user("part")
    for page in (f"{PAGE}?on={BEFORE_ALL}", f"{PAGE}/map?on={BEFORE_ALL}", "/dispatch/leaders"):
        shown = client.get(page).text
        assert "CANARY" in shown, page
        assert not re.search(f"{MINE}[0-9街市路]", shown), page
        assert FIRST not in shown, page
    # Who holds nothing here may hold ground elsewhere: none is called idle.
    assert counted(ask(client), "idle") == 0
    assert "镜月湖" not in client.get("/dispatch/exclusions?on=2027-02-01").text


def test_leaders_are_ranked_by_their_own_ground(as_user, city):
    page = as_user("dispatcher").get("/dispatch/leaders?days=7").text
    rows = [html.unescape(row) for row in page.split("<tbody>")[1].split("<tr>")[1:]]
    first = next(row for row in rows if FIRST in row)
    last = next(row for row in rows if SECOND in row)
    assert rows.index(first) < rows.index(last)
    rate = float(re.search(r"([\d.]+)%", first)[1])
    assert rate == pytest.approx(100 * 2.5 / 4, abs=1)
    assert ">0%<" in last
    assert "0 / 1" in last


def test_without_data_leaders_have_no_rate_and_without_contracts_there_are_none(as_user, city):
    client = as_user("dispatcher")
    unknown = client.get("/dispatch/leaders?from=2026-01-05&to=2026-01-06").text
    assert FIRST in unknown
    assert ">0%<" not in unknown
    assert 'data-class="none"' in unknown
    assert "note-warn" in unknown
    # The east half had no contract at all before the leaders came.
    assert "empty-state" in as_user("part").get("/dispatch/leaders?from=2025-06-01&to=2025-06-02").text


def test_exclusions_tell_what_why_who_when_and_their_share(as_user, city):
    client = as_user("gis")
    page = client.get("/dispatch/exclusions?on=2027-02-01&level=grid").text
    listed = section(page, "excluded")
    for said in ("镜月湖", "X1", f"水面 {SCRIPT_NAME}", "用户 gis", "2027-01-01", "2027-05-31"):
        assert said in listed, said
    assert f'href="/gis/imports/{city.batch_id}"' in listed
    shares = section(page, "shares")
    assert shares.count("<tr>") == 2
    assert f"{MINE}01网格" in shares
    assert float(re.search(r"([\d.]+)%", shares)[1]) == pytest.approx(50, abs=3)
    assert "empty-state" in client.get("/dispatch/exclusions?on=2027-06-01").text
    assert "/gis/imports" not in section(
        as_user("dispatcher").get("/dispatch/exclusions?on=2027-02-01").text, "excluded"
    )


def test_the_leader_s_lists_are_those_of_his_map(as_user, city):
    client = as_user("leader")
    page, frame = client.get("/leader/?days=7").text, client.get("/leader/map?days=7").text
    for name, kind, layer in (("gaps", "gap", "gaps"), ("stretches", "stretch", "stretches")):
        listed = [int(each) for each in re.findall(rf'data-fly-to="{kind}:(\d+)"', section(page, name))]
        assert listed, name
        assert listed == sorted(shapes(frame, layer)["ids"]), name
    assert section(page, "gaps").count("×") == section(page, "gaps").count("data-fly-to")
    due = section(page, "due")
    assert f"{MINE}市场" in due
    assert re.search(r'data-fly-to="point:\d+"', due)


def test_a_score_is_explained_by_what_it_is_made_of(app):
    ground = shapely.box(0, 0, 1, 1)
    line = shapely.LineString([(0, 0), (1, 1)])
    with app.test_request_context("/", headers={"Cookie": "locale=en"}):
        plain = GapShape(1, 1, "G", "grid", ground, 4_500.0, 5, 0.0, 0)
        assert explain_gap(plain) == "0.45 ha × 5 days unseen = 2.25"
        weighty = GapShape(1, 1, "G", "grid", ground, 4_500.0, None, 3.0, 2)
        assert explain_gap(weighty) == (
            "0.45 ha × (1 + 3 for 2 point(s)) × 365 days in which it was never seen = 657"
        )
        stretch = StretchShape(1, 1, "S", "street", line, 250.0, 4)
        assert explain_stretch(stretch) == "2.5 × 100 m × 4 days unseen = 10"
