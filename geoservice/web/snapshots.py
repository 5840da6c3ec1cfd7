"""The public form of a snapshot, and what became of it (随手拍)."""

from __future__ import annotations

from flask import Blueprint

snapshots = Blueprint("snapshots", __name__, url_prefix="/snapshot")
