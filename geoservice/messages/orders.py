"""What can go wrong with orders of supervision, and why they are raised."""

from __future__ import annotations

ORDERS: dict[str, str] = {}
