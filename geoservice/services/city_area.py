"""The whole city as one map that carries all its shapes: for links, files and paper. What would be too much is told, not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geoservice.maps import values
from geoservice.services import areas, city_map, coverage, layers
from geoservice.services.areas import SHOWN, Show
from geoservice.services.city_points import point_field
from geoservice.services.points import point_rows
from geoservice.store.kept import kept

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.areas import Reader

CITY_POINTS = 3_000
"""How many points a map carries, those first that are overdue or were never visited."""


def city_area(
    session: Session, settings: Settings, window: Window, level: str, reader: Reader, show: Show = Show.GAPS
) -> values.CityArea:
    """Return the zones of one level, and of the scope the blind spots, the unseen stretches or the points, most urgent first."""
    return kept(
        session, SHOWN, ("city_area", window, level, show, reader.key, settings),
        lambda: _city_area(session, settings, window, level, reader, show),
    )  # fmt: skip


def _city_area(
    session: Session, settings: Settings, window: Window, level: str, reader: Reader, show: Show
) -> values.CityArea:
    seen = city_map.overview(session, settings, window, show, reader)
    rows = coverage.zone_coverage(session, settings, window)
    roots = areas.top_rows(rows)
    points = _points(session, settings, window, reader) if show is Show.POINTS else ()
    return values.CityArea(
        name=seen.name,
        on=reader.on,
        window=areas.shown_days(window),
        computed_at=seen.urgent.as_of or seen.computed_at,
        zones=areas.zone_shapes(
            session,
            [row for row in rows if row.level == level],
            window.to_on,
            layers.role_names(session, reader.locale),
            {row.zone_id: row.gap_count for row in rows},
        ),
        gaps=seen.urgent.shapes,
        totals=seen.totals,
        exclusions=areas.exclusion_shapes(session, [root.zone_id for root in roots], window.to_on),
        stretches=seen.stretches,
        points=points,
        shortened=tuple(_shortened(seen, len(points))),
    )


def _points(
    session: Session, settings: Settings, window: Window, reader: Reader
) -> tuple[values.PointShape, ...]:
    field = point_field(session, settings, window, reader)
    first = np.argsort(~field.late, kind="stable")[:CITY_POINTS]
    rows = point_rows(session, settings, window, now=reader.now, point_ids=field.ids[first].tolist())
    return layers.point_shapes(session, rows, (), reader.wording, locale=reader.locale)


def _shortened(seen: city_map.CityOverview, points: int) -> list[values.Shortened]:
    """Return which kinds are not there whole."""
    urgent = seen.urgent
    found = []
    if not urgent.known or len(urgent.shapes) < (urgent.found or 0):
        found.append(values.Shortened("gaps", len(urgent.shapes), urgent.found))
    if len(seen.stretches) == city_map.CITY_STRETCHES:
        found.append(values.Shortened("stretches", len(seen.stretches), None))
    if points < seen.points:
        found.append(values.Shortened("points", points, seen.points))
    return found
