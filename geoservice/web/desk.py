"""The import desk: drop files, see what they are, what they would do, then apply."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

desk = Blueprint("desk", __name__, url_prefix="/gis/import")
guard(desk, Permission.IMPORT)
