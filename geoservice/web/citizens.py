"""What citizens sent, taken up or answered."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

citizens = Blueprint("citizens", __name__, url_prefix="/dispatch/citizens")
guard(citizens, Permission.RUN_CASES)
