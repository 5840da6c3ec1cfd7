"""Base maps: who offers tiles, which hosts a page must be allowed to ask for them, and what its script is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geoservice.maps.values import BaseMap, Tiles, TileSet

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTHING = ""
"""The key of no base map at all."""

TIANDITU = (
    "https://t{s}.tianditu.gov.cn/%(layer)s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%(layer)s"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILECOL={x}&TILEROW={y}&tk=%(key)s"
)
"""The national platform's tiles in Web Mercator: `vec` and `img` are grounds, `cva` and `cia` the names upon them."""

AMAP_MAP = "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
AMAP_IMAGES = "https://webst0{s}.is.autonavi.com/appmaptile?style=6&x={x}&y={y}&z={z}"
AMAP_NAMES = "https://webst0{s}.is.autonavi.com/appmaptile?style=8&x={x}&y={y}&z={z}"


def tianditu(key: str, attribution: str, names: tuple[str, str]) -> tuple[TileSet, TileSet]:
    """The map and the images of Tianditu by the user's own key; `names` are what the reader sees of each."""
    sheets = {
        layer: Tiles(TIANDITU % {"layer": layer, "key": key}, "01234567", 1)
        for layer in ("vec", "cva", "img", "cia")
    }
    return (
        TileSet("tianditu", names[0], (sheets["vec"], sheets["cva"]), attribution),
        TileSet("tianditu-images", names[1], (sheets["img"], sheets["cia"]), attribution),
    )


def amap(attribution: str, names: tuple[str, str]) -> tuple[TileSet, TileSet]:
    """The map and the images of Amap, both in GCJ-02; `names` are what the reader sees of each."""
    ground, images, labels = (Tiles(url, "1234", 3) for url in (AMAP_MAP, AMAP_IMAGES, AMAP_NAMES))
    return (
        TileSet("amap", names[0], (ground,), attribution, gcj02=True),
        TileSet("amap-images", names[1], (images, labels), attribution, gcj02=True),
    )


def image_sources(base_map: BaseMap | None) -> tuple[str, ...]:
    """Every origin that images of tiles come from, as CSP sources, none but those; ours is not among them."""
    found = {origin for sheet in _sheets(base_map) if not sheet.vector for origin in _origins(sheet)}
    return tuple(sorted(found))


def is_drawn_here(base_map: BaseMap | None) -> bool:
    """Whether some base map is made of vector tiles of ours, which a script has to fetch."""
    return any(sheet.vector for sheet in _sheets(base_map))


def describe(base_map: BaseMap | None) -> dict[str, Any] | None:
    """What `static/js/base-maps.js` needs; every text is data that it sets as text."""
    if base_map is None:
        return None
    return {
        "first": base_map.first,
        "painter": base_map.painter,
        "words": dict(base_map.words),
        "sets": [
            {
                "key": each.key,
                "name": each.name,
                "credit": each.attribution,
                "gcj02": each.gcj02,
                "bounds": _corners(each),
                "sheets": [
                    {
                        "url": sheet.url,
                        "subdomains": sheet.subdomains,
                        "min": sheet.min_zoom,
                        "max": sheet.max_zoom,
                        "vector": sheet.vector,
                        "layers": sheet.layers,
                    }
                    for sheet in each.sheets
                ],
            }
            for each in base_map.sets
        ],
    }


def _corners(each: TileSet) -> list[list[float]] | None:
    """South-west and north-east, latitude first, as Leaflet has it."""
    if each.bounds is None:
        return None
    west, south, east, north = each.bounds
    return [[south, west], [north, east]]


def _sheets(base_map: BaseMap | None) -> Iterator[Tiles]:
    for each in base_map.sets if base_map else ():
        yield from each.sheets


def _origins(sheet: Tiles) -> Iterator[str]:
    """The origins of one sheet: its host once for each subdomain, nothing for a path of our own."""
    address = urlsplit(sheet.url)
    if not address.netloc:
        return
    for name in sheet.subdomains if "{s}" in address.netloc else ("",):
        yield f"{address.scheme}://{address.netloc.replace('{s}', name)}"
