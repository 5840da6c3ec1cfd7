"""The legend and the hatching patterns: the same colours, lines and words as on the map."""

from collections.abc import Sequence
from itertools import pairwise

from geoservice.maps.canvas import Verbatim, safe_text
from geoservice.maps.layers import CLASS_EDGES, category_signs
from geoservice.maps.values import CityArea, LeaderArea, MapText, PointShape

PATTERNS = {
    "coverage-0": "M0 0L8 8M8 0L0 8",
    "coverage-1": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "coverage-2": "M0 4H8",
    "coverage-3": "M3.2 4H4.8",
    "coverage-4": "",
    "coverage-none": "M1 1H2.4M5 5H6.4",
    "exclusion": "M-2 6L2 10M-2 -2L10 10M6 -2L10 2",
    "gap": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
}
"""Lines of an 8 × 8 tile per fill; colours are in app.css. The less is seen, the denser the lines."""

GLYPH_PATHS = {
    "circle": "M8 1a7 7 0 1 0 .01 0z",
    "square": "M1.8 1.8h12.4v12.4H1.8z",
    "diamond": "M8 0L16 8L8 16L0 8z",
    "hexagon": "M4 1.1h8L16 8l-4 6.9H4L0 8z",
}
"""Outlines of the point signs in a 16 × 16 box; map-draw.js draws the same."""


def pattern_sheet() -> Verbatim:
    """The SVG patterns every fill on the page refers to."""
    patterns = "".join(
        f'<pattern id="fill-{name}" class="fill-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect class="fill-ground" width="8" height="8"/><path class="fill-line" d="{lines}"/></pattern>'
        for name, lines in PATTERNS.items()
    )
    glyphs = "".join(f'<path id="glyph-{name}" d="{path}"/>' for name, path in GLYPH_PATHS.items())
    return Verbatim(f'<svg class="map-defs" aria-hidden="true"><defs>{patterns}{glyphs}</defs></svg>')


def legend(area: LeaderArea | CityArea, text: MapText) -> Verbatim:
    """What the colours, hatchings and signs mean, for which days, and when it was computed."""
    rows = [_swatch(f"fill-coverage-{index}", words) for index, words in _class_words(text)]
    rows.append(_swatch("fill-coverage-none", text.no_data))
    rows.append(_swatch("fill-gap", text.gap))
    if area.exclusions:
        rows.append(_swatch("fill-exclusion", text.exclusion))
    if area.streets:
        rows.append(_line("street", text.street))
    if any(street.mine for street in area.streets):
        rows.append(_line("street mine", text.my_street))
    return Verbatim(
        '<details class="map-legend" id="map-legend">'
        f"<summary>{safe_text(text.legend)}</summary>"
        f"<h2>{safe_text(text.coverage)}</h2><ul>{''.join(rows)}</ul>"
        f"{_signs(area.points, text)}<p>{_as_of(area, text)}</p></details>"
    )


def _class_words(text: MapText) -> list[tuple[int, str]]:
    edges = (0.0, *CLASS_EDGES, 1.0)
    return [
        (index, f"{text.write_percent(low)} – {text.write_percent(high)}")
        for index, (low, high) in enumerate(pairwise(edges))
    ]


def _swatch(fill: str, words: str) -> str:
    return (
        '<li><svg width="28" height="18" aria-hidden="true">'
        f'<rect class="swatch {fill}-edge" x="1" y="1" width="26" height="16" rx="2" fill="url(#{fill})"/></svg>'
        f"<span>{safe_text(words)}</span></li>"
    )


def _line(style: str, words: str) -> str:
    return (
        '<li><svg width="28" height="18" aria-hidden="true">'
        f'<path class="{style}" d="M2 13L12 6L26 10"/></svg><span>{safe_text(words)}</span></li>'
    )


def _signs(points: Sequence[PointShape], text: MapText) -> str:
    if not points:
        return ""
    rows = "".join(
        f'<li><svg width="18" height="18" viewBox="-1 -1 18 18" aria-hidden="true">'
        f'<use class="glyph" href="#glyph-{sign["glyph"]}"/>'
        f'<text class="glyph-letter" x="8" y="8">{safe_text(sign["letter"])}</text></svg>'
        f"<span>{safe_text(sign['name'])}</span></li>"
        for sign in category_signs(points)
    )
    return f'<h2>{safe_text(text.layer_points)}</h2><ul class="signs">{rows}</ul>'


def _as_of(area: LeaderArea | CityArea, text: MapText) -> str:
    days = f"{text.write_day(area.window.from_on)} – {text.write_day(area.window.to_on)}"
    computed = text.not_computed if area.computed_at is None else text.write_instant(area.computed_at)
    return (
        f"{safe_text(text.window)}: {safe_text(days)}<br>{safe_text(text.computed_at)}: {safe_text(computed)}"
    )
