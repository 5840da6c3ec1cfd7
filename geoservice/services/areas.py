"""The ground of one leader as values that his map and his page are made of, and what the city's map shares with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from geoservice.maps import values
from geoservice.services import as_of, coverage, layers
from geoservice.store import areas, people
from geoservice.store.kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.coverage import GapRow, ZoneRow
    from geoservice.services.point_counts import PointRow

LEADER_STRETCHES = 200
"""How many unseen stretches of streets a leader's map shows."""

DUE_STANDS_S = 300
"""For how long it may stand on a map what is due."""

SHOWN = (
    *coverage.COUNTED, "check_in", "contract_role", "coverage_run", "deputy", "street", "tiny_zone_seen",
)  # fmt: skip
"""The tables that a map is made of."""


class Show(StrEnum):
    """What the city's map shows upon its zones."""

    GAPS = "gaps"
    STREETS = "streets"
    POINTS = "points"
    AGES = "ages"


@dataclass(frozen=True)
class Reader:
    """For whom and when something is shown; `wording` writes a point's (last visit, longest stretch without one)."""

    on: date
    now: datetime
    locale: str
    wording: Callable[[PointRow], tuple[str, str]]

    @property
    def key(self) -> tuple[date, int, str]:
        """What a kept answer depends on: what is due may stand for a few minutes."""
        return self.on, int(self.now.timestamp()) // DUE_STANDS_S, self.locale


def leader_area(
    session: Session, settings: Settings, leader_id: int, window: Window, reader: Reader
) -> values.LeaderArea:
    """Return everything on a leader's map: the leaves of what he contracted, their gaps, points and streets.

    Contracts are those of the reader's day, borders those of the window's last day, as coverage counts them.
    """
    return kept(
        session, SHOWN, ("leader_area", leader_id, window, reader.key, settings),
        lambda: _leader_area(session, settings, leader_id, window, reader),
    )  # fmt: skip


def _leader_area(
    session: Session, settings: Settings, leader_id: int, window: Window, reader: Reader
) -> values.LeaderArea:
    on, locale = reader.on, reader.locale
    mine = areas.contracted_ground(session, leader_id, on)
    everything = coverage.zone_coverage(session, settings, window) if mine.zone_ids else []
    rows = [row for row in everything if not mine.zone_ids.isdisjoint(row.path)]
    leaves = [row for row in rows if row.is_leaf]
    leaf_ids = [row.zone_id for row in leaves]
    gaps = coverage.zone_gaps(session, settings, window, zone_ids=leaf_ids) if leaves else []
    roles = layers.role_names(session, locale)
    leader = people.leader_by_id(session, leader_id)
    return values.LeaderArea(
        leader_name=leader.name if leader else "",
        on=on,
        window=shown_days(window),
        computed_at=as_of.computed_at(session, window),
        zones=zone_shapes(session, leaves, window.to_on, roles, _gaps_by_zone(rows, gaps)),
        gaps=gap_shapes(gaps, roles),
        points=layers.point_shapes(
            session,
            layers.points_of(
                session, settings, window, now=reader.now, zone_ids=leaf_ids, point_ids=mine.point_ids
            ),
            mine.point_ids,
            reader.wording,
            locale=locale,
        ),
        streets=_street_shapes(session, leaf_ids, mine.street_ids),
        exclusions=exclusion_shapes(session, leaf_ids, window.to_on),
        totals=ground_totals(rows, len(gaps)),
        stretches=layers.ranked_stretches(
            session, settings, window, leader_id=leader_id, limit=LEADER_STRETCHES, locale=locale
        ),
    )


def gaps_below(
    session: Session, settings: Settings, window: Window, zone_id: int, *, locale: str
) -> tuple[values.GapShape, ...]:
    """Return the blind spots of a zone and all below it, the most urgent first."""
    gaps = coverage.zone_gaps(session, settings, window, zone_ids=[zone_id])
    return gap_shapes(gaps, layers.role_names(session, locale))


def ground_totals(rows: Sequence[ZoneRow], gaps_found: int | None) -> values.Totals:
    """Sum up rows, each piece of ground once; `gaps_found` is for a window whose gaps are not stored yet."""
    total = coverage.totals(rows)
    return values.Totals(
        area_m2=total.area_m2,
        covered_m2=total.covered_m2,
        excluded_m2=total.excluded_m2,
        rate=total.rate,
        gap_count=gaps_found if total.gap_count is None else total.gap_count,
    )


def top_rows(rows: Sequence[ZoneRow]) -> list[ZoneRow]:
    """Return the rows that lie below no other of them."""
    among = {row.zone_id for row in rows}
    return [row for row in rows if among.isdisjoint(row.path[:-1])]


def zone_shapes(
    session: Session,
    rows: Sequence[ZoneRow],
    on: date,
    roles: Mapping[str, str],
    gap_counts: Mapping[int, int | None],
) -> tuple[values.ZoneShape, ...]:
    """Return zones with their borders on a day as a map draws them; `roles`: what each role of a contract is called."""
    shapes = areas.zone_shapes(session, [row.zone_id for row in rows], on)
    return tuple(
        values.ZoneShape(
            id=row.zone_id,
            code=row.code,
            name=row.name,
            level=row.level,
            geometry=shapes[row.zone_id],
            area_m2=row.area_m2,
            covered_m2=row.covered_m2,
            excluded_m2=row.excluded_m2,
            rate=row.rate,
            gap_count=gap_counts[row.zone_id],
            leader=row.leader,
            others=_translated(row.others, roles),
        )
        for row in rows
        if row.zone_id in shapes
    )


def gap_shapes(
    gaps: Sequence[GapRow], roles: Mapping[str, str], first: int = 1
) -> tuple[values.GapShape, ...]:
    """Number gaps as they are ranked, from `first` on; rank and id are the same, so that a page and its map agree."""
    return tuple(
        values.GapShape(
            id=rank,
            rank=rank,
            zone_code=gap.zone_code,
            zone_name=gap.zone_name,
            geometry=cast("BaseGeometry", gap.geometry),
            area_m2=gap.area_m2,
            days_unseen=gap.days_unseen,
            point_weight=gap.point_weight,
            point_count=gap.point_count,
            leader=gap.leader,
            others=_translated(gap.others, roles),
        )
        for rank, gap in enumerate(gaps, first)
    )


def _gaps_by_zone(rows: Sequence[ZoneRow], gaps: Sequence[GapRow]) -> dict[int, int | None]:
    """Count the gaps of each zone and all below it: as stored, else those just found."""
    if all(row.gap_count is not None for row in rows):
        return {row.zone_id: row.gap_count for row in rows}
    path_of = {row.zone_id: row.path for row in rows}
    found = Counter(above for gap in gaps for above in path_of.get(gap.zone_id, ()))
    return {row.zone_id: found[row.zone_id] for row in rows}


def _street_shapes(
    session: Session, zone_ids: Collection[int], street_ids: Collection[int]
) -> tuple[values.StreetShape, ...]:
    return tuple(
        values.StreetShape(code=row.code, name=row.name, geometry=line, mine=row.mine)
        for row, line in areas.streets(session, zone_ids, street_ids)
    )


def exclusion_shapes(
    session: Session, zone_ids: Collection[int], on: date
) -> tuple[values.ExclusionShape, ...]:
    """Return what of these zones nobody has to see on a day."""
    return tuple(
        values.ExclusionShape(id=row.id, reason=row.reason or row.name or row.kind, geometry=ground)
        for row, ground in areas.exclusions(session, zone_ids, on)
    )


def _translated(others: Sequence[tuple[str, str]], roles: Mapping[str, str]) -> tuple[values.RoleName, ...]:
    return tuple((roles.get(role, role), name) for role, name in others)


def shown_days(window: Window) -> values.Window:
    """Return a window as a map writes it."""
    return values.Window(window.from_on, window.to_on)
