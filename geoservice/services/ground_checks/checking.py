"""Every check of the ground, or one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.ground_checks.codes import check_codes
from geoservice.services.ground_checks.duplicates import check_duplicates
from geoservice.services.ground_checks.findings import CHECKS, GroundReport
from geoservice.services.ground_checks.hierarchy import check_hierarchy
from geoservice.services.ground_checks.scope import Asked, read_ground
from geoservice.services.ground_checks.topology import check_topology

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.ground_checks.findings import CheckResult
    from geoservice.services.ground_checks.scope import Ground


def check_ground(
    session: Session,
    settings: Settings,
    on: date,
    *,
    level: str | None = None,
    parent_code: str | None = None,
    only: Collection[str] = CHECKS,
) -> GroundReport:
    """Check the zones of a day, of one level, below one zone; `only` names the checks.

    Raises BadRequest for an unknown level, NotFound for a parent nobody is.
    """
    ground = read_ground(session, Asked(on, level, parent_code))
    return GroundReport(tuple(run_check(session, settings, ground, name) for name in CHECKS if name in only))


def run_check(session: Session, settings: Settings, ground: Ground, check: str) -> CheckResult:
    """Run one check on ground that was read; the next on the same ground reads no border twice."""
    work: dict[str, Callable[[], CheckResult]] = {
        "hierarchy": lambda: check_hierarchy(session, ground),
        "topology": lambda: check_topology(session, settings, ground),
        "duplicates": lambda: check_duplicates(session, ground),
        "codes": lambda: check_codes(settings, ground),
    }
    return work[check]()
