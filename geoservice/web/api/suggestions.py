"""What to do about the blind spots: ask on a budget, then read what a worker found."""

import json
from typing import Any, Literal

from flask import url_for
from pydantic import Field, model_validator

from geoservice.errors import NotFound
from geoservice.services import suggest as service
from geoservice.services.suggestions import MOST_MINUTES, MOST_POSTS
from geoservice.store import jobs as store
from geoservice.web.api.answers import Answer
from geoservice.web.api.jobs import Job
from geoservice.web.api.models import Asked, Code, Told
from geoservice.web.api.operations import COMPUTE, Ask, Operation, offer
from geoservice.web.api.spans import WindowBody
from geoservice.web.identity import current_scope, the_account
from geoservice.web.windows import period_args

TAG = "suggestions"
KIND = "suggest"
MOST_SECONDS = 30.0


class Suggestion(Told):
    """A question and, once its job is done, the answer: `result.items` are things to do with GeoJSON geometry, best first."""

    job: Job
    result: dict[str, Any] | None = Field(description="null until the job is done")


class SuggestionNew(WindowBody):
    """On which budget: a number of `posts` to stand at, or `minutes` that posts and detours take."""

    posts: int | None = Field(None, ge=1, le=MOST_POSTS, examples=[5])
    minutes: float | None = Field(None, gt=0, le=MOST_MINUTES)
    mode: Literal["foot", "ebike", "car"] = "foot"
    seconds: float = Field(10.0, gt=0, le=MOST_SECONDS, description="for the solver")
    zone: Code | None = Field(None, description="code of a zone: it and all below it")

    @model_validator(mode="after")
    def _has_one_budget(self) -> "SuggestionNew":
        if (self.posts is None) == (self.minutes is None):
            raise ValueError("give posts or minutes")
        return self


@offer(
    Operation("POST", "/suggestions", TAG, Suggestion, COMPUTE, body=SuggestionNew, status=202, errors=(404,))
)
def ask_suggestion(ask: Ask[Asked, SuggestionNew]) -> Answer:
    """Ask what closes most blind spots on a budget."""
    account, body = the_account(), ask.body
    window = body.window
    _check_zone(ask, body)
    told = body.model_dump(include={"posts", "minutes", "mode", "seconds", "zone"}, exclude_none=True)
    asked: dict[str, Any] = {
        "from": window.from_on.isoformat(),
        "to": window.to_on.isoformat(),
        **period_args(window),
        **told,
        **({"within": account.scope_zone_id} if account.scope_zone_id is not None else {}),
    }
    key = " ".join((KIND, str(account.id), json.dumps(asked, sort_keys=True)))
    job_id = store.ask(ask.session, KIND, asked, dedupe_key=key, by=account.id)
    return Answer(
        _read(ask, job_id),
        location=url_for("api.get_suggestion", suggestion_id=job_id),
        wake=[job_id],
    )


@offer(Operation("GET", "/suggestions/{suggestion_id}", TAG, Suggestion, COMPUTE, errors=(404,)))
def get_suggestion(ask: Ask[Asked, None], suggestion_id: int) -> Answer:
    """Return how far a suggestion is, and what was found."""
    return Answer(_read(ask, suggestion_id))


def _check_zone(ask: Ask[Asked, SuggestionNew], body: SuggestionNew) -> None:
    """Refuse the code of a zone that is not there, or not in the asker's scope."""
    wanted = service.ground_of(ask.session, body.window.to_on, zone=body.zone)
    scope = current_scope()
    if wanted is not None and not scope.everything and wanted.isdisjoint(scope.zone_ids):
        raise NotFound("zone_unknown", code=body.zone)


def _read(ask: Ask[Any, Any], job_id: int) -> Suggestion:
    """Return a suggestion all of which lies in the scope that the asker has now; raises NotFound."""
    job, account = store.read(ask.session, job_id), the_account()
    is_his = account.scope_zone_id is None or (
        job.requested_by == account.id and job.args.get("within") == account.scope_zone_id
    )
    if job.kind != KIND or not is_his:
        raise NotFound("job_not_found", id=job_id)
    return Suggestion(
        job=Job(**{**vars(job), "result": None}), result=job.result if job.state == "done" else None
    )
