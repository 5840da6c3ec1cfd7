"""A plan of a zone's streets: read, compute without a transaction, write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from geoservice.errors import GeoServiceError
from geoservice.jobs.work import JobCancelled
from geoservice.services import planning
from geoservice.services.planning.streets import keep_streets, prepare_streets, work_out_streets

if TYPE_CHECKING:
    from geoservice.jobs.work import Work


def plan_streets(work: Work) -> dict[str, Any] | None:
    """Make the plan `plan` of a zone's streets. `by`: who asked."""
    plan_id = work.args["plan"]
    try:
        with work.transaction() as session:
            scope = planning.ground_of(session, plan_id)
        with work.transaction(scope) as session:
            draft = prepare_streets(session, work.settings, plan_id)
        content = work_out_streets(draft, work.progress)
    except JobCancelled:
        with work.parting_transaction() as session:
            planning.failed(session, plan_id)
        return None
    except GeoServiceError:
        with work.transaction() as session:
            planning.failed(session, plan_id)
        raise
    with work.last_transaction() as session:
        number = keep_streets(session, draft, content, by=work.args.get("by"), now=datetime.now(UTC))
        work.result = {"plan": plan_id, "version": number, "totals": content["totals"]}
    return work.result
