"""Every table, imported in one place for Alembic."""

from __future__ import annotations

from geoservice.store import (
    access_tokens,
    audit,
    calendars,
    contracts,
    coverage,
    drafts,
    imports,
    jobs,
    patrols,
    people,
    plans,
    points,
    row_changes,
    sightings,
    streets,
    table_changes,
    tracks,
    zones,
)
from geoservice.store.base import Base

metadata = Base.metadata
__all__ = [
    "access_tokens",
    "audit",
    "calendars",
    "contracts",
    "coverage",
    "drafts",
    "imports",
    "jobs",
    "metadata",
    "patrols",
    "people",
    "plans",
    "points",
    "row_changes",
    "sightings",
    "streets",
    "table_changes",
    "tracks",
    "zones",
]
