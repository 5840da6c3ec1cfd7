"""Photos added and shown; who sees one is up to what it belongs to."""

from __future__ import annotations

from flask import Blueprint

photos = Blueprint("photos", __name__, url_prefix="/photos")
