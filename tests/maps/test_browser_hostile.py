"""Names and labels that try to be markup, script or template: nothing of them may run."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest

from geoservice.maps.assets import MapDocument
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, Tiles, TileSet
from tests.maps.conftest import Shown, show
from tests.maps.measure_samples import full_area, stated_point, stretch, suggestion
from tests.maps.samples import gap, map_text, street, zone
from tests.maps.test_browser import clean, drawn

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from geoservice.maps.values import LeaderArea

PAYLOADS = (
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    '"><img src=x onerror=window.ran=1>',
    "'><img src=x onerror=window.ran=1>",
    '" onmouseover="window.ran=1" x="',
    '");window.ran=1;("',
    "');window.ran=1;('",
    "${window.ran=1}",
    "`+(window.ran=1)+`",
    "`${window.ran=1}`",
    "\\`;window.ran=1;//",
    '\\";window.ran=1;//',
    "\u2028window.ran=1\u2029",
    "{{ ''.__class__ }}{% set x=1 %}{{7*1111}}",
    "<!--<script>window.ran=1",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "&lt;img src=x onerror=window.ran=1&gt;<details open ontoggle=window.ran=1>",
)


def hostile_area() -> LeaderArea:
    """Payload n in every text of the n-th shape of each kind."""
    area = full_area()
    numbered = list(enumerate(PAYLOADS))
    people = [{"leader": words, "others": ((words, words),)} for words in PAYLOADS]
    return replace(
        area,
        leader_name=PAYLOADS[0],
        zones=tuple(zone(n, name=words, code=words, **people[n]) for n, words in numbered),
        gaps=tuple(gap(n + 1, zone_name=words, zone_code=words, **people[n]) for n, words in numbered),
        points=tuple(
            stated_point(
                n,
                name=words,
                code=words,
                category=words,
                category_name=words,
                last_visit=words,
                longest=words,
            )
            for n, words in numbered
        ),
        stretches=tuple(
            stretch(n + 1, street_name=words, street_code=words, **people[n]) for n, words in numbered
        ),
        suggestions=tuple(suggestion(n + 1, title=words, lines=((words, words),)) for n, words in numbered),
        ages=replace(area.ages, names=PAYLOADS[:7]),
        streets=tuple(street(n, name=words, code=words, mine=n % 2 == 0) for n, words in numbered),
        exclusions=tuple(replace(area.exclusions[0], id=n, reason=words) for n, words in numbered),
        tracks=tuple(replace(area.tracks[0], id=n, label=words) for n, words in numbered),
    )


def hostile_words(shift: int) -> MapText:
    """A payload in every translated label."""
    labels = [field.name for field in fields(MapText) if field.type in {str, "str"} and field.name != "lang"]
    return map_text(**{name: PAYLOADS[(n + shift) % len(PAYLOADS)] for n, name in enumerate(labels)})


OPEN_EVERY_CARD = """() => {
    const texts = [];
    GeoMap.map.toggleFullscreen();
    for (const group of Object.values(GeoMap.layers)) group.addTo(GeoMap.map);
    for (const entry of GeoMap.byKey.values()) {
        GeoMap.open(entry, GeoMap.map.getCenter());
        texts.push(GeoMap.map._popup.getContent().textContent);
    }
    GeoMap.showPosition({lon: 114.05, lat: 22.53, accuracy: 20});
    GeoMap.say(GeoMap.words.locate_failed);
    return texts;
}"""


@pytest.mark.parametrize("guarded", [True, False])
def test_no_script_in_any_name_runs_even_without_a_policy(page: Page, shown: Shown, guarded: bool) -> None:
    """The policy alone would stop most of these; the escaping must hold without it."""
    document = drawn(hostile_area())
    assert "7777" not in document.html
    document = document if guarded else MapDocument(document.html, "sandbox allow-scripts")
    frame = show(page, shown, document)
    texts = frame.evaluate(OPEN_EVERY_CARD)
    page.wait_for_timeout(300)
    assert [other.evaluate("window.ran") for other in page.frames] == [None, None]
    assert len(texts) == 8 * len(PAYLOADS)
    assert [words for words in PAYLOADS if not any(words in text for text in texts)] == []
    assert clean(shown)


@pytest.mark.parametrize("shift", range(0, len(PAYLOADS), 5))
def test_no_script_in_any_translated_label_runs(page: Page, shown: Shown, shift: int) -> None:
    sheets = (Tiles("/static/css/app.css?{z}{x}{y}"),)
    words = (("none", PAYLOADS[3]), ("choose", PAYLOADS[7]), ("failed", PAYLOADS[4]))
    credited = TileSet("own", PAYLOADS[6], sheets, PAYLOADS[2] + PAYLOADS[10])
    tiles = BaseMap((credited,), "own", words=words)
    area = full_area(points=4, stretches=2, zone_count=4, gap_count=3)
    document = drawn(area, hostile_words(shift), tiles)
    assert "7777" not in document.html
    frame = show(page, shown, MapDocument(document.html, "sandbox allow-scripts"))
    frame.evaluate(OPEN_EVERY_CARD)
    frame.locator(".leaflet-control-layers").hover(force=True)
    page.wait_for_timeout(200)
    assert [other.evaluate("window.ran") for other in page.frames] == [None, None]
    assert PAYLOADS[2] in (frame.locator(".leaflet-control-attribution").text_content() or "")
