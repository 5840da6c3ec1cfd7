"""REST for programs: every noun under /api/v1, described by OpenAPI."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.machine import guard_machine

api = Blueprint("api", __name__, url_prefix="/api/v1")
guard_machine(api, Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
