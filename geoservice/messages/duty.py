"""What can go wrong with contracts, deputies and hand-overs."""

from __future__ import annotations

DUTY: dict[str, str] = {}
