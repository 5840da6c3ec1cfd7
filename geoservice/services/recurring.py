"""Templates of recurring patrols made, changed and removed; two of a team never want it at the same time."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import told
from geoservice.services.seen import check_seen, fingerprint
from geoservice.store import audit, batches, team_rows, template_rows
from geoservice.store.calendars import PatrolTemplate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.store.patrols import Route

LONGEST_CODE = 40
DAYS = ("working", "resting", "all")
_WEEK = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True)
class TemplateSetup:
    """What can be set of a template; no `route`: whatever is planned. `last_on` is the last day it holds, None: without end."""

    name: str
    team: str
    weekdays: tuple[int, ...]
    days: str
    starts: time
    ends: time
    first_on: date
    last_on: date | None = None
    route: str | None = None


@dataclass(frozen=True)
class TemplateView:
    """A template with the names of its team and route; `seen` says which state of it this is."""

    id: int
    code: str
    setup: TemplateSetup
    team_name: str
    route_name: str | None
    seen: str


def list_templates(session: Session) -> list[TemplateView]:
    """Return every template, by team and code."""
    found = []
    for row, team, route in template_rows.all_templates(session):
        setup = TemplateSetup(
            name=row.name,
            team=team.code,
            weekdays=tuple(sorted(row.weekdays)),
            days=row.days,
            starts=row.starts,
            ends=row.ends,
            first_on=row.valid_from,
            last_on=row.valid_to - timedelta(days=1) if row.valid_to else None,
            route=route.code if route else None,
        )
        seen = fingerprint(asdict(setup))
        found.append(TemplateView(row.id, row.code, setup, team.name, route.name if route else None, seen))
    return found


def read_template(session: Session, template_id: int) -> TemplateView:
    """Return one template; NotFound without it."""
    found = next((one for one in list_templates(session) if one.id == template_id), None)
    if found is None:
        raise NotFound("template_not_there", template=template_id)
    return found


def routes_to_choose(session: Session) -> list[tuple[str, str]]:
    """Return code and name of the routes a template may have: those that no plan wrote."""
    return [(route.code, route.name) for route in template_rows.fixed_routes(session)]


def add_template(
    session: Session, code: str, words: Mapping[str, str], *, by: int | None, today: date
) -> TemplateView:
    """Add a template that says what is told; Conflict when the team is wanted elsewhere then."""
    code = told.read_name(code, "code", LONGEST_CODE)
    batches.lock(session, "patrol_templates")
    if template_rows.template_by_code(session, code) is not None:
        raise Conflict("template_code_taken", code=code)
    blank = TemplateSetup(code, "", _WEEK, "working", time(8, 30), time(17, 30), today)
    row = PatrolTemplate(code=code)
    _store(session, row, _told(blank, words))
    session.add(row)
    session.flush()
    audit.record(session, by, "template.add", "patrol_template", str(row.id), {"code": code})
    return read_template(session, row.id)


def change_template(
    session: Session, template_id: int, words: Mapping[str, str], *, by: int | None, seen: str | None = None
) -> TemplateView:
    """Set of a template what is told; Conflict when it is no longer as it was `seen`, or the team is wanted elsewhere then."""
    row = template_rows.template_by_id(session, template_id)
    before = read_template(session, template_id)
    check_seen(seen, asdict(before.setup), before.setup.name)
    setup = _told(before.setup, words)
    if row is not None and setup != before.setup:
        _store(session, row, setup)
        session.flush()
        audit.record(session, by, "template.change", "patrol_template", str(template_id), {"code": row.code})
    return read_template(session, template_id)


def remove_template(session: Session, template_id: int, *, by: int | None) -> None:
    """Take a template away; patrols that were made of it stay."""
    row = template_rows.template_by_id(session, template_id)
    if row is None:
        raise NotFound("template_not_there", template=template_id)
    code = row.code
    session.delete(row)
    session.flush()
    audit.record(session, by, "template.remove", "patrol_template", str(template_id), {"code": code})


def _told(before: TemplateSetup, words: Mapping[str, str]) -> TemplateSetup:
    changed: dict[str, Any] = {name: _READ[name](value, name) for name, value in words.items()}
    setup = replace(before, **changed)
    if setup.starts >= setup.ends:
        raise BadRequest("shift_reversed", starts=f"{setup.starts:%H:%M}", ends=f"{setup.ends:%H:%M}")
    if setup.last_on is not None and setup.last_on < setup.first_on:
        raise BadRequest("validity_reversed", from_on=setup.first_on, to_on=setup.last_on)
    return setup


def _weekdays(text: str, _field: str) -> tuple[int, ...]:
    codes = told.read_codes(text)
    if not codes or any(code not in set("1234567") for code in codes):
        raise BadRequest("weekdays_unreadable", value=text.strip()[:20])
    return tuple(sorted({int(code) for code in codes}))


def _days(text: str, _field: str) -> str:
    if text not in DAYS:
        raise BadRequest("days_unknown", value=text[:20], days=", ".join(DAYS))
    return text


def _first_day(text: str, field: str) -> date:
    day = told.read_day(text, field)
    if day is None:
        raise BadRequest("field_needed", field=field)
    return day


_READ: dict[str, Any] = {
    "name": told.read_name,
    "team": lambda text, field: told.read_name(text, field, LONGEST_CODE),
    "weekdays": _weekdays,
    "days": _days,
    "starts": told.read_needed_clock,
    "ends": told.read_needed_clock,
    "first_on": _first_day,
    "last_on": told.read_day,
    "route": lambda text, _field: text.strip() or None,
}
FIELDS = tuple(_READ)


def _store(session: Session, row: PatrolTemplate, setup: TemplateSetup) -> None:
    """Let a template say what `setup` does."""
    team = team_rows.team_by_code(session, setup.team)
    if team is None:
        raise NotFound("team_not_there", team=setup.team)
    route = _route(session, setup.route)
    row.name, row.team_id, row.route_id = setup.name, team.id, route.id if route else None
    row.weekdays, row.days = list(setup.weekdays), setup.days
    row.starts, row.ends = setup.starts, setup.ends
    row.valid_from = setup.first_on
    row.valid_to = setup.last_on + timedelta(days=1) if setup.last_on else None
    with session.no_autoflush:
        for other in template_rows.templates_of_team(session, team.id):
            if other is not row and collide(row, other):
                raise Conflict("template_collides", other=other.code, name=other.name)


def _route(session: Session, code: str | None) -> Route | None:
    if code is None:
        return None
    route = template_rows.route_by_code(session, code)
    if route is None:
        raise NotFound("route_not_there", code=code[:LONGEST_CODE])
    return route


def collide(one: PatrolTemplate, other: PatrolTemplate) -> bool:
    """Tell whether there may be a day and an hour at which both want their team."""
    if {one.days, other.days} == {"working", "resting"}:
        return False
    hours = one.starts < other.ends and other.starts < one.ends
    days = (one.valid_to is None or other.valid_from < one.valid_to) and (
        other.valid_to is None or one.valid_from < other.valid_to
    )
    return hours and days and bool(_reached(one) & _reached(other))


def _reached(template: PatrolTemplate) -> set[int]:
    """Return the weekdays it may come on: make-up days are weekend days (see `templates.recurs`)."""
    makes_up = template.days == "working" and set(template.weekdays) >= {1, 2, 3, 4, 5}
    return {*template.weekdays, 6, 7} if makes_up else set(template.weekdays)
