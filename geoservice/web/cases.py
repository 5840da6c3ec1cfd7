"""Cases as dispatchers run them: the list, each case with its steps, and what may be done next."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

cases = Blueprint("cases", __name__, url_prefix="/cases")
guard(cases, Permission.RUN_CASES)
