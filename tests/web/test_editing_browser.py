"""The editor in a browser: draw and save, drag a corner, undo and redo, two editors, split, merge; streets likewise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely
from playwright.sync_api import expect

from geoservice.store.base import make_engine, transaction
from tests.factories import CELL_LAT, CELL_LON, PASSWORD, SOUTH, WEST
from tests.services.importing_samples import rows
from tests.web.editing_city import city, web_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

__all__ = ["city", "web_settings"]  # this module's own city
PATIENCE_MS = 60_000  # the first mask of a process waits for its compiled loops


@pytest.fixture
def open_editor(browser: Browser, live_url: str) -> Iterator[Callable[[str], Page]]:
    """The editor as a login sees it; a fault in the page's script, or a request that fails, fails the test."""
    contexts, faults = [], []

    def make(login: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda line: faults.append(line.text) if "Content Security" in line.text else None,
        )
        page.goto(f"{live_url}/login?next=/gis/edit/")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("#login-form button[type=submit]")
        page.goto(f"{live_url}/gis/edit/?level=grid")
        expect(page.locator("#editor[data-ready=yes]")).to_be_attached(timeout=PATIENCE_MS)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not faults


def place(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """A place on Earth → where it is on the screen."""
    at = page.evaluate("([lat, lon]) => GeoEdit.leaflet.latLngToContainerPoint([lat, lon])", [lat, lon])
    box = page.locator("#edit-map").bounding_box()
    assert box is not None
    return box["x"] + at["x"], box["y"] + at["y"]


def tap(page: Page, lon: float, lat: float) -> None:
    page.mouse.click(*place(page, lon, lat))


def middle(number: int) -> tuple[float, float]:
    """The middle of a grid cell of the west half, `number` from 0."""
    return WEST + (number % 4 + 0.3) * CELL_LON, SOUTH + (number // 4 + 0.3) * CELL_LAT


def tool(page: Page, name: str) -> None:
    page.click(f'[data-tool="{name}"]')


def save(page: Page) -> None:
    tool(page, "save")
    expect(page.locator("#editor")).to_have_attribute("data-unsaved", "0", timeout=PATIENCE_MS)
    expect(page.locator("#edit-problem")).to_be_hidden()


def stored(web_settings, code: str):
    """The border of a zone as it is today; None when it is none."""
    with transaction(make_engine(web_settings.database_url)) as session:
        found = rows(
            session,
            "SELECT ST_AsBinary(v.geom) FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE z.code = :code AND v.valid_to IS NULL",
            code=code,
        )
    return shapely.from_wkb(bytes(found[0][0])) if found else None


def corners(page: Page) -> int:
    return page.locator(".leaflet-marker-pane .marker-icon:not(.marker-icon-middle)").count()


def test_a_zone_is_drawn_on_to_its_neighbour_and_saved(open_editor, web_settings):
    page = open_editor("gis")
    page.evaluate("GeoEdit.leaflet.zoomOut(1, {animate: false})")
    tool(page, "zone")
    south = SOUTH - CELL_LAT
    ring = [(WEST, south), (WEST + CELL_LON, south), (WEST + CELL_LON, SOUTH), (WEST, SOUTH)]
    for lon, lat in ring:
        tap(page, lon + CELL_LON / 200, lat)  # a little off: the corners of the neighbour catch it
    tap(page, WEST + CELL_LON / 200, south)
    page.fill("#f-code", "DRAWN")
    page.fill("#f-name", "新画")
    page.press("#f-name", "Tab")
    save(page)
    shape = stored(web_settings, "DRAWN")
    touching = stored(web_settings, "440399001001")
    assert {(WEST, SOUTH), (WEST + CELL_LON, SOUTH)} <= set(map(tuple, shapely.get_coordinates(shape)))
    assert shape.intersection(touching).area == 0 and shape.touches(touching)


def test_a_corner_is_dragged_taken_back_and_dragged_again(open_editor, web_settings):
    page = open_editor("gis")
    before = stored(web_settings, "440399001016")
    tap(page, *middle(15))
    tool(page, "vertices")
    x, y = place(page, WEST + 4 * CELL_LON, SOUTH + 4 * CELL_LAT)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y - 20, steps=4)
    page.mouse.move(x - 22, y - 34, steps=4)
    page.mouse.up()
    editor = page.locator("#editor")
    expect(editor).to_have_attribute("data-unsaved", "1", timeout=PATIENCE_MS)
    expect(page.locator("#edit-area")).to_contain_text("→")
    page.keyboard.press("Control+z")
    expect(editor).to_have_attribute("data-unsaved", "0")
    expect(page.locator('[data-tool="save"]')).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(editor).to_have_attribute("data-unsaved", "1", timeout=PATIENCE_MS)
    save(page)
    after = stored(web_settings, "440399001016")
    kept = set(map(tuple, shapely.get_coordinates(before))) & set(map(tuple, shapely.get_coordinates(after)))
    assert len(kept) == 3 and not after.equals(before)


def test_the_second_of_two_editors_is_told_the_firsts_name_and_loads_theirs(open_editor, web_settings):
    first, second = open_editor("gis"), open_editor("second")
    for page, name in ((first, "第一人"), (second, "第二人")):
        tap(page, *middle(1))
        page.fill("#f-name", name)
        page.press("#f-name", "Tab")
        expect(page.locator("#editor")).to_have_attribute("data-unsaved", "1", timeout=PATIENCE_MS)
    save(first)
    tool(second, "save")
    expect(second.locator("#edit-problem")).to_contain_text("用户 gis", timeout=PATIENCE_MS)
    second.locator("#edit-problem button").last.click()
    expect(second.locator("#editor")).to_have_attribute("data-unsaved", "0", timeout=PATIENCE_MS)
    expect(second.locator("#editor")).to_have_attribute("data-ready", "yes", timeout=PATIENCE_MS)
    tap(second, *middle(1))
    expect(second.locator("#f-name")).to_have_value("第一人", timeout=PATIENCE_MS)


def test_a_point_is_drawn_and_saved(open_editor, web_settings):
    page = open_editor("gis")
    tool(page, "point")
    lon, lat = middle(2)
    tap(page, lon, lat)
    page.fill("#f-code", "PT-NEW")
    page.press("#f-code", "Tab")
    save(page)
    with transaction(make_engine(web_settings.database_url)) as session:
        (found,) = rows(session, "SELECT ST_X(geom), ST_Y(geom) FROM point WHERE code = 'PT-NEW'")
    assert found == pytest.approx((lon, lat), abs=5e-5)


def test_a_zone_is_split_by_a_line(open_editor, web_settings):
    page = open_editor("gis")
    whole = stored(web_settings, "440399001006")
    tap(page, *middle(5))
    tool(page, "split")
    lon = WEST + 1.7 * CELL_LON
    ends = [(lon, SOUTH + 0.6 * CELL_LAT), (lon, SOUTH + 2.4 * CELL_LAT)]
    for end in [*ends, ends[-1]]:
        tap(page, *end)
    page.fill("#p-code-1", "HALF")
    page.click("#edit-parts button[type=submit]")
    save(page)
    parts = [stored(web_settings, code) for code in ("440399001006", "HALF")]
    assert parts[0].area > parts[1].area > 0
    assert shapely.union_all(parts).symmetric_difference(whole).area == pytest.approx(0, abs=1e-15)


def test_two_zones_are_merged(open_editor, web_settings):
    page = open_editor("gis")
    old = [stored(web_settings, code) for code in ("440399001009", "440399001010")]
    tool(page, "merge")
    tap(page, *middle(8))
    tap(page, *middle(9))
    tool(page, "merge")
    expect(page.locator("#m-code")).to_have_value("440399001009")
    page.click("#edit-merge button[type=submit]")
    save(page)
    assert stored(web_settings, "440399001009").equals(shapely.union_all(old))
    assert stored(web_settings, "440399001010") is None


def streets(web_settings) -> dict[str, shapely.LineString]:
    with transaction(make_engine(web_settings.database_url)) as session:
        found = rows(session, "SELECT code, ST_AsBinary(geom) FROM street WHERE code LIKE 'ST%'")
    return {code: shapely.from_wkb(bytes(geom)) for code, geom in found}


def test_a_street_is_drawn_on_to_another_turned_split_and_joined(open_editor, web_settings):
    page = open_editor("gis")
    end = (WEST + 4 * CELL_LON, SOUTH + 1.1 * CELL_LAT)  # of a street of the city
    tool(page, "street")
    x, y = place(page, *end)
    page.mouse.click(x + 5, y - 7)  # a little off: the end of the other street catches it
    corner, last = (
        (WEST + 3.5 * CELL_LON, SOUTH + 2.5 * CELL_LAT),
        (WEST + 1.6 * CELL_LON, SOUTH + 2.6 * CELL_LAT),
    )
    for spot in (corner, last, last):
        tap(page, *spot)
    page.fill("#f-code", "ST1")
    page.check("#edit-form [name=one_way]")
    expect(page.locator(".edit-arrow")).to_be_visible()
    page.click("#edit-turn")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+y")
    save(page)
    whole = streets(web_settings)["ST1"]
    assert whole.coords[-1] == end and len(whole.coords) == 3
    middle = (corner[0] + last[0]) / 2, (corner[1] + last[1]) / 2
    tap(page, *middle)
    tool(page, "split")
    ends = [(middle[0], middle[1] - 0.3 * CELL_LAT), (middle[0], middle[1] + 0.3 * CELL_LAT)]
    for spot in [*ends, ends[-1]]:
        tap(page, *spot)
    page.fill("#p-code-1", "ST2")
    page.click("#edit-parts button[type=submit]")
    save(page)
    parts = streets(web_settings)
    assert shapely.MultiLineString(list(parts.values())).length == pytest.approx(whole.length)
    tool(page, "merge")
    for spot in (0.25, 0.75):
        tap(page, *((1 - spot) * a + spot * b for a, b in zip(corner, last, strict=True)))
    tool(page, "merge")
    page.fill("#m-code", "ST2")
    page.click("#edit-merge button[type=submit]")
    save(page)
    (joined,) = streets(web_settings).items()
    assert joined[0] == "ST2" and joined[1].hausdorff_distance(whole) < 1e-9
