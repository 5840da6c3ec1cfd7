"""What can go wrong with cases, their clocks and what is asked for on the way."""

from __future__ import annotations

CASES: dict[str, str] = {}
