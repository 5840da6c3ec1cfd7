"""The dispatcher's map for cities of any size: a page without shapes, which asks for what is looked at.

The frame has no origin and no network of its own, so it asks the page around it by message (`static/js/map-ask.js`,
`static/js/city.js`). Zones and streets come as vector tiles, points as tiles too, put together where they are crowded; which
light a zone has comes once for all of them; everything else is fetched when it is switched on.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import folium
import numpy as np
from numpy.typing import NDArray

from geoservice.maps.assets import host_assets
from geoservice.maps.canvas import SCALE, Bounds, data_block, finish_map, start_map
from geoservice.maps.layers import NO_DATA, ShapeLayer, coverage_fill, rate_class, write_rate
from geoservice.maps.legend import AsOf, as_of_lines, layers_legend
from geoservice.maps.live import SCRIPT as LIVE_SCRIPT
from geoservice.maps.live import STYLE as LIVE_STYLE
from geoservice.maps.live import legend_signs, live_shapes
from geoservice.maps.patterns import pattern_sheet
from geoservice.maps.points import STATES, signs_of
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, Window

SCRIPTS = (
    LIVE_SCRIPT,
    "js/map-ask.js",
    "node_modules/pbf/dist/pbf.js",
    "js/vector-tile.js",
    "js/city-tiles.js",
    "js/city-cards.js",
    "js/city-points.js",
    "js/city-map.js",
)
STYLES = (LIVE_STYLE, "css/city-map.css")

KINDS = ("zones", "ages", "exclusions", "streets", "gaps", "stretches", "points", "devices")
"""Every layer there may be, from the ground up."""


@dataclass(frozen=True, slots=True)
class CityText:
    """The words of this map beside those of every map: `devices` is the layer, `signs` how a device is drawn."""

    devices: str
    signs: tuple[str, str, str]
    failed: str
    group: str
    """What a group of points says: {count} and {late} are filled in."""


@dataclass(frozen=True, slots=True)
class CityGround:
    """What the page knows of the ground: where it lies, and how wide a zone is on average, in degrees; None without any zone."""

    bounds: Bounds | None
    zone_width: float
    window: Window
    computed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PointColumns:
    """The points of one tile as columns (n,), and its groups as columns (g,); degrees. `sign` and `state` are numbers, state -1: none."""

    ids: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    sign: NDArray[np.int64]
    state: NDArray[np.int64]
    late: NDArray[np.bool_]
    group_lon: NDArray[np.float64]
    group_lat: NDArray[np.float64]
    group_count: NDArray[np.int64]
    group_late: NDArray[np.int64]


def city_frame(
    ground: CityGround,
    kinds: Collection[str],
    shown: Collection[str],
    words: tuple[MapText, CityText],
    base_map: BaseMap | None = None,
    static_url: str = "/static",
) -> folium.Map:
    """The page: layers of `kinds`, those of `shown` switched on."""
    text, own = words
    drawn = start_map(text, ground.bounds, base_map, many=True)
    page = drawn.get_root()
    page.html.add_child(pattern_sheet())
    fill = coverage_fill(text)
    devices = legend_signs(own.signs) if "devices" in kinds else []
    page.html.add_child(layers_legend(text, fill, kinds, devices, (ground.window, ground.computed_at)))
    blocks: dict[str, dict[str, Any]] = {
        "zones": {
            "fills": [name for name, _ in fill.rows],
            "polygons": [],
            "width": round(ground.zone_width, 7),
        },
        "devices": live_shapes([]),
    }
    for kind in KINDS:
        if kind in kinds:
            ShapeLayer(kind, _name(kind, text, own), blocks.get(kind, {}), show=kind in shown).add_to(drawn)
    page.html.add_child(data_block("city-words", {"failed": own.failed, "group": own.group}))
    finished = host_assets(finish_map(drawn), static_url)
    finished.default_js += [(path, f"{static_url}/{path}") for path in SCRIPTS]
    finished.default_css += [(path, f"{static_url}/{path}") for path in STYLES]
    return finished


def pack_rates(
    zone_ids: Sequence[int], rates: Sequence[float | None], as_of: AsOf, text: MapText
) -> dict[str, Any]:
    """Which pattern each zone has and what its label says, as columns, and as of when; equal labels are written once.

    Ids are steps, each from the one before, so that they are short.
    """
    order = sorted(range(len(zone_ids)), key=zone_ids.__getitem__)
    labels = [write_rate(rates[at], text) for at in order]
    words = sorted(set(labels))
    numbers = {word: number for number, word in enumerate(words)}
    classes = [rate_class(rates[at]) for at in order]
    return {
        "ids": np.diff([zone_ids[at] for at in order], prepend=0).astype(int).tolist(),
        "classes": "".join("-" if one == NO_DATA else str(one) for one in classes),
        "words": words,
        "labels": [numbers[label] for label in labels],
        "as_of": as_of_lines(as_of, text),
    }


def pack_points(points: PointColumns, categories: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """One tile of points as `static/js/city-points.js` draws it; places in millionths of a degree, latitude first."""
    signs = signs_of(dict(categories))
    return {
        "signs": [[sign["letter"], sign["glyph"], sign["name"]] for sign in signs],
        "states": list(STATES),
        "ids": points.ids.tolist(),
        "places": _places(points.lon, points.lat),
        "sign": points.sign.tolist(),
        "state": points.state.tolist(),
        "late": points.late.astype(int).tolist(),
        "groups": [
            [*place, count, late]
            for place, count, late in zip(
                _places(points.group_lon, points.group_lat),
                points.group_count.tolist(),
                points.group_late.tolist(),
                strict=True,
            )
        ],
    }


def _places(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> list[list[int]]:
    both = np.column_stack([lat, lon]) * SCALE
    places: list[list[int]] = np.rint(both).astype(np.int64).tolist()
    return places


def _name(kind: str, text: MapText, own: CityText) -> str:
    return own.devices if kind == "devices" else str(getattr(text, f"layer_{kind}"))
