"""The patrol member's page: his team, his patrols, and what his devices recorded."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission
from geoservice.store import duty
from geoservice.web.deployment import today
from geoservice.web.identity import guard, own_transaction, the_account

field = Blueprint("field", __name__, url_prefix="/field")
guard(field, Permission.PATROL)

DAYS_BACK = 7


@field.get("/")
def show_patrols() -> str:
    """Show his own, and nobody else's."""
    member_id = the_account().member_id
    if member_id is None:
        return render_template("field/patrols.html", team=None, patrols=[], tracks=[], today=today())
    with own_transaction() as session:
        team = duty.team_of(session, member_id)
        patrols = duty.patrols_of(session, member_id, today() - timedelta(days=DAYS_BACK))
        tracks = duty.tracks_of(session, member_id)
    return render_template("field/patrols.html", team=team, patrols=patrols, tracks=tracks, today=today())
