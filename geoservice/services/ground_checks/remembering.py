"""What the checks of the ground found, kept in this process until the ground changes: a page, its map and its lists ask thrice."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from geoservice.services.ground_checks.checking import check_ground
from geoservice.services.ground_checks.findings import GroundReport
from geoservice.store.base import make_engine
from geoservice.store.table_changes import stamp_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.ground_checks.findings import CheckResult

TABLES = ("deployment", "point", "zone", "zone_version")
MOST_KEPT = 40

_kept: OrderedDict[tuple[object, ...], CheckResult] = OrderedDict()
_lock = Lock()


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
    if not only:
        return GroundReport(())
    # The stamp first: what changes after it is looked at again next time, never missed.
    stamp = stamp_of(make_engine(settings.database_url), TABLES)
    read = (settings.database_url, settings.snap_tolerance_m, settings.zone_code_pattern)
    asked = (stamp, read, repr(session.info.get("scope")), on, level, parent_code)
    known = {check: result for check in only if (result := _recall((*asked, check))) is not None}
    lacking = [check for check in only if check not in known]
    if lacking:
        report = check_ground(session, settings, on, level=level, parent_code=parent_code, only=lacking)
        for result in report.results:
            known[result.check] = result
            _keep((*asked, result.check), result)
    return GroundReport(tuple(known[check] for check in only))


def _recall(key: tuple[object, ...]) -> CheckResult | None:
    with _lock:
        result = _kept.get(key)
        if result is not None:
            _kept.move_to_end(key)
    return result


def _keep(key: tuple[object, ...], result: CheckResult) -> None:
    with _lock:
        _kept[key] = result
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
