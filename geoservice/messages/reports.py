"""What can go wrong with reports, rankings and digests."""

from __future__ import annotations

REPORTS: dict[str, str] = {}
