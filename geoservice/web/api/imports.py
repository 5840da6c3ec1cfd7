"""Import batches: what came in, what it did, and what it refused."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from geoservice.domain.roles import Permission
from geoservice.errors import NotFound
from geoservice.store import api_nouns, api_rows
from geoservice.web.api.answers import Answer, page_answer
from geoservice.web.api.models import Asked, Code, Page, Paged, Told
from geoservice.web.api.operations import Ask, Operation, offer, sees_whole_city
from geoservice.web.identity import the_account
from geoservice.web.words import say

TAG = "imports"
NEEDS = (Permission.IMPORT,)


class File(Told):
    """A file of an import."""

    name: str
    sha256: str
    bytes: int


class Batch(Told):
    """One import."""

    id: int = Field(examples=[1])
    kind: str = Field(examples=["zones"])
    files: list[File]
    detected: dict[str, Any] = Field(description="what was found out: encoding, crs, layer, columns …")
    new_count: int
    changed_count: int
    unchanged_count: int
    removed_count: int
    rejected_count: int
    repaired_count: int
    created_at: datetime
    created_by: str | None = Field(description="login")
    undone_at: datetime | None


class BatchProblem(Told):
    """One row that was refused, or taken after a repair; `row` as the file's own program counts."""

    outcome: Literal["rejected", "repaired"]
    code: str
    file: str | None
    sheet: str | None
    row: int | None
    column: str | None
    value: str | None
    sentence: str = Field(description="the problem and the fix, in the reader's language")


class BatchesQuery(Paged):
    """Which imports."""

    kind: Code | None = None


class ProblemsQuery(Paged):
    """Which problems."""

    outcome: Literal["rejected", "repaired"] | None = None


@offer(Operation("GET", "/imports", TAG, Page[Batch], NEEDS, query=BatchesQuery))
def list_imports(ask: Ask[BatchesQuery, None]) -> Answer:
    """List imports, the newest first; whoever sees a part of the city is shown his own."""
    wanted = {**ask.query.model_dump(), "mine": _mine()}
    rows, total = api_rows.page(
        ask.session, api_nouns.BATCHES, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[Batch], [_batch(row) for row in rows], total, ask.query)


@offer(Operation("GET", "/imports/{batch_id}", TAG, Batch, NEEDS, errors=(404,)))
def get_import(ask: Ask[Asked, None], batch_id: int) -> Answer:
    """Return one import."""
    return Answer(_batch(_find(ask, batch_id)))


@offer(
    Operation(
        "GET",
        "/imports/{batch_id}/problems",
        TAG,
        Page[BatchProblem],
        NEEDS,
        query=ProblemsQuery,
        errors=(404,),
    )
)
def list_import_problems(ask: Ask[ProblemsQuery, None], batch_id: int) -> Answer:
    """List what an import refused, then what it repaired."""
    _find(ask, batch_id)
    wanted = {"batch_id": batch_id, "outcome": ask.query.outcome, "mine": _mine()}
    rows, total = api_rows.page(
        ask.session, api_nouns.BATCH_PROBLEMS, wanted, limit=ask.query.per_page, first=ask.query.first
    )
    return page_answer(Page[BatchProblem], [_problem(**row) for row in rows], total, ask.query)


def _find(ask: Ask[Any, None], batch_id: int) -> dict[str, Any]:
    row = api_rows.one(ask.session, api_nouns.BATCHES, {"id": batch_id, "mine": _mine()})
    if row is None:
        raise NotFound
    return row


def _mine() -> int | None:
    """Return whose imports are shown: a file may name ground that not everybody sees."""
    return None if sees_whole_city() else the_account().id


def _batch(row: dict[str, Any]) -> Batch:
    files = [
        File(name=str(each["name"]), sha256=str(each["sha256"]), bytes=each["bytes"]) for each in row["files"]
    ]
    return Batch(**{**row, "files": files})


def _problem(outcome: Literal["rejected", "repaired"], problem: dict[str, Any]) -> BatchProblem:
    told = {name: problem.get(name) for name in ("file", "sheet", "row", "column", "value")}
    values = {**told, **(problem.get("values") or {})}
    return BatchProblem(outcome=outcome, code=problem["code"], sentence=say(problem["code"], values), **told)
