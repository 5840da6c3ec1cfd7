"""Which collections there are, and who is shown which."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.store.feature_sources import SOURCES, Source

if TYPE_CHECKING:
    from geoservice.store.scope import Scope


class Days(StrEnum):
    """What the parameter `datetime` means for a collection."""

    NONE = "none"  # nothing: its features have no time
    VALID = "valid"  # versions that hold on these days, today's without it
    REPORT = "report"  # the report about exactly these days, the newest without it
    RECORDED = "recorded"  # what was recorded on these days, the last week without it


class Shape(StrEnum):
    """What the features of a collection look like."""

    AREA = "area"
    LINE = "line"
    POINT = "point"


@dataclass(frozen=True)
class Collection:
    """A collection of features; `whole_city`: shown only to those who see all of it, for nothing ties a row to a zone."""

    id: str
    shape: Shape
    days: Days = Days.NONE
    whole_city: bool = False

    @property
    def source(self) -> Source:
        """What it is made of."""
        return SOURCES[self.id]


COLLECTIONS = (
    Collection("zones", Shape.AREA, Days.VALID),
    Collection("points", Shape.POINT),
    Collection("streets", Shape.LINE),
    Collection("routes", Shape.LINE, whole_city=True),
    Collection("gaps", Shape.AREA, Days.REPORT),
    Collection("tracks", Shape.LINE, Days.RECORDED, whole_city=True),
)


def collections_for(scope: Scope) -> list[Collection]:
    """Return the collections that somebody with this scope is shown."""
    return [one for one in COLLECTIONS if scope.everything or not one.whole_city]


def find_collection(collection_id: str, scope: Scope) -> Collection:
    """Return a collection by its id; NotFound where it is none, or not for this scope."""
    for one in collections_for(scope):
        if one.id == collection_id:
            return one
    raise NotFound("collection_unknown", known=", ".join(one.id for one in collections_for(scope)))
