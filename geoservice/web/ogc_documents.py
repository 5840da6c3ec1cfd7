"""What there is: the landing page, conformance, the collections, what can be asked of them, and how to connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, render_template

from geoservice.services.collections.asking import asker, conditions_of_days, queryables_of
from geoservice.services.collections.catalogue import Days, Shape, collections_for, find_collection
from geoservice.services.collections.places import CRS84
from geoservice.services.collections.reading import open_collection
from geoservice.web.deployment import current_settings, today
from geoservice.web.identity import current_scope, the_account
from geoservice.web.ogc_answers import (
    GEOJSON,
    HTML,
    MEDIA,
    address,
    answer,
    json_answer,
    link,
    own_links,
    read_parameters,
    session_when_needed,
    wanted_format,
)
from geoservice.web.ogc_openapi import OPENAPI, SCHEMA_TYPE, describe
from geoservice.web.ogc_words import about_days, description_of, title_of
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.services.collections.asking import Asker
    from geoservice.services.collections.catalogue import Collection

SCHEMA = "application/schema+json"
TILESETS = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
SPEC = "http://www.opengis.net/spec/"
CONFORMS = tuple(
    f"{SPEC}{one}"
    for one in (
        "ogcapi-common-1/1.0/conf/core",
        "ogcapi-common-2/1.0/conf/collections",
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/html",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-2/1.0/conf/crs",
        "ogcapi-features-3/1.0/conf/queryables",
        "ogcapi-features-3/1.0/conf/queryables-query-parameters",
        "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/advanced-comparison-operators",
        "cql2/1.0/conf/basic-spatial-functions",
        "cql2/1.0/conf/basic-spatial-functions-plus",
        "ogcapi-tiles-1/1.0/conf/core",
        "ogcapi-tiles-1/1.0/conf/tileset",
        "ogcapi-tiles-1/1.0/conf/tilesets-list",
        "ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "ogcapi-tiles-1/1.0/conf/mvt",
    )
)
# Swagger UI writes styles into its own page as it draws; scripts are our files there as everywhere.
API_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
GEOMETRY = {
    Shape.AREA: "geometry-multipolygon",
    Shape.LINE: "geometry-linestring",
    Shape.POINT: "geometry-point",
}


def show_landing() -> Response:
    """Answer with where everything is."""
    read_parameters()
    json, html = MEDIA["json"], MEDIA[HTML]
    document = {
        "title": "GeoService",
        "description": gettext(
            "Zones, points, streets, routes, blind spots and tracks of this city, as far as they are yours."
        ),
        "links": [
            *own_links(),
            link(
                "service-desc",
                address("show_api", f="json"),
                OPENAPI,
                gettext("What can be asked, for programs"),
            ),
            link(
                "service-doc", address("show_api", f="html"), html, gettext("What can be asked, for people")
            ),
            link("conformance", address("show_conformance"), json, gettext("What is kept of the standards")),
            link("data", address("show_collections"), json, gettext("The collections")),
        ],
    }
    return answer(document, "ogc/landing.html")


def show_conformance() -> Response:
    """Answer with the parts of the standards that are kept."""
    read_parameters()
    return answer({"conformsTo": CONFORMS, "links": own_links()}, "ogc/conformance.html")


def show_api() -> Response:
    """Answer with what can be asked: OpenAPI 3.0 for programs, a page to try it for people."""
    read_parameters()
    if wanted_format() == HTML:
        page = Response(render_template("ogc/api.html", description=address("show_api", f="json")))
        page.headers["Content-Security-Policy"] = API_POLICY
        return page
    with session_when_needed() as session:
        who = asker(session, current_settings(), today())
    document = describe(collections_for(current_scope()), list(who.places), address("show_landing"))
    return json_answer(document, OPENAPI)


def show_connect() -> Response:
    """Answer with the lines to paste into QGIS and ogr2ogr."""
    read_parameters()
    root = address("show_landing").rstrip("/")
    shown = [(one, title_of(one)) for one in collections_for(current_scope())]
    return Response(
        render_template("ogc/connect.html", root=root, collections=shown, login=the_account().login)
    )


def show_collections() -> Response:
    """Answer with the collections that are for this user."""
    read_parameters()
    with session_when_needed() as session:
        who = asker(session, current_settings(), today())
        found = [_described(session, one, who) for one in collections_for(current_scope())]
    return answer(
        {"links": own_links(), "crs": list(who.places), "collections": found}, "ogc/collections.html"
    )


def show_collection(collection_id: str) -> Response:
    """Answer with what one collection is."""
    collection = find_collection(collection_id, current_scope())
    read_parameters()
    with session_when_needed() as session:
        document = _described(session, collection, asker(session, current_settings(), today()))
    document["links"] = [*own_links(), *document["links"]]
    return answer(document, "ogc/collection.html", about_days=about_days(collection))


def show_queryables(collection_id: str) -> Response:
    """Answer with what a filter may name: a JSON Schema."""
    collection = find_collection(collection_id, current_scope())
    read_parameters()
    properties: dict[str, Any] = {
        name: {"title": name, **SCHEMA_TYPE[kind]} for name, kind in queryables_of(collection).items()
    }
    properties["geometry"] = {"title": "geometry", "format": GEOMETRY[collection.shape]}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address("show_queryables", collection_id=collection.id),
        "type": "object",
        "title": title_of(collection),
        "properties": properties,
        "additionalProperties": False,
    }
    return answer(document, "ogc/queryables.html", SCHEMA, collection=collection)


def _described(session: Callable[[], Session], collection: Collection, who: Asker) -> dict[str, Any]:
    reading = open_collection(session, collection, current_scope(), current_settings())
    extent = reading.extent(conditions_of_days(collection, {}, who))
    title, of = title_of(collection), {"collection_id": collection.id}
    found: dict[str, Any] = {
        "id": collection.id,
        "title": title,
        "description": f"{description_of(collection)} {about_days(collection)}",
        "itemType": "feature",
        "extent": {},
        "crs": list(who.places),
        "storageCrs": CRS84,
        "links": [
            link("items", address("show_items", **of), GEOJSON, title),
            link("items", address("show_items", f="html", **of), MEDIA[HTML], title),
            link(QUERYABLES, address("show_queryables", **of), SCHEMA),
            link(TILESETS, address("show_tilesets", **of), MEDIA["json"]),
        ],
    }
    if extent["bbox"]:
        found["extent"]["spatial"] = {"bbox": [extent["bbox"]], "crs": CRS84}
    if collection.days is not Days.NONE:
        since = f"{extent['since']}T00:00:00Z" if extent["since"] else None
        found["extent"]["temporal"] = {"interval": [[since, None]]}
    if not found["extent"]:
        del found["extent"]
    return found
