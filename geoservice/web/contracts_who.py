"""From any place and day: the people, by role, with why; and the roles that key streets and points lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import render_template, request, url_for

from geoservice.domain.contracts import KINDS
from geoservice.errors import GeoServiceError
from geoservice.services import layers, role_holes, told, who
from geoservice.web.contracts_door import REFUSED, asked_day, contracts, kind_words, refused
from geoservice.web.deployment import current_settings
from geoservice.web.identity import own_transaction
from geoservice.web.map_ground import ground_shapes
from geoservice.web.paging import page_of
from geoservice.web.place_maps import asked_place, place_map
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from datetime import date

    from flask import Response
    from sqlalchemy.orm import Session

    from geoservice.services.who import Who


@contracts.get("/who")
def show_who() -> str | tuple[str, int]:
    """Show who answers at the place, or for the ground, that the address names."""
    problem, status, found = None, 200, None
    with own_transaction() as session:
        try:
            found = _asked(session, asked_day())
        except REFUSED as error:
            problem, status = refused(error)
        roles = layers.role_names(session, current_locale())
    shown = render_template(
        "contracts/who.html",
        found=found,
        problem=problem,
        asked=request.args,
        on=_day_shown(),
        roles=roles,
        kind_words=kind_words(),
        map_address=url_for("contracts.show_who_map", place=request.args.get("place") or None),
    )
    return (shown, status) if problem else shown


@contracts.get("/who/map")
def show_who_map() -> Response:
    """Show the map on which a place is chosen, a page of its own for the frame."""
    words = (gettext("Map of places"), gettext("Show the place again"), gettext("The place asked for"))
    with own_transaction() as session:
        return place_map(session, ground_shapes(session), asked_place(), words)


@contracts.get("/holes")
def show_holes() -> str:
    """Show which role of each key street and point nobody holds, and who holds the others."""
    only = request.args.get("only", "holes")
    kind = request.args.get("kind", "")
    with own_transaction() as session:
        rows = role_holes.key_grounds(session, asked_day())
        roles = layers.role_names(session, current_locale())
    with_holes = [row for row in rows if row.holes]
    chosen = with_holes if only == "holes" else rows
    shown = page_of([row for row in chosen if kind in {"", row.kind}])
    by_role = {role: sum(role in row.holes for row in rows) for role in roles}
    return render_template(
        "contracts/holes.html",
        rows=shown.rows,
        page=shown.number,
        pages=shown.pages,
        total=len(rows),
        lacking=len(with_holes),
        by_role=by_role,
        roles=roles,
        only=only,
        kind=kind,
        on=asked_day(),
        kind_words=kind_words(),
    )


def _asked(session: Session, on: date) -> Who | None:
    """Return who answers for what the address asks for: a place first, else a code; None where it asks for nothing."""
    place = told.read_place(request.args.get("place", "")[:60], "place")
    if place is not None:
        return who.who_is_here(session, current_settings(), on, place)
    code = request.args.get("code", "").strip()[:64]
    if not code:
        return None
    kind = request.args.get("kind", "")
    return who.who_answers_for(session, on, kind=kind if kind in KINDS else "zone", code=code)


def _day_shown() -> str:
    try:
        return asked_day().isoformat()
    except GeoServiceError:
        return ""
