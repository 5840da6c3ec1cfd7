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
from folium.utilities import JsCode
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoservice.maps.base_maps import describe
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap

WORDS_IN_SCRIPT = (
    "zoom_in",
    "zoom_out",
    "fit",
    "full_screen",
    "exit_full_screen",
    "locate",
    "locate_failed",
    "my_position",
    "close",
    "layers",
    "others",
)
"""Labels of controls: set by the page's script as plain text, because a macro would read them as a template."""

SCALE = 1_000_000
"""Coordinates are written as whole millionths of a degree (about 0.1 m)."""

BEYOND_HTML = {"`": "&#96;", "$": "&#36;", "{": "&#123;", "\\": "&#92;"}
"""What `html.escape` leaves alone, but a JavaScript template string or a jinja template would obey."""

IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027", "`": "\\u0060", "$": "\\u0024"}

LINE, POLYGON = 1, 3
"""shapely's numbers of the two kinds of shape."""

Shapes = NDArray[np.object_]
Owners = NDArray[np.int64]

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


class Verbatim(Element):  # type: ignore[misc]  # folium and branca ship no types
    """Finished HTML that must not be read as a jinja template again."""

    _template = Template("{{ this.html }}\n")

    def __init__(self, html: str) -> None:
        super().__init__()
        self._name = "Verbatim"
        self.html = html


class MapPage(Figure):  # type: ignore[misc]  # folium and branca ship no types
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


class CityCanvas(folium.Map):  # type: ignore[misc]  # folium and branca ship no types
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
        zoom_snap=0.25,
        prefer_canvas=many,
        attribution_control=False,
    )
    MapPage(text.lang, text.title).add_child(drawn)
    page = drawn.get_root()
    page.html.add_child(data_block("map-settings", _settings(text, bounds, many, base_map)))
    return drawn


def finish_map(drawn: CityCanvas) -> CityCanvas:
    """Add the controls that come last, and number the elements, so that equal input gives an equal page."""
    Fullscreen(
        position="topleft",
        title=JsCode("GeoMap.words.full_screen"),
        title_cancel=JsCode("GeoMap.words.exit_full_screen"),
        force_separate_button=True,
    ).add_to(drawn)
    folium.LayerControl(position="topright", collapsed=True).add_to(drawn)
    for number, element in enumerate(_descendants(drawn)):
        element._id = str(number)
    return drawn


def bounds_of(geometries: Iterable[BaseGeometry]) -> Bounds | None:
    """The box around all non-empty geometries, or None."""
    shapes = [geometry for geometry in geometries if not geometry.is_empty]
    if not shapes:
        return None
    box = shapely.total_bounds(np.array(shapes, dtype=object))
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def pack_polygons(geometries: Sequence[BaseGeometry]) -> list[list[list[list[int]]]]:
    """Per geometry its polygons, their rings, each flat [lat, lon, Δlat, Δlon …] in millionths, left open."""
    polygons, owners = _parts_of(geometries, POLYGON)
    rings, ring_owners = shapely.get_rings(polygons, return_index=True)
    packed: list[list[list[list[int]]]] = [[] for _ in geometries]
    rings_of: list[list[list[int]]] = [[] for _ in polygons]
    for owner, path in zip(ring_owners, _pack_paths(rings, closed=True), strict=True):
        rings_of[owner].append(path)
    for owner, path_list in zip(owners, rings_of, strict=True):
        packed[owner].append(path_list)
    return packed


def pack_lines(geometries: Sequence[BaseGeometry]) -> list[list[list[int]]]:
    """Per geometry its lines, each flat [lat, lon, Δlat, Δlon …] in millionths."""
    lines, owners = _parts_of(geometries, LINE)
    packed: list[list[list[int]]] = [[] for _ in geometries]
    for owner, path in zip(owners, _pack_paths(lines), strict=True):
        packed[owner].append(path)
    return packed


def pack_anchors(geometries: Sequence[BaseGeometry]) -> list[list[int]]:
    """Per geometry a place surely inside it, for its label or card; [] where it is empty."""
    places = shapely.point_on_surface(np.array(list(geometries), dtype=object))
    return [[] if place.is_empty else pack_place(place.x, place.y) for place in places]


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


def _pack_paths(paths: Shapes, closed: bool = False) -> list[list[int]]:
    """Each line or ring as flat differences, latitude first; places that fall together are dropped."""
    coords, owners = shapely.get_coordinates(paths, return_index=True)
    places = np.rint(coords[:, ::-1] * SCALE).astype(np.int64)
    first = np.diff(owners, prepend=-1) != 0
    steps = np.diff(places, axis=0, prepend=places[:1])
    steps[first] = places[first]
    kept = first | steps.any(axis=1)
    if closed:
        kept &= np.diff(owners, append=-1) == 0
    cuts = np.searchsorted(owners[kept], np.arange(1, len(paths)))
    return [path.ravel().tolist() for path in np.split(steps[kept], cuts)] if len(paths) else []


def _parts_of(geometries: Sequence[BaseGeometry], kind: int) -> tuple[Shapes, Owners]:
    """The simple, non-empty parts of one kind, and which geometry each belongs to."""
    shapes = np.array(list(geometries), dtype=object)
    once, owners = shapely.get_parts(shapes, return_index=True)
    parts, inner = shapely.get_parts(once, return_index=True)
    fit = (shapely.get_type_id(parts) == kind) & ~shapely.is_empty(parts)
    return parts[fit], owners[inner][fit]


def _corners(bounds: Bounds) -> list[list[float]]:
    west, south, east, north = bounds
    return [[round(south, 6), round(west, 6)], [round(north, 6), round(east, 6)]]


def _centre(bounds: Bounds | None) -> list[float]:
    if bounds is None:
        return [35.0, 105.0]
    (south, west), (north, east) = _corners(bounds)
    return [round((south + north) / 2, 6), round((west + east) / 2, 6)]


def _settings(text: MapText, bounds: Bounds | None, many: bool, base_map: BaseMap | None) -> dict[str, Any]:
    """What the script in the page needs to know, words included; it fits the view beside the legend."""
    home = _corners(bounds) if bounds else None
    return {
        "home": home,
        "many": many,
        "bare": base_map is None or not base_map.first,
        "base_map": describe(base_map),
        "words": {word: getattr(text, word) for word in WORDS_IN_SCRIPT},
    }


def _descendants(element: Element) -> Iterable[Element]:
    yield element
    for child in element._children.values():
        yield from _descendants(child)
