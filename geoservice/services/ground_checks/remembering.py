"""What the checks of the ground found, kept until the ground changes: a page, its map and its lists ask thrice."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from geoservice.services.ground_checks.checking import run_check
from geoservice.services.ground_checks.findings import GroundReport
from geoservice.services.ground_checks.scope import Asked, read_ground
from geoservice.store.kept import Keeping, kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.ground_checks.findings import CheckResult

TABLES = ("deployment", "point", "zone", "zone_level", "zone_version")

_KEEPING = Keeping(40)


def remembered_report(
    session: Session,
    settings: Settings,
    on: date,
    *,
    level: str | None,
    parent_code: str | None,
    only: Sequence[str],
) -> GroundReport:
    """What `check_ground` answers, each check from memory where the ground is as it was; raises what it raises."""

    ground = cache(lambda: read_ground(session, Asked(on, level, parent_code)))

    def kept_result(check: str) -> CheckResult:
        parts = (check, on, level, parent_code, settings)
        return kept(session, TABLES, parts, lambda: run_check(session, settings, ground(), check), _KEEPING)

    # Each check by itself: a map asks for one of them.
    return GroundReport(tuple(map(kept_result, only)))
