"""OGC API – Features, its tiles, and how to connect QGIS."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.machine import guard_machine

ogc = Blueprint("ogc", __name__, url_prefix="/ogc")
guard_machine(ogc, Permission.SEE_CITY, Permission.SEE_OWN_GROUND)
