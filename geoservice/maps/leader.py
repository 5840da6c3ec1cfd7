"""The leader's map: his ground, what was seen of it, and where the blind spots are."""

from dataclasses import replace

import folium
import shapely

from geoservice.maps.area import draw_area
from geoservice.maps.canvas import Bounds, bounds_of
from geoservice.maps.layers import coverage_fill
from geoservice.maps.text import MapText
from geoservice.maps.values import BaseMap, GapShape, LeaderArea


def leader_map(
    area: LeaderArea, text: MapText, base_map: BaseMap | None = None, static_url: str = "/static"
) -> folium.Map:
    """One leader's ground on one day, opened on his zones."""
    named = replace(area, gaps=_with_points_named(area))
    return draw_area(named, text, coverage_fill(text), _own_ground(area), base_map, static_url)


def _with_points_named(area: LeaderArea) -> tuple[GapShape, ...]:
    """The blind spots with the names of the points inside, key points first."""
    if not area.gaps or not area.points:
        return area.gaps
    points = sorted(area.points, key=lambda point: (not point.mine, point.code))
    tree = shapely.STRtree([shapely.Point(point.lon, point.lat) for point in points])
    found: dict[int, list[int]] = {}
    for gap, point in zip(
        *tree.query([gap.geometry for gap in area.gaps], "intersects").tolist(), strict=True
    ):
        found.setdefault(gap, []).append(point)
    return tuple(
        replace(
            gap, inside=tuple(points[one].name or points[one].code for one in sorted(found.get(place, ())))
        )
        for place, gap in enumerate(area.gaps)
    )


def _own_ground(area: LeaderArea) -> Bounds | None:
    """The box around his zones: a key road or point of his may lie at the far end of the city, and its list leads there.

    Without zones, around his key roads and points; without those too, around his gaps.
    """
    zones = bounds_of(zone.geometry for zone in area.zones)
    keys = [street.geometry for street in area.streets if street.mine]
    keys += [shapely.Point(point.lon, point.lat) for point in area.points if point.mine]
    return zones or bounds_of(keys) or bounds_of(gap.geometry for gap in area.gaps)
