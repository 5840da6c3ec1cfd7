"""The description: valid, complete, and true of what a few hundred made-up requests are answered."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from geoservice.web.api.document import describe
from geoservice.web.api.operations import OPERATIONS
from tests.web.api.conftest import ROOT

DOCUMENT = describe()
CALLS = [
    (method.upper(), path, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
]
# Most of what is made up is refused, so what writes is asked for more often.
ASKED = [
    (method, path)
    for method, path, told in CALLS
    for _ in range(10 if "201" in told["responses"] else 4 if "requestBody" in told else 1)
]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", "0", "-1", "null", "P0", "440399001", "grid", "1e999", "%00", "' OR 1=1 --", "\u202e", "😀" * 70]
)
LOGINS = (*["gis"] * 6, "admin", "part-gis", "member", "leader")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)


def test_the_document_is_openapi_3_1():
    OpenAPIV31SpecValidator(DOCUMENT).validate()
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_route_is_described_and_nothing_else(place):
    routes = {
        (method, re.sub(r"<[^>]*?:?(\w+)>", r"{\1}", rule.rule))
        for rule in place.app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == {(method, path) for method, path, _ in CALLS}
    assert place.program("gis").get("/openapi.json").json == DOCUMENT


@pytest.mark.parametrize("name", OPERATIONS)
def test_examples_are_what_they_show(name):
    operation = OPERATIONS[name]
    told = DOCUMENT["paths"][ROOT + operation.path][operation.method.lower()]
    assert (
        told["summary"]
        and told["description"]
        and all(each["description"] for each in told["parameters"][1:])
    )
    bodies = [told.get("requestBody", {}), told["responses"][str(operation.status)]]
    for content in (body["content"]["application/json"] for body in bodies if "content" in body):
        _validate(content["schema"], content["example"])
    if operation.body is not None:
        operation.body.model_validate_json(jsonschema_text(told["requestBody"]))


def jsonschema_text(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body["content"]["application/json"]["example"])


def _validate(schema: dict[str, Any], value: Any) -> None:
    jsonschema.validate(
        value,
        {**schema, "components": DOCUMENT["components"]},
        cls=jsonschema.Draft202012Validator,
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def values_of(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema takes."""
    if "$ref" in schema:
        return values_of(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for many in ("anyOf", "oneOf"):
        if many in schema:
            return st.one_of(*map(values_of, schema[many]))
    return _OF_TYPE.get(schema.get("type", ""), lambda _: JUNK)(schema)


def _texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(str) | st.sampled_from(["2026-03-18", "2026-03-01"])
    if schema.get("format") == "date-time":
        return st.datetimes(timezones=st.timezones(no_cache=False)).map(lambda at: at.isoformat())
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if "pattern" in schema:
        return st.sampled_from(["114.05,22.53,114.07,22.54", "1,2,0,3", "-180,-90,180,90", "0,0,999,0"])
    known = st.sampled_from(["P0", "P1", "S0", "440399001", "grid", "market", "leader", "M1", "D1", "T1"])
    return known | WORDS.filter(lambda text: len(text) >= schema.get("minLength", 0))


def _numbers(schema: dict[str, Any]) -> st.SearchStrategy[float]:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1e9))
    most = schema.get("maximum", schema.get("exclusiveMaximum", 1e9))
    city = st.sampled_from([114.0555, 22.5333])
    return st.floats(least, most, exclude_min="exclusiveMinimum" in schema) | city.filter(
        lambda number: least < number < most
    )


def _integers(schema: dict[str, Any]) -> st.SearchStrategy[int]:
    least, most = schema.get("minimum", -(2**70)), schema.get("maximum", 2**70)
    return st.integers(least, min(most, least + 40)) | st.integers(least, most)


# What names something has to name what is there, now and then, for anything to be made.
THERE = {
    "category": st.sampled_from(["market", "park"]),
    "kind": st.just("rubbish"),
    "level": st.just("grid"),
    "point": st.sampled_from(["P0", "P1"]),
    "role": st.sampled_from(["leader", "sanitation"]),
    "leader_id": st.integers(1, 3),
    "ground_id": st.integers(1, 34),
    "ground": st.just("zone"),
    "parent_id": st.integers(1, 3),
}


def _field(name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.one_of(THERE[name], THERE[name], values_of(schema)) if name in THERE else values_of(schema)


def _objects(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    told, needed = schema.get("properties", {}), set(schema.get("required", ()))
    return st.fixed_dictionaries(
        {name: _field(name, told[name]) for name in told if name in needed},
        optional={name: _field(name, told[name]) for name in told if name not in needed},
    )


def _arrays(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    least = schema.get("minItems", 0)
    if schema["items"].get("type") == "number" and least == 2:
        inside = st.tuples(st.floats(114.05, 114.066), st.floats(22.53, 22.537)).map(list)
        return st.one_of(
            inside, inside, inside, inside, st.lists(values_of(schema["items"]), min_size=2, max_size=2)
        )
    many = st.lists(
        values_of(schema["items"]), min_size=least, max_size=min(schema.get("maxItems", 5), least + 2)
    )
    if (
        schema["items"].get("items", {}).get("type") == "number"
    ):  # rings that close, so that some are polygons
        return st.one_of(many, *[many.map(lambda ring: [*ring, ring[0]])] * 3)
    return many


_OF_TYPE = {
    "string": _texts,
    "number": _numbers,
    "integer": _integers,
    "boolean": lambda _: st.booleans(),
    "null": lambda _: st.none(),
    "object": _objects,
    "array": _arrays,
}


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, str, dict[str, Any], dict[str, Any]]:
    """A method, an address as described, its query and headers, its body; some of it is junk."""
    method, path = draw(st.sampled_from(ASKED))
    told = DOCUMENT["paths"][path][method.lower()]
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for each in told["parameters"]:
        if each["required"] or draw(st.integers(0, 3)) == 0:
            right = values_of(each["schema"])
            places[each["in"]][each["name"]] = draw(
                right if draw(st.integers(0, 9)) or each["in"] == "path" else WORDS
            )
    if "If-Match" in places["header"] and draw(st.integers(0, 4)):
        places["header"]["If-Match"] = "*"
    if draw(st.integers(0, 19)) == 0:
        places["query"][draw(WORDS)] = draw(WORDS)
    more: dict[str, Any] = {}
    if "requestBody" in told:
        right = values_of(told["requestBody"]["content"]["application/json"]["schema"])
        more["json"] = draw(right if draw(st.integers(0, 9)) else JUNK)
    return method, path, places, more


@pytest.fixture(scope="module")
def walked(new_place):
    """A deployment that the walk may leave in ruins."""
    return new_place()


def test_a_walk_over_the_document_meets_what_it_describes(walked):
    programs = {login: walked.program(login) for login in LOGINS}
    met: Counter[int] = Counter()

    @settings(
        max_examples=200,
        deadline=None,
        phases=[Phase.generate],  # what was asked before is part of each case: none can be made smaller
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        request=requests(),
        login=st.sampled_from(LOGINS),
    )
    def walk(request, login) -> None:
        method, path, places, more = request
        told = DOCUMENT["paths"][path][method.lower()]
        program = programs[login]
        headers = {
            name: str(value).encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
            for name, value in places["header"].items()
        }
        query = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in places["query"].items()
        }
        answer = program.app.test_client().open(
            path.format(**places["path"]),
            method=method,
            query_string=query,
            headers={"Authorization": f"Bearer {program.token}", **headers},
            **more,
        )
        met[answer.status_code] += 1
        assert answer.status_code < 500, (method, path, places, more, answer.text)
        described = told["responses"].get(str(answer.status_code))
        assert described is not None, (answer.status_code, method, path, places, more, answer.text)
        if answer.status_code in {204, 304}:
            assert not answer.data
            return
        if "$ref" in described:
            described = DOCUMENT["components"]["responses"][described["$ref"].rsplit("/", 1)[1]]
        schema = described["content"][answer.mimetype]["schema"]
        if answer.mimetype != "text/html":
            _validate(schema, answer.json)

    walk()
    print(dict(met))
    assert met[200] > 10 and met[201] + met[202] and met[400] and met[404] and met[422], met
