"""Vector tiles of a collection, and the documents that tell programs where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response

from geoservice.domain.queryables import Kind
from geoservice.errors import NotFound
from geoservice.services.collections.asking import (
    asker,
    conditions_of,
    conditions_of_days,
    parameters_of,
)
from geoservice.services.collections.catalogue import Shape, find_collection
from geoservice.services.collections.reading import open_collection
from geoservice.store.tile_rows import TilePlace
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import current_scope
from geoservice.web.ogc_answers import (
    MEDIA,
    address,
    answer,
    json_answer,
    link,
    not_modified,
    own_links,
    read_parameters,
    session_when_needed,
    with_etag,
)
from geoservice.web.ogc_words import description_of, title_of

if TYPE_CHECKING:
    from geoservice.services.collections.catalogue import Collection

DEEPEST = 22
MVT = "application/vnd.mapbox-vector-tile"
MATRIX_SET = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
DIMENSION = {Shape.POINT: 0, Shape.LINE: 1, Shape.AREA: 2}
JSON_TYPE = {
    Kind.TEXT: "String", Kind.DATE: "String", Kind.INSTANT: "String", Kind.INTEGER: "Number", Kind.NUMBER: "Number",
    Kind.BOOLEAN: "Boolean",
}  # fmt: skip


def show_tile(collection_id: str, zoom: int, row: int, column: int) -> Response:
    """Answer with one tile; 304 where the program has it already, 204 where nothing lies."""
    collection = find_collection(collection_id, current_scope())
    args = read_parameters(parameters_of(collection))
    if zoom > DEEPEST or max(row, column) >= 2**zoom:
        raise NotFound("tile_unknown", most=DEEPEST)
    place = TilePlace(zoom, column, row)
    with session_when_needed() as session:
        reading = open_collection(session, collection, current_scope(), current_settings())
        who = asker(session, current_settings(), today())
        conditions = conditions_of(collection, args, who, boxed=False)
        etag = reading.tile_key(conditions, place)
        if same := not_modified(etag):
            return same
        tile = reading.tile(conditions, place)
    return with_etag(Response(tile, 200 if tile else 204, content_type=MVT), etag)


def show_tilesets(collection_id: str) -> Response:
    """Answer with the tilesets that a collection has: one."""
    collection = find_collection(collection_id, current_scope())
    read_parameters()
    one = _tileset(collection)
    one["links"] = [link("self", _of(collection, "show_tileset"), MEDIA["json"])]
    document = {"links": own_links(), "tilesets": [one]}
    return answer(
        document,
        "ogc/tilesets.html",
        collection=collection,
        title=title_of(collection),
        tilejson=_tilejson(collection),
    )


def show_tileset(collection_id: str) -> Response:
    """Answer with what a collection's tileset is."""
    collection = find_collection(collection_id, current_scope())
    read_parameters()
    return json_answer(_tileset(collection))


def show_tilejson(collection_id: str) -> Response:
    """Answer with what a map needs to show the tiles (TileJSON 3.0.0)."""
    collection = find_collection(collection_id, current_scope())
    read_parameters()
    return json_answer(_tilejson(collection))


def _tileset(collection: Collection) -> dict[str, Any]:
    return {
        "title": title_of(collection),
        "dataType": "vector",
        "crs": MERCATOR,
        "tileMatrixSetURI": MATRIX_SET,
        "links": [
            *own_links(),
            {
                **link("item", _template(collection, "{tileMatrix}", "{tileRow}", "{tileCol}"), MVT),
                "templated": True,
            },
            link("describedby", _of(collection, "show_tilejson"), MEDIA["json"]),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", MATRIX_SET, MEDIA["json"]),
        ],
        "layers": [
            {
                "id": collection.id,
                "dataType": "vector",
                "geometryDimension": DIMENSION[collection.shape],
                "propertiesSchema": {
                    "type": "object",
                    "properties": {
                        name: {"type": kind.lower()} for name, kind in _fields(collection).items()
                    },
                },
            }
        ],
    }


def _tilejson(collection: Collection) -> dict[str, Any]:
    with session_when_needed() as session:
        reading = open_collection(session, collection, current_scope(), current_settings())
        who = asker(session, current_settings(), today())
        box = reading.extent(conditions_of_days(collection, {}, who))["bbox"]
    layer = {"id": collection.id, "fields": _fields(collection), "description": description_of(collection)}
    return {
        "tilejson": "3.0.0",
        "name": title_of(collection),
        "scheme": "xyz",
        "tiles": [_template(collection, "{z}", "{y}", "{x}")],
        "minzoom": 0,
        "maxzoom": DEEPEST,
        "bounds": box or [-180, -85.05, 180, 85.05],
        "vector_layers": [layer],
    }


def _fields(collection: Collection) -> dict[str, str]:
    return {name: JSON_TYPE[kind] for name, kind in collection.source.kinds.items() if kind in JSON_TYPE}


def _template(collection: Collection, zoom: str, row: str, column: str) -> str:
    """Return the address of a tile with places left open; every client fills them in by name, in whatever order."""
    return f"{_of(collection, 'show_tileset')}/{zoom}/{row}/{column}"


def _of(collection: Collection, endpoint: str) -> str:
    return address(endpoint, collection_id=collection.id)
