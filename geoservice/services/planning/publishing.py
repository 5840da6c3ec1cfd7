"""Publishing a plan: its patrols become routes and patrols of their teams; what is under way is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import Outcome


def publish(
    session: Session, settings: Settings, plan_id: int, *, version: int, by: int | None, now: datetime
) -> Outcome:
    """Write the plan's patrols; of one published before, replace those that nobody has started. Raises Conflict, BadRequest."""
    raise NotImplementedError


def withdraw(
    session: Session, settings: Settings, plan_id: int, *, version: int, by: int | None, now: datetime
) -> Outcome:
    """Take back the patrols that nobody has started. Raises Conflict, BadRequest for a plan that is not published."""
    raise NotImplementedError
