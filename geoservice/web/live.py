"""Where patrols are now, and the devices that report."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

live = Blueprint("live", __name__, url_prefix="/dispatch/live")
guard(live, Permission.PLAN)
