"""Who contracted which ground: new, changed, handed over; deputies and roles."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

contracts = Blueprint("contracts", __name__, url_prefix="/dispatch/contracts")
guard(contracts, Permission.RUN_CASES)
