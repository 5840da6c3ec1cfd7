"""Where patrols are now, and the devices that report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from geoservice.domain.roles import Permission
from geoservice.errors import GeoServiceError
from geoservice.maps.live import live_map, live_shapes
from geoservice.services import devices
from geoservice.services.devices import Owner
from geoservice.services.live import look
from geoservice.store import device_rows
from geoservice.web import live_words
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.errors import status_of
from geoservice.web.identity import guard, own_transaction, the_account
from geoservice.web.map_ground import ground_shapes
from geoservice.web.map_text import base_map, map_answer, map_text, static_address
from geoservice.web.paging import page_of
from geoservice.web.texts import gettext
from geoservice.web.words import say

if TYPE_CHECKING:
    from flask import Response
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response as AnyResponse

    from geoservice.services.live import LiveView

live = Blueprint("live", __name__, url_prefix="/dispatch/live")
guard(live, Permission.PLAN)

EVERY_S = 15
DEVICE = "/devices/<int(max=2147483647):device_id>"


@live.get("/")
def show_live() -> str:
    """Show who is on patrol and who should be, beside the map of last positions."""
    with own_transaction() as session:
        view = _look(session)
    return render_template("dispatch/live.html", **_words_of(view), every_s=EVERY_S)


@live.get("/now")
def show_now() -> str:
    """Show the tables alone, with the places for the map: what the page asks for every few seconds."""
    with own_transaction() as session:
        view = _look(session)
    return render_template("dispatch/live_tables.html", **_words_of(view))


@live.get("/map")
def show_map() -> Response:
    """Show the map itself, a page of its own for the frame."""
    title = gettext("Live map")
    text = replace(map_text(title, fit=gettext("Show the whole city")), map_label=title)
    signs = (
        gettext("Reports"),
        gettext("Should be on patrol and is silent"),
        gettext("Silent, no patrol now"),
    )
    with own_transaction() as session:
        shapes = live_shapes(live_words.device_shapes(_look(session)))
        ground = ground_shapes(session)
    own = (text, gettext("Devices"), signs)
    return map_answer(live_map(shapes, ground, own, base_map(), static_address()))


@live.get("/devices")
def show_devices() -> Response:
    """List the devices, whose they are, and what they reported last."""
    return _devices_page()


@live.post("/devices")
def add_device() -> Response:
    """Add a device and show its token, this once."""
    code = request.form.get("code", "")
    try:
        with own_transaction() as session:
            row = devices.add_device(session, code, _owner(), by=the_account().id)
            made = row.code, devices.make_token(session, row.id, now=current_time(), by=the_account().id)
    except GeoServiceError as error:
        return _devices_page(problem=error, typed=code[: devices.LONGEST_CODE])
    return _devices_page(made=made)


@live.post(f"{DEVICE}/token")
def make_token(device_id: int) -> Response:
    """Make a new token of a device and show it, this once."""
    with own_transaction() as session:
        row = devices.find_device(session, device_id=device_id)
        made = row.code, devices.make_token(session, device_id, now=current_time(), by=the_account().id)
    return _devices_page(made=made)


@live.post(f"{DEVICE}/revoke")
def revoke_token(device_id: int) -> AnyResponse:
    """End a device's token at once."""
    with own_transaction() as session:
        devices.revoke_token(session, device_id, by=the_account().id)
    flash(gettext("The token is revoked. The device reports no more until it has a new one."), "good")
    return redirect(url_for("live.show_devices"))


@live.post(f"{DEVICE}/owner")
def give_device(device_id: int) -> AnyResponse:
    """Say whose a device is, and whether it may report."""
    active = request.form.get("active") == "yes"
    try:
        with own_transaction() as session:
            devices.give_device(session, device_id, _owner(), active=active, by=the_account().id)
    except GeoServiceError as error:
        if status_of(error) == 404 and error.code == "device_id_unknown":
            raise
        return _devices_page(problem=error)
    flash(gettext("Saved."), "good")
    return redirect(url_for("live.show_devices"))


@live.get(f"{DEVICE}/apart")
def show_apart(device_id: int) -> str:
    """List the positions of a device that were kept apart because its clock was far ahead."""
    with own_transaction() as session:
        row = devices.find_device(session, device_id=device_id)
        found = devices.list_kept_apart(session, device_id)
        return render_template("dispatch/devices_apart.html", device=row.code, rows=found)


def _look(session: Session) -> LiveView:
    return look(session, current_settings(), now=current_time())


def _words_of(view: LiveView) -> dict[str, object]:
    """Return what the tables are made of."""
    return {
        "view": view,
        "missing": sum(team.state in {"missing", "silent"} for team in view.teams),
        "shapes": live_shapes(live_words.device_shapes(view)),
        "word_of_state": live_words.word_of_state,
        "write_age": live_words.write_age,
    }


def _owner() -> Owner:
    return Owner(request.form.get("member", "").strip(), request.form.get("team", "").strip())


def _devices_page(
    *, made: tuple[str, str] | None = None, problem: GeoServiceError | None = None, typed: str = ""
) -> Response:
    wanted = request.args.get("q", "").strip()[:64]
    with own_transaction() as session:
        listed = devices.list_devices(session)
        members, teams = device_rows.owners(session)
    found = [row for row in listed if _fits(row, wanted)]
    shown = page_of(found)
    return make_response(
        render_template(
            "dispatch/devices.html",
            rows=shown.rows,
            found=len(found),
            page=shown.number,
            pages=shown.pages,
            wanted=wanted,
            members=members,
            teams=teams,
            made=made,
            problem=say(problem.code, problem.values) if problem else "",
            typed=typed,
            longest_code=devices.LONGEST_CODE,
            site=request.host_url.rstrip("/"),
            now=current_time(),
            write_age=live_words.write_age,
        ),
        status_of(problem) if problem else 200,
    )


def _fits(row: device_rows.DeviceRow, wanted: str) -> bool:
    told = (row.code, row.member, row.member_code, row.team, row.team_code)
    return not wanted or any(wanted.casefold() in (each or "").casefold() for each in told)
