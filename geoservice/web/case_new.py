"""A new case, told at the desk or on the phone: its form, what it starts from, and near-duplicates while it is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template, request

from geoservice.errors import BadRequest
from geoservice.services import cases, field_points
from geoservice.services.cases import NewCase
from geoservice.services.on_the_way import scope_of
from geoservice.store import case_marks
from geoservice.store.responsibility_rows import zone_at
from geoservice.web import case_words
from geoservice.web.base_maps import page_with_map
from geoservice.web.case_forms import origin_args, reason_of, typed_new
from geoservice.web.case_pages import near_duplicates, the_actor
from geoservice.web.case_places import place_box
from geoservice.web.deployment import current_time, open_transaction, today
from geoservice.web.identity import current_scope, own_transaction
from geoservice.web.phone_forms import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Response

    from geoservice.errors import GeoServiceError
    from geoservice.services.cases import Actor, CaseView
    from geoservice.store.case_marks import Origin

FROM_ADDRESS = ("title", "description", "lon", "lat", "address", "kind", "source", "patrol")
LONGEST_STARTED = 500


def new_page(door: str, error: GeoServiceError | None = None) -> Response:
    """Return the form of a new case behind a door (a blueprint's name), with what was typed and why it was refused."""
    typed = typed_new(**_start())
    with open_transaction() as session:
        kinds = cases.list_kinds(session)
    page = render_template(
        f"{door}/new.html",
        typed=typed,
        kinds=kinds,
        box=place_box(typed["lon"], typed["lat"]),
        problem=reason_of(error) if error else "",
        photos_lost=error is not None and any(file.filename for file in request.files.getlist("photos")),
        word=case_words,
    )
    return page_with_map(page)


def near_part(door: str) -> str:
    """Return the near-duplicates of the form as it stands; nothing while kind or place are not known."""
    found: list[CaseView] = []
    place = _place_or_none()
    kind = request.args.get("kind", "")
    if place is not None and kind:
        like = NewCase(kind, "", "", *place, at=current_time())
        with open_transaction() as session:
            found = near_duplicates(session, like)
        with own_transaction() as session:
            shown = case_marks.shown_ids(session, [case.id for case in found])
        by = the_actor()
        found = [case for case in found if case.id in shown or by.member_id is not None]
        shown = frozenset(case.id for case in found if _reads(by, case, shown))
        return render_template("cases/near.html", near=found, shown=shown, door=door, word=case_words)
    return ""


def origin() -> Origin | None:
    """Return the point or check-in that address or form name, of those that the visitor may tell of."""
    asked = origin_args(request.values)
    by = the_actor()
    if asked["point"] is None and asked["check_in"] is None:
        return None
    with open_transaction() as session:
        scope = current_scope() if by.member_id is None else field_points.field_scope(session)
    with open_transaction(scope) as session:
        if asked["check_in"] is not None:
            found = case_marks.check_in_origin(session, asked["check_in"])
            return found if found and (by.is_desk or found.member_id == by.member_id) else None
        return case_marks.point_origin(session, asked["point"]) if asked["point"] else None


def own_patrol() -> int | None:
    """Return the patrol that a form names, if it is one of the visitor's own."""
    patrol_id, by = origin_args(request.values)["patrol"], the_actor()
    if patrol_id is None or by.member_id is None:
        return None
    with open_transaction() as session:
        scope_of(session, patrol_id, by.member_id)  # raises NotFound for the patrol of another team
    return patrol_id


def refuse_elsewhere(lon: float, lat: float) -> None:
    """Raise BadRequest for a place outside the ground of somebody who sees a part of the city."""
    if current_scope().everything:
        return
    with own_transaction() as session:
        if zone_at(session, today(), lon, lat) is None:
            raise BadRequest("case_form_place_elsewhere")


def _start() -> Mapping[str, Any]:
    """Return what the form starts with: what the address says, and the place of a point."""
    said = {name: request.args.get(name, "")[:LONGEST_STARTED] for name in FROM_ADDRESS}
    asked = origin_args(request.values)
    said |= {name: str(asked[name] or "") for name in ("point", "check_in")}
    found = origin()
    if found is None:
        return said
    start = {"lon": f"{found.lon:.6f}", "lat": f"{found.lat:.6f}", "address": found.address or found.name}
    if found.note:
        start["description"] = found.note
    return {**said, **{name: value for name, value in start.items() if not said.get(name)}}


def _reads(by: Actor, case: CaseView, shown: frozenset[int]) -> bool:
    """Tell whether somebody may open a case, rather than only hear that there is one."""
    return case.reported_by == by.account_id or (by.member_id is None and case.id in shown)


def _place_or_none() -> tuple[float, float] | None:
    try:
        return place_of(request.args.get("lon", "").strip(), request.args.get("lat", "").strip())
    except BadRequest:
        return None
