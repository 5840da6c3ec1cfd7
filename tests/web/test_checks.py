"""The page that lists what is wrong with the ground, its map, and snapping from a preview."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import shapely
from geoalchemy2 import WKBElement
from shapely import MultiPolygon, box
from sqlalchemy import select, text
from werkzeug.serving import make_server

from geoservice.app import create_app
from geoservice.domain.roles import Role
from geoservice.store.base import make_engine, transaction
from geoservice.store.points import Point as PointRow
from geoservice.store.zones import ZoneVersion
from tests.factories import CELL_LAT, CELL_LON, OTHERS, SOUTH, WEST, add_user, make_city
from tests.web.conftest import NOON, csrf, log_in

if TYPE_CHECKING:
    from flask.testing import FlaskClient

NARROW, WIDE = 0.5 / 102_800, 20 / 102_800  # degrees of longitude here: half a metre, twenty metres


@pytest.fixture(scope="module")
def broken(new_database, web_settings):
    """A city where one cell leaves half a metre free, another takes twenty from its neighbour, and a point is doubled."""
    settings = replace(web_settings, database_url=new_database(), zone_code_pattern="6+3+3+2-3")
    with transaction(make_engine(settings.database_url)) as session:
        city = make_city(session, settings, NOON.date(), NOON)
        cells = city.grid_ids[0]
        _redraw(session, cells[0], box(WEST, SOUTH, WEST + CELL_LON - NARROW, SOUTH + CELL_LAT))
        _redraw(
            session,
            cells[8],
            box(WEST, SOUTH + 2 * CELL_LAT, WEST + CELL_LON + WIDE, SOUTH + 3 * CELL_LAT),
        )
        twin = session.scalars(select(PointRow)).first()
        session.add(PointRow(code="P-0", category=twin.category, name=f" {twin.name}", geom=twin.geom))
    return settings, city


def _redraw(session, zone_id: int, border) -> None:
    version = session.scalars(select(ZoneVersion).where(ZoneVersion.zone_id == zone_id)).one()
    version.geom = WKBElement(shapely.to_wkb(MultiPolygon([border])), srid=4326)


@pytest.fixture
def gis(broken, clock) -> FlaskClient:
    client = create_app(broken[0], clock=clock, TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client()
    assert log_in(client, "gis").status_code == 302
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/account/password")})
    return client


def shapes(page: str, layer: str) -> dict:
    return json.loads(re.search(rf'id="shapes-{layer}">(.*?)</script>', page)[1])


def test_each_list_counts_what_is_wrong_and_shows_area_and_place(gis) -> None:
    page = gis.get("/gis/checks/?level=grid").text
    counts = dict(re.findall(r'check=(\w+)[^>]*>[^<]*<span class="soft">(\d+)<', page.replace("&nbsp;", "")))
    assert counts == {"hierarchy": "0", "topology": "2", "duplicates": "1", "codes": "32"}
    assert page.index("Overlap") < page.index(">Gap<"), "the largest comes first"
    assert "can be closed" in page
    numbers = re.findall(r'data-fly-to="gap:(\d+)"', page)
    drawn = shapes(gis.get("/gis/checks/map?level=grid").text, "gaps")
    assert [str(number) for number in drawn["ids"]] == numbers == ["1", "2"]


def test_every_list_has_a_page_and_a_map(gis) -> None:
    for check in ("hierarchy", "topology", "duplicates", "codes"):
        for query in (
            f"check={check}",
            f"check={check}&level=street",
            f"check={check}&level=grid&parent=440399001",
        ):
            assert gis.get(f"/gis/checks/?{query}").status_code == 200
            assert gis.get(f"/gis/checks/map?{query}").status_code == 200
    page = gis.get("/gis/checks/map?check=duplicates").text
    assert len(shapes(page, "stretches")["ids"]) == 1
    assert "Nothing is wrong" in gis.get("/gis/checks/?level=street&check=topology").text


def test_what_a_page_cannot_be_asked_is_said(gis) -> None:
    for query, words in [
        ("check=all", "There is no check all"),
        ("level=nope", ""),
        ("parent=nope", ""),
    ]:
        answer = gis.get(f"/gis/checks/?{query}")
        assert answer.status_code in {400, 404}
        assert words in answer.text
    for tolerance in ("x", "0", "-1", "99", "nan", "inf"):
        assert gis.get(f"/gis/checks/snap?level=grid&tolerance={tolerance}").status_code == 400


def test_a_name_of_script_stays_a_name_on_page_and_map(gis, broken) -> None:
    for query in ("level=grid&check=codes", "level=grid&check=hierarchy"):
        assert "<script>window.hacked" not in gis.get(f"/gis/checks/?{query}").text
        page = gis.get(f"/gis/checks/map?{query}").text
        assert "<script>window.hacked" not in page
        assert "${window.hacked" not in page


def test_a_city_without_zones_has_an_empty_page(new_database, web_settings, clock) -> None:
    settings = replace(web_settings, database_url=new_database())
    with transaction(make_engine(settings.database_url)) as session:
        add_user(session, "gis", Role.GIS)
    client = create_app(settings, clock=clock, TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client()
    log_in(client, "gis")
    for path in ("/gis/checks/", "/gis/checks/snap", "/gis/checks/map", "/gis/checks/snap/map"):
        assert client.get(path).status_code == 200


def test_whoever_sees_a_part_of_the_city_is_told_of_that_part_only(broken, clock) -> None:
    settings, _ = broken
    with transaction(make_engine(settings.database_url)) as session:
        session.execute(text("UPDATE app_user SET role = 'gis' WHERE login = 'part'"))
    client = create_app(settings, clock=clock, TESTING=True, PROPAGATE_EXCEPTIONS=False).test_client()
    log_in(client, "part")
    page = client.get("/gis/checks/?level=grid&check=codes").text
    assert OTHERS in page
    assert "桂园" not in page
    assert "桂园" not in client.get("/gis/checks/map?level=grid&check=codes").text


def test_borders_are_snapped_from_the_preview_and_no_other(gis, broken) -> None:
    settings, city = broken
    preview = gis.get("/gis/checks/snap?level=grid").text
    form = dict(
        re.findall(
            r'name="(csrf_token|seen|tolerance|level)" value="([^"]+)"',
            preview.split('method="post" action="/gis/checks/snap"')[1],
        )
    )
    drawn = shapes(gis.get("/gis/checks/snap/map?level=grid").text, "gaps")
    assert len(drawn["ids"]) == 1, "one zone takes the half metre; the wide overlap stays"
    assert gis.post("/gis/checks/snap", data={**form, "tolerance": "0.1"}).status_code == 409
    assert len(re.findall("Nothing to close", gis.get("/gis/checks/snap?level=grid&tolerance=0.1").text)) == 1
    answer = gis.post("/gis/checks/snap", data=form, follow_redirects=True)
    assert "1 zone has its new border." in answer.text
    assert ">Gap<" not in answer.text
    assert "Overlap" in answer.text
    assert gis.post("/gis/checks/snap", data=form).status_code == 409, (
        "a second time it is no longer what was shown"
    )
    with transaction(make_engine(settings.database_url)) as session:
        change = session.execute(
            text("SELECT user_id, noun FROM row_change WHERE action = 'update' ORDER BY id DESC LIMIT 1")
        ).one()
    assert change.noun == "zone_version"
    assert change.user_id == city.user_ids["gis"]


def test_a_row_of_the_list_flies_the_map_there(browser, broken, clock) -> None:
    app = create_app(broken[0], clock=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        page = context.new_page()
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        url = f"http://127.0.0.1:{server.server_port}"
        page.goto(f"{url}/login")
        page.fill("#login", "gis")
        page.fill("#password", "right-horse-battery")
        page.click("#login-form button[type=submit]")
        page.goto(f"{url}/gis/checks/?level=grid&check=topology")
        frame = page.frame_locator("#check-map")
        frame.locator("html[data-map-ready=yes]").wait_for()
        page.locator("[data-fly-to='gap:1']").press("Enter")
        frame.locator(".leaflet-popup").wait_for()
        assert page.locator("[data-fly-to='gap:1']").get_attribute("aria-current") == "true"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert failed == []
    finally:
        context.close()
        server.shutdown()
        thread.join()
        server.server_close()
