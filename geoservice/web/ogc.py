"""OGC API – Features, its tiles, and how to connect QGIS: which address is answered by what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.errors import GeoServiceError
from geoservice.web import ogc_documents as documents
from geoservice.web import ogc_items as items
from geoservice.web import tiles
from geoservice.web.machine import guard_machine
from geoservice.web.ogc_answers import answer_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

ogc = Blueprint("ogc", __name__, url_prefix="/ogc")
guard_machine(ogc, Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
ogc.register_error_handler(GeoServiceError, answer_problem)

COLLECTION = "/collections/<collection_id>"
TILES = f"{COLLECTION}/tiles"
MATRIX_SET = f"{TILES}/WebMercatorQuad"

ROUTES: dict[str, Callable[..., Response]] = {
    "/": documents.show_landing,
    "/conformance": documents.show_conformance,
    "/api": documents.show_api,
    "/connect": documents.show_connect,
    "/collections": documents.show_collections,
    COLLECTION: documents.show_collection,
    f"{COLLECTION}/queryables": documents.show_queryables,
    f"{COLLECTION}/items": items.show_items,
    f"{COLLECTION}/items/<feature_id>": items.show_feature,
    TILES: tiles.show_tilesets,
    MATRIX_SET: tiles.show_tileset,
    f"{MATRIX_SET}/tilejson.json": tiles.show_tilejson,
    f"{MATRIX_SET}/<int:zoom>/<int:row>/<int:column>": tiles.show_tile,
}
for address, view in ROUTES.items():
    ogc.add_url_rule(address, view_func=view, methods=["GET"], strict_slashes=False)
