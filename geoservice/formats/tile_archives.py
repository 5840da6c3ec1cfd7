"""PMTiles: one file that holds every tile of a base map, read tile by tile from disk."""

from __future__ import annotations

import gzip
import json
import mmap
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any

from pmtiles.tile import (
    Compression,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from geoservice.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MEDIA_TYPES = {
    TileType.PNG: "image/png",
    TileType.JPEG: "image/jpeg",
    TileType.WEBP: "image/webp",
    TileType.AVIF: "image/avif",
    TileType.MVT: "application/vnd.mapbox-vector-tile",
}
MARKUP = re.compile(r"<[^>]*>")
HEADER_BYTES = 127
DEEPEST = 4
"""How many directories lead to a tile at most."""
KEPT_DIRECTORIES = 64


@dataclass(frozen=True, slots=True)
class TileArchive:
    """An open PMTiles file. `bounds`: min lon, min lat, max lon, max lat; `layers`: what vector tiles hold."""

    name: str
    """What the file calls itself, else what it is called."""
    attribution: str
    media_type: str
    is_vector: bool
    is_gzipped: bool
    min_zoom: int
    max_zoom: int
    bounds: tuple[float, float, float, float]
    layers: tuple[str, ...]
    stamp: str
    """Changes with the file."""
    read: Callable[[int, int, int], bytes | None]
    """A tile by zoom, column and row from the north, as it is stored; None where there is none."""


def open_archive(path: Path) -> TileArchive:
    """Open a PMTiles file; raises InvalidFile `file_damaged`."""
    try:
        with path.open("rb") as file:
            memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header: dict[str, Any] = dict(deserialize_header(memory[:HEADER_BYTES]))
        described = memory[header["metadata_offset"] :][: header["metadata_length"]]
        told = json.loads(gzip.decompress(described)) if described else {}
        stat = path.stat()
        return TileArchive(
            name=_text(told, "name") or path.stem,
            attribution=unescape(MARKUP.sub("", _text(told, "attribution"))),
            media_type=MEDIA_TYPES[header["tile_type"]],
            is_vector=header["tile_type"] == TileType.MVT,
            is_gzipped={Compression.NONE: False, Compression.GZIP: True}[header["tile_compression"]],
            min_zoom=header["min_zoom"],
            max_zoom=header["max_zoom"],
            bounds=_bounds(header),
            layers=tuple(str(layer["id"]) for layer in told.get("vector_layers", ())),
            stamp=f"{stat.st_mtime_ns:x}-{stat.st_size:x}",
            read=_reader(memory, header),
        )
    except _FAULTS as error:
        raise InvalidFile("file_damaged", file=path.name, kind="PMTiles") from error


_FAULTS = (
    OSError,
    EOFError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    zlib.error,
    MagicNumberNotFound,
    SpecVersionUnsupported,
)
"""What reading a damaged file, or one of another kind, raises."""


def _reader(memory: mmap.mmap, header: dict[str, Any]) -> Callable[[int, int, int], bytes | None]:
    @lru_cache(maxsize=KEPT_DIRECTORIES)
    def directory(offset: int, length: int) -> list[Any]:
        return deserialize_directory(memory[offset : offset + length])

    def read(zoom: int, column: int, row: int) -> bytes | None:
        if not (header["min_zoom"] <= zoom <= header["max_zoom"] and max(column, row) < 1 << zoom):
            return None
        tile, place = zxy_to_tileid(zoom, column, row), (header["root_offset"], header["root_length"])
        for _ in range(DEEPEST):
            found = find_tile(directory(*place), tile)
            if found is None:
                return None
            if found.run_length:
                start = header["tile_data_offset"] + found.offset
                return memory[start : start + found.length]
            place = (header["leaf_directory_offset"] + found.offset, found.length)
        return None

    directory(header["root_offset"], header["root_length"])  # a file cut short is found out now
    return read


def _bounds(header: dict[str, Any]) -> tuple[float, float, float, float]:
    west, south, east, north = (
        header[f"{edge}_e7"] / 1e7 for edge in ("min_lon", "min_lat", "max_lon", "max_lat")
    )
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        return (-180.0, -90.0, 180.0, 90.0)
    return (west, south, east, north)


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
