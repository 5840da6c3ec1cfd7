"""The door of REST: everybody with some business here enters, and each operation asks for what it needs."""

from __future__ import annotations

from flask import Blueprint, request

from geoservice.domain.roles import Permission
from geoservice.web.machine import guard_machine

api = Blueprint("api", __name__, url_prefix="/api/v1")
guard_machine(
    api,
    Permission.SEE_CITY,
    Permission.SEE_OWN_GROUND,
    Permission.PATROL,
    Permission.HANDLE_CASES,
    Permission.REPORT_CASES,
)

LONGEST_BODY = 8 * 1024 * 1024
"""Bytes: a polygon of 100 000 vertices, written out in full."""


@api.before_request
def _allow_polygons() -> None:
    """Let a body be larger than a form's."""
    request.max_content_length = LONGEST_BODY
