"""Photos with something odd about them, for a person to judge: accepted, refused or unclear, with a note."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from geoservice.domain.evidence import Flag
from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest
from geoservice.services import evidence as service
from geoservice.web import words
from geoservice.web.base_maps import page_with_map
from geoservice.web.deployment import current_time
from geoservice.web.errors import status_of
from geoservice.web.evidence_words import TOOLS, word_of_verdict
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.page_streets import send_lines
from geoservice.web.texts import gettext

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.errors import GeoServiceError
    from geoservice.services.evidence import PhotoDetail

evidence = Blueprint("evidence", __name__, url_prefix="/dispatch/evidence")
guard(evidence, Permission.RUN_CASES)

PHOTO = "/<int(max=9223372036854775807):photo_id>"


@evidence.get("/")
def show_photos() -> str:
    """List flagged photos, the newest first: those that wait, or those that were judged."""
    args = request.args
    flag, judged = args.get("flag", ""), args.get("show") == "judged"
    with own_transaction() as session:
        page = service.read_queue(session, is_open=not judged, flag=flag or None, before_id=_before())
    return render_template(
        "evidence/photos.html", page=page, flag=flag, judged=judged, flags=list(Flag), **TOOLS
    )


@evidence.get(PHOTO)
def show_photo(photo_id: int) -> Response:
    """Show one photo beside the one it resembles, on a map, with what was made of it so far."""
    return _page(photo_id, {"verdict": "", "note": ""})


@evidence.get(f"{PHOTO}/streets.json")
def get_streets(photo_id: int) -> Response:
    """Send the streets around a photo to draw its map upon: flat differences in millionths of a degree, latitude first."""
    with own_transaction() as session:
        lines = service.lines_around(session, service.read_photo(session, photo_id))
    return send_lines(lines)


@evidence.post(PHOTO)
def judge(photo_id: int) -> tuple[Response, int] | AnyResponse:
    """Note what somebody makes of a photo, and go on to the next one that waits."""
    form = request.form
    verdict, note = form.get("verdict", ""), form.get("note", "").replace("\r\n", "\n")
    try:
        with own_transaction() as session:
            service.judge(session, photo_id, verdict, note, by=the_account().id, now=current_time())
            waiting = service.read_queue(session, before_id=photo_id).photos
    except BadRequest as error:
        return _page(photo_id, {"verdict": verdict, "note": note}, error), status_of(error)
    flash(
        gettext("Photo %(number)s: %(verdict)s.", number=photo_id, verdict=word_of_verdict(verdict)), "good"
    )
    if waiting:
        return redirect(url_for("evidence.show_photo", photo_id=waiting[0].id))
    return redirect(url_for("evidence.show_photos"))


def _page(photo_id: int, form: dict[str, str], error: GeoServiceError | None = None) -> Response:
    with own_transaction() as session:
        detail = service.read_photo(session, photo_id)
    return page_with_map(
        render_template(
            "evidence/photo.html",
            detail=detail,
            places=_places(detail),
            form=form,
            verdicts=service.VERDICTS,
            longest_note=service.LONGEST_NOTE,
            problem=words.say(error.code, error.values) if error else "",
            **TOOLS,
        )
    )


def _places(detail: PhotoDetail) -> list[dict[str, Any]]:
    """What the small map draws; latitude first, as Leaflet wants it."""
    track = next((flag.values for flag in detail.flags if flag.code == Flag.OFF_TRACK), None)
    found = [
        ("subject", gettext("Where it belongs"), detail.subject_place),
        ("photo", gettext("Where the camera was"), detail.place),
        ("track", gettext("Where the device was"), (track["lon"], track["lat"]) if track else None),
    ]
    return [
        {"kind": kind, "name": name, "place": [place[1], place[0]]}
        for kind, name, place in found
        if place is not None
    ]


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
