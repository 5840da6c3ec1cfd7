"""Where each thing of an import's check lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from geoservice.store.drafts import DraftItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def bounds_of_items(
    session: Session, draft_id: int, outcome: str, numbers: Sequence[int]
) -> dict[int, Bounds]:
    """Return number → box around a thing before and after, for those that have a shape."""
    both = func.ST_Collect(DraftItem.before, DraftItem.after)
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    query = select(DraftItem.number, *(edge(both) for edge in edges)).where(
        DraftItem.draft_id == draft_id, DraftItem.outcome == outcome, DraftItem.number.in_(numbers)
    )
    return {
        number: (west, south, east, north)
        for number, west, south, east, north in session.execute(query)
        if west is not None
    }
