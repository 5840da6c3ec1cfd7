"""The map of who answers: every leaf zone by how many leaders do, and the streets and points where nobody does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geoservice.domain.windows import Window
from geoservice.maps import values
from geoservice.services import as_of, coverage, layers, points, responsibility
from geoservice.services.areas import ground_totals, top_rows
from geoservice.store import areas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.areas import Reader
    from geoservice.services.coverage import ZoneRow
    from geoservice.services.responsibility import Answered

MOST_DRAWN = 2000
"""How many streets, and how many points, with nobody a map shows; the lists hold the rest."""


def holding_area(session: Session, settings: Settings, reader: Reader) -> values.CityArea:
    """Return the leaf zones of the reader's day with how many leaders answer for each; coverage is that of this one day."""
    day = Window(reader.on, reader.on)
    rows = coverage.zone_coverage(session, settings, day)
    answered = responsibility.resolve(session, reader.on)
    nobody = responsibility.nobody(answered)
    return values.CityArea(
        name=" · ".join(root.name for root in top_rows(rows)[:3]),
        on=reader.on,
        window=values.Window(day.from_on, day.to_on),
        computed_at=as_of.computed_at(session, day),
        zones=_zones(session, rows, answered, reader),
        gaps=(),
        totals=ground_totals(rows, 0),
        points=_points(session, settings, _first(nobody, "point"), reader),
        streets=_streets(session, _first(nobody, "street"), reader),
    )


def holding_of(answered: Answered) -> values.Holding:
    """Return how many leaders answer for some ground, be it through a zone above."""
    people = {leader.leader_id for leader in answered.leaders if not leader.stands_in_for}
    return "none" if not people else "one" if len(people) == 1 else "two"


def _first(nobody: Sequence[Answered], kind: str) -> list[Answered]:
    return [each for each in nobody if each.kind == kind][:MOST_DRAWN]


def _zones(
    session: Session, rows: Sequence[ZoneRow], answered: Sequence[Answered], reader: Reader
) -> tuple[values.ZoneShape, ...]:
    ground = {each.ground_id: each for each in answered if each.kind == "zone" and each.is_leaf}
    leaves = [row for row in rows if row.zone_id in ground]
    shapes = areas.zone_shapes(session, [row.zone_id for row in leaves], reader.on)
    roles = layers.role_names(session, reader.locale)
    return tuple(_zone(row, shapes[row.zone_id], ground[row.zone_id], roles) for row in leaves)


def _zone(row: ZoneRow, border: BaseGeometry, ground: Answered, roles: Mapping[str, str]) -> values.ZoneShape:
    return values.ZoneShape(
        id=row.zone_id,
        code=row.code,
        name=row.name,
        level=row.level,
        geometry=border,
        area_m2=row.area_m2,
        covered_m2=row.covered_m2,
        excluded_m2=row.excluded_m2,
        rate=row.rate,
        gap_count=row.gap_count,
        leader=row.leader,
        others=tuple((roles.get(role, role), name) for role, name in row.others),
        holding=holding_of(ground),
    )


def _streets(session: Session, nobody: Sequence[Answered], reader: Reader) -> tuple[values.StreetShape, ...]:
    lines = responsibility.shapes_of(session, nobody, reader.on)
    return tuple(
        values.StreetShape(
            code=each.code, name=each.name or each.code, geometry=lines["street", each.ground_id]
        )
        for each in nobody
    )


def _points(
    session: Session, settings: Settings, nobody: Sequence[Answered], reader: Reader
) -> tuple[values.PointShape, ...]:
    if not nobody:
        return ()
    rows = points.point_rows(
        session,
        settings,
        Window(reader.on, reader.on),
        now=reader.now,
        point_ids=[each.ground_id for each in nobody],
    )
    drawn = layers.point_shapes(session, rows, (), reader.wording, locale=reader.locale)
    # This map tells who answers for a point, not whether somebody came.
    return tuple(replace(point, state=None, due=None, last_visit="", longest="") for point in drawn)
