"""What is wrong with the ground: hierarchy, gaps and overlaps between siblings, points entered twice."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

checks = Blueprint("checks", __name__, url_prefix="/gis/checks")
guard(checks, Permission.IMPORT)
