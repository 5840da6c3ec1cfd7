"""The door to everything plans are made of, and how a form there is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotFound
from geoservice.web.errors import status_of
from geoservice.web.identity import guard
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

setup = Blueprint("setup", __name__, url_prefix="/dispatch/setup")
guard(setup, Permission.PLAN)

REFUSED = (BadRequest, Conflict, NotFound)
"""What a form can be refused with: the page is shown again with what was typed, and the reason."""


def typed(names: Iterable[str]) -> dict[str, str]:
    """Return what a form says of these fields; several boxes of one name as one text; an unknown field is no fault."""
    return {name: ",".join(request.form.getlist(name)) for name in names if name in request.form}


def reason_of(error: GeoServiceError) -> str:
    """Return why a form was refused, its field named as the form names it."""
    values: dict[str, Any] = error.values
    if "field" in values:
        values = {**values, "field": field_words().get(values["field"], values["field"])}
    return say(error.code, values)


def refused(error: GeoServiceError) -> tuple[str, int]:
    """Return the reason and the status of a refused form."""
    return reason_of(error), status_of(error)


def field_words() -> dict[str, str]:
    """Return the names of fields as the forms show them."""
    return {
        "code": gettext("Code"),
        "name": gettext("What it is called"),
        "depot": gettext("Starts at"),
        "end_depot": gettext("Ends at"),
        "shift_from": gettext("Works from"),
        "shift_to": gettext("Works until"),
        "break_from": gettext("Break not before"),
        "break_to": gettext("Break over by"),
        "break_minutes": gettext("Minutes of break"),
        "skills": gettext("Skills"),
        "starts": gettext("From"),
        "ends": gettext("To"),
        "first_on": gettext("First day"),
        "last_on": gettext("Last day"),
        "day": gettext("Day"),
    }
