"""Telling of a problem one saw on the way."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

telling = Blueprint("telling", __name__, url_prefix="/tell")
guard(telling, Permission.REPORT_CASES)
