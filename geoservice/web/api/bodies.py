"""Reading what clients send: strict JSON of bounded depth, checked by a model; nothing is guessed."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from geoservice.formats.text import text_fault
from geoservice.web.api.problems import Refusal, misread

if TYPE_CHECKING:
    from collections.abc import Iterator

M = TypeVar("M", bound=BaseModel)

DEEPEST = 32
LONGEST_INTEGER = 10**18


def read_query(model: type[M]) -> M:
    """Return the query of the request's address; 400 with every field that is wrong."""
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        raise Refusal(
            400,
            "query_unreadable",
            field=repeated[0],
            problem="given more than once",
            more={"fields": [{"field": repeated[0], "problem": "given more than once", "code": "repeated"}]},
        )
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise misread(error, 400, "query_unreadable") from error


def read_body(model: type[M]) -> tuple[M, bytes]:
    """Return the body as its model has it, and as it came; 415 for another type than JSON, 400 for what is none, 422 for wrong fields."""
    if request.mimetype != "application/json":
        raise Refusal(415, "json_needed")
    raw = request.get_data(cache=True)
    _refuse_strange(_parsed(raw))
    try:
        return model.model_validate_json(raw), raw
    except ValidationError as error:
        raise misread(error, 422, "body_unreadable") from error


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise Refusal(400, "json_too_deep", most=DEEPEST) from None
    except ValueError:
        raise Refusal(400, "json_unreadable") from None


def _refuse_constant(name: str) -> Any:
    raise Refusal(400, "json_not_finite", value=name)


def _refuse_strange(value: Any) -> None:
    """Refuse what JSON allows and we can't keep: too deep, 1e999, NUL, half a character."""
    for each, depth in _walk(value):
        if depth > DEEPEST:
            raise Refusal(400, "json_too_deep", most=DEEPEST)
        if isinstance(each, float) and not math.isfinite(each):
            raise Refusal(400, "json_not_finite", value="Infinity")
        if isinstance(each, int) and abs(each) > LONGEST_INTEGER:
            raise Refusal(400, "json_number_too_long")
        if isinstance(each, str) and text_fault(each):
            raise Refusal(400, "unreadable_text")


def _walk(value: Any) -> Iterator[tuple[Any, int]]:
    """Yield every value and key with its depth, without recursion."""
    waiting = [(value, 1)]
    while waiting:
        each, depth = waiting.pop()
        yield each, depth
        if isinstance(each, dict):
            waiting += [(part, depth + 1) for pair in each.items() for part in pair]
        elif isinstance(each, list):
            waiting += [(part, depth + 1) for part in each]
