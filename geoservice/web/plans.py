"""Plans: what is due, asking for patrols, looking at them, changing them, publishing them."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

plans = Blueprint("plans", __name__, url_prefix="/dispatch/plans")
guard(plans, Permission.PLAN)
