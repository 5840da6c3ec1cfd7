"""Zones, gaps, points, streets, exclusions and tracks as layers of a folium map.

Each layer is one packed JSON block beside a one-line script: columns instead of one object per shape, and
rows of finished text for the card that opens on a tap. `static/js/map-draw.js` reads what is written here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from folium.map import Layer
from folium.template import Template

from geoservice.maps.canvas import (
    data_block,
    pack_anchors,
    pack_lines,
    pack_place,
    pack_polygons,
    safe_text,
    thin_together,
)
from geoservice.maps.values import (
    ExclusionShape,
    GapShape,
    MapText,
    PointShape,
    RoleName,
    StreetShape,
    TrackShape,
    ZoneShape,
)

CLASS_EDGES = (0.2, 0.4, 0.6, 0.8)
"""Lower edges of the coverage classes 1 to 4; class 0 starts at 0."""

NO_DATA = -1

VERTEX_BUDGET = 60_000
"""Corners of all zones together: about 300 KB of text before compression."""

GLYPHS = ("circle", "square", "diamond", "hexagon")

Row = list[Any]


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


def zone_layer(zones: Sequence[ZoneShape], text: MapText) -> ShapeLayer:
    """Zones by coverage class; the card says size, shares and who answers for the ground."""
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
        ],
        "ids": [zone.id for zone in zones],
        "titles": [zone.name for zone in zones],
        "classes": [rate_class(zone.rate) for zone in zones],
        "rates": [_rate(zone.rate, text) for zone in zones],
        "polygons": pack_polygons(outlines),
        "anchors": pack_anchors(outlines),
        "rows": [_zone_row(zone, text) for zone in zones],
        "others": [_others(zone.others) for zone in zones],
    }
    return ShapeLayer("zones", text.layer_zones, shapes)


def gap_layer(gaps: Sequence[GapShape], text: MapText) -> ShapeLayer:
    """Blind spots, largest first, with their rank as a badge."""
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
        "others": [_others(gap.others) for gap in ranked],
    }
    return ShapeLayer("gaps", text.layer_gaps, shapes)


def point_layer(points: Sequence[PointShape], text: MapText) -> ShapeLayer:
    """Inspection points: a letter and a shape per category, key points larger."""
    categories = category_signs(points)
    order = {sign["category"]: index for index, sign in enumerate(categories)}
    shapes = {
        "fields": [text.code, text.category],
        "signs": [[sign["letter"], sign["glyph"]] for sign in categories],
        "ids": [point.id for point in points],
        "titles": [point.name for point in points],
        "sign": [order[point.category] for point in points],
        "mine": [int(point.mine) for point in points],
        "places": [pack_place(point.lon, point.lat) for point in points],
        "rows": [[point.code, point.category_name] for point in points],
        "tags": [text.my_point if point.mine else "" for point in points],
    }
    return ShapeLayer("points", text.layer_points, shapes)


def street_layer(streets: Sequence[StreetShape], text: MapText) -> ShapeLayer:
    """Street centre lines, thin; the leader's key roads stronger."""
    lines = thin_together([street.geometry for street in streets], VERTEX_BUDGET)
    shapes = {
        "fields": [text.code],
        "ids": [street.code for street in streets],
        "titles": [street.name for street in streets],
        "mine": [int(street.mine) for street in streets],
        "lines": pack_lines(lines),
        "rows": [[street.code] for street in streets],
        "tags": [text.my_street if street.mine else "" for street in streets],
    }
    return ShapeLayer("streets", text.layer_streets, shapes)


def exclusion_layer(exclusions: Sequence[ExclusionShape], text: MapText) -> ShapeLayer:
    """Ground that counts for nobody, hatched."""
    outlines = thin_together([exclusion.geometry for exclusion in exclusions], VERTEX_BUDGET)
    shapes = {
        "ids": [exclusion.id for exclusion in exclusions],
        "titles": [exclusion.reason or text.exclusion for exclusion in exclusions],
        "polygons": pack_polygons(outlines),
    }
    return ShapeLayer("exclusions", text.layer_exclusions, shapes)


def track_layer(tracks: Sequence[TrackShape], text: MapText) -> ShapeLayer:
    """What the patrols really did, as thin lines, hidden until asked for."""
    lines = thin_together([track.geometry for track in tracks], VERTEX_BUDGET)
    shapes = {
        "ids": [track.id for track in tracks],
        "titles": [track.label for track in tracks],
        "lines": pack_lines(lines),
    }
    return ShapeLayer("tracks", text.layer_tracks, shapes, show=False)


def category_signs(points: Iterable[PointShape]) -> list[dict[str, str]]:
    """One sign per category, in a fixed order: a letter of its name nobody else has, and a shape.

    When all letters of a name are taken, the shape alone tells the two apart.
    """
    names = dict(sorted((point.category, point.category_name) for point in points))
    taken: set[str] = set()
    signs = []
    for index, (category, name) in enumerate(names.items()):
        letters = [letter.upper() for letter in name if letter.isalnum()] or ["?"]
        letter = next((letter for letter in letters if letter not in taken), letters[0])
        taken.add(letter)
        glyph = GLYPHS[index % len(GLYPHS)]
        signs.append({"category": category, "name": name, "letter": letter, "glyph": glyph})
    return signs


def _zone_row(zone: ZoneShape, text: MapText) -> Row:
    return [
        zone.code,
        _rate(zone.rate, text),
        text.write_area(zone.area_m2),
        text.write_area(zone.covered_m2),
        text.write_area(zone.excluded_m2) if zone.excluded_m2 > 0 else "",
        text.write_count(zone.gap_count),
        zone.leader or text.nobody,
    ]


def _gap_row(gap: GapShape, text: MapText) -> Row:
    return [
        text.write_area(gap.area_m2),
        text.never if gap.days_unseen is None else text.write_days(gap.days_unseen),
        text.write_count(gap.point_count),
        f"{gap.zone_name} · {gap.zone_code}",
        gap.leader or text.nobody,
    ]


def _rate(rate: float | None, text: MapText) -> str:
    return text.no_data if rate is None else text.write_percent(rate)


def _others(others: Sequence[RoleName]) -> list[list[str]]:
    return [[role, name] for role, name in others]
