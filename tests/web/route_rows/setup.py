"""Routes of the blueprint `setup`."""

from __future__ import annotations

PLANNERS = {"admin", "dispatcher"}

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {}
