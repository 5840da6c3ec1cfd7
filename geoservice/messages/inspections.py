"""What can go wrong with checklists, samples and inspections."""

from __future__ import annotations

INSPECTIONS: dict[str, str] = {}
