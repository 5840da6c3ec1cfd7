"""The patrol member's pages: his team, his patrols, what his devices recorded, and checking in at a point."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Blueprint, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, GeoServiceError, NotFound
from geoservice.services import check_ins
from geoservice.services import field_points as service
from geoservice.services.check_ins import LONGEST_NOTE, NewCheckIn
from geoservice.services.evidence import Subject
from geoservice.store import duty
from geoservice.web import words
from geoservice.web.deployment import current_settings, current_time, open_transaction, today
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account, wants_page
from geoservice.web.offline import REFUSED, sent_on
from geoservice.web.phone_forms import place_of, said_at, uuid_of
from geoservice.web.photos_forms import keep_photos, sent_photos
from geoservice.web.texts import current_locale, gettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from geoservice.services.field_points import FieldPoint
    from geoservice.store.check_in_rows import StoredCheckIn

field = Blueprint("field", __name__, url_prefix="/field")
guard(field, Permission.PATROL)

DAYS_BACK, DAYS_AHEAD = 7, 14
POINTS_LISTED = 30
OWN_LISTED = 10
EMPTY_FORM = {"note": "", "lon": "", "lat": "", "has_findings": ""}


@field.get("/")
def show_patrols() -> str:
    """Show his own, and nobody else's."""
    member_id, on = the_account().member_id, today()
    if member_id is None:
        return render_template("field/patrols.html", team=None, patrols=[], tracks=[], today=on)
    with own_transaction() as session:
        team = duty.team_of(session, member_id)
        patrols = duty.patrols_of(
            session, member_id, on - timedelta(days=DAYS_BACK), on + timedelta(days=DAYS_AHEAD)
        )
        tracks = duty.tracks_of(session, member_id)
    return render_template("field/patrols.html", team=team, patrols=patrols, tracks=tracks, today=on)


@field.get("/check-in")
def show_points() -> str:
    """List points to check in at, the most urgent first or the nearest, and what he checked in last."""
    wanted, here = request.args.get("q", "").strip()[:64], _here()
    member_id = the_account().member_id
    points, own = [], []
    if member_id is not None:
        with _field_transaction() as session:
            points = service.field_points(
                session,
                current_settings(),
                member_id,
                now=current_time(),
                locale=current_locale(),
                here=here,
            )
            own = service.check_ins_of(session, member_id, OWN_LISTED)
    found = service.search(points, wanted)
    return render_template(
        "field/points.html",
        points=found[:POINTS_LISTED],
        found=len(found),
        total=len(points),
        own=own,
        wanted=wanted,
        is_near=here is not None,
        is_member=member_id is not None,
    )


@field.get("/check-in/<int(max=2147483647):point_id>")
def show_check_in(point_id: int) -> str:
    """Show the form of one point; its name for the check-in makes a second tap harmless."""
    return _form_page(point_id, {**EMPTY_FORM, "client_uuid": str(uuid4())})


@field.post("/check-in/<int(max=2147483647):point_id>")
def check_in(point_id: int) -> tuple[str, int] | Response:
    """Store that he was there; what can't be stored is said beside the form, with everything he typed."""
    form = request.form
    try:
        new, photos = _new_check_in(point_id), sent_photos()
        with _field_transaction() as session:
            stored = check_ins.record(session, current_settings(), new, now=current_time())
            if not _is_same(stored, new):
                raise Conflict("check_in_sent_already", at=words.write_instant(stored.at))
            subject = Subject("check_in", stored.id)
            keep_photos(session, photos, subject, at=new.at, client_uuid=new.client_uuid)
    except REFUSED as error:
        if not wants_page():
            raise
        typed = {name: form.get(name, "") for name in (*EMPTY_FORM, "client_uuid")}
        if isinstance(error, Conflict) or not uuid_of(typed["client_uuid"]):
            typed["client_uuid"] = str(uuid4())
        return _form_page(point_id, typed, error), status_of(error)
    said = gettext("Checked in at %(time)s.", time=words.write_clock(stored.at))
    return sent_on(said, url_for("field.show_points"))


@contextmanager
def _field_transaction() -> Iterator[Session]:
    """Open a transaction that sees the points to be visited and nothing else of the city."""
    with open_transaction() as session:
        scope = service.field_scope(session)
    with open_transaction(replace(scope, account_id=the_account().id)) as session:
        yield session


def _form_page(point_id: int, form: dict[str, str], error: GeoServiceError | None = None) -> str:
    return render_template(
        "field/check_in.html",
        point=_point(point_id),
        form=form,
        longest_note=LONGEST_NOTE,
        problem=words.say(error.code, error.values) if error else "",
    )


def _point(point_id: int) -> FieldPoint:
    with _field_transaction() as session:
        found = service.field_points(
            session,
            current_settings(),
            _member_id(),
            now=current_time(),
            locale=current_locale(),
            point_ids=[point_id],
        )
    if not found:
        raise NotFound("point_unknown", point=point_id)
    return found[0]


def _member_id() -> int:
    member_id = the_account().member_id
    if member_id is None:
        raise BadRequest("account_without_member")
    return member_id


def _new_check_in(point_id: int) -> NewCheckIn:
    """Return what the form says; raises BadRequest."""
    form = request.form
    answer = form.get("has_findings", "")
    if answer not in {"yes", "no"}:
        raise BadRequest("check_in_answer_needed")
    place = place_of(form.get("lon", ""), form.get("lat", ""))
    return NewCheckIn(
        at=said_at(form.get("age_s", ""), current_time()),
        has_findings=answer == "yes",
        point_id=point_id,
        member_id=_member_id(),
        note=form.get("note", "").replace("\r\n", "\n").strip(),
        lon=place[0] if place else None,
        lat=place[1] if place else None,
        client_uuid=uuid_of(form.get("client_uuid", "")),
    )


def _is_same(stored: StoredCheckIn, new: NewCheckIn) -> bool:
    """Tell whether what is stored is what was just sent, or what an older page had sent under the same name."""
    return (stored.point_id, stored.member_id, stored.has_findings, stored.note) == (
        new.point_id,
        new.member_id,
        new.has_findings,
        new.note,
    )


def _here() -> tuple[float, float] | None:
    """Return where the address says he is; a place that is none counts as not told."""
    try:
        return place_of(*request.args.get("near", "").split(",", 1))
    except (BadRequest, TypeError):
        return None
