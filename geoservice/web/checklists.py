"""Checklists by category of point, in versions, and what was never checked."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

checklists = Blueprint("checklists", __name__, url_prefix="/dispatch/checklists")
guard(checklists, Permission.PLAN_INSPECTIONS)
