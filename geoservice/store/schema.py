"""Every table, imported in one place for Alembic."""

from __future__ import annotations

from geoservice.store import (
    access_tokens,
    audit,
    calendars,
    cases,
    contracts,
    coverage,
    drafts,
    evidence,
    imports,
    inspections,
    jobs,
    orders,
    patrols,
    people,
    plans,
    points,
    reports,
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
    "cases",
    "contracts",
    "coverage",
    "drafts",
    "evidence",
    "imports",
    "inspections",
    "jobs",
    "metadata",
    "orders",
    "patrols",
    "people",
    "plans",
    "points",
    "reports",
    "row_changes",
    "sightings",
    "streets",
    "table_changes",
    "tracks",
    "zones",
]
