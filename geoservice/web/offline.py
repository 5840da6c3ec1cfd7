"""The pages of the field without a network: the service worker of /field/, and whom the phone's queue asks before it sends."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, url_for
from flask_wtf.csrf import generate_csrf

from geoservice.domain.roles import Permission, may
from geoservice.errors import BadRequest, Conflict, InvalidFile, NotAllowed, StorageFull
from geoservice.web.identity import current_account, guard, the_account, wants_page
from geoservice.web.static_files import asset, together

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

offline = Blueprint("offline", __name__, url_prefix="/field")
guard(offline, None)

REFUSED = (BadRequest, Conflict, InvalidFile, StorageFull)
"""What a form of the field says beside itself, with everything that was typed."""

WORKER = ("js/offline-queue.js", "js/offline-worker.js")
# What the pages under /field/ load; each address changes with its file, and the worker's version with them.
KEPT = (
    "img/icon.svg",
    "node_modules/leaflet/dist/leaflet.css",
    "node_modules/leaflet/dist/leaflet.js",
    "css/patrol.css",
    "css/photos.css",
    "css/base-maps.css",
    "css/offline.css",
    "css/inspections.css",
    "js/theme.js",
    "js/base-maps.js",
    "js/check-in.js",
    "js/page-streets.js",
    "js/patrol.js",
    "js/inspection.js",
    "js/photo-field.js",
    "js/offline-queue.js",
    "js/offline.js",
)
TOGETHER = ("page.css", "page-libraries.js", "page.js")
ACCOUNT_HEADER = "Geoservice-Account"
KEPT_FOR_HEADER = "Geoservice-Kept-For"
"""For how many seconds the worker may show a kept page; without it, as long as it is there."""


@offline.before_request
def _let_in() -> None:
    """Who works in the street is let in: members of patrols and inspectors."""
    role = the_account().role
    if not (may(role, Permission.PATROL) or may(role, Permission.INSPECT)):
        raise NotAllowed


@offline.get("/worker.js")
def get_worker() -> Response:
    """Send the service worker with the list of what it keeps; another version whenever one of these files changed."""
    assets = [*map(together, TOGETHER), *map(asset, KEPT)]
    static = Path(current_app.static_folder or "")
    code = "".join((static / path).read_text(encoding="utf-8") for path in WORKER)
    version = hashlib.sha256("\n".join([*assets, code]).encode()).hexdigest()[:16]
    kept = json.dumps({"version": version, "assets": assets})
    answer = Response(f"self.KEPT = {kept};\n{code}", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@offline.get("/who")
def tell_who() -> Response:
    """Tell the queue who is logged in, so that it sends nobody else's, with the token that a form of his needs now."""
    account = the_account()
    return jsonify({"account": account.id, "name": account.name, "token": generate_csrf()})


@offline.get("/offline")
def show_offline() -> str:
    """Show what is shown in place of a page that is not on the phone."""
    return render_template("field/offline.html")


@offline.after_app_request
def _tell_account(answer: Response) -> Response:
    """Say whose page this is: the worker keeps no page of one person for another."""
    account = current_account()
    if account is not None and answer.mimetype == "text/html":
        answer.headers[ACCOUNT_HEADER] = str(account.id)
    return answer


@offline.app_context_processor
def _keeping() -> dict[str, object]:
    """Let the pages of the field know where the work of whoever is logged in begins."""
    return {"field_homes": homes_here}


def homes_here() -> list[str]:
    """Return the pages that whoever is logged in always wants to have on his phone, the first of them to begin with."""
    account = current_account()
    if account is not None and may(account.role, Permission.INSPECT):
        return [url_for("inspecting.show_day")]
    return [url_for("field.show_patrols"), url_for("field.show_points")]


def sent_on(said: str, address: str) -> AnyResponse:
    """Answer a form that was stored: a browser goes on to the next page, the phone's queue is told what to say there."""
    if not wants_page():
        return jsonify({"said": said, "next": address})
    flash(said, "good")
    return redirect(address)
