"""The member's pages without a network: the service worker of /field/, and whom the phone's queue asks before it sends."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template
from flask_wtf.csrf import generate_csrf

from geoservice.domain.roles import Permission
from geoservice.errors import BadRequest, Conflict, InvalidFile, StorageFull
from geoservice.web.identity import current_account, guard, the_account, wants_page
from geoservice.web.pages import asset

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

offline = Blueprint("offline", __name__, url_prefix="/field")
guard(offline, Permission.PATROL)

REFUSED = (BadRequest, Conflict, InvalidFile, StorageFull)
"""What a form of the field says beside itself, with everything that was typed."""

WORKER = ("js/offline-queue.js", "js/offline-worker.js")
# What the pages under /field/ load; each address changes with its file, and the worker's version with them.
KEPT = (
    "img/icon.svg",
    "node_modules/bootstrap/dist/css/bootstrap.min.css",
    "node_modules/bootstrap/dist/js/bootstrap.bundle.min.js",
    "node_modules/htmx.org/dist/htmx.min.js",
    "node_modules/leaflet/dist/leaflet.css",
    "node_modules/leaflet/dist/leaflet.js",
    "css/app.css",
    "css/pages.css",
    "css/patrol.css",
    "css/photos.css",
    "css/base-maps.css",
    "css/offline.css",
    "js/theme.js",
    "js/pages.js",
    "js/map-bridge.js",
    "js/base-maps.js",
    "js/check-in.js",
    "js/patrol.js",
    "js/photo-field.js",
    "js/offline-queue.js",
    "js/offline.js",
)
ACCOUNT_HEADER = "Geoservice-Account"


@offline.get("/worker.js")
def get_worker() -> Response:
    """Send the service worker with the list of what it keeps; another version whenever one of these files changed."""
    assets = [asset(path) for path in KEPT]
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


def sent_on(said: str, address: str) -> AnyResponse:
    """Answer a form that was stored: a browser goes on to the next page, the phone's queue is told what to say there."""
    if not wants_page():
        return jsonify({"said": said, "next": address})
    flash(said, "good")
    return redirect(address)
