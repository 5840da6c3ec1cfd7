"""Maps drawn for paper: true colours, true scale, hatching that stays inside, and the hash of what was drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyproj
import pytest
import shapely
from PIL import Image

from geoservice.domain.drawing import Areas, Drawing, Lines, Words
from geoservice.formats.figure_pdf import figure_pdf
from geoservice.formats.figure_png import draw_png
from geoservice.maps.figure import draw_figure, fitted, words_width
from geoservice.maps.hatching import FILLS, hatched
from geoservice.maps.inputs import inputs_sha256
from geoservice.maps.offline import offline_map
from geoservice.maps.shortening import left_out
from geoservice.maps.values import Shortened
from tests.maps.measure_samples import full_area
from tests.maps.samples import city_area, map_text
from tests.pdf_text import pages_of

if TYPE_CHECKING:
    from geoservice.maps.text import MapText
    from geoservice.maps.values import LeaderArea

CSS = Path(__file__).resolve().parents[2] / "static/css/app.css"


@pytest.fixture(scope="module")
def area() -> LeaderArea:
    return full_area()


@pytest.fixture(scope="module")
def text() -> MapText:
    return map_text()


@pytest.fixture(scope="module")
def drawing(area: LeaderArea, text: MapText) -> Drawing:
    return draw_figure(area, text, (186, 130), north="北")


def test_paper_has_the_colours_of_the_page() -> None:
    tokens = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6})", CSS.read_text("utf-8").split("[data-bs-theme")[0])
    )
    for name, fill in FILLS.items():
        if name.startswith("coverage"):
            assert (fill.ground, fill.line) == (tokens[name], tokens[f"{name}-line"])
    assert FILLS["gap"].ground == tokens["map-gap-fill"]
    assert FILLS["exclusion"].line == tokens["map-exclusion-line"]


@pytest.mark.parametrize("name", [name for name, fill in FILLS.items() if fill.angles])
def test_hatching_stays_inside_and_leaves_holes_alone(name: str) -> None:
    ground = shapely.Point(50, 50).buffer(30).difference(shapely.Point(50, 50).buffer(12))
    lines = [
        item for item in hatched([ground, shapely.box(90, 10, 100, 20)], name) if isinstance(item, Lines)
    ]
    paths = [shapely.LineString(path) for item in lines for path in item.paths]
    assert len(paths) > 20
    inside = shapely.union_all([ground, shapely.box(90, 10, 100, 20)]).buffer(1e-6)
    assert all(inside.covers(path) for path in paths)


def test_the_bar_is_as_long_as_it_says(area: LeaderArea, text: MapText) -> None:
    """Held against the ellipsoid: two zones' corners, so many metres apart, lie so many bars apart."""
    west, south, east, north = shapely.total_bounds(np.array([zone.geometry for zone in area.zones]))
    only = replace(area, gaps=(), points=(), streets=(), stretches=(), exclusions=(), zones=area.zones)
    drawn = draw_figure(
        only, replace(text, write_length=lambda metres: f"BAR {metres}"), (186, 130), north="N"
    )
    metres = float(
        next(item.text for item in drawn.items if isinstance(item, Words) and item.text.startswith("BAR"))[4:]
    )
    bars = [
        item
        for item in drawn.items
        if isinstance(item, Areas) and item.fill == "#16252c" and len(item.polygons[0][0]) == 4
    ]
    bar_mm = 2 * np.ptp(bars[0].polygons[0][0][:, 0])
    zones = [
        item
        for item in drawn.items
        if isinstance(item, Areas) and item.fill is None and item.edge == "#ffffff"
    ]
    places = np.vstack([ring for polygon in zones[0].polygons for ring in polygon])
    geod = pyproj.Geod(ellps="WGS84")
    middle = (south + north) / 2
    wide = geod.inv(west, middle, east, middle)[2]
    tall = geod.inv(west, south, west, north)[2]
    assert np.ptp(places[:, 0]) / bar_mm == pytest.approx(wide / metres, rel=0.01)
    assert np.ptp(places[:, 1]) / bar_mm == pytest.approx(tall / metres, rel=0.01)


def test_a_drawing_says_as_of_when_and_stays_on_its_sheet(
    drawing: Drawing, area: LeaderArea, text: MapText
) -> None:
    words = [item.text for item in drawing.items if isinstance(item, Words)]
    assert text.write_instant(area.computed_at) in words
    assert "北" in words
    assert {text.gap, text.exclusion, text.coverage} <= set(words)
    for item in drawing.items:
        paths = [ring for rings in item.polygons for ring in rings] if isinstance(item, Areas) else list(item.paths) if isinstance(item, Lines) else []  # fmt: skip
        for path in paths:
            assert path.min() > -3
            assert path[:, 0].max() < drawing.width_mm + 0.1
            assert path[:, 1].max() < drawing.height_mm + 3


def test_the_same_drawing_is_the_same_bytes_with_holes_that_show_what_lies_below(drawing: Drawing) -> None:
    assert draw_png(drawing, dpi=60) == draw_png(drawing, dpi=60)
    assert figure_pdf(drawing, "图", "zh-CN", "x") == figure_pdf(drawing, "图", "zh-CN", "x")
    square = [np.array([[a, a], [20 - a, a], [20 - a, 20 - a], [a, 20 - a]], dtype=float) for a in (0, 5)]
    ring = Drawing(20, 20, (Areas(((square[0],),), "#00ff00"), Areas(((square[0], square[1]),), "#ff0000")))
    image = Image.open(BytesIO(draw_png(ring, dpi=127))).convert("RGB")
    assert image.getpixel((10, 50)) == (255, 0, 0)
    assert image.getpixel((50, 50)) == (0, 255, 0)


def test_words_of_a_drawing_can_be_read_in_its_pdf(drawing: Drawing) -> None:
    (text_of_page,) = pages_of(figure_pdf(drawing, "桂园的地图", "zh-CN", "哈希"))
    words = {item.text for item in drawing.items if isinstance(item, Words)}
    assert words <= set(text_of_page.split("\n"))


def test_a_city_of_thousands_is_drawn_without_labels(text: MapText) -> None:
    some = (Shortened("gaps", 20, 1234), Shortened("stretches", 7, None), Shortened("points", 0, None))
    city = replace(city_area(zones=700, gaps=20), shortened=some)
    drawn = draw_figure(city, text, (277, 170), north="N")
    words = [item.text for item in drawn.items if isinstance(item, Words)]
    assert len(words) < 40
    told = ["盲点：前20处，共1,234处", "未巡查路段：仅前7处", "点位：这些日期尚未计算"]
    assert left_out(city, text) == told
    assert set(told) <= set(words)


def test_an_area_with_nothing_on_it_is_drawn(area: LeaderArea, text: MapText) -> None:
    empty = replace(
        area, zones=(), gaps=(), points=(), streets=(), stretches=(), exclusions=(), computed_at=None
    )
    assert len(draw_png(draw_figure(empty, text, (186, 130), north="N"), dpi=40)) > 100


def test_the_hash_hangs_on_what_is_shown_and_not_on_its_language(area: LeaderArea) -> None:
    base = inputs_sha256(area)
    renamed = replace(
        area, points=tuple(replace(one, category_name="x", last_visit="y") for one in area.points)
    )
    assert inputs_sha256(renamed) == base
    assert inputs_sha256(replace(area, zones=area.zones[::-1])) == base
    changed = replace(area, zones=(replace(area.zones[0], rate=0.123), *area.zones[1:]))
    moved = replace(area, gaps=(replace(area.gaps[0], geometry=shapely.box(0, 0, 1, 1)), *area.gaps[1:]))
    assert len({base, inputs_sha256(changed), inputs_sha256(moved)}) == 3


def test_a_hostile_name_stays_text_in_an_offline_file(area: LeaderArea, text: MapText) -> None:
    name = "</script><script>window.hacked=1</script>{{7*7}}${1}`"
    hostile = replace(area, zones=tuple(replace(zone, name=name) for zone in area.zones[:3]))
    page = offline_map(hostile, text, name, (name,))
    assert "<script>window.hacked" not in page
    assert "49${1}" not in page


def test_a_line_is_cut_to_its_room() -> None:
    assert fitted("桂园街道", 2, 100) == "桂园街道"
    assert words_width(fitted("桂园街道一二三四五六七", 2, 10), 2) <= 10
