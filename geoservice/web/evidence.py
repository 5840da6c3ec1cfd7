"""Photos with something odd about them, for a person to judge."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

evidence = Blueprint("evidence", __name__, url_prefix="/dispatch/evidence")
guard(evidence, Permission.RUN_CASES)
