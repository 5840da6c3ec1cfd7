"""What each collection of features is made of: tables, key, shape, properties and what makes two reads the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.queryables import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Source:
    """SQL of a collection: `key` is a whole number, unique and the order of its pages; `order` is the same for an index.

    `columns`: property → (SQL, kind). `during` limits it to days, `item` finds one by its key,
    `extent` says roughly where they are when that is dear to measure. `tables` are all that it reads.
    """

    tables: tuple[str, ...]
    rows: str
    key: str
    shape: str
    columns: Mapping[str, tuple[str, Kind]]
    during: str = "true"
    since: str = "NULL::date"
    item: str = ""
    order: tuple[str, ...] = ()
    extent: str = ""

    @property
    def kinds(self) -> dict[str, Kind]:
        """The kind of each property."""
        return {name: kind for name, (_, kind) in self.columns.items()}

    @property
    def ordered_by(self) -> Sequence[str]:
        """The SQL expressions that pages are ordered by."""
        return self.order or (self.key,)

    @property
    def reaches(self) -> str:
        """The SQL of `box`, where features are, and `since`, their first day; conditions follow it unless it has none."""
        return self.extent or f"ST_Extent({self.shape}) AS box, min({self.since}) AS since FROM {self.rows}"

    @property
    def found_by(self) -> str:
        """The SQL condition that finds the feature with the key `id`."""
        return self.item or f"{self.key} = %(id)s"


ATTRIBUTES = {"attributes": ("s.attributes", Kind.JSON)}
VERSION = {"row_version": ("s.row_version", Kind.INTEGER)}

ZONES = Source(
    tables=("zone", "zone_version"),
    rows="zone_version s JOIN zone z ON z.id = s.zone_id LEFT JOIN zone p ON p.id = s.parent_id",
    key="s.id",
    shape="s.geom",
    columns={
        "zone_id": ("s.zone_id", Kind.INTEGER),
        "level": ("z.level", Kind.TEXT),
        "code": ("z.code", Kind.TEXT),
        "name": ("s.name", Kind.TEXT),
        "parent_level": ("p.level", Kind.TEXT),
        "parent_code": ("p.code", Kind.TEXT),
        "valid_from": ("s.valid_from", Kind.DATE),
        "valid_to": ("s.valid_to", Kind.DATE),
        **VERSION,
        **ATTRIBUTES,
    },
    # Infinity stands for an open end of the days asked for.
    during="(s.valid_from IS NULL OR s.valid_from <= %(to_on)s) AND (s.valid_to IS NULL OR s.valid_to > %(from_on)s)",
    since="s.valid_from",
)

POINTS = Source(
    tables=("point",),
    rows="point s",
    key="s.id",
    shape="s.geom",
    columns={
        "code": ("s.code", Kind.TEXT),
        "category": ("s.category", Kind.TEXT),
        "name": ("s.name", Kind.TEXT),
        "address": ("s.address", Kind.TEXT),
        "required_interval_days": ("s.required_interval_days", Kind.NUMBER),
        "service_minutes": ("s.service_minutes", Kind.NUMBER),
        "weight": ("s.weight", Kind.NUMBER),
        "active": ("s.active", Kind.BOOLEAN),
        **VERSION,
        **ATTRIBUTES,
    },
)

STREETS = Source(
    tables=("street", "zone_street", "zone_version"),  # the last two decide whose street it is
    rows="street s",
    key="s.id",
    shape="s.geom",
    columns={
        "code": ("s.code", Kind.TEXT),
        "name": ("s.name", Kind.TEXT),
        "street_class": ("s.street_class", Kind.TEXT),
        "one_way": ("s.one_way", Kind.BOOLEAN),
        "length_m": ("s.length_m", Kind.NUMBER),
        **VERSION,
        **ATTRIBUTES,
    },
)

MODE = "(ARRAY['foot', 'ebike', 'car'])[{}]"

ROUTES = Source(
    tables=("route",),
    rows="route s",
    key="s.id",
    shape="s.geom",
    columns={
        "code": ("s.code", Kind.TEXT),
        "name": ("s.name", Kind.TEXT),
        "mode": (MODE.format("s.mode"), Kind.TEXT),
    },
)

GAPS = Source(
    tables=("gap", "gap_report", "zone", "zone_version"),
    rows="gap s JOIN gap_report r ON r.id = s.report_id JOIN zone z ON z.id = s.zone_id LEFT JOIN zone_version v "
    "ON v.zone_id = s.zone_id AND (v.valid_from IS NULL OR v.valid_from <= r.to_on) AND (v.valid_to IS NULL OR v.valid_to > r.to_on)",
    key="s.id",
    shape="s.geom",
    columns={
        "zone_level": ("z.level", Kind.TEXT),
        "zone_code": ("z.code", Kind.TEXT),
        "zone_name": ("v.name", Kind.TEXT),
        "from_on": ("r.from_on", Kind.DATE),
        "to_on": ("r.to_on", Kind.DATE),
        "area_m2": ("s.area_m2", Kind.NUMBER),
        "last_seen_on": ("s.last_seen_on", Kind.DATE),
        "days_unseen": ("r.to_on - s.last_seen_on", Kind.INTEGER),
        "point_count": ("s.point_count", Kind.INTEGER),
        "point_weight": ("s.point_weight", Kind.NUMBER),
    },
    during="r.id = (SELECT id FROM gap_report WHERE period = 0 AND from_on = %(from_on)s AND to_on = %(to_on)s)",
    since="r.from_on",
)

# A device's day as one number: the device, then five digits of days since 2000.
TRACKS = Source(
    tables=("device", "device_day", "track", "zone_version"),
    rows="""device_day d JOIN device e ON e.id = d.device_id CROSS JOIN LATERAL (
        SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint(f.lon, f.lat) ORDER BY f.recorded_at), 4326) AS geom, count(*) AS fixes,
               min(f.recorded_at) AS started_at, max(f.recorded_at) AS ended_at, min(f.mode) AS mode
        FROM fix f WHERE f.device_id = d.device_id
         AND f.recorded_at >= (CAST(d.day AS timestamp) AT TIME ZONE %(timezone)s)
         AND f.recorded_at < (CAST(d.day + 1 AS timestamp) AT TIME ZONE %(timezone)s)
        HAVING count(*) > 1) s""",
    key="(CAST(d.device_id AS bigint) * 100000 + (d.day - DATE '2000-01-01'))",
    shape="s.geom",
    columns={
        "device": ("e.code", Kind.TEXT),
        "day": ("d.day", Kind.DATE),
        "mode": (MODE.format("s.mode"), Kind.TEXT),
        "fixes": ("s.fixes", Kind.INTEGER),
        "started_at": ("s.started_at", Kind.INSTANT),
        "ended_at": ("s.ended_at", Kind.INSTANT),
    },
    during="d.day BETWEEN %(from_on)s AND %(to_on)s",
    since="d.day",
    item="d.device_id = %(id)s / 100000 AND d.day = DATE '2000-01-01' + CAST(%(id)s %% 100000 AS int)",
    order=("d.device_id", "d.day"),
    extent="(SELECT ST_Extent(geom) FROM zone_version) AS box, (SELECT min(day) FROM device_day) AS since",
)

# What the city's map draws by itself: no more than it takes, names and where to write them only where there is room.
NAMED = {
    "name": ("CASE WHEN %(named)s THEN s.name END", Kind.TEXT),
    **{
        edge: (f"CASE WHEN %(named)s THEN round({sql} * 1e6)::int END", Kind.INTEGER)
        for edge, sql in {
            "lon": "ST_X(ST_PointOnSurface(s.geom))",
            "lat": "ST_Y(ST_PointOnSurface(s.geom))",
            "west": "ST_XMin(s.geom)",
            "south": "ST_YMin(s.geom)",
            "east": "ST_XMax(s.geom)",
            "north": "ST_YMax(s.geom)",
        }.items()
    },
}

MAP_ZONES = Source(
    tables=("zone", "zone_version"),
    rows="zone_version s JOIN zone z ON z.id = s.zone_id",
    key="s.zone_id",
    shape="s.geom",
    columns=NAMED,
    during=ZONES.during,
)

MAP_STREETS = Source(
    tables=STREETS.tables, rows=STREETS.rows, key="s.id", shape="s.geom", columns={"name": NAMED["name"]}
)

SOURCES: dict[str, Source] = {
    "zones": ZONES,
    "points": POINTS,
    "streets": STREETS,
    "routes": ROUTES,
    "gaps": GAPS,
    "tracks": TRACKS,
    "map_zones": MAP_ZONES,
    "map_streets": MAP_STREETS,
}
