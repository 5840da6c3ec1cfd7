"""Routes of the blueprint `handling`."""

from __future__ import annotations

# endpoint → (method, address, form, who is let in, status of those let in)
ROWS: dict[str, tuple] = {
    "handling.show_cases": ("GET", "/handling/", None, {"handler", "leader"}, 200),
}
