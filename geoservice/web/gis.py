"""The GIS desk: what was imported, how it was read, and what it refused."""

from __future__ import annotations

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission
from geoservice.store import import_history
from geoservice.web.identity import current_scope, guard, own_transaction, the_account

gis = Blueprint("gis", __name__, url_prefix="/gis")
guard(gis, Permission.IMPORT)

LISTED = 100


@gis.get("/imports")
def show_imports() -> str:
    """List the newest imports with their counts."""
    with own_transaction() as session:
        found = import_history.recent_batches(session, LISTED, only_by=_only_by())
    return render_template("gis/imports.html", batches=found)


@gis.get("/imports/<int(max=2147483647):batch_id>")
def show_import(batch_id: int) -> str:
    """Show one import with every problem it met."""
    with own_transaction() as session:
        batch = import_history.read_batch(session, batch_id, only_by=_only_by())
    return render_template("gis/import.html", batch=batch, row=batch.row)


def _only_by() -> int | None:
    """Refused rows tell names of the whole city: whoever sees a part of it sees his own imports only."""
    return None if current_scope().everything else the_account().id
