"""An example of what a schema describes, made of the examples of its fields."""

from __future__ import annotations

from typing import Any

_OF_FORMAT = {
    "date": "2026-03-18",
    "date-time": "2026-03-18T04:00:00Z",
    "uuid": "0b8f3a1e-52c7-4f0e-9d64-3f1c2a9b7e10",
}
_OF_TYPE = {"string": "", "integer": 1, "number": 1.0, "boolean": False, "null": None}


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return a value that the schema takes; `schemas` holds what it refers to."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if schema.get("examples"):
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "default" in schema:
        return schema["default"]
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return example_of(choices[0], schemas)
    return _of_type(schema, schemas)


def _of_type(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {name: example_of(told, schemas) for name, told in schema.get("properties", {}).items()}
    if kind == "array":
        least = schema.get("minItems", 1 if "$ref" in schema.get("items", {}) else 0)
        return [example_of(schema.get("items", {}), schemas) for _ in range(least)]
    if kind == "string" and schema.get("format") in _OF_FORMAT:
        return _OF_FORMAT[schema["format"]]
    return _OF_TYPE.get(kind or "null")
