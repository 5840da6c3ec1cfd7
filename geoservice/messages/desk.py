"""What the import desk says."""

from __future__ import annotations

DESK: dict[str, str] = {}
