"""What users are told about positions that devices report."""

from __future__ import annotations

POSITIONS: dict[str, str] = {}
