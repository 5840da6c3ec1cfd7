"""The description of the interface (OpenAPI 3.1), made from the operations themselves."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import models_json_schema

from geoservice.web.api.examples import example_of
from geoservice.web.api.models import LARGEST_LONG_ID, Keyed, Page
from geoservice.web.api.operations import OPERATIONS
from geoservice.web.api.problems import Problem

if TYPE_CHECKING:
    from pydantic import BaseModel

    from geoservice.web.api.operations import Operation

ROOT = "/api/v1"
REF = "#/components/schemas/{model}"
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"

ALWAYS = (400, 401, 403, 429, 503)
ABOUT = """Zones, points, streets, contracts, patrols and what they never saw.

**Who asks.** A token over Basic (your login and the token as password) or as bearer; make one under *Programs*. A browser's
session works too; it sends the header X-CSRFToken with every change. You see your own ground and nothing else.

**Lists** come in pages (`page`, `per_page`); the header Link leads to the next, `total` counts all. Cases, orders and photos go on
by key instead (`after`, `limit`).

**Not twice.** A POST with the header Idempotency-Key (any UUID, or `client_uuid` in the body) may be sent again: the same
request gets the same answer, another one 409.

**Not over somebody else's change.** PATCH and DELETE need the ETag you saw in If-Match: without 428; if it was changed since,
412 with who, when and how it is now.

**Geometry** is GeoJSON in WGS 84, longitude first. A polygon that needs repair is refused with the repair and its change in
area, unless `accept_repairs` says it may be taken so.

**Errors** are problem documents (RFC 9457) with a `code`; 400 and 422 list the `fields`."""

TAGS = {
    "zones": "Zones 网格, their levels and borders",
    "points": "Inspection points 点位",
    "streets": "Streets 道路",
    "exclusions": "Ground nobody has to see 除外区域",
    "contracts": "Leaders and what they contracted 包抓",
    "people": "Departments, teams, members, devices",
    "patrols": "Routes and patrols 路线与巡查",
    "tracks": "Tracks as received 轨迹",
    "check-ins": "Check-ins 签到",
    "cases": "Cases of the closed loop 案件",
    "orders": "Orders of supervision 督办",
    "inspections": "Inspections and what they found 检查",
    "photos": "Photos as evidence 照片",
    "reports": "Published reports 通报",
    "imports": "Import batches 导入批次",
    "jobs": "Background work",
    "coverage": "What was seen 覆盖率",
    "unseen": "What nobody saw 盲点",
    "responsibility": "Who answers 责任",
    "suggestions": "What to do about blind spots 补盲建议",
    "description": "This description",
}


@cache
def describe() -> dict[str, Any]:
    """Return the whole document."""
    schemas = _schemas()
    paths: dict[str, Any] = {}
    for operation in OPERATIONS.values():
        paths.setdefault(ROOT + operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    paths[f"{ROOT}/openapi.json"] = {"get": _own("get_description", "Return this document.", JSON)}
    paths[f"{ROOT}/docs"] = {"get": _own("show_docs", "Show this document as a page.", "text/html")}
    kept = {name: schema for name, schema in schemas.items() if name not in _names_of_queries()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "GeoService",
            "version": "1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "security": [{"basic": []}, {"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": kept,
            "responses": {str(status): _problem(status) for status in sorted(_statuses())},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "login, and a token as password"},
                "bearer": {"type": "http", "scheme": "bearer", "description": "a token"},
                "session": {"type": "apiKey", "in": "cookie", "name": "geoservice"},
            },
        },
    }


def _schemas() -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], Any], None] = {(Problem, "serialization"): None}
    for operation in OPERATIONS.values():
        wanted[operation.query, "validation"] = None
        if operation.body is not None:
            wanted[operation.body, "validation"] = None
        if operation.answer is not None:
            wanted[operation.answer, "serialization"] = None
    _, found = models_json_schema(list(wanted), ref_template=REF)
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _names_of_queries() -> set[str]:
    return {operation.query.__name__ for operation in OPERATIONS.values()}


def _name_of(model: type[BaseModel]) -> str:
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", model.__name__)


def _operation(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": _notes(operation),
        "parameters": [
            *_path_parameters(operation),
            *_query_parameters(operation, schemas),
            *_headers(operation),
        ],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        name = _name_of(operation.body)
        told["requestBody"] = {
            "required": True,
            "content": {
                JSON: {
                    "schema": {"$ref": REF.format(model=name)},
                    "example": example_of(schemas[name], schemas),
                }
            },
        }
    return told


def _notes(operation: Operation) -> str:
    needs = ", ".join(permission.value for permission in operation.needs)
    city = " Only for accounts that see the whole city." if operation.whole_city else ""
    return f"{operation.notes} Needs one of the permissions: {needs}.{city}".strip()


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 1, "maximum": LARGEST_LONG_ID}
    return [
        {"name": name, "in": "path", "required": True, "schema": number, "example": 1}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]


def _query_parameters(operation: Operation, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = schemas[_name_of(operation.query)]
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", []),
            "description": told.get("description", name.replace("_", " ")),
            "schema": _without_null(told),
        }
        for name, told in schema.get("properties", {}).items()
    ]


def _without_null(told: dict[str, Any]) -> dict[str, Any]:
    """Return what a value in an address may be: left out, but never null."""
    kept = {name: value for name, value in told.items() if name not in {"title", "description", "anyOf"}}
    if kept.get("default", 0) is None:
        del kept["default"]
    choices = [each for each in told.get("anyOf", []) if each != {"type": "null"}]
    return {**kept, **choices[0]} if choices else kept


def _headers(operation: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = []
    if operation.method == "GET":
        found.append(("If-None-Match", False, text, "an ETag: 304 where it still holds"))
    if operation.method == "POST":
        found.append(
            ("Idempotency-Key", False, {**text, "format": "uuid"}, "makes sending it again harmless")
        )
    if operation.matches:
        found.append(("If-Match", True, text, "the ETag as last seen, or *"))
    return [
        {"name": name, "in": "header", "required": required, "schema": schema, "description": about}
        for name, required, schema, about in found
    ]


def _responses(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {str(operation.status): _answer(operation, schemas)}
    if operation.method == "GET":
        told["304"] = {"description": "What you hold still holds."}
    for status in sorted(_errors(operation)):
        told[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return told


def _answer(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    text = {"schema": {"type": "string"}}
    headers = {}
    if operation.method == "GET" or operation.answer is not None:
        headers["ETag"] = text
    if operation.answer is not None and issubclass(operation.answer, Page):
        headers |= {"Link": text, "X-Total-Count": {"schema": {"type": "integer"}}}
    if operation.answer is not None and issubclass(operation.answer, Keyed):
        headers["Link"] = text
    if operation.status in {201, 202}:
        headers |= {"Location": text, "Idempotency-Replayed": {"schema": {"const": "true"}}}
    told: dict[str, Any] = {"description": operation.summary, "headers": headers}
    if operation.answer is not None:
        name = _name_of(operation.answer)
        told["content"] = {
            JSON: {"schema": {"$ref": REF.format(model=name)}, "example": example_of(schemas[name], schemas)}
        }
    return told


def _errors(operation: Operation) -> set[int]:
    found = {*ALWAYS, *operation.errors}
    if operation.body is not None:
        found |= {413, 415, 422}
    if operation.method == "POST":
        found.add(409)
    if operation.matches:
        found |= {412, 428}
    return found


def _statuses() -> set[int]:
    return set().union(*(_errors(operation) for operation in OPERATIONS.values()))


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": REF.format(model="Problem")}}},
    }


def _own(name: str, summary: str, kind: str) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": ["description"],
        "summary": summary,
        "description": summary,
        "parameters": [],
        "responses": {
            "200": {"description": summary, "content": {kind: {"schema": {}}}},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in ALWAYS},
        },
    }
