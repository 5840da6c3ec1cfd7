"""Inspections: drawn, given out, and what they found."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

inspections = Blueprint("inspections", __name__, url_prefix="/dispatch/inspections")
guard(inspections, Permission.PLAN_INSPECTIONS)
