"""What users are told about patrols and what was done."""

from __future__ import annotations

PATROLS: dict[str, str] = {}
