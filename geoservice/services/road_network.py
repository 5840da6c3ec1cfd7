"""The streets as a network for one mode, and where it is not joined up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from geoservice.domain.crs import to_lonlat
from geoservice.domain.road_classes import speed_mps
from geoservice.domain.roads import Roads, components, find_weaknesses, is_near_miss, make_network
from geoservice.domain.street_tags import level_and_tunnel
from geoservice.domain.tracks import Mode
from geoservice.services.ground import read_grid
from geoservice.services.streets_loading import to_lines
from geoservice.store import road_rows as store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.domain.roads import Network
    from geoservice.domain.streets import StreetLines
    from geoservice.store.road_rows import RoadRow


@dataclass(frozen=True)
class Loose:
    """An end of a street that meets nothing: where (lon/lat), of which street, and how far from which other."""

    lon: float
    lat: float
    street_code: str
    street_name: str
    gap_m: float | None
    other_code: str | None


@dataclass(frozen=True)
class NetworkReport:
    """How well the streets hang together for a mode. Lengths in metres; `components_m`: of each part, the longest first."""

    mode: str
    street_count: int
    node_count: int
    edge_count: int
    length_m: float
    components_m: list[float]
    near_misses: list[Loose]
    dead_ends: list[Loose]


def load_network(session: Session, mode: Mode) -> tuple[Network, list[RoadRow]]:
    """Return the network of all streets for a mode, in metres, and the streets by their place in it."""
    rows = store.roads(session)
    network = network_of(rows, lines_of(rows, read_grid(session).metric_epsg), mode)
    row_of = {row.street_id: row for row in rows}
    return network, [row_of[street_id] for street_id in network.roads.lines.street_id.tolist()]


def lines_of(rows: Sequence[RoadRow], epsg: int) -> StreetLines:
    """Return the lines of streets in metres, the same for every mode."""
    tags = [level_and_tunnel(row.attributes) if row.attributes else (0, False) for row in rows]
    ones = np.ones(len(rows), np.int32)
    return to_lines(epsg, [row.street_id for row in rows], [row.wkb for row in rows], ones, tags)


def network_of(rows: Sequence[RoadRow], lines: StreetLines, mode: Mode) -> Network:
    """Return the network of these streets for a mode."""
    speed = np.array([speed_mps(mode, row.street_class) for row in rows], np.float64)
    one_way = np.array([row.one_way for row in rows], np.bool_) & (mode is not Mode.FOOT)
    return make_network(Roads(lines, speed, one_way))


def report_network(session: Session, mode: Mode, near_m: float) -> NetworkReport:
    """Tell the parts, dead ends and near misses of the network: what keeps a route from being found."""
    network, rows = load_network(session, mode)
    epsg = read_grid(session).metric_epsg
    weaknesses = find_weaknesses(network, near_m)
    places = to_lonlat(epsg, np.array([weakness.xy for weakness in weaknesses]).reshape(-1, 2))
    loose = [
        Loose(
            lon, lat, rows[weakness.street].code, rows[weakness.street].name, weakness.gap_m,
            None if weakness.other is None else rows[weakness.other].code,
        )
        for weakness, (lon, lat) in zip(weaknesses, places.tolist(), strict=True)
    ]  # fmt: skip
    near = [is_near_miss(weakness) for weakness in weaknesses]
    _, lengths = components(network)
    return NetworkReport(
        mode.name.lower(), len(rows), len(network.node_xy), len(network.tail), float(network.length_m.sum()),
        lengths.tolist(), _sorted([one for one, is_near in zip(loose, near, strict=True) if is_near]),
        _sorted([one for one, is_near in zip(loose, near, strict=True) if not is_near]),
    )  # fmt: skip


def _sorted(loose: Sequence[Loose]) -> list[Loose]:
    return sorted(loose, key=lambda one: (one.gap_m or 0.0, one.street_code, one.lon))


def as_geojson(report: NetworkReport) -> dict[str, Any]:
    """Return the loose ends as a GeoJSON FeatureCollection of points, with what is said of each."""
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
            "properties": {
                "kind": kind, "street": one.street_code, "name": one.street_name,
                "gap_m": None if one.gap_m is None else round(one.gap_m, 2), "other": one.other_code,
            },
        }
        for kind, found in (("near_miss", report.near_misses), ("dead_end", report.dead_ends))
        for one in found
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
