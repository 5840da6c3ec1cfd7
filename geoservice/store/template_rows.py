"""Recurring patrols and the dated patrols that are made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from geoservice.store.calendars import PatrolTemplate
from geoservice.store.patrols import Patrol, Route
from geoservice.store.people import Team

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session


def templates_on(session: Session, day: date) -> list[PatrolTemplate]:
    """Return the templates that hold on a day, whatever its weekday, of teams that are active; by code."""
    holds = or_(PatrolTemplate.valid_to.is_(None), PatrolTemplate.valid_to > day)
    query = select(PatrolTemplate).join(Team, Team.id == PatrolTemplate.team_id)
    query = query.where(Team.active, PatrolTemplate.valid_from <= day, holds)
    return list(session.scalars(query.order_by(PatrolTemplate.code)))


def all_templates(session: Session) -> list[tuple[PatrolTemplate, Team, Route | None]]:
    """Return every template with its team and its route, by team and code."""
    query = (
        select(PatrolTemplate, Team, Route)
        .join(Team, Team.id == PatrolTemplate.team_id)
        .outerjoin(Route, Route.id == PatrolTemplate.route_id)
        .order_by(Team.code, PatrolTemplate.code)
    )
    return [(template, team, route) for template, team, route in session.execute(query)]


def template_by_id(session: Session, template_id: int) -> PatrolTemplate | None:
    """Return one template, which nobody else changes until we are done."""
    return session.get(PatrolTemplate, template_id, with_for_update=True)


def template_by_code(session: Session, code: str) -> PatrolTemplate | None:
    """Return the template of a code."""
    return session.scalar(select(PatrolTemplate).where(PatrolTemplate.code == code))


def templates_of_team(session: Session, team_id: int) -> list[PatrolTemplate]:
    """Return a team's templates; whoever adds one waits until we are done."""
    session.execute(select(Team.id).where(Team.id == team_id).with_for_update())
    query = select(PatrolTemplate).where(PatrolTemplate.team_id == team_id)
    return list(session.scalars(query.order_by(PatrolTemplate.code)))


def fixed_routes(session: Session) -> list[Route]:
    """Return the routes that were not written by a plan, by code."""
    planned = select(Patrol.route_id).where(Patrol.plan_id.is_not(None))
    return list(session.scalars(select(Route).where(Route.id.not_in(planned)).order_by(Route.code)))


def route_by_code(session: Session, code: str) -> Route | None:
    """Return the route of a code."""
    return session.scalar(select(Route).where(Route.code == code))


def publish_patrol(
    session: Session, template: PatrolTemplate, day: date, hours: tuple[datetime, datetime]
) -> bool:
    """Publish the patrol of a template on a day, or a draft of the same; False when it was there already."""
    statement = insert(Patrol).values(
        on_day=day, route_id=template.route_id, team_id=template.team_id, status="published",
        starts_at=hours[0], ends_at=hours[1], template_id=template.id,
    )  # fmt: skip
    taken = {name: statement.excluded[name] for name in ("status", "starts_at", "ends_at", "template_id")}
    made = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[Patrol.on_day, Patrol.team_id, Patrol.route_id],
            set_=taken,
            where=Patrol.status == "draft",
        ).returning(Patrol.id)
    )
    return made is not None
