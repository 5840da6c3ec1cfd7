"""What an import would do, thing by thing: as lists, as counts, and as shapes on a map."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest, Problem
from geoservice.store import draft_items

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

OUTCOMES = ("new", "changed", "unchanged", "removed", "repaired", "rejected")
# A screen has about so many dots: what is smaller than one need not be sent.
DOTS = 2_000


@dataclass(frozen=True)
class Item:
    """One thing. `changes`: field → [before, after]; `problem` of what was repaired or rejected."""

    number: int
    code: str
    name: str
    problem: Problem | None
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class ItemPage:
    """Items of one outcome, a page of them, and how many there are in all."""

    items: list[Item]
    total: int


def items(session: Session, draft_id: int, outcome: str, *, page: int, size: int = 100) -> ItemPage:
    """Return a page (from 1) of the things with this outcome, in their order; BadRequest when there is no such outcome."""
    if outcome not in OUTCOMES:
        raise BadRequest("choice_impossible", choice="outcome", value=outcome[:80], known=", ".join(OUTCOMES))
    first = (max(page, 1) - 1) * size + 1
    rows = draft_items.page_of_items(session, draft_id, outcome, first=first, size=size)
    found = [
        Item(
            row.number, row.code, row.name, Problem(**row.problem) if row.problem else None, row.changes or {}
        )
        for row in rows
    ]
    return ItemPage(found, counts(session, draft_id)[outcome])


def counts(session: Session, draft_id: int) -> dict[str, int]:
    """Return outcome → how many, all outcomes."""
    return dict.fromkeys(OUTCOMES, 0) | draft_items.count_items(session, draft_id)


def features(
    session: Session, draft_id: int, *, bounds: tuple[float, float, float, float] | None, limit: int = 2000
) -> dict[str, Any]:
    """Return the shapes that meet `bounds` (west, south, east, north) as a GeoJSON FeatureCollection.

    Properties: outcome, code, name, number, side ("before" or "after"). Simplified to what a screen shows; "more": whether some
    were left out; "bbox": the bounds, or those of all shapes.
    """
    box = bounds or draft_items.extent(session, draft_id)
    if box is None:
        return {"type": "FeatureCollection", "features": [], "more": False}
    tolerance = max(box[2] - box[0], box[3] - box[1]) / DOTS
    rows = draft_items.shapes_within(session, draft_id, box, limit=limit + 1, tolerance=tolerance)
    return {
        "type": "FeatureCollection",
        "bbox": list(box),
        "more": len(rows) > limit,
        "features": [
            {
                "type": "Feature",
                "properties": {
                    name: getattr(row, name) for name in ("outcome", "number", "code", "name", "side")
                },
                "geometry": json.loads(row.shape) if row.shape else None,
            }
            for row in rows[:limit]
        ],
    }
