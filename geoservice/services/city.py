"""The dispatcher's view: every zone of a level by coverage, worst first, and one zone with what lies below it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from geoservice.errors import BadRequest, NotFound
from geoservice.services import ages, answering, as_of, coverage, points, streets, trends
from geoservice.services import areas as grounds
from geoservice.store import areas

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.maps.values import GapShape
    from geoservice.services.ages import ZoneAges
    from geoservice.services.answering import AnsweredGround
    from geoservice.services.areas import Reader
    from geoservice.services.coverage import ZoneRow
    from geoservice.services.point_counts import ZonePoints
    from geoservice.services.streets import ZoneStreets
    from geoservice.services.trends import Step, TrendPoint
    from geoservice.store.gap_rows import Revision
    from geoservice.store.late_rows import LateTracks

MOST_ZONES_DRAWN = 2000
"""The level a map opens on is the finest with at most so many zones; a table opens on the finest."""

SHORTEST_TREND = 14
"""Days."""


@dataclass(frozen=True)
class LevelName:
    """A level as the reader calls it."""

    code: str
    name: str
    zone_count: int


@dataclass(frozen=True)
class CityTable:
    """The zones of one level, worst first, and the sums over the whole scope."""

    level: LevelName | None
    levels: tuple[LevelName, ...]
    rows: tuple[ZoneRow, ...]
    totals: coverage.Totals
    computed_at: datetime | None


@dataclass(frozen=True)
class ZonePage:
    """One zone with everything a dispatcher asks about it.

    `trend` goes by `step` over the window, or over the `SHORTEST_TREND` days up to its end where it is shorter.
    """

    row: ZoneRow
    level: str
    above: tuple[ZoneRow, ...]
    below: tuple[ZoneRow, ...]
    gaps: tuple[GapShape, ...]
    people: tuple[AnsweredGround, ...]
    computed_at: datetime | None
    step: Step
    trend: tuple[TrendPoint, ...]
    ages: ZoneAges | None
    streets: ZoneStreets | None
    points: ZonePoints | None
    late: LateTracks
    revision: Revision | None


def city_table(
    session: Session, settings: Settings, on: date, window: Window, level: str | None, *, locale: str
) -> CityTable:
    """Return the table of a level; the finest level when none is named."""
    levels = level_names(session, on, locale=locale)
    shown = choose_level(levels, level, most_zones=None)
    rows = coverage.zone_coverage(session, settings, window) if shown else []
    return CityTable(
        level=shown,
        levels=levels,
        rows=tuple(worst_first([row for row in rows if shown and row.level == shown.code])),
        totals=coverage.totals(rows),
        computed_at=as_of.computed_at(session, window),
    )


def zone_page(session: Session, settings: Settings, zone_id: int, reader: Reader, window: Window) -> ZonePage:
    """Return one zone; raises NotFound for a zone that is not there, or not in this scope."""
    on, locale = reader.on, reader.locale
    rows = {row.zone_id: row for row in coverage.zone_coverage(session, settings, window)}
    row = rows.get(zone_id)
    if row is None:
        raise NotFound("zone_not_here")
    names = {level.code: level.name for level in level_names(session, on, locale=locale)}
    shown, step = trend_of(window)
    return ZonePage(
        row=row,
        level=names.get(row.level, row.level),
        above=tuple(rows[above] for above in row.path[:-1] if above in rows),
        below=tuple(worst_first([one for one in rows.values() if one.path[-2:-1] == (zone_id,)])),
        gaps=grounds.gaps_below(session, settings, window, zone_id, locale=locale),
        people=tuple(reversed(answering.responsible_for_zones(session, row.path, on, locale=locale))),
        computed_at=as_of.computed_at(session, window),
        step=step,
        trend=tuple(trends.zone_trend(session, settings, shown, step=step, zone_ids=[zone_id])),
        ages=next(
            iter(ages.zone_ages(session, settings, window.to_on, zone_ids=[zone_id], period=window.period)),
            None,
        ),
        streets=next(iter(streets.zones_by_length(session, settings, window, zone_ids=[zone_id])), None),
        points=next(
            iter(points.zone_points(session, settings, window, now=reader.now, zone_ids=[zone_id])), None
        ),
        late=as_of.late(session, settings, window),
        revision=as_of.revision(session, window),
    )


def trend_of(window: Window) -> tuple[Window, Step]:
    """Return the days whose trend is shown beside a window, and by what step: at most some thirty bars."""
    from_on = min(window.from_on, window.to_on - timedelta(days=SHORTEST_TREND - 1))
    days = (window.to_on - from_on).days + 1
    return replace(window, from_on=from_on), "day" if days <= 31 else "week" if days <= 217 else "month"


def level_names(session: Session, on: date, *, locale: str) -> tuple[LevelName, ...]:
    """Return the levels that hold zones, widest first."""
    return tuple(
        LevelName(level.code, level.name_en if locale == "en" else level.name_zh, level.zone_count)
        for level in areas.levels(session, on)
    )


def choose_level(
    levels: Sequence[LevelName], wanted: str | None, *, most_zones: int | None = MOST_ZONES_DRAWN
) -> LevelName | None:
    """Return the level asked for, or the finest with at most so many zones; None where there is no zone at all."""
    if wanted:
        found = next((level for level in levels if level.code == wanted), None)
        if found is None and levels:
            raise BadRequest("level_not_offered", level=wanted[:40])
        return found
    fitting = [level for level in levels if most_zones is None or level.zone_count <= most_zones]
    return fitting[-1] if fitting else next(iter(levels), None)


def worst_first(rows: Sequence[ZoneRow]) -> list[ZoneRow]:
    """Sort by coverage, then the larger first; zones without data come last."""
    return sorted(rows, key=lambda row: (row.rate is None, row.rate or 0.0, -row.area_m2, row.code))


def search(rows: Sequence[ZoneRow], wanted: str) -> list[ZoneRow]:
    """Keep the zones whose name or leader holds what is wanted, or whose code begins with it."""
    word = wanted.casefold()
    return [
        row
        for row in rows
        if word in row.name.casefold()
        or row.code.casefold().startswith(word)
        or word in (row.leader or "").casefold()
    ]
