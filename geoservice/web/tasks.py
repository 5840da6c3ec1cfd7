"""Everybody's own list of today."""

from __future__ import annotations

from flask import Blueprint

tasks = Blueprint("tasks", __name__, url_prefix="/today")
