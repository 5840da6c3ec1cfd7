"""A patrol on the member's phone: its stops, the next one, start and stop, and what to take along."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

on_the_way = Blueprint("on_the_way", __name__, url_prefix="/field/patrols")
guard(on_the_way, Permission.PATROL)
