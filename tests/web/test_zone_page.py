"""The page of a zone: trend, days since last seen, streets and points; and what the map shows by its pills."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from geoservice.app import create_app
from geoservice.domain.windows import Window
from geoservice.services.city import trend_of
from geoservice.services.ground import refresh_masks
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import EVERYTHING
from tests.factories import make_city
from tests.web.conftest import NOON, csrf, log_in


@pytest.fixture
def client(as_user):
    client = as_user("dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/dispatch/")})
    return client


def _section(page: str, name: str) -> str:
    return re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.DOTALL)[0]


def test_the_trend_is_drawn_and_told_with_no_data_apart_from_nothing_seen(client, city):
    page = client.get(f"/dispatch/zones/{city.street_ids[0]}?days=7").text
    trend = _section(page, "trend")
    rows = re.findall(r'<th scope="row" class="nowrap">([\d-]+)</th><td>([^<]+)</td>', trend)
    assert len(rows) == 14, "a week is shown with the week before"
    assert rows[0] == ("2026-03-18", "No data")
    assert rows[1][0] == "2026-03-17"
    assert 60 < float(rows[1][1].rstrip("%")) < 65, "two and a half of four columns were seen that day"
    assert rows[8] == ("2026-03-10", rows[8][1])
    assert trend.count('class="bar-of"') == sum(rate != "No data" for _, rate in rows) == 2
    assert trend.count('class="unknown"') == 12
    assert "<title" in trend
    assert "<desc" in trend
    other = _section(client.get(f"/dispatch/zones/{city.street_ids[1]}?days=7").text, "trend")
    assert ("2026-03-17", "0%") in re.findall(r'class="nowrap">([\d-]+)</th><td>([^<]+)</td>', other)


def test_the_bands_add_up_and_name_what_was_never_seen(client, city):
    ages = _section(client.get(f"/dispatch/zones/{city.street_ids[0]}").text, "ages")
    table = ages[ages.index("<tbody") :]
    shares = [float(text) for text in re.findall(r'<td class="num">([\d.]+)%</td>', table)]
    assert sum(shares) == pytest.approx(100, abs=0.3)
    assert "seen within 7 days" in ages
    assert "seen 7 to 30 days ago" in ages
    assert "never seen within 365 days" in ages or "never seen within 366 days" in ages
    bars = [float(width) for width in re.findall(r'<rect x="[\d.]+" width="([\d.]+)"', ages)]
    assert sum(bars) == pytest.approx(640, abs=0.1)
    assert [100 * bar / 640 for bar in bars] == pytest.approx([one for one in shares if one], abs=0.1)


def test_a_window_without_data_is_unknown_everywhere(client, city):
    page = client.get(f"/dispatch/zones/{city.street_ids[0]}?from=2025-01-01&to=2025-01-07").text
    assert "coverage is unknown, not zero" in page
    assert "Nothing is known of these days. Choose others" in _section(page, "trend")
    assert "Nothing is known yet" in _section(page, "ages")
    assert "0%" not in page


def test_the_figures_of_streets_and_points_stand_beside_the_ground(new_database, web_settings, clock):
    settings = replace(web_settings, database_url=new_database())
    with transaction(make_engine(settings.database_url), EVERYTHING) as session:
        city = make_city(session, settings, NOON.date(), NOON)
        refresh_masks(session, settings)
    client = create_app(settings, clock=clock, TESTING=True).test_client()
    log_in(client, "dispatcher")
    client.post("/language", data={"locale": "en", "csrf_token": csrf(client, "/dispatch/")})
    page = client.get(f"/dispatch/zones/{city.street_ids[0]}").text
    assert "Points visited" in page
    assert re.search(r"Points visited</dt><dd>.*?0%.*?0 / 1", page, re.DOTALL)
    assert re.search(r"Streets walked</dt><dd>.*?0%.*?0 m / \d", page, re.DOTALL)


def test_tracks_that_came_late_are_told(client, city):
    today = client.get(f"/dispatch/zones/{city.street_ids[0]}?days=1").text
    assert "arrived after they had ended" not in today


@pytest.mark.parametrize(
    ("first", "last", "shown_from", "step"),
    [
        ("2026-03-18", "2026-03-18", "2026-03-05", "day"),
        ("2026-03-01", "2026-03-31", "2026-03-01", "day"),
        ("2026-01-01", "2026-03-18", "2026-01-01", "week"),
        ("2025-03-19", "2026-03-18", "2025-03-19", "month"),
    ],
)
def test_a_trend_has_some_thirty_bars_at_most(first, last, shown_from, step):
    shown, by = trend_of(Window(date.fromisoformat(first), date.fromisoformat(last)))
    assert (shown.from_on.isoformat(), shown.to_on.isoformat(), by) == (shown_from, last, step)


def test_the_part_of_the_day_stays_chosen_in_every_link(client, city):
    page = client.get(f"/dispatch/zones/{city.street_ids[0]}?days=7&period=evening").text
    windows = page[page.index('class="windows') : page.index('class="small-print as-of"')]
    assert windows.count("period=evening") == 3
    assert '<option value="evening" selected>' in windows
    assert '<input type="hidden" name="days" value="7">' in windows
    days = client.get("/dispatch/?from=2026-03-01&to=2026-03-07&period=night").text
    assert '<input type="hidden" name="from" value="2026-03-01">' in days
    assert "period=night" in days[days.index("<table") :]


@pytest.mark.parametrize("show", ["gaps", "streets", "points", "ages"])
def test_a_pill_switches_what_the_map_shows(client, show):
    page = client.get(f"/dispatch/map?show={show}&days=30").text
    assert re.search(rf'show={show}[^>]*aria-current="true"', page)
    assert f"/dispatch/map/frame?show={show}" in page


def test_the_ages_of_the_city_are_an_image_with_its_legend(client):
    ages = client.get("/dispatch/map/shapes/ages?days=30").json
    assert ages["image"].startswith("data:image/png;base64,")
    assert any("never seen within" in words for _, words in ages["rows"])
    unknown = client.get("/dispatch/map/shapes/ages?from=2024-01-01&to=2024-01-02").json
    assert unknown == {"rows": []}


def test_an_unknown_layer_is_refused(client):
    assert client.get("/dispatch/map/frame?show=magic").status_code == 400


def test_a_leader_may_switch_to_the_ages_of_his_own_ground(as_user):
    drawn = as_user("leader").get("/leader/map").text
    assert "shapes-ages" in drawn
    assert "shapes-zones" in drawn
