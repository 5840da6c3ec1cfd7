"""What an import would do, thing by thing: as lists, as counts, and as shapes on a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.errors import Problem

OUTCOMES = ("new", "changed", "unchanged", "removed", "repaired", "rejected")


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
    raise NotImplementedError


def counts(session: Session, draft_id: int) -> dict[str, int]:
    """Return outcome → how many, all outcomes."""
    raise NotImplementedError


def features(
    session: Session, draft_id: int, *, bounds: tuple[float, float, float, float] | None, limit: int = 2000
) -> dict[str, Any]:
    """Return the shapes that meet `bounds` (west, south, east, north) as a GeoJSON FeatureCollection.

    Properties: outcome, code, name, number, side ("before" or "after"). Simplified where there are many; "more": whether some
    were left out.
    """
    raise NotImplementedError
