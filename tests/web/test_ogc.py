"""The OGC API as programs see it: documents by the standard, pages that miss nothing, scope, and questions refused by name."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.factories import CELL_LAT, CELL_LON, MINE, SIDE, SOUTH, WEST

CANARY = "CANARY"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
COLLECTIONS = ("zones", "points", "streets", "routes", "gaps", "tracks")
HERE = "http://localhost"

# No package at hand carries the schemas of OGC 17-069r4 (Features Core) and RFC 7946; this is what they demand.
LINK = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {
        "href": {"type": "string", "format": "uri"},
        "rel": {"type": "string"},
        "type": {"type": "string"},
    },
}
LINKS = {"type": "array", "items": LINK, "minItems": 1}
POSITION = {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "number"}}
FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"const": "Feature"},
        "id": {"type": ["integer", "string"]},
        "properties": {"type": "object"},
        "geometry": {
            "oneOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "required": ["type", "coordinates"],
                    "properties": {
                        "type": {"enum": ["Point", "LineString", "MultiPolygon"]},
                        "coordinates": {"type": "array"},
                    },
                },
            ]
        },
    },
}
SCHEMAS = {
    "landing": {
        "type": "object",
        "required": ["links"],
        "properties": {"title": {"type": "string"}, "description": {"type": "string"}, "links": LINKS},
    },
    "conformance": {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {
            "conformsTo": {"type": "array", "items": {"type": "string", "format": "uri"}, "minItems": 4}
        },
    },
    "collection": {
        "type": "object",
        "required": ["id", "links"],
        "properties": {
            "id": {"type": "string"},
            "links": LINKS,
            "itemType": {"const": "feature"},
            "crs": {
                "type": "array",
                "items": {"type": "string", "format": "uri"},
                "contains": {"const": CRS84},
            },
            "storageCrs": {"type": "string", "format": "uri"},
            "extent": {
                "type": "object",
                "properties": {
                    "spatial": {
                        "type": "object",
                        "properties": {
                            "bbox": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "minItems": 4,
                                    "maxItems": 4,
                                    "items": {"type": "number"},
                                },
                            },
                            "crs": {"const": CRS84},
                        },
                    },
                    "temporal": {
                        "type": "object",
                        "properties": {
                            "interval": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "type": "array",
                                    "minItems": 2,
                                    "maxItems": 2,
                                    "items": {"type": ["string", "null"], "format": "date-time"},
                                },
                            }
                        },
                    },
                },
            },
        },
    },
    "features": {
        "type": "object",
        "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": FEATURE},
            "links": LINKS,
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "tileset": {
        "type": "object",
        "required": ["dataType", "crs", "tileMatrixSetURI", "links"],
        "properties": {"dataType": {"const": "vector"}, "links": LINKS},
    },
    "tilejson": {
        "type": "object",
        "required": ["tilejson", "tiles", "vector_layers"],
        "properties": {
            "tilejson": {"const": "3.0.0"},
            "tiles": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": "{z}.*{[xy]}.*{[xy]}"},
            },
            "bounds": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
            "vector_layers": {"type": "array", "items": {"type": "object", "required": ["id", "fields"]}},
        },
    },
    "problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"status": {"type": "integer"}, "detail": {"type": "string", "minLength": 12}},
    },
}


def fits(document: object, schema: str) -> None:
    Draft202012Validator(SCHEMAS[schema], format_checker=FormatChecker()).validate(document)


def get(client, path: str, **headers: str):
    return client.get(path.removeprefix(HERE), headers={"Accept": "application/json", **headers})


def read(client, path: str, schema: str):
    answer = get(client, path)
    assert answer.status_code == 200, (path, answer.text)
    fits(answer.json, schema)
    return answer.json


def all_pages(client, path: str) -> list[dict]:
    """Every feature, page after page by the links `next`."""
    found, seen = [], set()
    while path:
        assert path not in seen
        seen.add(path)
        page = read(client, path, "features")
        assert page["numberReturned"] == len(page["features"])
        found += page["features"]
        path = {one["rel"]: one["href"] for one in page["links"]}.get("next")
        assert page["features"] or not path
        total = page["numberMatched"]
    assert total == len(found)
    return found


def test_every_document_is_as_the_standard_has_it(as_user):
    client = as_user("gis")
    landing = read(client, "/ogc/", "landing")
    rels = {one["rel"]: one["href"] for one in landing["links"]}
    assert {"self", "alternate", "service-desc", "service-doc", "conformance", "data"} <= rels.keys()
    fits(read(client, rels["conformance"], "conformance"), "conformance")
    listed = get(client, rels["data"]).json
    assert tuple(one["id"] for one in listed["collections"]) == COLLECTIONS
    for one in listed["collections"]:
        fits(one, "collection")
        fits(read(client, f"/ogc/collections/{one['id']}", "collection"), "collection")
        fits(read(client, f"/ogc/collections/{one['id']}/items", "features"), "features")
        schema = get(client, f"/ogc/collections/{one['id']}/queryables")
        assert schema.content_type == "application/schema+json"
        Draft202012Validator.check_schema(schema.json)
        read(client, f"/ogc/collections/{one['id']}/tiles/WebMercatorQuad", "tileset")
        read(client, f"/ogc/collections/{one['id']}/tiles/WebMercatorQuad/tilejson.json", "tilejson")


def test_every_link_leads_somewhere(as_user):
    client = as_user("gis")
    waiting, seen = ["/ogc/", "/ogc/collections/zones/items?limit=3", "/ogc/collections/zones/tiles"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or "{" in path or len(seen) > 120:
            continue
        seen.add(path)
        answer = get(client, path)
        assert answer.status_code == 200, path
        if answer.is_json:
            text = json.dumps(answer.json)
            waiting += [one for one in re.findall(r'"href": "([^"]+)"', text) if one.startswith(HERE)]
    assert len(seen) > 40


def test_the_description_is_valid_openapi_and_names_every_address(app, as_user):
    answer = get(as_user("gis"), "/ogc/api")
    assert answer.content_type == "application/vnd.oai.openapi+json;version=3.0"
    OpenAPIV30SpecValidator(answer.json).validate()
    described = {re.sub(r"{\w+}", "{}", path) for path in answer.json["paths"]}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("ogc.") and rule.endpoint not in {"ogc.show_api", "ogc.show_connect"}:
            path = rule.rule.removeprefix("/ogc").replace("<collection_id>", "zones")
            assert re.sub(r"<[^>]+>", "{}", path) in described, rule.rule


def test_a_described_parameter_is_taken_and_any_other_refused(as_user):
    client = as_user("gis")
    document = get(client, "/ogc/api").json
    tried = {
        "string": "x", "integer": "1", "number": "1", "boolean": "true", "array": "1,2,3,4",
    }  # fmt: skip
    special = {
        "datetime": "2026-03-01",
        "filter": "TRUE",
        "from": "2026-03-01",
        "to": "2026-03-01",
        "before": None,
    }
    for path, item in document["paths"].items():
        for parameter in item["get"].get("parameters", []):
            if "$ref" in parameter:
                parameter = document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
            schema, name = parameter["schema"], parameter["name"]
            if parameter["in"] == "path" or "{" in path or special.get(name, "") is None:
                continue
            value = special.get(name) or schema.get("enum", [None])[0] or tried[schema["type"]]
            value = "2026-03-01" if schema.get("format", "").startswith("date") else value
            answer = client.get(f"/ogc{path}", query_string={name: value})
            assert answer.status_code == 200, (path, name, answer.text)
        assert client.get(f"/ogc{path}?unheard_of=1").status_code in {400, 404}, path


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("colour=red", "parameter_unknown"),
        ("limit=0", "limit_unreadable"),
        ("limit=-1", "limit_unreadable"),
        ("limit=many", "limit_unreadable"),
        ("limit=1&limit=2", "parameter_twice"),
        ("f=shp", "format_unknown"),
        ("bbox=1,2,3", "bbox_unreadable"),
        ("bbox=1,2,3,north", "bbox_unreadable"),
        ("bbox=1,2,3,nan", "bbox_unreadable"),
        ("bbox=114,23,115,22", "bbox_reversed"),
        ("bbox=1,2,3,4&bbox-crs=EPSG:4326", "crs_unknown"),
        (f"bbox=0,0,1e30,1e30&bbox-crs={EPSG}4547", "bbox_outside"),
        (f"crs={EPSG}2154", "crs_unknown"),
        ("datetime=yesterday", "datetime_unreadable"),
        ("datetime=2026-03-02/2026-03-01", "datetime_reversed"),
        ("datetime=2026-03-02T10:00:00", "datetime_unreadable"),
        ("after=x", "key_unreadable"),
        ("after=1&before=9", "after_and_before"),
        ("zone_id=first", "filter_value"),
        ("filter=level", "filter_syntax"),
        ("filter=TRUE&filter-lang=cql2-json", "filter_language"),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_a_problem(as_user, query, code):
    answer = get(as_user("gis"), f"/ogc/collections/zones/items?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    fits(answer.json, "problem")
    assert answer.json["code"] == code


@pytest.mark.parametrize(
    "path",
    [
        "/ogc/collections/x",
        "/ogc/collections/zones/items/999999",
        "/ogc/collections/zones/tiles/WebMercatorQuad/1/2/0",
    ],
)
def test_what_is_not_there_is_a_problem_too(as_user, path):
    answer = get(as_user("gis"), path)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    fits(answer.json, "problem")


def test_a_browser_gets_pages_and_a_program_documents(as_user):
    client = as_user("gis")
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept, kind in (
        (browser, "text/html"),
        ("application/geo+json", "application/geo+json"),
        ("*/*", "application/geo+json"),
    ):
        answer = client.get("/ogc/collections/zones/items", headers={"Accept": accept})
        assert answer.content_type.startswith(kind), accept
    assert client.get("/ogc/collections/zones/items?f=json", headers={"Accept": browser}).is_json
    assert client.get("/ogc/collections/nowhere", headers={"Accept": browser}).content_type.startswith(
        "text/html"
    )


def shape_of(feature: dict) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


LONGITUDES = st.floats(WEST - CELL_LON, WEST + (2 * SIDE + 1) * CELL_LON)
LATITUDES = st.floats(SOUTH - CELL_LAT, SOUTH + (SIDE + 1) * CELL_LAT)
BOXES = st.tuples(LONGITUDES, LATITUDES, LONGITUDES, LATITUDES).map(
    lambda four: (min(four[0], four[2]), min(four[1], four[3]), max(four[0], four[2]), max(four[1], four[3]))
)
TESTS = {
    "level = 'grid'": lambda p: p["level"] == "grid",
    "NOT level = 'grid'": lambda p: p["level"] != "grid",
    "name LIKE '%1_网格'": lambda p: re.search("1.网格$", p["name"]) is not None,
    "code BETWEEN '440399001' AND '440399002'": lambda p: "440399001" <= p["code"] <= "440399002",
    "parent_code IS NULL OR code IN ('440399001003', '440399002016')": lambda p: (
        p["parent_code"] is None or p["code"] in {"440399001003", "440399002016"}
    ),
    "zone_id > 9 AND zone_id <= 30": lambda p: 9 < p["zone_id"] <= 30,
}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.none(), BOXES), st.one_of(st.none(), st.sampled_from(sorted(TESTS))), st.integers(1, 40))
def test_the_pages_together_are_what_fits_and_nothing_twice(as_user, box, asked, limit):
    client = as_user.__dict__.setdefault("one", None) or as_user("gis")
    as_user.__dict__["one"] = client
    everything = as_user.__dict__.setdefault("all", None) or all_pages(client, "/ogc/collections/zones/items")
    as_user.__dict__["all"] = everything
    query = {"limit": limit}
    if box:
        query["bbox"] = ",".join(map(repr, box))
    if asked:
        query["filter"] = asked
    first = client.get("/ogc/collections/zones/items", query_string=query, headers={"Accept": "*/*"})
    found = all_pages(client, first.request.full_path)
    fitting = [
        one
        for one in everything
        if (not asked or TESTS[asked](one["properties"]))
        and (not box or shape_of(one).intersects(shapely.box(*box)))
    ]
    assert found == fitting


def test_pages_can_be_turned_back(as_user):
    client = as_user("gis")
    forth, path = [], "/ogc/collections/zones/items?limit=8"
    while path:
        page = read(client, path, "features")
        forth.append(page["features"])
        links = {one["rel"]: one["href"] for one in page["links"]}
        path, last = links.get("next"), links["self"]
    back, path = [], last
    while path:
        page = read(client, path, "features")
        back.insert(0, page["features"])
        path = {one["rel"]: one["href"] for one in page["links"]}.get("prev")
    assert len(forth) == 5
    assert back == forth


@pytest.mark.parametrize("epsg", [4326, 4490, 3857, 4547])
def test_coordinates_come_in_the_order_of_their_authority(as_user, epsg):
    from pyproj import CRS, Transformer

    client = as_user("gis")
    degrees = all_pages(client, "/ogc/collections/zones/items")
    answer = get(client, f"/ogc/collections/zones/items?crs={EPSG}{epsg}")
    assert answer.headers["Content-Crs"] == f"<{EPSG}{epsg}>"
    # pyproj without always_xy is the oracle: it gives and takes what the authority says.
    transformer = Transformer.from_crs(CRS.from_epsg(4326), CRS.from_epsg(epsg))
    tolerance = 2e-9 if epsg in {4326, 4490} else 1e-3
    for one, other in zip(degrees, answer.json["features"], strict=True):
        lonlat = shapely.get_coordinates(shape_of(one))
        expected = transformer.transform(lonlat[:, 1], lonlat[:, 0])
        found = shapely.get_coordinates(shape_of(other))
        assert abs(found[:, 0] - expected[0]).max() < tolerance
        assert abs(found[:, 1] - expected[1]).max() < tolerance
    assert get(client, "/ogc/collections/zones/items?limit=1").headers["Content-Crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("epsg", [4490, 3857, 4547])
def test_a_box_in_any_system_finds_the_same(as_user, epsg):
    from pyproj import CRS, Transformer

    client = as_user("gis")
    west, south = WEST + 1.3 * CELL_LON, SOUTH + 0.3 * CELL_LAT
    east, north = west + 2 * CELL_LON, south + CELL_LAT
    inside = all_pages(client, f"/ogc/collections/zones/items?bbox={west},{south},{east},{north}")
    assert 3 < len(inside) < 12
    low, high = Transformer.from_crs(CRS.from_epsg(4326), CRS.from_epsg(epsg)).transform(
        [south, north], [west, east]
    )
    box = f"{low[0]},{high[0]},{low[1]},{high[1]}"
    assert all_pages(client, f"/ogc/collections/zones/items?bbox={box}&bbox-crs={EPSG}{epsg}") == inside


def test_coordinates_are_the_stored_ones(as_user, web_settings, city):
    from sqlalchemy import text

    from geoservice.store.base import make_engine, transaction

    with transaction(make_engine(web_settings.database_url)) as session:
        stored = {
            row.id: shapely.from_wkb(bytes(row.wkb))
            for row in session.execute(text("SELECT id, ST_AsBinary(geom) AS wkb FROM zone_version"))
        }
    served = all_pages(as_user("gis"), "/ogc/collections/zones/items?datetime=../..")
    assert {one["id"] for one in served} == stored.keys()
    for one in served:
        assert shapely.hausdorff_distance(shape_of(one), stored[one["id"]]) <= 1e-9


def test_a_box_across_180_degrees_leaves_this_city_out_or_in(as_user):
    client = as_user("gis")
    assert all_pages(client, "/ogc/collections/zones/items?bbox=170,-80,-170,80") == []
    assert len(all_pages(client, "/ogc/collections/zones/items?bbox=110,-80,-170,80")) == 35
    assert all_pages(client, f"/ogc/collections/points/items?bbox={WEST},{SOUTH},{WEST},{SOUTH}") == []


def paths_of(collection: str) -> list[str]:
    base = f"/ogc/collections/{collection}"
    return [
        *(
            f"{base}/items{query}"
            for query in ("", "?f=html", f"?crs={EPSG}4490", "?datetime=../..", "?filter=TRUE", "?limit=2")
        ),
        *(f"{base}/items/{number}" for number in range(1, 40, 3)),
        *(f"{base}/items/{number}?f=html" for number in range(1, 40, 13)),
        *(
            f"{base}{rest}"
            for rest in ("", "?f=html", "/queryables", "/tiles", "/tiles/WebMercatorQuad/tilejson.json")
        ),
        *(f"{base}/tiles/WebMercatorQuad/{place}" for place in ("0/0/0", "10/446/836", "13/3569/6691")),
    ]


@pytest.mark.parametrize("login", ["leader", "part"])
def test_no_byte_of_somebody_elses_ground_is_in_any_answer(as_user, login):
    """The leader sees the half without canaries; the scoped dispatcher the half that is full of them."""
    client, other = as_user(login), {"leader": CANARY, "part": f"{MINE}"}[login]
    for collection in COLLECTIONS:
        for path in paths_of(collection):
            answer = client.get(path)
            assert other.encode() not in answer.data, path
            assert json.dumps(other)[1:-1].encode() not in answer.data, path
    for path in ("/ogc/collections", "/ogc/", "/ogc/api", "/ogc/connect"):
        assert other not in client.get(path).text


def test_the_canaries_are_there_for_those_who_may_see_them(as_user):
    """So that the test above can fail at all: items, single features, pages and tiles all carry names."""
    client = as_user("gis")
    # A cell of the city is smaller than a unit of the tile at zoom 0: only nearer tiles show it.
    tiles = ("tiles/WebMercatorQuad/10/446/836", "tiles/WebMercatorQuad/13/3569/6691")
    for path in ("items", "items/3", "items?f=html", "items/3?f=html", *tiles):
        data = client.get(f"/ogc/collections/zones/{path}").data
        assert CANARY.encode() in data, path
    assert len(all_pages(as_user("leader"), "/ogc/collections/zones/items")) == 17


def test_a_name_that_is_a_script_is_only_text_on_a_page(as_user):
    text = as_user("gis").get("/ogc/collections/zones/items?f=html").text
    assert "<script>window.hacked" not in text
    assert "&lt;script&gt;window.hacked" in text


def test_an_answer_is_sent_once_as_long_as_nothing_changes(as_user):
    client = as_user("gis")
    for path in ("/ogc/collections/zones/items?limit=5", "/ogc/collections/zones/items/3"):
        answer = get(client, path)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        again = get(client, path, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        other = get(as_user("part"), path, **{"If-None-Match": answer.headers["ETag"]})
        assert other.status_code == 200, "what another may see is another answer"


def test_the_page_that_tells_how_to_connect_names_addresses_that_work(as_user):
    client = as_user("gis")
    page = client.get("/ogc/connect").text
    root = re.search(r"<code[^>]*>(http[^<]+/ogc/?)</code>", page)[1]
    assert get(client, urlsplit(root).path).json["links"]
    template = re.search(r"<code[^>]*>([^<]+/zones/tiles/[^<]+)</code>", page)[1]
    assert client.get(urlsplit(template).path.format(z=10, y=446, x=836)).status_code == 200
    making = re.search(r'class="btn btn-primary" href="([^"]+)"', page)[1]
    assert 'name="name"' in client.get(making).text, "the form for an app password"
