"""Orders of supervision: the list, the rules, and the page that is printed."""

from __future__ import annotations

from flask import Blueprint

from geoservice.domain.roles import Permission
from geoservice.web.identity import guard

orders = Blueprint("orders", __name__, url_prefix="/orders")
guard(orders, Permission.RUN_CASES)
