"""A step of a case: who may take it, what it needs, what it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases.values import (
        Actor,
        CaseView,
    )


def act(
    session: Session,
    settings: Settings,
    case_id: int,
    action: str,
    given: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
    row_version: int | None = None,
    at: datetime | None = None,
    client_uuid: UUID | None = None,
) -> CaseView:
    """Take one step of a case; the same `client_uuid` again: nothing more happens.

    `given` holds what the step's fields name (`read(...).possible`): note, department_id, leader_id, into_id, limit, until (a
    date). Raises NotFound, NotAllowed, BadRequest for what is missing or makes no sense, Conflict ("case_changed_…" tells what
    somebody else did since `row_version`, "case_is_…" that the state does not allow the step).
    """
    raise NotImplementedError
