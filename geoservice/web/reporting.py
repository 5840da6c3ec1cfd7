"""Making, looking over and publishing reports; formulas and digests."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

reporting = Blueprint("reporting", __name__, url_prefix="/dispatch/reports")
guard(reporting, Permission.PUBLISH_REPORTS)
