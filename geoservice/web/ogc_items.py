"""Features of a collection, page by page or one alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request

from geoservice.errors import NotFound
from geoservice.services.collections.asking import (
    PAGING,
    asker,
    conditions_of,
    key_condition,
    parameters_of,
    place_named,
    slice_of,
)
from geoservice.services.collections.catalogue import find_collection
from geoservice.services.collections.places import CRS84
from geoservice.services.collections.reading import open_collection
from geoservice.web.deployment import current_settings, current_time, today
from geoservice.web.identity import current_scope
from geoservice.web.ogc_answers import (
    GEOJSON,
    HTML,
    MEDIA,
    address,
    current_language,
    here,
    link,
    not_modified,
    own_links,
    read_parameters,
    session_when_needed,
    wanted_format,
    with_etag,
)
from geoservice.web.ogc_words import title_of

if TYPE_CHECKING:
    from geoservice.services.collections.catalogue import Collection
    from geoservice.services.collections.reading import Matched
    from geoservice.store.feature_rows import Slice

PAGE_LIMIT = "50"


def show_items(collection_id: str) -> Response:
    """Answer with the features that fit the parameters."""
    collection = find_collection(collection_id, current_scope())
    args = read_parameters(parameters_of(collection, PAGING))
    as_page = wanted_format() == HTML
    if as_page:
        args.setdefault("limit", PAGE_LIMIT)
    with session_when_needed() as session:
        reading = open_collection(session, collection, current_scope(), current_settings())
        who = asker(session, current_settings(), today())
        place = place_named(args.get("crs", CRS84), who)
        conditions, part = conditions_of(collection, args, who), slice_of(args)
        etag = reading.key(
            conditions.sql, conditions.values, place, part, request.url, as_page, current_language()
        )
        if same := not_modified(etag):
            return same
        found = reading.page(conditions, place.form, part)
    links = [*own_links(GEOJSON), *turning_links(part, found)]
    links.append(link("collection", address("show_collection", collection_id=collection_id), MEDIA["json"]))
    response = _page(collection, found, links) if as_page else _collection(found, links)
    response.headers["Content-Crs"] = f"<{place.uri}>"
    return with_etag(response, etag, weak=True)


def show_feature(collection_id: str, feature_id: str) -> Response:
    """Answer with one feature."""
    collection = find_collection(collection_id, current_scope())
    args = read_parameters({"crs"})
    with session_when_needed() as session:
        reading = open_collection(session, collection, current_scope(), current_settings())
        who = asker(session, current_settings(), today())
        place = place_named(args.get("crs", CRS84), who)
        etag = reading.key(feature_id, request.url, wanted_format(), current_language())
        if same := not_modified(etag):
            return same
        feature = reading.feature(key_condition(collection, feature_id, who), place.form)
    if feature is None:
        raise NotFound("feature_unknown", id=feature_id)
    links = own_links(GEOJSON)
    links.append(link("collection", address("show_collection", collection_id=collection_id), MEDIA["json"]))
    if wanted_format() == HTML:
        shown = json.loads(feature)
        response = Response(
            render_template(
                "ogc/feature.html",
                feature=shown,
                collection=collection,
                title=title_of(collection),
                links=links,
            )
        )
    else:
        response = Response(feature[:-1] + b',"links":' + _json(links) + b"}", content_type=GEOJSON)
    response.headers["Content-Crs"] = f"<{place.uri}>"
    return with_etag(response, etag)


def turning_links(part: Slice, found: Matched) -> list[dict[str, str]]:
    """Return the links to the pages around this one: both stand on a feature's key, so none is missed or shown twice."""
    page = found.page
    is_backwards = part.before is not None
    has_next = is_backwards or page.has_more
    has_before = page.has_more if is_backwards else part.after is not None
    links = []
    if has_next:
        links.append(link("next", here(after=page.last, before=None), GEOJSON))
    if has_before and page.first is not None:
        links.append(link("prev", here(before=page.first, after=None), GEOJSON))
    return links


def _collection(found: Matched, links: list[dict[str, str]]) -> Response:
    head = _json(
        {
            "type": "FeatureCollection",
            "numberMatched": found.total,
            "numberReturned": found.page.count,
            "timeStamp": f"{current_time():%Y-%m-%dT%H:%M:%SZ}",
            "links": links,
        }
    )
    return Response(b"".join((head[:-1], b',"features":[', found.page.features, b"]}")), content_type=GEOJSON)


def _page(collection: Collection, found: Matched, links: list[dict[str, str]]) -> Response:
    features = json.loads(b"[" + found.page.features + b"]")
    shown = {
        "collection": collection,
        "title": title_of(collection),
        "features": features,
        "columns": list(collection.source.columns),
        "found": found,
        "links": {one["rel"]: one["href"] for one in links},
    }
    return Response(render_template("ogc/items.html", **shown))


def _json(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
