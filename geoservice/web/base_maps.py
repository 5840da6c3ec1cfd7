"""The deployment's base maps: which there are, the pages that may show them, and the tiles of those on our own disk."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from flask import Blueprint, Response, current_app, make_response, request, url_for
from markupsafe import Markup, escape

from geoservice.errors import BadSettings, InvalidFile, NotFound
from geoservice.formats.tile_archives import open_archive
from geoservice.maps.base_maps import NOTHING, amap, describe, image_sources, tianditu
from geoservice.maps.values import BaseMap, Tiles, TileSet
from geoservice.messages import sentence
from geoservice.web.security import PAGE_POLICY
from geoservice.web.static_files import asset
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from geoservice.config import Settings
    from geoservice.formats.tile_archives import TileArchive

base_maps = Blueprint("base_maps", __name__, url_prefix="/base-maps")

EXTENSION = "geoservice-base-maps"
PAINTER = ("node_modules/protomaps-leaflet/dist/protomaps-leaflet.js", "js/base-map-painter.js")
KEPT = "private, max-age=31536000, immutable"
NO_MAP = "none"
COOKIE = "base-map"
"""What a browser's reader chose last, written by `static/js/map-bridge.js`."""
TAKEN = frozenset({NO_MAP, "own", "tianditu", "tianditu-images", "amap", "amap-images"})
_TILE = "<int(max=30):zoom>/<int(max=1073741823):column>/<int(max=1073741823):row>"


@dataclass(frozen=True)
class _Offered:
    settings: Settings
    archives: dict[str, TileArchive]
    """By the name of the file without its ending."""


def attach_base_maps(app: Flask, settings: Settings) -> None:
    """Open the files of base maps; raises BadSettings that names each fault, so that a wrong setting is seen at the start."""
    archives, faults = {}, []
    for path in sorted(Path(settings.base_map_folder).glob("*.pmtiles")) if settings.base_map_folder else ():
        if path.stem in TAKEN:
            faults.append(f"BASE_MAP_FOLDER: {path.name} has the name of another base map; rename it")
            continue
        try:
            archives[path.stem] = open_archive(path)
        except InvalidFile as error:
            faults.append(f"BASE_MAP_FOLDER: {sentence(error.code, error.values)}")
    offered = _Offered(settings, archives)
    app.extensions[EXTENSION] = offered
    known = [NO_MAP, *_keys(offered)]
    if settings.base_map_first not in {"", *known}:
        faults.append(f"BASE_MAP_FIRST={settings.base_map_first!r}: one of {', '.join(known)}")
    if faults:
        raise BadSettings("bad_settings", faults="; ".join(faults))
    app.jinja_env.globals.update(base_maps_attribute=_attribute)


def offered_base_map() -> BaseMap | None:
    """Return what may lie under the shapes of a map, in the reader's words; None where nothing is configured."""
    sets = tuple(_sets(_offered()))
    if not sets:
        return None
    wanted = _wanted([NO_MAP, *(each.key for each in sets)])
    return BaseMap(
        sets,
        first=NOTHING if wanted == NO_MAP else wanted,
        painter=tuple(asset(path) for path in PAINTER),
        words=(
            ("none", gettext("No base map")),
            ("choose", gettext("Choose a base map")),
            ("failed", gettext("The base map does not answer. The map goes on without it.")),
        ),
    )


def _wanted(known: list[str]) -> str:
    """What this browser chose last, else what the deployment opens with, else the first that there is."""
    chosen = unquote(request.cookies.get(COOKIE, ""))
    return chosen if chosen in known else _offered().settings.base_map_first or known[1]


def page_with_map(page: str) -> Response:
    """Send a page with a map in it that may show the deployment's base maps: their hosts are in its policy."""
    answer, sources = make_response(page), image_sources(offered_base_map())
    if sources:
        images = " ".join(("img-src 'self' data:", *sources))
        answer.headers["Content-Security-Policy"] = PAGE_POLICY.replace("img-src 'self' data:", images)
    return answer


@base_maps.get(f"/<seal>/<name>/{_TILE}")
def get_tile(seal: str, name: str, zoom: int, column: int, row: int) -> Response:
    """Send a tile of a file on our disk to whoever was given its address: maps in frames and shared maps have no session."""
    archive = _offered().archives.get(name)
    if archive is None or not hmac.compare_digest(seal.encode(), _seal(name, archive).encode()):
        raise NotFound("not_found")
    tile = archive.read(zoom, column, row)
    if tile is None and not archive.is_vector:
        raise NotFound("not_found")
    answer = Response(tile or b"", mimetype=archive.media_type, headers={"Cache-Control": KEPT})
    if tile and archive.is_gzipped:
        answer.headers["Content-Encoding"] = "gzip"
    # A map in a frame has an origin of its own, so its script asks from elsewhere.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _offered() -> _Offered:
    return cast("_Offered", current_app.extensions[EXTENSION])


def _keys(offered: _Offered) -> list[str]:
    settings = offered.settings
    return [
        *(["own"] if settings.base_map_url else []),
        *(["tianditu", "tianditu-images"] if settings.tianditu_key else []),
        *(["amap", "amap-images"] if settings.amap else []),
        *offered.archives,
    ]


def _sets(offered: _Offered) -> Iterator[TileSet]:
    settings = offered.settings
    if settings.base_map_url:
        sheet = Tiles(settings.base_map_url, max_zoom=settings.base_map_max_zoom)
        yield TileSet(
            "own",
            gettext("The city's base map"),
            (sheet,),
            settings.base_map_attribution,
            gcj02=settings.base_map_gcj02,
        )
    if settings.tianditu_key:
        names = gettext("Tianditu map"), gettext("Tianditu images")
        yield from tianditu(settings.tianditu_key, settings.tianditu_attribution, names)
    if settings.amap:
        yield from amap(settings.amap_attribution, (gettext("Amap map"), gettext("Amap images")))
    for name, archive in offered.archives.items():
        yield _set_of(name, archive)


def _set_of(name: str, archive: TileArchive) -> TileSet:
    first = url_for("base_maps.get_tile", seal=_seal(name, archive), name=name, zoom=0, column=0, row=0)
    sheet = Tiles(
        first.removesuffix("0/0/0") + "{z}/{x}/{y}",
        "",
        archive.min_zoom,
        archive.max_zoom,
        vector=archive.is_vector,
        layers=archive.layers,
    )
    return TileSet(name, archive.name, (sheet,), archive.attribution, bounds=archive.bounds)


def _seal(name: str, archive: TileArchive) -> str:
    """A word that nobody can guess and that changes with the file, so that tiles may be kept for long."""
    told = f"base map {name} {archive.stamp}".encode()
    return hmac.new(_offered().settings.secret_key.encode(), told, sha256).hexdigest()[:32]


def _attribute() -> Markup:
    """What a map's element in a page carries for `static/js/base-maps.js`."""
    told = describe(offered_base_map())
    return Markup("") if told is None else Markup(' data-base-maps="{}"').format(escape(json.dumps(told)))
