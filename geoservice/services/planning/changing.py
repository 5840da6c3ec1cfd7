"""Changing a plan by hand: every change is a new version, timed at once from the costs that the plan keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import PlanView


def change(  # noqa: PLR0913 - what, of which version, by whom
    session: Session,
    settings: Settings,
    plan_id: int,
    change: Mapping[str, Any],
    *,
    version: int,
    by: int | None,
    now: datetime,
) -> PlanView:
    """Change a plan and return its new version; raises Conflict when `version` is not the newest, BadRequest, NotFound.

    Changes: {"do": "move", "stop": key, "to": patrol key, "at": index}, {"do": "drop", "stop": key}, {"do": "add", "stop": key
    of an unserved, "to", "at"}, {"do": "pin" | "unpin", "stop": key}, {"do": "lock" | "unlock", "patrol": key}. `at` counts
    the patrol's stops without the moved one, from 0; without it: the place that costs least.
    """
    raise NotImplementedError


def undo(session: Session, plan_id: int, *, version: int, by: int | None, now: datetime) -> PlanView:
    """Go back to the version before; raises Conflict when `version` is not the newest, BadRequest at the first."""
    raise NotImplementedError


def redo(session: Session, plan_id: int, *, version: int, by: int | None, now: datetime) -> PlanView:
    """Go forward again to the version undone last; a change in between leaves nothing to go to: BadRequest."""
    raise NotImplementedError
