"""Two plans side by side: ways, hours, what is served, how fair, and what the coverage kernel expects of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import Comparison


def compare(session: Session, settings: Settings, one_id: int, other_id: int) -> Comparison:
    """Compare two plans in the versions that count; raises NotFound, BadRequest for one without a solution."""
    raise NotImplementedError
