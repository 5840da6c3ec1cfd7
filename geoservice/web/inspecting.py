"""An inspector's own day on the phone."""

from __future__ import annotations

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

inspecting = Blueprint("inspecting", __name__, url_prefix="/field/inspections")
guard(inspecting, Permission.INSPECT)


@inspecting.get("/")
def show_day() -> str:
    """Show what one inspects today."""
    return render_template("field/inspections.html")
