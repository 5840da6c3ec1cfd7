"""The values a map is drawn from, filled by services; the words on it are in `maps/text.py`.

Geometry is shapely in lon/lat (EPSG:4326). Areas are square metres, lengths metres, rates shares of 1.
Names are data: they are never translated and may hold any character; the drawing code escapes them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

RoleName = tuple[str, str]
"""(role as the reader is to see it, person's name)."""

PointState = Literal["visited_findings", "visited_clean", "probable", "not_visited"]
"""How a point stands in the window; probable: a track passed, nobody checked in."""

PointDue = Literal["ok", "due_today", "due_tomorrow", "overdue", "never"]
"""How a point stands against the interval its category requires; never: not one visit is known."""

Holding = Literal["one", "none", "two"]
"""How many leaders answer for a zone: one, none, or two and more."""

NO_BAND = 255
"""The value of an `AgeImage` where nothing is to be drawn."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days the coverage is measured over, both ends included."""

    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the drawn zones; a rate of None means the window holds no data at all."""

    area_m2: float
    covered_m2: float
    excluded_m2: float
    rate: float | None
    gap_count: int | None


@dataclass(frozen=True, slots=True)
class ZoneShape:
    """A zone with its coverage.

    A rate of None says that nothing is known for the window (drawn apart, as "no data"); 0.0 says
    that patrols were out and none of them saw this ground.
    """

    id: int
    code: str
    name: str
    level: str
    geometry: BaseGeometry
    area_m2: float
    covered_m2: float
    excluded_m2: float
    rate: float | None
    gap_count: int | None
    """None: not computed."""
    leader: str | None = None
    others: tuple[RoleName, ...] = ()
    holding: Holding | None = None


@dataclass(frozen=True, slots=True)
class GapShape:
    """A blind spot; rank 1 is the largest, days_unseen None means never seen."""

    id: int
    rank: int
    zone_code: str
    zone_name: str
    geometry: BaseGeometry
    area_m2: float
    days_unseen: int | None
    point_weight: float
    point_count: int
    leader: str | None = None
    others: tuple[RoleName, ...] = ()
    inside: tuple[str, ...] = ()
    """The names of the points inside, where the map that it is for shows points."""


@dataclass(frozen=True, slots=True)
class StretchShape:
    """A stretch of a street nobody saw; rank 1 comes first, days_unseen None means never seen."""

    id: int
    rank: int
    street_code: str
    street_name: str
    geometry: LineString
    length_m: float
    days_unseen: int | None
    leader: str | None = None
    others: tuple[RoleName, ...] = ()


@dataclass(frozen=True, slots=True)
class PointShape:
    """An inspection point; `mine` marks a key point the leader contracted.

    `last_visit` and `longest` (the longest stretch without a visit) are written for the reader, "" where
    there is nothing to say.
    """

    id: int
    code: str
    name: str
    category: str
    category_name: str
    lon: float
    lat: float
    mine: bool = False
    state: PointState | None = None
    due: PointDue | None = None
    last_visit: str = ""
    longest: str = ""


@dataclass(frozen=True, slots=True)
class StreetShape:
    """A street centre line; `mine` marks a key road the leader contracted."""

    code: str
    name: str
    geometry: BaseGeometry
    mine: bool = False


@dataclass(frozen=True, slots=True)
class ExclusionShape:
    """Ground nobody is asked to see (water, a works site …), with the reason as it is to be read."""

    id: int
    reason: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class TrackShape:
    """What one patrol device really drove or walked, as a line, under a label such as its team."""

    id: int
    label: str
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class SuggestionShape:
    """A proposal that closes blind spots: a post to stand at or a detour to take, with its reasons as rows.

    `lines` are (name, value) as the reader is to see them.
    """

    id: int
    rank: int
    kind: Literal["post", "detour"]
    geometry: Point | LineString
    title: str
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class AgeImage:
    """How long ago the ground was last seen, as an image of bands.

    `bands` has one value a pixel, an index into `names` or NO_BAND; rows run from north to south, equally
    spaced in Web-Mercator y. The edges are degrees. `names` run from the most recent to the longest ago.
    `shown`: from the start, and not only once it is asked for.
    """

    bands: NDArray[np.uint8]
    west: float
    south: float
    east: float
    north: float
    names: tuple[str, ...]
    shown: bool = False


@dataclass(frozen=True, slots=True)
class LeaderArea:
    """Everything on one leader's map on one day."""

    leader_name: str
    on: date
    window: Window
    computed_at: datetime | None
    zones: tuple[ZoneShape, ...]
    gaps: tuple[GapShape, ...]
    points: tuple[PointShape, ...]
    streets: tuple[StreetShape, ...]
    exclusions: tuple[ExclusionShape, ...]
    totals: Totals
    tracks: tuple[TrackShape, ...] = ()
    stretches: tuple[StretchShape, ...] = ()
    suggestions: tuple[SuggestionShape, ...] = ()
    ages: AgeImage | None = None


@dataclass(frozen=True, slots=True)
class Shortened:
    """What a map does not carry whole: its first `drawn` are there, of so many; `found` None: nobody counted, or looked at all."""

    kind: Literal["gaps", "stretches", "points"]
    drawn: int
    found: int | None


@dataclass(frozen=True, slots=True)
class CityArea:
    """Everything on the dispatcher's map: all zones of one level, and the gaps worth showing."""

    name: str
    on: date
    window: Window
    computed_at: datetime | None
    zones: tuple[ZoneShape, ...]
    gaps: tuple[GapShape, ...]
    totals: Totals
    points: tuple[PointShape, ...] = ()
    streets: tuple[StreetShape, ...] = ()
    exclusions: tuple[ExclusionShape, ...] = ()
    tracks: tuple[TrackShape, ...] = ()
    stretches: tuple[StretchShape, ...] = ()
    suggestions: tuple[SuggestionShape, ...] = ()
    ages: AgeImage | None = None
    shortened: tuple[Shortened, ...] = ()


@dataclass(frozen=True, slots=True)
class Tiles:
    """One sheet of tiles: an XYZ address with {z}, {x}, {y} and perhaps {s} and {r}; `s` is one of `subdomains`.

    `vector`: what the tiles hold is drawn by the browser.
    """

    url: str
    subdomains: str = "abc"
    min_zoom: int = 0
    max_zoom: int = 18
    vector: bool = False
    layers: tuple[str, ...] = ()
    """The names of what vector tiles hold, which tell how to paint them."""


@dataclass(frozen=True, slots=True)
class TileSet:
    """A base map: sheets that lie upon one another. `gcj02`: shapes must be shifted to lie right on it.

    `bounds`: min lon, min lat, max lon, max lat of what it covers; None is everywhere.
    """

    key: str
    name: str
    sheets: tuple[Tiles, ...]
    attribution: str = ""
    gcj02: bool = False
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class BaseMap:
    """What may lie under the shapes, for the reader to choose from.

    `first` is the key of what a map opens with, "" for nothing; `painter` the addresses of what draws vector tiles;
    `words` are those of the list to choose from.
    """

    sets: tuple[TileSet, ...]
    first: str
    painter: tuple[str, ...] = ()
    words: tuple[tuple[str, str], ...] = ()
