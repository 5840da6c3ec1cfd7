"""Cases on a map: each at its place, its sign saying how its deadline stands (`static/js/case-map.js`)."""

from collections.abc import Sequence
from dataclasses import dataclass

import folium
from shapely.geometry import Point

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import Verbatim, bounds_of, finish_map, pack_place, safe_text, start_map
from geoservice.maps.layers import ShapeLayer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.plans import MANY, GroundShape, ground_layer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

SCRIPT, STYLE = "js/case-map.js", "css/cases.css"

SIGNS = {
    "calm": "M10 1a9 9 0 1 0 .01 0z",
    "near": "M10 1L19.5 18.5H.5z",
    "late": "M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z",
    "rests": "M2 2h16v16H2z",
    "over": "M10 2a8 8 0 1 0 .01 0z",
}
"""How a deadline stands → its outline in a square of 20; colours are in `static/css/cases.css`."""

AROUND_DEGREES = 0.002
"""How much is shown around a single case at least."""


@dataclass(frozen=True, slots=True)
class CaseShape:
    """A case at its place; `look` is one of SIGNS, `facts` fill its card."""

    id: int
    title: str
    look: str
    lon: float
    lat: float
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CaseText:
    """The words of this map beside those of every map; `looks` in the order of the legend."""

    layer: str
    looks: tuple[tuple[str, str], ...]


def case_map(
    cases: Sequence[CaseShape],
    ground: Sequence[GroundShape],
    words: tuple[MapText, CaseText],
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of cases, opened on them, or on the ground where there are none."""
    text, own = words
    places = [Point(case.lon, case.lat).buffer(AROUND_DEGREES) for case in cases]
    bounds = bounds_of(places) or bounds_of([zone.geometry for zone in ground])
    drawn = start_map(text, bounds, base_map, many=len(ground) > MANY)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(_legend(text, own, {case.look for case in cases}))
    if ground:
        ground_layer(ground, text).add_to(drawn)
    _layer(cases, own.layer).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def _layer(cases: Sequence[CaseShape], name: str) -> ShapeLayer:
    values = {
        "signs": SIGNS,
        "ids": [case.id for case in cases],
        "titles": [case.title for case in cases],
        "looks": [case.look for case in cases],
        "places": [pack_place(case.lon, case.lat) for case in cases],
        "pairs": [[list(fact) for fact in case.facts] for case in cases],
    }
    return ShapeLayer("cases", name, values)


def _legend(text: MapText, own: CaseText, shown: set[str]) -> Verbatim:
    rows = "".join(
        f'<li data-layer="cases">{case_sign(look)}<span>{safe_text(word)}</span></li>'
        for look, word in own.looks
        if look in shown
    )
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary><ul>{rows}</ul></details>'
    )


def case_sign(look: str) -> str:
    """The sign of a look, as on the map."""
    return (
        '<svg width="20" height="20" viewBox="-1 -1 22 22" aria-hidden="true">'
        f'<path class="case-sign case-{safe_text(look)}" d="{SIGNS[look]}"/></svg>'
    )
