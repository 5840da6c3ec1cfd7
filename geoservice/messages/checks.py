"""What the checks of the ground say."""

from __future__ import annotations

CHECKS: dict[str, str] = {}
