"""Coverage of zones and their gaps in a window of days, with who answers for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geoservice.domain.contracts import answerable
from geoservice.domain.tiny import TINY_CELLS
from geoservice.errors import NotFound
from geoservice.services.gap_ranking import GapRow as GapRow
from geoservice.services.gap_ranking import Part, holders_on, rank_gaps
from geoservice.services.ground import read_grid
from geoservice.services.sighting import tiny_zones
from geoservice.store import bitmaps, gap_rows
from geoservice.store import ground as ground_store
from geoservice.store.kept import kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.contracts import Holder
    from geoservice.domain.windows import Window
    from geoservice.services.sighting import TinyCount
    from geoservice.store.bitmaps import ZoneCount

COUNTED = (
    "contract", "coverage_tile", "coverage_week", "deployment", "exclusion", "exclusion_mask", "gap", "gap_report", "leader", "point", "point_category",
    "zone", "zone_level", "zone_mask", "zone_version",
)  # fmt: skip
"""The tables that counts of zones and their gaps are made of."""


@dataclass(frozen=True)
class ZoneRow:
    """A zone's coverage. `rate` None: no data in the window, or all of it excluded; a zone never visited has 0.

    Areas are those of whole cells, so that covered + unseen + excluded is the zone exactly; those of a zone without
    children and with fewer than `TINY_CELLS` cells are exact. `gap_count` None: not computed.
    """

    zone_id: int
    version_id: int
    code: str
    name: str
    level: str
    path: tuple[int, ...]
    is_leaf: bool
    area_m2: float
    excluded_m2: float
    covered_m2: float
    rate: float | None
    gap_count: int | None
    leader: str | None
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Totals:
    """Sums over ground counted once; see `totals`."""

    zones: int
    area_m2: float
    excluded_m2: float
    covered_m2: float
    rate: float | None
    gap_count: int | None


def zone_coverage(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    level: str | None = None,
    zone_ids: Iterable[int] | None = None,
    code: str | None = None,
) -> list[ZoneRow]:
    """Return every zone valid on the window's last day: of one level, among `zone_ids`, or `code` and all below it."""
    if ground_store.read_deployment(session) is None:
        return []
    asked = None if zone_ids is None else frozenset(zone_ids)
    rows, few = kept(
        session, COUNTED, ("zone_coverage", window, asked), lambda: _counted(session, window, asked)
    )
    return _exactly(session, settings, window, _chosen(rows, level, code), few)


def _counted(
    session: Session, window: Window, asked: frozenset[int] | None
) -> tuple[tuple[ZoneRow, ...], frozenset[int]]:
    """Count every zone, or those asked for and all below; return the versions of leaves of a few cells too."""
    counts = bitmaps.count_zones(session, window, None if asked is None else sorted(asked))
    rows = rows_of(
        session,
        counts,
        read_grid(session).cell_m,
        window.to_on,
        measured=has_data(session, window),
        gaps=_gap_counts(session, window),
    )
    few = frozenset(count.version_id for count in counts if count.is_leaf and count.cells < TINY_CELLS)
    return tuple(rows), few


def _exactly(
    session: Session, settings: Settings, window: Window, rows: list[ZoneRow], few: frozenset[int]
) -> list[ZoneRow]:
    """Measure the leaves of a few cells by their borders instead of by cells."""
    exact = tiny_zones(session, settings, window, few & {row.version_id for row in rows})
    measured = bool(exact) and has_data(session, window)
    return [
        _exact_row(row, exact[row.version_id], measured) if row.version_id in exact else row for row in rows
    ]


def _exact_row(row: ZoneRow, count: TinyCount, measured: bool) -> ZoneRow:
    return replace(
        row,
        area_m2=count.area_m2,
        excluded_m2=count.excluded_m2,
        covered_m2=count.covered_m2,
        rate=_rate(count.covered_m2, count.area_m2 - count.excluded_m2) if measured else None,
    )


def rows_of(
    session: Session,
    counts: Sequence[ZoneCount],
    cell_m: float,
    on: date,
    *,
    measured: bool,
    gaps: dict[int, int] | None = None,
) -> list[ZoneRow]:
    """Return counted cells as zones with who answers for them on a day; not `measured`: no rate is known."""
    holders = holders_on(session, on)
    return [_zone_row(count, cell_m**2, measured, gaps, holders) for count in counts]


def _chosen(rows: Sequence[ZoneRow], level: str | None, code: str | None) -> list[ZoneRow]:
    if level is not None and not any(row.level == level for row in rows):
        raise NotFound("level_without_zones", level=level)
    roots = {row.zone_id for row in rows if row.code == code}
    if code is not None and not roots:
        raise NotFound("zone_unknown", code=code)
    return [
        row
        for row in rows
        if (level is None or row.level == level) and (code is None or not roots.isdisjoint(row.path))
    ]


def _zone_row(
    count: ZoneCount,
    cell_m2: float,
    measured: bool,
    gaps: dict[int, int] | None,
    holders: dict[int, tuple[Holder, ...]],
) -> ZoneRow:
    leader, others = answerable(count.path, holders)
    return ZoneRow(
        zone_id=count.zone_id,
        version_id=count.version_id,
        code=count.code,
        name=count.name,
        level=count.level,
        path=tuple(count.path),
        is_leaf=count.is_leaf,
        area_m2=count.cells * cell_m2,
        excluded_m2=count.excluded * cell_m2,
        covered_m2=count.covered * cell_m2,
        rate=_rate(count.covered, count.cells - count.excluded) if measured else None,
        gap_count=None if gaps is None else gaps.get(count.zone_id, 0),
        leader=leader,
        others=others,
    )


def _rate(covered: float, ground: float) -> float | None:
    return covered / ground if ground > 0 else None


def _gap_counts(session: Session, window: Window) -> dict[int, int] | None:
    """Return how many gaps lie in each zone and all below it; None while the window has no fresh report."""
    report = gap_rows.report_at(session, window)
    return None if report is None else gap_rows.gap_counts(session, report[0], window.to_on)


def totals(rows: Sequence[ZoneRow]) -> Totals:
    """Add up rows without counting ground twice: a row whose ancestor is among them too is already in that one's union."""
    among = {row.zone_id for row in rows}
    top = [row for row in rows if among.isdisjoint(row.path[:-1])]
    area, excluded, covered = (
        sum(getattr(row, name) for row in top) for name in ("area_m2", "excluded_m2", "covered_m2")
    )
    known = [row.gap_count for row in top if row.gap_count is not None]
    measured = any(row.rate is not None for row in rows)
    return Totals(
        zones=len(rows),
        area_m2=area,
        excluded_m2=excluded,
        covered_m2=covered,
        rate=_rate(covered, area - excluded) if measured else None,
        gap_count=sum(known) if len(known) == len(top) and top else None,
    )


def zone_gaps(
    session: Session,
    settings: Settings,
    window: Window,
    *,
    zone_ids: Iterable[int] | None = None,
    limit: int | None = None,
    stale: bool = False,
) -> list[GapRow]:
    """Return the gaps of a window, the highest score first, in all zones or in `zone_ids` and below.

    Taken from the window's report where a fresh one is stored (or `stale` will do), else computed now for the zones asked.
    """
    if not has_data(session, window):
        return []
    wanted = None if zone_ids is None else frozenset(zone_ids)
    return list(kept(
        session, COUNTED, ("zone_gaps", window, wanted, limit, stale, settings),
        lambda: rank_gaps(session, settings, window, wanted, Part(limit), stale=stale),
    ))  # fmt: skip


def has_data(session: Session, window: Window) -> bool:
    """Tell whether anything at all was seen in the window: without, no rate is known."""
    return bitmaps.has_data(session, window)
