"""What can go wrong with photos, and what may be odd about them."""

from __future__ import annotations

EVIDENCE: dict[str, str] = {}
