"""The door to editing the ground."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

editing = Blueprint("editing", __name__, url_prefix="/gis/edit")
guard(editing, Permission.IMPORT)
