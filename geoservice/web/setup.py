"""What plans are made of: teams, opening hours and groups of points, recurring patrols, the work calendar."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

setup = Blueprint("setup", __name__, url_prefix="/dispatch/setup")
guard(setup, Permission.PLAN)
