"""The map of what an import would do: empty at first, since the page around it sends the shapes of each view.

The frame has no origin and no network of its own, so it asks its page by message (`static/js/desk-diff.js`).
"""

from dataclasses import dataclass

import folium

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import Bounds, Verbatim, finish_map, safe_text, start_map
from geoservice.maps.layers import ShapeLayer
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

SIDES = {"new": ("after",), "changed": ("before", "after"), "removed": ("before",), "unchanged": ("after",)}
"""Which sides of an outcome are drawn: what stands now, what would stand; the others have both."""

FAINT = frozenset({"unchanged"})
"""Layers that wait until they are asked for."""

SCRIPT, STYLE = "js/desk-diff.js", "css/desk.css"


@dataclass(frozen=True, slots=True)
class DiffText:
    """The words of this map beside those of every map; `outcomes` are (outcome, word), as layers and in the legend."""

    outcomes: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, str], ...]
    code: str


def diff_map(
    text: MapText,
    words: DiffText,
    bounds: Bounds | None,
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The empty map, opened on `bounds`, with one layer an outcome and the legend of all."""
    drawn = start_map(text, bounds, base_map, many=True)
    page = drawn.get_root()
    page.html.add_child(_legend(text, words))
    for outcome, word in words.outcomes:
        told = {"word": word, "sides": dict(words.sides), "code": words.code}
        ShapeLayer(outcome, word, told, show=outcome not in FAINT).add_to(drawn)
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js.append((SCRIPT, f"{static_url}/{SCRIPT}"))
    finished.default_css.append((STYLE, f"{static_url}/{STYLE}"))
    return finished


def _legend(text: MapText, words: DiffText) -> Verbatim:
    """One row an outcome and side; the page's script reads colour and dashes off these very samples."""
    sides = dict(words.sides)
    rows = "".join(
        _row(outcome, side, f"{word} · {sides[side]}" if len(_sides(outcome)) > 1 else word)
        for outcome, word in words.outcomes
        for side in _sides(outcome)
    )
    return Verbatim(
        f'<details class="map-legend" id="map-legend"><summary>{safe_text(text.legend)}</summary>'
        f"<ul>{rows}</ul></details>"
    )


def _sides(outcome: str) -> tuple[str, ...]:
    return SIDES.get(outcome, ("before", "after"))


def _row(outcome: str, side: str, words: str) -> str:
    return (
        f'<li data-layer="{safe_text(outcome)}"><svg width="34" height="18" aria-hidden="true">'
        f'<path class="diff diff-{safe_text(outcome)} {side}" d="M2 2H32V16H2z"/></svg>'
        f"<span>{safe_text(words)}</span></li>"
    )
