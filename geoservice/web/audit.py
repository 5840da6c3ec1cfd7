"""Who did what, when."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from geoservice.domain.roles import Permission
from geoservice.store import trail
from geoservice.store.audit import verify_chain
from geoservice.web.audit_words import word_of_act, word_of_object
from geoservice.web.identity import guard, own_transaction

audit = Blueprint("audit", __name__, url_prefix="/admin/audit")
guard(audit, Permission.SEE_AUDIT)

LISTED = 100


@audit.get("/")
def show_entries() -> str:
    """List the newest entries, or those before one, and tell whether the chain is whole."""
    checked = "check" in request.args
    login = request.args.get("login", "").strip()[:64]
    before = request.args.get("before", "")
    before_id = int(before) if before.isdecimal() and len(before) < 18 else None
    with own_transaction() as session:
        entries = trail.recent_entries(session, LISTED, before_id=before_id, login=login or None)
        broken_at = verify_chain(session) if checked else None
    return render_template(
        "admin/audit.html",
        entries=entries,
        login=login,
        checked=checked,
        broken_at=broken_at,
        more=len(entries) == LISTED,
        word_of_act=word_of_act,
        word_of_object=word_of_object,
    )
