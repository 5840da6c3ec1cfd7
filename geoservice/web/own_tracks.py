"""A member's own tracks: what his devices recorded, and bringing one as a GPX file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, GeoServiceError, InvalidFile
from geoservice.services import own_tracks as service
from geoservice.store import duty
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.receiving import file_at_hand
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.formats.tables import TrackTable

own_tracks = Blueprint("own_tracks", __name__, url_prefix="/field/tracks")
guard(own_tracks, Permission.PATROL)

LISTED = 50


@own_tracks.get("/")
def show_tracks() -> Response:
    """List his tracks, and offer to bring one."""
    return _page()


@own_tracks.post("/")
def receive() -> AnyResponse:
    """Store a track he recorded himself; what is wrong with the file is said beside the form."""
    try:
        table = _read()
        with own_transaction() as session:
            done = service.bring(session, current_settings(), _member_id(), table, now=current_time())
    except GeoServiceError as error:
        return _page(error)
    flash(
        gettext(
            "%(new)s positions are new, %(repeated)s were known, %(apart)s lie in the future and are kept apart, %(left_out)s were left out.",
            new=done.new,
            repeated=done.repeated,
            apart=done.apart,
            left_out=done.left_out,
        ),
        "good" if done.new or done.repeated else "warn",
    )
    return redirect(url_for("own_tracks.show_tracks"))


def _read() -> TrackTable:
    """Read the file in a child process; nothing of it stays on the disk."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise BadRequest("own_track_needs_gpx")
    if not file.filename.lower().endswith(".gpx"):
        raise InvalidFile("own_track_needs_gpx")
    with file_at_hand(current_settings(), file, "track.gpx") as path:
        return service.read_gpx(path, Path(file.filename).name, current_settings())


def _member_id() -> int:
    member_id = the_account().member_id
    if member_id is None:
        raise BadRequest("account_without_member")
    return member_id


def _page(problem: GeoServiceError | None = None) -> Response:
    member_id = the_account().member_id
    with own_transaction() as session:
        tracks = duty.tracks_of(session, member_id, LISTED) if member_id is not None else []
    return make_response(
        render_template(
            "field/tracks.html",
            tracks=tracks,
            is_member=member_id is not None,
            problem=say(problem.code, problem.values) if problem else "",
            most_mb=service.LIMITS.file_bytes // 1_000_000,
        ),
        status_of(problem) if problem else 200,
    )
