"""What the checks of the ground found, kept until the ground changes: a page, its map and its lists ask thrice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.services.ground_checks.checking import check_ground
from geoservice.services.ground_checks.findings import GroundReport
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
    """What `check_ground` answers, from memory where the ground is as it was; raises what it raises."""

    def result_of(check: str) -> CheckResult:
        report = check_ground(session, settings, on, level=level, parent_code=parent_code, only=[check])
        return report.results[0]

    def kept_result(check: str) -> CheckResult:
        return kept(
            session, TABLES, (check, on, level, parent_code, settings), lambda: result_of(check), _KEEPING
        )

    # Each check by itself: a map asks for one of them.
    return GroundReport(tuple(map(kept_result, only)))
