"""What is due on the days of a wish: points by interval, gaps, and what is wanted, each with why, the most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import DueList, Wish


def due(
    session: Session, settings: Settings, wish: Wish, *, now: datetime, plan_id: int | None = None
) -> DueList:
    """Return what is to be planned on the wish's days within the session's ground; raises NotFound for an unknown zone.

    `plan_id`: the plan it is for, whose own published patrols do not count as planned.
    """
    raise NotImplementedError
