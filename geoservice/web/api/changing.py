"""Changing what exists: only as the client last saw it, one writer of the ground at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flask import request
from pydantic import BaseModel

from geoservice.errors import NotAllowed, NotFound
from geoservice.store import api_rows, batches
from geoservice.web.api.answers import Answer
from geoservice.web.api.problems import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True)
class Found(Generic[Content]):
    """One thing as it is stored; `tag` changes with it, `noun` and `row_id` name it in the history of changes."""

    content: Content
    tag: str
    noun: str
    row_id: int

    def answer(self, location: str | None = None) -> Answer:
        """Return it as an answer; `location`: its address, where it was just stored."""
        return Answer(self.content, self.tag, location)


def hold_ground(session: Session) -> None:
    """Wait until nobody else changes zones, points, streets or exclusions; held until the transaction ends."""
    batches.lock(session, "zones")


def demand_match(session: Session, found: Found[Content]) -> Content:
    """Return what is to be changed if it is as the client last saw it; else say how it is now, and who changed it when."""
    sent = request.if_match
    if sent.star_tag or found.tag in {tag.partition("-")[0] for tag in sent.as_set()}:
        return found.content
    more: dict[str, object] = {"now": found.content.model_dump(mode="json"), "etag": found.tag}
    changed = api_rows.last_change(session, found.noun, found.row_id)
    if changed is not None:
        at, by = changed
        more |= {"changed_at": at.isoformat(), "changed_by": by}
    raise Refusal(412, "row_is_newer", more=more)


def answer_stored(find: Callable[[], Found[Any]], location: str) -> Answer:
    """Return ground as it is now; whoever looks after a part of the city may not put it elsewhere."""
    try:
        found = find()
    except NotFound:
        raise NotAllowed("off_your_ground") from None
    return found.answer(location)
