"""The sheet a map is drawn on: the page around it, escaping, and the only lon/lat → lat/lon flip.

folium and branca turn the output of their macros into jinja templates a second time, so a name that held
`{{ … }}` would run on the server. Text of users therefore never passes through a macro unescaped: words
in HTML go through `safe_text`, everything about shapes travels as a JSON data block that no macro touches.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import folium
import numpy as np
import shapely
from branca.element import Element, Figure
from folium.plugins import Fullscreen
from folium.template import Template
from shapely.geometry.base import BaseGeometry

from geoservice.maps.values import BaseMap, MapText

SCALE = 1_000_000
"""Coordinates are written as whole millionths of a degree (about 0.1 m)."""

BEYOND_HTML = {"`": "&#96;", "$": "&#36;", "{": "&#123;", "\\": "&#92;"}
"""What `html.escape` leaves alone, but a JavaScript template string or a jinja template would obey."""

IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027", "`": "\\u0060", "$": "\\u0024"}

Bounds = tuple[float, float, float, float]
"""min lon, min lat, max lon, max lat."""


def safe_text(value: object) -> str:
    """`value` as HTML text that stays text in markup, attributes, template strings and jinja."""
    text = escape(str(value).encode("utf-8", "replace").decode("utf-8"))
    for character, entity in BEYOND_HTML.items():
        text = text.replace(character, entity)
    return text


def data_block(block_id: str, values: Mapping[str, Any]) -> "Verbatim":
    """`values` as a JSON block that the browser reads and never runs."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, code in IN_SCRIPT.items():
        text = text.replace(character, code)
    text = text.encode("utf-8", "replace").decode("utf-8")
    return Verbatim(f'<script type="application/json" id="{safe_text(block_id)}">{text}</script>')


class Verbatim(Element):
    """Finished HTML that must not be read as a jinja template again."""

    _template = Template("{{ this.html }}\n")

    def __init__(self, html: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.html = html


class MapPage(Figure):
    """The whole document: language, title, no inline style, one inline script at the end."""

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang }}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        "<title>{{ this.title }}</title>\n"
        "{{ this.header.render(**kwargs) }}\n"
        '</head>\n<body class="map-page">\n'
        "{{ this.html.render(**kwargs) }}\n"
        "<script>{{ this.script.render(**kwargs) }}</script>\n"
        "</body>\n</html>\n"
    )

    def __init__(self, lang: str, title: str) -> None:
        super().__init__(title=safe_text(title))
        self.lang = safe_text(lang)
        del self.header._children["meta_http"]


class CityCanvas(folium.Map):
    """A folium.Map without folium's inline styles and zoom ban, with a name a screen reader can say."""

    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }} role="region" aria-label="{{ this.label }}"></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }}, ...{{ this.options|tojavascript }}
        });
        GeoMap.dress({{ this.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self, label: str, base_map: BaseMap | None, **options: Any) -> None:
        super().__init__(tiles=None, zoom_control=False, **options)
        self.label = safe_text(label)
        self.base_map = base_map


def start_map(text: MapText, bounds: Bounds | None, base_map: BaseMap | None, many: bool) -> CityCanvas:
    """An empty map fitted to `bounds`; `many` draws all shapes on one bitmap instead of one element each."""
    drawn = CityCanvas(
        label=text.map_label,
        base_map=base_map,
        location=_centre(bounds),
        zoom_start=12 if bounds else 4,
        minZoom=3,
        maxZoom=20,
        zoom_snap=0.5 if base_map is None else 1,
        prefer_canvas=many,
        attribution_control=base_map is not None and bool(base_map.attribution),
    )
    MapPage(text.lang, text.title).add_child(drawn)
    page = drawn.get_root()
    page.html.add_child(data_block("map-settings", _settings(text, many, base_map is None)))
    if base_map is not None:
        _tiles(base_map).add_to(drawn)
    if bounds:
        drawn.fit_bounds(_corners(bounds), padding=(18, 18), max_zoom=18)
    return drawn


def finish_map(drawn: CityCanvas, text: MapText) -> CityCanvas:
    """Add the controls that come last, and number the elements, so that equal input gives an equal page."""
    Fullscreen(
        position="topleft",
        title=text.full_screen,
        title_cancel=text.exit_full_screen,
        force_separate_button=True,
    ).add_to(drawn)
    folium.LayerControl(position="topright", collapsed=True).add_to(drawn)
    for number, element in enumerate(_descendants(drawn)):
        element._id = str(number)
    return drawn


def bounds_of(geometries: Iterable[BaseGeometry]) -> Bounds | None:
    """The box around all non-empty geometries, or None."""
    box = shapely.total_bounds(np.array(list(geometries), dtype=object))
    if np.isnan(box).any():
        return None
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def pack_polygons(geometry: BaseGeometry) -> list[list[list[int]]]:
    """Polygons → rings → flat [lat, lon, Δlat, Δlon …] in millionths; rings are left open."""
    return [
        [_pack(ring.coords, closed=True) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in _parts(geometry, "Polygon")
        if not polygon.is_empty
    ]


def pack_lines(geometry: BaseGeometry) -> list[list[int]]:
    """Lines → flat [lat, lon, Δlat, Δlon …] in millionths."""
    return [_pack(line.coords) for line in _parts(geometry, "LineString") if not line.is_empty]


def pack_place(lon: float, lat: float) -> list[int]:
    """One place as [lat, lon] in millionths."""
    return [round(lat * SCALE), round(lon * SCALE)]


def thin_together(geometries: Sequence[BaseGeometry], vertex_budget: int) -> list[BaseGeometry]:
    """The same shapes with fewer corners; borders that neighbours share stay shared.

    Starts at about 1 m and doubles until all shapes together have at most `vertex_budget` corners.
    """
    shapes = np.array(list(geometries), dtype=object)
    if not len(shapes) or shapely.get_num_coordinates(shapes).sum() <= 8 * len(shapes):
        return list(shapes)
    polygonal = bool(np.isin(shapely.get_type_id(shapes), (3, 6)).all())
    shared = polygonal and bool(shapely.coverage_is_valid(shapes))
    tolerance = 1e-5
    while True:
        # coverage_simplify measures by area (Visvalingam), simplify by distance: one tolerance serves both.
        thin = shapely.coverage_simplify(shapes, tolerance) if shared else shapely.simplify(shapes, tolerance)
        if shapely.get_num_coordinates(thin).sum() <= vertex_budget or tolerance > 1e-3:
            return list(thin)
        tolerance *= 2


def _pack(coords: Any, closed: bool = False) -> list[int]:
    """Lon/lat pairs (n × 2 or 3) → flat differences, latitude first."""
    places = np.rint(np.asarray(coords)[:, :2] * SCALE).astype(np.int64)[:, ::-1]
    if closed:
        places = places[:-1]
    steps = np.diff(places, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    moved = steps.any(axis=1)
    return [int(step) for step in steps[moved].ravel()]


def _parts(geometry: BaseGeometry, kind: str) -> list[Any]:
    """The simple parts of `geometry` that are of one kind, however deep they are nested."""
    if geometry.geom_type == kind:
        return [geometry]
    return [part for nested in getattr(geometry, "geoms", ()) for part in _parts(nested, kind)]


def _corners(bounds: Bounds) -> list[list[float]]:
    west, south, east, north = bounds
    return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]


def _centre(bounds: Bounds | None) -> list[float]:
    if bounds is None:
        return [35.0, 105.0]
    (south, west), (north, east) = _corners(bounds)
    return [round((south + north) / 2, 6), round((west + east) / 2, 6)]


def _tiles(base_map: BaseMap) -> folium.TileLayer:
    return folium.TileLayer(
        tiles=base_map.url,
        attr=safe_text(base_map.attribution) or " ",
        max_zoom=20,
        max_native_zoom=base_map.max_zoom,
        subdomains=base_map.subdomains,
        control=False,
    )


def _settings(text: MapText, many: bool, bare: bool) -> dict[str, Any]:
    """What the script in the page needs to know, words included."""
    words = ("zoom_in", "zoom_out", "fit", "locate", "locate_failed", "my_position", "close", "layers", "others")
    return {"many": many, "bare": bare, "words": {word: getattr(text, word) for word in words}}


def _descendants(element: Element) -> Iterable[Element]:
    yield element
    for child in element._children.values():
        yield from _descendants(child)
