"""The levels of the hierarchy, and what is on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, Conflict
from geoservice.services.importing.zones import known_level
from geoservice.store import zone_versions
from geoservice.store.zones import ZoneLevel

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.zone_versions import ListedZone

LONGEST_CODE = 40
RANKS = range(1, 1000)


def list_levels(session: Session) -> list[ZoneLevel]:
    """Every level, the widest first."""
    return zone_versions.levels(session)


def add_level(session: Session, code: str, rank: int, names: tuple[str, str]) -> None:
    """Add a level with its Chinese and its English name; Conflict when its code or rank is taken."""
    if (
        not (code.isascii() and code.replace("_", "").isalnum() and len(code) <= LONGEST_CODE)
        or rank not in RANKS
    ):
        raise BadRequest("level_invalid", level=code, rank=rank)
    for level in zone_versions.levels(session):
        if level.code == code or level.rank == rank:
            raise Conflict("level_taken", level=level.code, rank=level.rank)
    zone_versions.add_level(session, ZoneLevel(code=code, rank=rank, name_zh=names[0], name_en=names[1]))


def list_zones(session: Session, on: date, level: str | None = None) -> list[ListedZone]:
    """The zones valid on a day, the widest level first; BadRequest for an unknown level."""
    return zone_versions.listed_zones(session, on, known_level(session, level) if level else None)
