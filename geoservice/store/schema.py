"""Every table, imported in one place for Alembic."""

from __future__ import annotations

from geoservice.store import (
    audit,
    contracts,
    coverage,
    imports,
    jobs,
    patrols,
    people,
    points,
    sightings,
    streets,
    tracks,
    zones,
)
from geoservice.store.base import Base

metadata = Base.metadata
__all__ = [
    "audit",
    "contracts",
    "coverage",
    "imports",
    "jobs",
    "metadata",
    "patrols",
    "people",
    "points",
    "sightings",
    "streets",
    "tracks",
    "zones",
]
