"""Reports of days, weeks, months and quarters, and the ranking."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

reports = Blueprint("reports", __name__, url_prefix="/reports")
guard(reports, Permission.SEE_REPORTS)
