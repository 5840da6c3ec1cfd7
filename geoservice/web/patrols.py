"""What patrols did beside what was planned."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

patrols = Blueprint("patrols", __name__, url_prefix="/dispatch/patrols")
guard(patrols, Permission.PLAN)
