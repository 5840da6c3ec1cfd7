"""What a check found, as a page shows it: counts, one list at a time, and where on the map each thing lies."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from geoservice.errors import BadRequest
from geoservice.services import desk as service
from geoservice.store.draft_items import extent
from geoservice.store.draft_places import bounds_of_items
from geoservice.web.paging import PAGE_SIZE
from geoservice.web.words import sentence_of_problem

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.services.desk import Draft, Item

LOOKED_AT_FIRST = ("rejected", "repaired", "removed", "changed", "new", "unchanged")
"""Which list opens by itself: the first of these that holds anything."""
MOST_PAGES = 1_000_000


@dataclass(frozen=True)
class ShownItem:
    """One thing of a list. `bounds` as the map wants it, "" where it has no shape; `problem` as JSON holds it."""

    number: int
    code: str
    name: str
    bounds: str
    sentence: str
    problem: dict[str, Any]
    changes: list[tuple[str, Any, Any]]


@dataclass(frozen=True)
class Checked:
    """A check and the list of it that is open."""

    counts: dict[str, int]
    outcome: str
    items: list[ShownItem]
    page: int
    pages: int
    has_map: bool
    written: int
    repairs: str


def checked(session: Session, draft: Draft) -> Checked:
    """Return what the check of a draft found, and the list that the address asks for."""
    counts = service.counts(session, draft.id)
    outcome = request.args.get("show") or next((each for each in LOOKED_AT_FIRST if counts.get(each)), "new")
    if outcome not in service.OUTCOMES:
        raise BadRequest("outcome_unknown", value=outcome[:20], outcomes=", ".join(service.OUTCOMES))
    pages = -(-counts.get(outcome, 0) // PAGE_SIZE) or 1
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    found = service.items(session, draft.id, outcome, page=page, size=PAGE_SIZE).items
    places = bounds_of_items(session, draft.id, outcome, [item.number for item in found])
    return Checked(
        counts={each: counts.get(each, 0) for each in service.OUTCOMES},
        outcome=outcome,
        items=[_shown(item, places.get(item.number)) for item in found],
        page=page,
        pages=pages,
        has_map=extent(session, draft.id) is not None,
        written=sum(counts.get(each, 0) for each in ("new", "changed", "removed")),
        repairs=draft.choices.get("repairs", ""),
    )


def _shown(item: Item, bounds: tuple[float, float, float, float] | None) -> ShownItem:
    problem = asdict(item.problem) if item.problem else {}
    return ShownItem(
        number=item.number,
        code=item.code,
        name=item.name,
        bounds=",".join(f"{edge:.7f}" for edge in bounds) if bounds else "",
        sentence=sentence_of_problem(problem) if problem else "",
        problem=problem,
        changes=[(field, *values) for field, values in item.changes.items() if len(values) == 2],
    )
