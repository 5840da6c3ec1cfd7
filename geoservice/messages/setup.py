"""What users are told about teams, hours, templates and the work calendar."""

from __future__ import annotations

SETUP: dict[str, str] = {}
