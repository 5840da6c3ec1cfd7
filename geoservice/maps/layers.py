"""Zones, gaps and exclusions as layers of a folium map; lines, points and images have modules of their own.

Each layer is one packed JSON block beside a one-line script: columns instead of one object per shape, and
rows of finished text for the card that opens on a tap. `static/js/map-draw.js` reads what is written here.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from folium.map import Layer
from folium.template import Template

from geoservice.maps.canvas import (
    data_block,
    pack_anchors,
    pack_polygons,
    safe_text,
    thin_together,
)
from geoservice.maps.text import MapText
from geoservice.maps.values import ExclusionShape, GapShape, RoleName, ZoneShape

CLASS_EDGES = (0.2, 0.4, 0.6, 0.8)
"""Lower edges of the coverage classes 1 to 4; class 0 starts at 0."""

NO_DATA = -1

VERTEX_BUDGET = 60_000
"""Corners of all zones together: about 300 KB of text before compression."""

NAMED_INSIDE = 3
"""So many points in a blind spot are named on its card."""

COVERAGE_FILLS = ("coverage-0", "coverage-1", "coverage-2", "coverage-3", "coverage-4", "coverage-none")
"""The patterns of the coverage classes; NO_DATA, as an index, finds the last."""

Row = list[Any]


@dataclass(frozen=True, slots=True)
class ZoneFill:
    """What the colour of a zone tells: `rows` are (pattern, words) for map and legend alike."""

    heading: str
    rows: tuple[tuple[str, str], ...]
    class_of: Callable[[ZoneShape], int]
    """The index of a zone's pattern in `rows`; NO_DATA finds the last."""
    label_of: Callable[[ZoneShape], str]
    """What stands below the name of a zone."""


class ShapeLayer(Layer):  # type: ignore[misc]  # folium ships no types
    """A toggled layer whose shapes are a JSON block, drawn by the page's own script."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = GeoMap.layer({{ this._parent.get_name() }}, {{ this.kind|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, kind: str, label: str, shapes: dict[str, Any], show: bool = True) -> None:
        super().__init__(name=safe_text(label), overlay=True, show=show)
        self._name = f"{kind}_layer"
        self.kind = kind
        self.shapes = shapes

    def render(self, **kwargs: Any) -> None:
        """Put the data block into the page, then the script as every folium layer does."""
        self.get_root().html.add_child(
            data_block(f"shapes-{self.kind}", self.shapes), name=f"shapes-{self.kind}"
        )
        super().render(**kwargs)


def rate_class(rate: float | None) -> int:
    """The coverage class of a rate: 0 (least seen) to 4, or NO_DATA."""
    return NO_DATA if rate is None else bisect_right(CLASS_EDGES, rate)


def coverage_fill(text: MapText) -> ZoneFill:
    """Zones by the share of their ground that was seen."""
    edges = (0.0, *CLASS_EDGES, 1.0)
    words = [f"{text.write_percent(low)} – {text.write_percent(high)}" for low, high in pairwise(edges)]
    return ZoneFill(
        heading=text.coverage,
        rows=tuple(zip(COVERAGE_FILLS, (*words, text.no_data), strict=True)),
        class_of=lambda zone: rate_class(zone.rate),
        label_of=lambda zone: write_rate(zone.rate, text),
    )


def zone_layer(zones: Sequence[ZoneShape], text: MapText, fill: ZoneFill) -> ShapeLayer:
    """Zones in the colours of `fill`; the card says size, shares and who answers for the ground."""
    outlines = thin_together([zone.geometry for zone in zones], VERTEX_BUDGET)
    shapes = {
        "fields": [
            text.code,
            text.coverage,
            text.area,
            text.covered,
            text.excluded,
            text.gap_count,
            text.leader,
            text.holding,
        ],
        "fills": [pattern for pattern, _ in fill.rows],
        "ids": [zone.id for zone in zones],
        "titles": [zone.name for zone in zones],
        "classes": [fill.class_of(zone) for zone in zones],
        "rates": [fill.label_of(zone) for zone in zones],
        "polygons": pack_polygons(outlines),
        "anchors": pack_anchors(outlines),
        "rows": [_zone_row(zone, text) for zone in zones],
        "others": [write_others(zone.others) for zone in zones],
    }
    return ShapeLayer("zones", text.layer_zones, shapes)


def gap_layer(gaps: Sequence[GapShape], text: MapText) -> ShapeLayer:
    """Blind spots, most urgent first, with their rank as a badge."""
    ranked = sorted(gaps, key=lambda gap: gap.rank)
    outlines = thin_together([gap.geometry for gap in ranked], VERTEX_BUDGET)
    shapes = {
        "fields": [text.area, text.days_unseen, text.points_inside, text.zone, text.leader],
        "ids": [gap.id for gap in ranked],
        "ranks": [gap.rank for gap in ranked],
        "titles": [f"{text.gap} {text.write_count(gap.rank)}" for gap in ranked],
        "polygons": pack_polygons(outlines),
        "anchors": pack_anchors(outlines),
        "rows": [_gap_row(gap, text) for gap in ranked],
        "others": [write_others(gap.others) for gap in ranked],
    }
    return ShapeLayer("gaps", text.layer_gaps, shapes)


def exclusion_layer(exclusions: Sequence[ExclusionShape], text: MapText) -> ShapeLayer:
    """Ground that counts for nobody, hatched."""
    outlines = thin_together([exclusion.geometry for exclusion in exclusions], VERTEX_BUDGET)
    shapes = {
        "ids": [exclusion.id for exclusion in exclusions],
        "titles": [exclusion.reason or text.exclusion for exclusion in exclusions],
        "polygons": pack_polygons(outlines),
    }
    return ShapeLayer("exclusions", text.layer_exclusions, shapes)


def write_rate(rate: float | None, text: MapText) -> str:
    """A rate in words; where nothing is known there is none."""
    return text.no_data if rate is None else text.write_percent(rate)


def write_unseen(days: int | None, text: MapText) -> str:
    """For how long nobody saw a place."""
    return text.never if days is None else text.write_days(days)


def write_holding(zone: ZoneShape, text: MapText) -> str:
    """How many answer for a zone, "" where nobody asked."""
    words = {"one": text.held_by_one, "none": text.held_by_none, "two": text.held_by_two}
    return words[zone.holding] if zone.holding else ""


def write_others(others: Sequence[RoleName]) -> list[list[str]]:
    """Further people who answer, as rows of a card."""
    return [[role, name] for role, name in others]


def _zone_row(zone: ZoneShape, text: MapText) -> Row:
    return [
        zone.code,
        write_rate(zone.rate, text),
        text.write_area(zone.area_m2),
        text.write_area(zone.covered_m2),
        text.write_area(zone.excluded_m2) if zone.excluded_m2 > 0 else "",
        "" if zone.gap_count is None else text.write_count(zone.gap_count),
        zone.leader or text.nobody,
        write_holding(zone, text),
    ]


def _gap_row(gap: GapShape, text: MapText) -> Row:
    return [
        text.write_area(gap.area_m2),
        write_unseen(gap.days_unseen, text),
        _inside(gap, text),
        f"{gap.zone_name} · {gap.zone_code}",
        gap.leader or text.nobody,
    ]


def _inside(gap: GapShape, text: MapText) -> str:
    """How many points lie in a blind spot, and the first of them by name."""
    more = " …" if len(gap.inside) > NAMED_INSIDE else ""
    names = " · ".join(gap.inside[:NAMED_INSIDE])
    return text.write_count(gap.point_count) + (f": {names}{more}" if names else "")
