"""What addresses and forms about cases say, read into what the services take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from flask import request

from geoservice.domain.cases import ACTIVE, REQUESTS, TERMINAL, State
from geoservice.errors import BadRequest, GeoServiceError
from geoservice.services import told
from geoservice.services.cases import MOST_URGENT, NEWEST, SOURCES, CaseFilters, NewCase
from geoservice.store import case_marks
from geoservice.web.case_words import word_of_field
from geoservice.web.deployment import current_time, today
from geoservice.web.phone_forms import place_of, uuid_of
from geoservice.web.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from geoservice.services.cases import Possible

OPEN, ALL, ANY = "open", "all", "any"
WITHOUT_CLOCK = frozenset({State.SUSPENDED, State.VERIFIED, *TERMINAL})
"""The states in which no clock runs: a list by deadline has none of these."""
LARGEST_ID = 2_147_483_647
LONGEST_SEARCH = 64
TYPED_NEW = ("kind", "title", "description", "lon", "lat", "address", "client_uuid")
ORIGIN = ("point", "patrol", "check_in", "source")


@dataclass(frozen=True)
class ListAsk:
    """A list of cases as an address asks for it; `args` are the parts of the address that say so."""

    filters: CaseFilters
    args: dict[str, str]
    state: str
    after: str | None


def list_ask() -> ListAsk:
    """Return what the address asks for; what makes no sense in it counts as not asked."""
    args = request.args
    asked = args.get("asked", "") if args.get("asked") in {ANY, *REQUESTS} else ""
    # Somebody may also appeal against a case that is over.
    state = args.get("state", ALL if asked else OPEN)
    if state not in {OPEN, ALL, *State}:
        state = OPEN
    order = NEWEST if args.get("order") == NEWEST or state in {ALL, *WITHOUT_CLOCK} else MOST_URGENT
    said = {name: args.get(name, "").strip()[:LONGEST_SEARCH] for name in ("kind", "source", "zone", "q")}
    department, point = _id_in(args.get("department", "")), _id_in(args.get("point", ""))
    zone, overdue = _id_in(said["zone"]), args.get("overdue") == "1"
    filters = CaseFilters(
        states=states_of(state),
        kinds=(said["kind"],) if said["kind"] else (),
        sources=(said["source"],) if said["source"] in SOURCES else (),
        department_id=department,
        zone_id=zone,
        zone_on=today() if zone else None,
        point_id=point,
        overdue_at=current_time() if overdue else None,
        recurring=args.get("recurring") == "1",
        asked=asked_kinds(asked),
        text=said["q"],
        order=order,
    )
    kept = {
        "state": state if "state" in args and (state != OPEN or asked) else "",
        "order": args.get("order", "") if args.get("order") == NEWEST else "",
        **said,
        "department": str(department or ""),
        "point": str(point or ""),
        "overdue": "1" if overdue else "",
        "asked": asked,
        "recurring": "1" if filters.recurring else "",
    }
    return ListAsk(filters, {name: value for name, value in kept.items() if value}, state, args.get("after"))


def states_of(state: str) -> frozenset[State]:
    """Return the states that one choice of a list stands for."""
    if state == OPEN:
        return ACTIVE
    return frozenset() if state == ALL else frozenset({State(state)})


def asked_kinds(asked: str) -> frozenset[str]:
    """Return the requests that one choice of a list stands for; none where nothing was chosen."""
    return frozenset(REQUESTS if asked == ANY else {asked} - {""})


def new_case(source: str, **more: int | None) -> NewCase:
    """Return the new case that a form tells; raises BadRequest for what is missing."""
    form = request.form
    place = place_of(form.get("lon", "").strip(), form.get("lat", "").strip())
    if place is None:
        raise BadRequest("case_form_place_needed")
    return NewCase(
        kind=form.get("kind", ""),
        title=" ".join(form.get("title", "").split()),
        description=form.get("description", "").replace("\r\n", "\n").strip(),
        lon=place[0],
        lat=place[1],
        address=" ".join(form.get("address", "").split()),
        source=source,
        at=current_time(),
        client_uuid=uuid_of(form.get("client_uuid", "")),
        **more,
    )


def typed_new(**start: Any) -> dict[str, str]:
    """Return what stands in the form of a new case: what was typed, or else what it starts with."""
    typed = {name: str(request.form.get(name, start.get(name, ""))) for name in (*TYPED_NEW, *ORIGIN)}
    if uuid_of(typed["client_uuid"]) is None:
        typed["client_uuid"] = str(uuid4())
    return typed


def given_of(session: Session, possible: Possible) -> dict[str, Any]:
    """Return what a step's form gives; `session` must see the case that it names. Raises BadRequest."""
    given: dict[str, Any] = {}
    for field in possible.fields:
        value = request.form.get(field.name, "").replace("\r\n", "\n").strip()
        if value:
            given[field.name] = _READERS[field.kind](session, value, field.name)
    return given


def reason_of(error: GeoServiceError, possible: Possible | None = None) -> str:
    """Return why a form was refused, its fields named as the form names them."""
    values = dict(error.values)
    names = {field.name: field for field in possible.fields} if possible else {}
    if possible and values.get("field") in names:
        values["field"] = word_of_field(possible.action, names[values["field"]])
    return say(error.code, values)


def origin_args(asked: Mapping[str, str]) -> dict[str, int | None]:
    """Return the point, patrol and check-in that an address or a form names; what is no number is none."""
    return {name: _id_in(asked.get(name, "")) for name in ("point", "patrol", "check_in")}


def version_of() -> int | None:
    """Return which version of the case the form was made for."""
    return _id_in(request.form.get("row_version", ""))


def form_uuid() -> UUID | None:
    """Return the form's own name for itself."""
    return uuid_of(request.form.get("client_uuid", ""))


def _id_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:11]) <= LARGEST_ID else None


def _id(_session: Session, text: str, name: str) -> int:
    number = _id_in(text)
    if number is None:
        raise BadRequest("case_form_choice_unreadable", field=name, value=text[:20])
    return number


def _case(session: Session, text: str, _name: str) -> int:
    found = case_marks.id_of_number(session, text)
    if found is None:
        raise BadRequest("case_form_number_unknown", number=text[:20])
    return found


def _number(_session: Session, text: str, name: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadRequest("case_form_choice_unreadable", field=name, value=text[:20]) from None


_READERS: dict[str, Any] = {
    "text": lambda _session, text, _name: text,
    "department": _id,
    "leader": _id,
    "case": _case,
    "number": _number,
    "day": lambda _session, text, name: told.read_day(text, name),
}
