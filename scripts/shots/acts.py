"""What somebody does in the city first, so that there are pages of it: share a map, look at a file, ask for a suggestion."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import TimeoutError

from scripts.shots.walk import STRANGER, Page

if TYPE_CHECKING:
    from scripts.shots.camera import Camera
    from scripts.shots.city import City

# Three points as somebody would paste them from a sheet: a new one, one without a place, one whose category nobody knows.
LIST = (
    "编号\t名称\t类别\t经度\t纬度\n"
    "XJ-001\t北门小公园\tpark\t114.0612\t22.5431\n"
    "XJ-002\t没有坐标的点\tmarket\t\t\n"
    "XJ-003\t东街公厕\tpublic_toilet\t114.0633\t22.5442\n"
)
PATIENCE_MS = 60_000


def act_in_the_city(camera: Camera, city: City) -> list[Page]:
    """Do it; return the pages that only their makers know of."""
    _look_at_a_list(camera, city)
    _ask_for_a_suggestion(camera, city)
    return [_share_a_map(camera, city)]


def _share_a_map(camera: Camera, city: City) -> Page:
    context = camera.context_of(city, "dispatcher")
    tab = context.new_page()
    tab.goto(f"{city.url}/sharing/")
    tab.fill("#share-name", "张局长")
    tab.click(".share-form button[type=submit]")
    link = tab.locator(".made-token code").first.inner_text()
    context.close()
    return Page("shared.show_page", STRANGER, urlsplit(link).path)


def _look_at_a_list(camera: Camera, city: City) -> None:
    context = camera.context_of(city, "gis")
    tab = context.new_page()
    tab.goto(f"{city.url}/gis/import")
    tab.fill("#text", LIST)
    tab.click("form[aria-labelledby=paste] button[type=submit]")
    with suppress(TimeoutError):
        tab.wait_for_selector("form table", timeout=PATIENCE_MS)
    context.close()


def _ask_for_a_suggestion(camera: Camera, city: City) -> None:
    context = camera.context_of(city, "dispatcher")
    tab = context.new_page()
    tab.goto(f"{city.url}/dispatch/suggest/")
    tab.fill("#seconds", "5")
    tab.click("form.grid-form button[type=submit]")
    with suppress(TimeoutError):
        tab.wait_for_selector("#suggestion-map", timeout=PATIENCE_MS)
    context.close()
