"""Files to take away: every list and layer in the format and CRS of choice; templates for imports."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.machine import guard_machine

downloads = Blueprint("downloads", __name__, url_prefix="/download")
guard_machine(downloads, Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
