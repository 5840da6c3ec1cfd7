"""Cases as those who must put things right see them, and the orders about them."""

from __future__ import annotations

from flask import Blueprint, render_template

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

handling = Blueprint("handling", __name__, url_prefix="/handling")
guard(handling, Permission.HANDLE_CASES)


@handling.get("/")
def show_cases() -> str:
    """Show the cases that wait for one's own department or ground."""
    return render_template("handling/cases.html")
