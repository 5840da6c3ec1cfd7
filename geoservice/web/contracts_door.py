"""The door to contracts and the people in them, and what its pages share."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotAllowed, NotFound
from geoservice.services import told
from geoservice.store import people
from geoservice.web.deployment import today
from geoservice.web.errors import status_of
from geoservice.web.identity import current_scope, guard
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

contracts = Blueprint("contracts", __name__, url_prefix="/dispatch/contracts")
guard(contracts, Permission.RUN_CASES)

REFUSED = (BadRequest, Conflict, NotFound)
"""What a form can be refused with: the page is shown again with what was typed, and the reason."""

LARGEST_ID = "2147483647"


@contracts.context_processor
def _tabs() -> dict[str, bool]:
    """Let every page here know which of the others are for the visitor."""
    return {"sees_whole_city": current_scope().everything}


def need_whole_city() -> None:
    """Refuse who looks after a part of the city: people and roles belong to all of it."""
    if not current_scope().everything:
        raise NotAllowed("whole_city_only")


def typed(names: Iterable[str]) -> dict[str, str]:
    """Return what a form says of these fields."""
    return {name: request.form[name] for name in names if name in request.form}


def asked_day(name: str = "on") -> date:
    """Return the day that the address names; today where it names none."""
    return told.read_day(request.args.get(name, ""), "day") or today()


def refused(error: GeoServiceError) -> tuple[str, int]:
    """Return why a form was refused, its field and ground named as the form names them, and the status."""
    values: dict[str, Any] = {**error.values}
    if "field" in values:
        values["field"] = field_words().get(values["field"], values["field"])
    if "kind" in values:
        values["kind"] = kind_words().get(values["kind"], values["kind"])
    return say(error.code, values), status_of(error)


def field_words() -> dict[str, str]:
    """Return the names of fields as the forms show them."""
    return {
        "leader": gettext("Person"),
        "ground_code": gettext("Code of the ground"),
        "first_on": gettext("First day"),
        "last_on": gettext("Last day"),
        "code": gettext("Code"),
        "name": gettext("What it is called"),
        "title": gettext("Post"),
        "reason": gettext("Reason"),
        "day": gettext("Day"),
        "lon, lat": gettext("Place"),
        "place": gettext("Place"),
    }


def kind_words() -> dict[str, str]:
    """Return what each kind of ground is called."""
    return {"zone": gettext("Zone"), "street": gettext("Street"), "point": gettext("Point")}


def last_day(until: date | None) -> date | None:
    """Return the last day of what holds until before another."""
    return until - timedelta(days=1) if until else None


def people_to_type(session: Session) -> list[str]:
    """Return everybody who may contract ground, as a list offers them to whoever types; nobody for part of the city."""
    if not current_scope().everything:
        return []
    return [f"{leader.code} · {leader.name}" for leader in people.all_leaders(session)]
