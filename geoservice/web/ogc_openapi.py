"""The OpenAPI 3.0 document of the collections: every address, every parameter, what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geoservice.domain.queryables import Kind
from geoservice.services.collections.asking import DEFAULT_LIMIT, MOST, queryables_of
from geoservice.services.collections.catalogue import Days
from geoservice.services.collections.places import CRS84
from geoservice.web.ogc_words import about_days, description_of, title_of
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geoservice.services.collections.catalogue import Collection

OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
GEOJSON, JSON, HTML, MVT = (
    "application/geo+json",
    "application/json",
    "text/html",
    "application/vnd.mapbox-vector-tile",
)
SCHEMA_TYPE: dict[Kind, dict[str, str]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.JSON: {"type": "object"},
}
Described = dict[str, Any]


def describe(collections: Sequence[Collection], places: Sequence[str], root: str) -> Described:
    """Return the document for somebody who is shown these collections."""
    paths: Described = {
        "/": _get("getLandingPage", gettext("Where everything is"), "LandingPage"),
        "/conformance": _get("getConformance", gettext("What is kept of the standards"), "Conformance"),
        "/collections": _get("getCollections", gettext("The collections"), "Collections"),
    }
    for one in collections:
        paths.update(_paths_of(one))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "GeoService · OGC API – Features",
            "version": "1.0.0",
            "description": gettext(
                "Log in with your login and an app password (Basic), a token (Bearer), or in the browser. You are shown the ground that is yours."
            ),
        },
        "servers": [{"url": root.rstrip("/")}],
        "tags": [{"name": one.id, "description": title_of(one)} for one in collections],
        "security": [{"basic": []}, {"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "geoservice"},
            },
            "parameters": _parameters(places),
            "responses": _responses(),
            "schemas": _schemas(),
        },
    }


def _get(operation_id: str, summary: str, schema: str, **more: Any) -> Described:
    """Return a path that is read as JSON or as a page."""
    content = {JSON: {"schema": _schema(schema)}, HTML: {"schema": {"type": "string"}}}
    return _reading(operation_id, summary, content, parameters=[_parameter("f")], **more)


def _reading(operation_id: str, summary: str, content: Described, **more: Any) -> Described:
    return {
        "get": {
            "operationId": operation_id,
            "summary": summary,
            **more,
            "responses": {
                "200": {"description": summary, "content": content},
                **{
                    status: {"$ref": "#/components/responses/Problem"}
                    for status in ("400", "401", "403", "404")
                },
            },
        }
    }


def _paths_of(one: Collection) -> Described:
    path, tags, title = f"/collections/{one.id}", [one.id], title_of(one)
    items = {GEOJSON: {"schema": _schema("FeatureCollection")}, HTML: {"schema": {"type": "string"}}}
    item = {GEOJSON: {"schema": _schema("Feature")}, HTML: {"schema": {"type": "string"}}}
    shared = ("f", "limit", "bbox", "bbox-crs", "crs", "after", "before", *_FILTERING)
    fitting = [*map(_parameter, shared), *_own_parameters(one)]
    feature_id = _path_parameter("featureId", gettext("The feature's id"))
    tile = [
        _path_parameter("z", gettext("Zoom, from 0 to 22")),
        _path_parameter("y", gettext("Row, from the north")),
        _path_parameter("x", gettext("Column, from the west")),
    ]
    return {
        path: _get(f"describe_{one.id}", title, "Collection", tags=tags, description=description_of(one)),
        f"{path}/queryables": _get(
            f"getQueryables_{one.id}", gettext("What a filter may name"), "Queryables", tags=tags
        ),
        f"{path}/items": _reading(
            f"getFeatures_{one.id}", title, items, tags=tags, description=about_days(one), parameters=fitting
        ),
        f"{path}/items/{{featureId}}": _reading(
            f"getFeature_{one.id}",
            gettext("One feature"),
            item,
            tags=tags,
            parameters=[feature_id, _parameter("f"), _parameter("crs")],
        ),
        f"{path}/tiles": _get(f"getTilesets_{one.id}", gettext("Its vector tiles"), "Any", tags=tags),
        f"{path}/tiles/WebMercatorQuad": _get(
            f"getTileset_{one.id}", gettext("What its tiles hold"), "Any", tags=tags
        ),
        f"{path}/tiles/WebMercatorQuad/tilejson.json": _get(
            f"getTileJson_{one.id}", "TileJSON", "Any", tags=tags
        ),
        f"{path}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}": _reading(
            f"getTile_{one.id}",
            gettext("One vector tile"),
            {MVT: {"schema": {"type": "string", "format": "binary"}}},
            tags=tags,
            parameters=[*tile, *map(_parameter, ("f", *_FILTERING)), *_own_parameters(one)],
        ),
    }


_FILTERING = ("datetime", "filter", "filter-lang", "filter-crs")


def _own_parameters(one: Collection) -> list[Described]:
    """Return the parameters that only this collection has: its properties, and the window of a report."""
    days = ("from", "to") if one.days is Days.REPORT else ()
    own = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "schema": SCHEMA_TYPE[kind],
            "style": "form",
            "explode": False,
        }
        for name, kind in queryables_of(one).items()
    ]
    return [*map(_parameter, days), *own]


def _path_parameter(name: str, description: str) -> Described:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "integer", "minimum": 0},
    }


def _parameters(places: Sequence[str]) -> Described:
    text: Described = {"type": "string"}
    place = {"type": "string", "format": "uri", "enum": list(places), "default": CRS84}
    key = {"type": "integer", "minimum": 0}
    four = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}
    day = {"type": "string", "format": "date"}
    made = {
        "f": (
            {"type": "string", "enum": ["json", "html"]},
            gettext("The format, if not by the Accept header"),
        ),
        "limit": (limit, gettext("How many features a page has at most")),
        "bbox": (four, gettext("West, south, east, north; or in the axis order of bbox-crs")),
        "bbox-crs": (place, gettext("What the bbox is in")),
        "crs": (place, gettext("What coordinates are wanted in, in the axis order of its authority")),
        "after": (key, gettext("Of the links next: where the page begins")),
        "before": (key, gettext("Of the links prev: where the page ends")),
        "datetime": (text, gettext("A day, an instant, or two of them with a slash between")),
        "filter": (text, gettext("A filter in CQL2 text")),
        "filter-lang": ({"type": "string", "enum": ["cql2-text"]}, gettext("The language of the filter")),
        "filter-crs": (place, gettext("What the filter's geometries are in")),
        "from": (day, gettext("The first day of the report")),
        "to": (day, gettext("The last day of the report")),
    }
    return {
        name: {
            "name": name, "in": "query", "required": False, "description": description, "schema": schema,
            "style": "form", "explode": False,
        }
        for name, (schema, description) in made.items()
    }  # fmt: skip


def _responses() -> Described:
    content = {"application/problem+json": {"schema": _schema("Problem")}}
    return {"Problem": {"description": gettext("What is wrong, and what to do about it"), "content": content}}


def _schemas() -> Described:
    text: Described = {"type": "string"}
    links: Described = {"type": "array", "items": _schema("Link")}
    geometry: Described = {"type": "object", "nullable": True}
    count: Described = {"type": "integer", "minimum": 0}
    return {
        "Any": {"type": "object"},
        "Link": _object({"href": text, "rel": text, "type": text, "title": text}, "href", "rel"),
        "Problem": _object(
            {"type": text, "title": text, "status": count, "code": text, "detail": text}, "title", "status", "detail"
        ),
        "LandingPage": _object({"title": text, "description": text, "links": links}, "links"),
        "Conformance": _object({"conformsTo": {"type": "array", "items": text}}, "conformsTo"),
        "Collections": _object(
            {"links": links, "collections": {"type": "array", "items": _schema("Collection")}}, "links", "collections"
        ),
        "Collection": _object(
            {
                "id": text, "title": text, "description": text, "links": links, "extent": {"type": "object"},
                "crs": {"type": "array", "items": text}, "storageCrs": text, "itemType": text,
            },
            "id",
            "links",
        ),
        "Queryables": {"type": "object"},
        "Feature": _object(
            {
                "type": {"type": "string", "enum": ["Feature"]}, "id": {"type": "integer"}, "geometry": geometry,
                "properties": geometry, "links": links,
            },
            "type",
            "geometry",
            "properties",
        ),
        "FeatureCollection": _object(
            {
                "type": {"type": "string", "enum": ["FeatureCollection"]}, "links": links,
                "features": {"type": "array", "items": _schema("Feature")}, "numberMatched": count,
                "numberReturned": count, "timeStamp": {"type": "string", "format": "date-time"},
            },
            "type",
            "features",
        ),
    }  # fmt: skip


def _object(properties: Described, *required: str) -> Described:
    return {"type": "object", "required": list(required), "properties": properties}


def _schema(name: str) -> Described:
    return {"$ref": f"#/components/schemas/{name}"}


def _parameter(name: str) -> Described:
    return {"$ref": f"#/components/parameters/{name}"}
