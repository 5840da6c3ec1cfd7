"""What citizens are told about what they sent."""

from __future__ import annotations

CITIZENS: dict[str, str] = {}
