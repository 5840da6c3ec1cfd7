"""The map on which a place is set by a tap, or a team's start and end; `static/js/setup-map.js` draws and moves them."""

from collections.abc import Sequence

import folium
from shapely.geometry import Point, box

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import Bounds, Verbatim, bounds_of, finish_map, safe_text, start_map
from geoservice.maps.lines import street_layer
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.plans import MANY, GroundShape, ground_layer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, StreetShape

SCRIPT, STYLE = "js/setup-map.js", "css/setup-map.css"
AROUND_DEGREES = 0.006
"""How much is shown around a depot at first, to each side: some 600 m."""

Place = tuple[float, float]


def depot_map(
    ground: Sequence[GroundShape],
    streets: Sequence[StreetShape],
    depots: Sequence[Place],
    words: tuple[MapText, tuple[str, ...]],
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The map of the ground and its streets, opened on the depots; `words` are every map's, and what its one or two signs mean."""
    text, signs = words
    bounds = _around(depots) or bounds_of([zone.geometry for zone in ground])
    many = len(ground) > MANY or len(streets) > MANY
    drawn = start_map(text, bounds or bounds_of([each.geometry for each in streets]), base_map, many)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    page.html.add_child(_legend(text, signs))
    if ground:
        ground_layer(ground, text).add_to(drawn)
    if streets:
        street_layer(streets, text).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def _around(depots: Sequence[Place]) -> Bounds | None:
    return bounds_of(box(*Point(place).buffer(AROUND_DEGREES, cap_style="square").bounds) for place in depots)


def _legend(text: MapText, signs: tuple[str, ...]) -> Verbatim:
    rows = "".join(
        f'<li><svg width="20" height="20" aria-hidden="true"><circle class="depot-{kind}" cx="10" cy="10" r="7"/></svg>'
        f"<span>{safe_text(word)}</span></li>"
        for kind, word in zip(("start", "end"), signs, strict=False)
    )
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary><ul>{rows}</ul></details>'
    )
