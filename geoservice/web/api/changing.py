"""Changing what exists: only as the client last saw it, one writer of the ground at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from geoservice.store import api_rows, batches
from geoservice.web.api.problems import Refusal

if TYPE_CHECKING:
    from pydantic import BaseModel
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Found:
    """One thing as it is stored; `tag` changes with it, `noun` and `row_id` name it in the history of changes."""

    content: BaseModel
    tag: str
    noun: str
    row_id: int


def hold_ground(session: Session) -> None:
    """Wait until nobody else changes zones, points, streets or exclusions; held until the transaction ends."""
    batches.lock(session, "zones")


def demand_match(session: Session, found: Found) -> None:
    """Refuse to change what is not as the client last saw it; say how it is now, and who changed it when."""
    sent = request.if_match
    if sent.star_tag or found.tag in {tag.partition("-")[0] for tag in sent.as_set()}:
        return
    more: dict[str, object] = {"now": found.content.model_dump(mode="json"), "etag": found.tag}
    changed = api_rows.last_change(session, found.noun, found.row_id)
    if changed is not None:
        at, by = changed
        more |= {"changed_at": at.isoformat(), "changed_by": by}
    raise Refusal(412, "row_is_newer", more=more)
