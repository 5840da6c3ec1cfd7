"""What editing the map says."""

from __future__ import annotations

EDITING: dict[str, str] = {}
