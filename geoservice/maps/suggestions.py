"""Suggestions as a layer: numbered pins where to stand, numbered lines to walk."""

from collections.abc import Sequence

from geoservice.maps.canvas import pack_anchors, pack_lines
from geoservice.maps.layers import ShapeLayer
from geoservice.maps.text import MapText
from geoservice.maps.values import SuggestionShape


def suggestion_layer(suggestions: Sequence[SuggestionShape], text: MapText) -> ShapeLayer:
    """What would close blind spots, best first; the card says why. A post has no line, only its place."""
    ranked = sorted(suggestions, key=lambda suggestion: suggestion.rank)
    places = [suggestion.geometry for suggestion in ranked]
    kinds = {"post": text.suggested_post, "detour": text.suggested_detour}
    shapes = {
        "ids": [suggestion.id for suggestion in ranked],
        "ranks": [suggestion.rank for suggestion in ranked],
        "titles": [suggestion.title for suggestion in ranked],
        "lines": pack_lines(places),
        "anchors": pack_anchors(places),
        "pairs": [[[name, value] for name, value in suggestion.lines] for suggestion in ranked],
        "tags": [kinds[suggestion.kind] for suggestion in ranked],
    }
    return ShapeLayer("suggestions", text.layer_suggestions, shapes)
