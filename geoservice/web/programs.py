"""One's own tokens for programs."""

from __future__ import annotations

from flask import Blueprint

from geoservice.web.identity import guard

programs = Blueprint("programs", __name__, url_prefix="/account/programs")
guard(programs, None)
