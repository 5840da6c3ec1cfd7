"""A checklist in a phone's browser: kept while it is filled in, also without a network, photographed and sent once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from geoservice.services.inspections import drawing
from geoservice.services.inspections.wishes import Wish
from geoservice.store.base import make_engine, transaction
from tests.factories import PASSWORD, SCRIPT_NAME
from tests.photo_kit import jpeg
from tests.web.conftest import NOON

PHONE, NARROW = {"width": 390, "height": 844}, {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def rows(web_settings, city):
    """An inspection of one market for today, under a name that is a script; it is gone afterwards."""
    engine = make_engine(web_settings.database_url)

    def ask(sql: str):
        with transaction(engine) as session:
            found = session.execute(text(sql))
            return found.all() if found.returns_rows else []

    ask("TRUNCATE inspection_result, inspection_task, inspection, evidence, patrol_case CASCADE")
    with transaction(engine) as session:
        wish = Wish(
            SCRIPT_NAME, "covert", NOON.date(), NOON.date() + timedelta(1), 1, points=("P0",), inspectors=("inspector",)
        )  # fmt: skip
        drawing.make(session, web_settings, wish, by=None, now=NOON)
    ask("UPDATE inspection_task SET on_day = inspection.from_on FROM inspection")
    yield ask
    ask("TRUNCATE inspection_result, inspection_task, inspection, evidence, patrol_case CASCADE")


def test_a_checklist_survives_a_dead_network_and_a_closed_page(browser, live_url, rows, tmp_path):
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce", has_touch=True)
    context.grant_permissions(["geolocation"], origin=live_url)
    context.set_geolocation({"longitude": 114.0536, "latitude": 22.5325, "accuracy": 12})
    page = context.new_page()
    faults: list[str] = []
    page.on("request", lambda asked: asked.url.startswith((live_url, "data:")) or faults.append(asked.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_url}/login")
    page.fill("#login", "inspector")
    page.fill("#password", PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_selector("#way-map[data-ready=yes]")
    assert page.locator(".way-stop").all_inner_texts() == ["1"]
    page.click(".stop-list a")
    passes = page.locator("input[value=pass]")
    for number in range(passes.count()):
        passes.nth(number).check()
    page.locator("input[value=fail]").first.check()
    page.locator("textarea[name^=note-]").first.fill("地面积水")
    for width in (PHONE, NARROW):
        page.set_viewport_size(width)
        assert (
            page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        )
    picture = tmp_path / "现场.jpg"
    picture.write_bytes(jpeg(3))
    for item in ("MK01", "MK07"):
        card = page.locator(f"fieldset.item:has-text('{item}')")
        card.locator("input[type=file]").set_input_files(picture)
        card.locator("[data-strip] img").wait_for()
    context.set_offline(True)
    page.click("button[type=submit].btn-primary >> visible=true")
    page.wait_for_selector("[data-draft-note]:not([hidden])")
    assert rows("SELECT 1 FROM inspection_result") == []
    context.set_offline(False)
    page.goto(f"{live_url}/field/inspections/")
    page.click(".stop-list a")
    assert page.locator("input[value=fail]").first.is_checked()
    assert page.locator("textarea[name^=note-]").first.input_value() == "地面积水"
    assert page.locator("[data-strip] img").count() == 2
    page.click("button[type=submit].btn-primary >> visible=true")
    page.wait_for_url(f"{live_url}/field/inspections/")
    assert (
        page.evaluate(
            "Object.keys(localStorage).filter((key) => key.startsWith('geoservice-inspection')).length"
        )
        == 0
    )
    assert faults == []
    assert page.evaluate("window.hacked") is None
    context.close()
    assert rows("SELECT round(score::numeric, 1)::text FROM inspection_task") == [("87.5",)]
    assert len(rows("SELECT 1 FROM evidence WHERE item_id IS NOT NULL")) == 2
    assert [row.description for row in rows("SELECT description FROM patrol_case")] == [
        "MK01 场内地面与排水：地面积水"
    ]
