"""Which zones are meant by a code or an id: those and all below them on a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.store.zones_of_day import zones_on

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.store.zones_of_day import ZoneOn


def at_or_below(zones: Iterable[ZoneOn], roots: Collection[int]) -> frozenset[int]:
    """Return the ids of those zones that are among `roots` or lie below one."""
    asked = frozenset(roots)
    return frozenset(zone.zone_id for zone in zones if not asked.isdisjoint(zone.path))


def zones_of_code(session: Session, on: date, code: str) -> frozenset[int]:
    """Return the zones with a code and all below them on a day; raises NotFound for a code nobody has then."""
    zones = zones_on(session, on)
    roots = {zone.zone_id for zone in zones if zone.code == code}
    if not roots:
        raise NotFound("zone_unknown", code=code)
    return at_or_below(zones, roots)
