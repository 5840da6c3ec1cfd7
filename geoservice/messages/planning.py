"""What users are told about plans."""

from __future__ import annotations

PLANNING: dict[str, str] = {}
