"""Solving a plan: read, solve without a transaction, write; what is best so far is kept when somebody stops it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.errors import GeoServiceError
from geoservice.jobs.work import JobCancelled
from geoservice.services import planning

if TYPE_CHECKING:
    from geoservice.jobs.work import Work
    from geoservice.services.planning import Draft, Solved


def solve_plan(work: Work) -> dict[str, Any] | None:
    """Solve the plan `plan`; with `version` its stops again, keeping pins and locks. `by`: who asked."""
    told = _Told(work)
    try:
        draft, outcome = _solve(work, told)
    except JobCancelled:
        with work.parting_transaction() as session:
            planning.failed(session, work.args["plan"])
        return None
    except GeoServiceError:
        with work.transaction() as session:
            planning.failed(session, work.args["plan"])
        raise
    by, now = work.args.get("by"), datetime.now(UTC)
    ending = work.parting_transaction() if told.stopped() else work.last_transaction()
    with ending as session:
        number = planning.keep(session, draft, outcome, by=by, now=now)
        work.result = {"plan": draft.plan_id, "version": number, "totals": outcome.content["totals"]}
    return work.result


def _solve(work: Work, told: _Told) -> tuple[Draft, Solved]:
    plan_id = work.args["plan"]
    with work.transaction() as session:
        scope = planning.ground_of(session, plan_id)
    with work.transaction(scope) as session:
        draft = planning.prepare(
            session, work.settings, plan_id, now=datetime.now(UTC), version=work.args.get("version")
        )
        streets = planning.streets_of(session, draft)
    return draft, planning.work_out(draft, streets, told.progress, told.stopped)


class _Told:
    """How far a job is; once there may be something worth keeping, a stop is remembered instead of raised."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._last = (0, "")
        self._is_stopped = False

    def progress(self, percent: int, stage: str) -> None:
        """Say how far it is."""
        self._last = (percent, stage)
        if self._is_stopped:
            return
        try:
            self._work.progress(percent, stage)
        except JobCancelled:
            if percent < planning.SOLVE_FROM:
                raise
            self._is_stopped = True

    def stopped(self) -> bool:
        """Tell whether somebody asked for it to stop."""
        self.progress(*self._last)
        return self._is_stopped
