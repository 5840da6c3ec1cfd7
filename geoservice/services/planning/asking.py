"""Asking for a plan: the wish is kept, a job or the command line then solves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, NotFound
from geoservice.services import accounts
from geoservice.services.grounds import zones_of_code
from geoservice.services.planning.reading import read, the_plan, to_be_changed
from geoservice.store import audit, due_rows
from geoservice.store import plan_rows as store

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.planning.values import PlanView, Wish

MOST_NAME = 100


def ask(session: Session, settings: Settings, wish: Wish, *, by: int | None, now: datetime) -> PlanView:
    """Keep a wish as a plan in the state "asked"; raises NotFound for a zone, team or plan that is not there.

    The asker then lets the job "solve_plan" {"plan": id} run and keeps its id with `started`. Whoever is kept to a zone
    plans on its ground only.
    """
    for code in wish.zone_codes:
        zones_of_code(session, wish.from_on, code)
    known = {team.code for team in due_rows.teams(session, wish.team_codes, wish.from_on)}
    for code in wish.team_codes:
        if code not in known:
            raise NotFound("team_not_found", code=code)
    if wish.based_on_id is not None:
        the_plan(session, wish.based_on_id)
    account = None if by is None else accounts.account_of(session, by)
    within = None if account is None else account.scope_zone_id
    name = wish.name.strip()[:MOST_NAME] or _name_of(wish)
    kept = {**wish.as_json(), "name": name, "within": within}
    new = store.NewPlan(name, "points", wish.from_on, wish.to_on, kept, wish.based_on_id)
    plan_id = store.add_plan(session, new, by=by, now=now)
    audit.record(session, by, "plan.ask", "plan", str(plan_id), {"name": name})
    return read(session, plan_id)


def started(session: Session, plan_id: int, job_id: int) -> None:
    """Remember which job solves a plan."""
    store.set_state(session, plan_id, job_id=job_id)


def resolve(
    session: Session, settings: Settings, plan_id: int, *, version: int, by: int | None, now: datetime
) -> PlanView:
    """Have a plan solved again with its stops, keeping pins and locks; raises Conflict when `version` is not the newest.

    As with `ask`, the asker lets the job "solve_plan" run, here with {"plan": id, "version": number}.
    """
    plan, _ = to_be_changed(session, plan_id, version)
    if plan.kind != "points":
        raise BadRequest("plan_kind_fixed")
    audit.record(session, by, "plan.resolve", "plan", str(plan.id), {"version": version})
    return read(session, plan_id)


def failed(session: Session, plan_id: int) -> None:
    """Note that a plan could not be solved; one that has a version keeps its state."""
    plan = store.plan_of(session, plan_id, lock=True)
    if plan is not None and plan.version_number == 0:
        store.set_state(session, plan_id, state="failed")


def _name_of(wish: Wish) -> str:
    first, last = wish.from_on.isoformat(), wish.to_on.isoformat()
    return first if first == last else f"{first} – {last}"
