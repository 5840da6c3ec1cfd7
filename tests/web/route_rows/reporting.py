"""Routes of the blueprint `reporting`."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {}
