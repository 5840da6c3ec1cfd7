"""What goes wrong, as problem documents (RFC 9457): a code, a sentence, and what a program needs to do better."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from geoservice.errors import GeoServiceError
from geoservice.web.api.door import api
from geoservice.web.errors import RETRY_AFTER_S, status_of
from geoservice.web.words import say

MOST_FIELDS = 50


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    field: str = Field(description="where, as a path with dots", examples=["geometry.coordinates"])
    problem: str = Field(description="what is wrong with it", examples=["Field required"])
    code: str = Field(examples=["missing"])


class Problem(BaseModel):
    """A problem document (RFC 9457), sent as application/problem+json."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(ge=400, le=599, examples=[404])
    code: str = Field(description="names the problem for programs; never translated", examples=["not_found"])
    detail: str = Field(description="names the problem and what to do, in the reader's language")
    fields: list[FieldProblem] | None = Field(None, description="with 400 and 422: what is wrong where")
    repair: dict[str, Any] | None = Field(
        None,
        description="with geometry_needs_repair: codes, area_change (a share of the area) and the repaired geometry",
    )
    changed_by: str | None = Field(None, description="with 412: who changed it last, where that is known")
    changed_at: str | None = Field(None, description="with 412: when")
    now: dict[str, Any] | None = Field(None, description="with 412: how it is now")
    etag: str | None = Field(None, description="with 412: the ETag it has now")


class Refusal(GeoServiceError):
    """A request that can't be answered, with a status of its own and `more` for the problem document."""

    def __init__(self, status: int, code: str, *, more: dict[str, Any] | None = None, **values: Any) -> None:
        super().__init__(code, **values)
        self.status = status
        self.more = more or {}


def misread(error: ValidationError, status: int, code: str) -> Refusal:
    """Return the refusal of what a model could not take, each field with its problem."""
    found = [
        {
            "field": ".".join(str(part) for part in each["loc"]) or "body",
            "problem": each["msg"],
            "code": each["type"],
        }
        for each in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_FIELDS]
    ]
    return Refusal(status, code, more={"fields": found}, field=found[0]["field"], problem=found[0]["problem"])


@api.errorhandler(GeoServiceError)
def answer_problem(error: GeoServiceError) -> Response:
    """Answer an error of ours as a problem document."""
    status = error.status if isinstance(error, Refusal) else status_of(error)
    more = error.more if isinstance(error, Refusal) else {}
    code = "unavailable_for_now" if status == HTTPStatus.SERVICE_UNAVAILABLE else error.code
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": say(code, error.values),
        **more,
    }
    answer = Response(
        json.dumps(problem, ensure_ascii=False, default=str), status, content_type="application/problem+json"
    )
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer
