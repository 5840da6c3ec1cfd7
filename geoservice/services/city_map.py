"""What the city's map and the page around it ask for, piece by piece: figures, ranked lists, and one zone or point at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.errors import NotFound
from geoservice.services import areas, as_of, coverage, layers
from geoservice.services.areas import SHOWN, Show
from geoservice.services.city_points import point_field
from geoservice.services.gap_ranking import Part, rank_gaps
from geoservice.services.points import point_rows
from geoservice.store import gap_rows
from geoservice.store.kept import kept

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.maps import values
    from geoservice.services.areas import Reader
    from geoservice.services.coverage import ZoneRow


CITY_GAPS = 500
"""How many blind spots the city's map shows with rank and card; tiles and the export hold the rest."""

CITY_STRETCHES = 1000
"""How many unseen stretches of streets it shows."""

MANY_LEAVES = 2_000
"""From so many zones on, blind spots are found by a job and in no request: those of 9 005 took 25 s."""


@dataclass(frozen=True)
class UrgentGaps:
    """The most urgent blind spots first, how many were `found` in all, and whether they can be told at all.

    `as_of`: when they were found, where tracks have come since; None: nothing has. `known` False: a job has to look first.
    """

    shapes: tuple[values.GapShape, ...] = ()
    found: int | None = None
    as_of: datetime | None = None
    known: bool = True


@dataclass(frozen=True)
class CityOverview:
    """What stands beside the map: `urgent` blind spots, `stretches` most urgent first, `points` and how many of them are `late`.

    What the page does not show is empty or 0.
    """

    name: str
    computed_at: datetime | None
    totals: values.Totals
    urgent: UrgentGaps
    stretches: tuple[values.StretchShape, ...] = ()
    points: int = 0
    late: int = 0
    categories: tuple[tuple[str, str], ...] = ()


def overview(
    session: Session, settings: Settings, window: Window, show: Show, reader: Reader
) -> CityOverview:
    """Return the figures of the whole scope, and the list of what is shown."""
    rows = coverage.zone_coverage(session, settings, window)
    urgent = urgent_gaps(session, settings, window, reader) if show is Show.GAPS else UrgentGaps()
    field = point_field(session, settings, window, reader) if show is Show.POINTS else None
    return CityOverview(
        name=" · ".join(root.name for root in areas.top_rows(rows)[:3]),
        computed_at=as_of.computed_at(session, window),
        totals=areas.ground_totals(rows, urgent.found),
        urgent=urgent,
        stretches=ranked_stretches(session, settings, window, reader) if show is Show.STREETS else (),
        points=len(field.ids) if field else 0,
        late=int(field.late.sum()) if field else 0,
        categories=field.categories if field else (),
    )


def urgent_gaps(session: Session, settings: Settings, window: Window, reader: Reader) -> UrgentGaps:
    """Return the most urgent blind spots of the scope; of many zones those that a job found last."""
    return gaps_by_rank(session, settings, window, reader, Part(CITY_GAPS))


def gaps_by_rank(
    session: Session, settings: Settings, window: Window, reader: Reader, part: Part
) -> UrgentGaps:
    """Return a part of the scope's blind spots, the most urgent first, numbered as they are ranked."""
    return kept(
        session, SHOWN, ("gaps_by_rank", window, reader.key, settings, part),
        lambda: _gaps_by_rank(session, settings, window, reader, part),
    )  # fmt: skip


def _gaps_by_rank(
    session: Session, settings: Settings, window: Window, reader: Reader, part: Part
) -> UrgentGaps:
    rows = coverage.zone_coverage(session, settings, window)
    roles = layers.role_names(session, reader.locale)
    is_fresh = all(row.gap_count is not None for row in rows)
    report = gap_rows.report_at(session, window, stale=True)
    if not is_fresh and sum(row.is_leaf for row in rows) < MANY_LEAVES:
        gaps = coverage.zone_gaps(session, settings, window)
        found, as_of_report = len(gaps), None
        gaps = gaps[part.skip : part.end]
    elif report is None:
        return UrgentGaps(known=not coverage.has_data(session, window))
    else:
        gaps = rank_gaps(session, settings, window, None, part, stale=True)
        found, as_of_report = gap_rows.count_gaps(session, report[0]), None if is_fresh else report[1]
    return UrgentGaps(areas.gap_shapes(gaps, roles, part.skip + 1), found, as_of_report)


def ranked_stretches(
    session: Session, settings: Settings, window: Window, reader: Reader
) -> tuple[values.StretchShape, ...]:
    """Return the most urgent unseen stretches of street of the scope."""
    return kept(
        session, SHOWN, ("ranked_stretches", window, reader.key, settings),
        lambda: layers.ranked_stretches(
            session, settings, window, limit=CITY_STRETCHES, locale=reader.locale
        ),
    )  # fmt: skip


def excluded_ground(
    session: Session, settings: Settings, window: Window
) -> tuple[values.ExclusionShape, ...]:
    """Return the ground of the scope that nobody has to see on the window's last day."""
    roots = areas.top_rows(coverage.zone_coverage(session, settings, window))
    return areas.exclusion_shapes(session, [root.zone_id for root in roots], window.to_on)


def zones_of(session: Session, settings: Settings, window: Window, level: str) -> Sequence[ZoneRow]:
    """Return the zones of a level with how much of each was seen."""
    return [row for row in coverage.zone_coverage(session, settings, window) if row.level == level]


def one_zone(
    session: Session, settings: Settings, window: Window, zone_id: int, reader: Reader
) -> values.ZoneShape:
    """Return one zone with its border; raises NotFound for one that is not there, or not in this scope."""
    rows = coverage.zone_coverage(session, settings, window)
    found = [row for row in rows if row.zone_id == zone_id]
    counts = {row.zone_id: row.gap_count for row in found}
    roles = layers.role_names(session, reader.locale)
    shapes = areas.zone_shapes(session, found, window.to_on, roles, counts)
    if not shapes:
        raise NotFound("zone_not_here")
    return shapes[0]


def one_point(
    session: Session, settings: Settings, window: Window, point_id: int, reader: Reader
) -> values.PointShape:
    """Return one point as it stands in a window; raises NotFound for one that is not there, or not in this scope."""
    rows = point_rows(session, settings, window, now=reader.now, point_ids=[point_id])
    shapes = layers.point_shapes(session, rows, (), reader.wording, locale=reader.locale)
    if not shapes:
        raise NotFound("point_not_here")
    return shapes[0]
