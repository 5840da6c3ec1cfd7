"""The hatchings and signs every map page refers to; colours are in app.css and map.css."""

from geoservice.maps.canvas import Verbatim

PATTERNS = {
    "coverage-0": "M0 0L8 8M8 0L0 8",
    "coverage-1": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "coverage-2": "M0 4H8",
    "coverage-3": "M3.2 4H4.8",
    "coverage-4": "",
    "coverage-none": "M1 1H2.4M5 5H6.4",
    "exclusion": "M-2 6L2 10M-2 -2L10 10M6 -2L10 2",
    "gap": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "holding-one": "",
    "holding-none": "M0 0L8 8M8 0L0 8",
    "holding-two": "M2.5 0V8M5.5 0V8",
}
"""Lines of an 8 × 8 tile per fill. The less is seen, the denser the lines."""

GLYPH_PATHS = {
    "circle": "M8 1a7 7 0 1 0 .01 0z",
    "square": "M1.8 1.8h12.4v12.4H1.8z",
    "diamond": "M8 0L16 8L8 16L0 8z",
    "hexagon": "M4 1.1h8L16 8l-4 6.9H4L0 8z",
}
"""Outlines of the point signs in a 16 × 16 box."""

DISC = "M0-5a5 5 0 1 0 .01 0z"

BADGES = {
    "visited_findings": (("badge-findings", DISC), ("badge-spot", "M0-2.1a2.1 2.1 0 1 0 .01 0z")),
    "visited_clean": (("badge-clean", DISC), ("badge-tick", "M-2.5.2L-.7 2L2.6-1.9")),
    "probable": (("badge-probable", DISC), ("badge-half", "M0-5a5 5 0 0 0 0 10z")),
    "not_visited": (("badge-missed", DISC),),
    "late": (("badge-late", "M0-6L6.4 5H-6.4z"), ("badge-call", "M0-2.4V1.2M0 3.2V3.3")),
}
"""Signs of a point's state around (0, 0), told apart by form: dot in a disc, tick, half disc, ring, exclamation mark."""


def pattern_sheet() -> Verbatim:
    """The SVG patterns, glyphs and badges that fills, markers and the legend refer to."""
    patterns = "".join(
        f'<pattern id="fill-{name}" class="fill-{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect class="fill-ground" width="8" height="8"/><path class="fill-line" d="{lines}"/></pattern>'
        for name, lines in PATTERNS.items()
    )
    glyphs = "".join(f'<path id="glyph-{name}" d="{path}"/>' for name, path in GLYPH_PATHS.items())
    badges = "".join(
        f'<g id="badge-{name}">'
        + "".join(f'<path class="{style}" d="{path}"/>' for style, path in parts)
        + "</g>"
        for name, parts in BADGES.items()
    )
    return Verbatim(f'<svg class="map-defs" aria-hidden="true"><defs>{patterns}{glyphs}{badges}</defs></svg>')
