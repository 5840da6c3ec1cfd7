"""Plans as they are stored, shown to whom their ground is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services.planning.values import Listed, PlanView
from geoservice.store import areas
from geoservice.store import plan_rows as store
from geoservice.store.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.store.plan_rows import Version
    from geoservice.store.plans import Plan


def read(session: Session, plan_id: int, number: int | None = None) -> PlanView:
    """Return a plan in the version that counts, or in another; raises NotFound, also for a plan of others' ground."""
    plan = the_plan(session, plan_id)
    return view_of(session, plan, number)


def recent(session: Session, limit: int = 20) -> list[Listed]:
    """Return the newest plans first, those of the session's ground."""
    scope = _scope(session)
    rows = store.recent(session, limit, None if scope.everything else sorted(scope.zone_ids))
    return [Listed(**row._mapping) for row in rows]


def the_plan(session: Session, plan_id: int, *, lock: bool = False) -> Plan:
    """Return a plan's row; raises NotFound, also for a plan that reaches beyond the session's ground."""
    plan = store.plan_of(session, plan_id, lock=lock)
    scope = _scope(session)
    if plan is None or not (scope.everything or plan.wish.get("within") in scope.zone_ids):
        raise NotFound("plan_not_found", plan=plan_id)
    return plan


def to_be_changed(session: Session, plan_id: int, version: int) -> tuple[Plan, Version]:
    """Return a plan, locked, in the version that counts; raises Conflict if that is not `version`, which the asker saw."""
    plan = the_plan(session, plan_id, lock=True)
    if plan.version_number != version:
        raise Conflict("plan_changed_meanwhile", version=version, newest=plan.version_number)
    found = store.version_of(session, plan_id, version)
    if found is None:
        raise BadRequest("plan_not_ready", plan=plan_id)
    return plan, found


def ground_of(session: Session, plan_id: int) -> Scope:
    """Return the ground that whoever asked for a plan was kept to: what solving it may see."""
    plan = the_plan(session, plan_id)
    within = plan.wish.get("within")
    if within is None:
        return EVERYTHING
    return Scope(zone_ids=areas.subtree_ids(session, frozenset({int(within)}), plan.from_on))


def view_of(session: Session, plan: Plan, number: int | None = None) -> PlanView:
    """Return the view of a plan's row in one of its versions."""
    shown = plan.version_number if number is None else number
    version = store.version_of(session, plan.id, shown)
    if version is None and shown != 0:
        raise NotFound("plan_version_not_found", plan=plan.id, version=shown)
    return PlanView(
        id=plan.id, name=plan.name, kind=plan.kind, state=plan.state, from_on=plan.from_on, to_on=plan.to_on,
        version=shown, newest=plan.version_number, content={} if version is None else version.content, wish=plan.wish,
        based_on_id=plan.based_on_id, job_id=plan.job_id, change={} if version is None else version.change,
        can_undo=version is not None and version.after > 0,
        can_redo=store.version_after(session, plan.id, shown) is not None,
        published_version=plan.published_number, published_at=plan.published_at,
    )  # fmt: skip


def _scope(session: Session) -> Scope:
    scope: Scope = session.info.get("scope", EVERYTHING)
    return scope
