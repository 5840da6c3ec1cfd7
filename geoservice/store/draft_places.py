"""Where the things of an import's check lie: the box around all of them, and around each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geoservice.store.drafts import DraftItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_BOTH = func.ST_Collect(DraftItem.before, DraftItem.after)


def bounds_of_draft(session: Session, draft_id: int) -> Bounds | None:
    """Return the box around everything that has a shape; None when nothing has."""
    boxes = select(func.ST_Extent(_BOTH).label("box")).where(DraftItem.draft_id == draft_id).subquery()
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    west, south, east, north = session.execute(select(*(edge(boxes.c.box) for edge in edges))).one()
    return None if west is None else (west, south, east, north)


def bounds_of_items(
    session: Session, draft_id: int, outcome: str, numbers: Sequence[int]
) -> dict[int, Bounds]:
    """Return number → box around a thing before and after, for those that have a shape."""
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    query = select(DraftItem.number, *(edge(_BOTH) for edge in edges)).where(
        DraftItem.draft_id == draft_id, DraftItem.outcome == outcome, DraftItem.number.in_(numbers)
    )
    return {
        number: (west, south, east, north)
        for number, west, south, east, north in session.execute(query)
        if west is not None
    }
