"""The values a map is drawn from: filled by services, words and number formats by web.

Geometry is shapely in lon/lat (EPSG:4326). Areas are square metres, lengths metres, rates shares of 1.
Names are data: they are never translated and may hold any character; the drawing code escapes them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from shapely.geometry.base import BaseGeometry

RoleName = tuple[str, str]
"""(role as the reader is to see it, person's name)."""


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
    gap_count: int


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
    gap_count: int
    leader: str | None = None
    others: tuple[RoleName, ...] = ()


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


@dataclass(frozen=True, slots=True)
class PointShape:
    """An inspection point; `mine` marks a key point the leader contracted."""

    id: int
    code: str
    name: str
    category: str
    category_name: str
    lon: float
    lat: float
    mine: bool = False


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


@dataclass(frozen=True, slots=True)
class BaseMap:
    """The deployment's own tiles: an XYZ address with {z}, {x}, {y} and perhaps {s} and {r}."""

    url: str
    attribution: str = ""
    max_zoom: int = 18
    subdomains: str = "abc"


@dataclass(frozen=True, slots=True)
class MapText:
    """Every word on a map, translated, and how numbers are written. `maps` itself holds no language."""

    lang: str
    title: str
    map_label: str
    layer_zones: str
    layer_gaps: str
    layer_points: str
    layer_streets: str
    layer_exclusions: str
    layer_tracks: str
    legend: str
    coverage: str
    no_data: str
    gap: str
    exclusion: str
    point: str
    my_point: str
    street: str
    my_street: str
    code: str
    category: str
    area: str
    covered: str
    excluded: str
    gap_count: str
    zone: str
    leader: str
    nobody: str
    others: str
    days_unseen: str
    never: str
    points_inside: str
    window: str
    computed_at: str
    not_computed: str
    zoom_in: str
    zoom_out: str
    fit: str
    full_screen: str
    exit_full_screen: str
    locate: str
    locate_failed: str
    my_position: str
    close: str
    layers: str
    write_area: Callable[[float], str]
    """Square metres → text with its unit."""
    write_percent: Callable[[float], str]
    """A share of 1 → text with the per cent sign."""
    write_count: Callable[[int], str]
    write_days: Callable[[int], str]
    write_day: Callable[[date], str]
    write_instant: Callable[[datetime], str]
