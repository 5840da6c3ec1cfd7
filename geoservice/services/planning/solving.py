"""Solving a plan in three steps, so that no transaction stays open while it computes: prepare, work out, keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@dataclass(frozen=True)
class Draft:
    """A plan read and ready to be solved."""

    plan_id: int


def prepare(
    session: Session, settings: Settings, plan_id: int, *, now: datetime, version: int | None = None
) -> Draft:
    """Read all a plan is made from; `version`: solve that version's stops again instead of what is due."""
    raise NotImplementedError


def work_out(draft: Draft, progress: Callable[[int, str], None], stop: Callable[[], bool]) -> Draft:
    """Solve; needs no database. `progress` takes per cent and a stage, `stop` says when to make do with the best so far."""
    raise NotImplementedError


def keep(session: Session, draft: Draft, *, by: int | None, now: datetime) -> int:
    """Keep the solution as the plan's newest version; return its number."""
    raise NotImplementedError
