"""Background work: how far it is, how to stop it, what came of it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from geoservice.errors import NotFound
from geoservice.store import api_nouns, api_rows
from geoservice.store import jobs as store
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Page, Paged, Told
from geoservice.web.api.operations import COMPUTE, Ask, Operation, offer, sees_whole_city
from geoservice.web.deployment import current_time
from geoservice.web.identity import the_account

TAG = "jobs"

State = Literal["queued", "running", "done", "failed", "cancelled"]


class Job(Told):
    """One piece of background work; `progress` in per cent."""

    id: int = Field(examples=[1])
    kind: str = Field(examples=["cover"])
    args: dict[str, Any]
    state: State = Field(examples=["queued"])
    progress: int
    stage: str
    attempts: int
    cancel_asked: bool
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    requested_by: int | None = Field(description="id of the account")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobsQuery(Paged):
    """Which jobs."""

    kind: Code | None = None
    state: State | None = None


@offer(Operation("GET", "/jobs", TAG, Page[Job], COMPUTE, query=JobsQuery))
def list_jobs(ask: Ask[JobsQuery, None]) -> Answer:
    """List jobs, the newest first; whoever sees a part of the city is shown his own."""
    wanted = {**ask.query.model_dump(), "mine": _mine()}
    rows, total = api_rows.page(
        ask.session, api_nouns.JOBS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Job], [Job(**row) for row in rows], total, ask.query)


@offer(Operation("GET", "/jobs/{job_id}", TAG, Job, COMPUTE, errors=(404,)))
def get_job(ask: Ask[Asked, None], job_id: int) -> Answer:
    """Return one job."""
    return Answer(find_job(ask, job_id))


@offer(Operation("POST", "/jobs/{job_id}/cancel", TAG, Job, COMPUTE, errors=(404,)))
def cancel_job(ask: Ask[Asked, None], job_id: int) -> Answer:
    """Stop a job: at once while it waits, at its next step while it runs."""
    find_job(ask, job_id)
    store.cancel(ask.session, job_id, now=current_time(), by=the_account().id)
    return Answer(find_job(ask, job_id))


def find_job(ask: Ask[Any, Any], job_id: int) -> Job:
    """Return a job that the asker may see; raises NotFound."""
    row = api_rows.one(ask.session, api_nouns.JOBS, {"id": job_id, "mine": _mine()})
    if row is None:
        raise NotFound("job_not_found", id=job_id)
    return Job(**row)


def _mine() -> int | None:
    """Return whose jobs are shown: a result may name ground that not everybody sees."""
    return None if sees_whole_city() else the_account().id
