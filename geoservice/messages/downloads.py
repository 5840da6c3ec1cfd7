"""What exports and templates say."""

from __future__ import annotations

DOWNLOADS: dict[str, str] = {}
