"""The vector tiles that the city's map is drawn from, kept as those of collections are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.services.collections.catalogue import Collection, Days, Shape
from geoservice.services.collections.reading import open_collection
from geoservice.store.feature_filters import Conditions

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.collections.reading import Reading
    from geoservice.store.scope import Scope

# Not among the collections that other programs find: what is in them is only what the map draws.
ZONES = Collection("map_zones", Shape.AREA, Days.VALID)
STREETS = Collection("map_streets", Shape.LINE)


@dataclass(frozen=True)
class MapTiles:
    """Tiles of a collection under some conditions."""

    collection: Collection
    conditions: Conditions

    def open(self, open_session: Callable[[], Session], scope: Scope, settings: Settings) -> Reading:
        """Begin to read for somebody with this scope."""
        return open_collection(open_session, self.collection, scope, settings)


def zone_tiles(level: str, on: date, *, named: bool) -> MapTiles:
    """Return the tiles of a level's borders on a day; `named`: each zone with its name and where to write it."""
    found = Conditions(ZONES.source, named=named)
    found.add(ZONES.source.during, from_on=on, to_on=on)
    found.add("z.level = %(level)s", level=level)
    return MapTiles(ZONES, found)


def street_tiles() -> MapTiles:
    """Return the tiles of all streets, without names."""
    return MapTiles(STREETS, Conditions(STREETS.source, named=False))
