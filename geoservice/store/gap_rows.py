"""Gaps of a window as computed, and the points and people that belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy import text

from geoservice.domain.contracts import Holder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from geoservice.domain.windows import Window


@dataclass(frozen=True)
class StoredGap:
    """A gap of a report; `geometry` in lon/lat. `last_seen_on` None: never within the history looked at."""

    zone_id: int
    geometry: shapely.Geometry
    area_m2: float
    last_seen_on: date | None
    point_count: int
    point_weight: float


def report_at(session: Session, window: Window, *, stale: bool = False) -> tuple[int, datetime] | None:
    """Return (id, computed at) of the window's report; None where there is none, or new bits made it `stale` and that won't do."""
    row = session.execute(
        text(
            "SELECT id, computed_at FROM gap_report WHERE from_on = :from_on AND to_on = :to_on "
            "AND period = :period AND (NOT stale OR :stale)"
        ),
        {**_key(window), "stale": stale},
    ).one_or_none()
    return (row.id, row.computed_at) if row else None


def mark_stale(session: Session, day: date | None = None) -> None:
    """Mark the reports that a change on `day` reaches: windows that hold it, or look back to it. None: all of them."""
    session.execute(
        text(
            "UPDATE gap_report SET stale = true WHERE NOT stale AND (CAST(:day AS date) IS NULL OR to_on >= :day)"
        ),
        {"day": day},
    )


@dataclass(frozen=True)
class Revision:
    """A report's history: when it was computed, before which fixes of its window came late, and how many these were.

    `revised_from` None: nothing of the window came after it had been computed as a past one. `stale`: more came since.
    """

    computed_at: datetime
    revised_from: datetime | None
    late_fixes: int
    stale: bool


def revision_of(session: Session, window: Window) -> Revision | None:
    """Return the history of the window's report, fresh or stale; None where there never was one."""
    row = session.execute(
        text(
            "SELECT computed_at, revised_from, late_fixes, stale FROM gap_report WHERE from_on = :from_on "
            "AND to_on = :to_on AND period = :period"
        ),
        _key(window),
    ).one_or_none()
    return Revision(**row._mapping) if row else None


def start_report(session: Session, window: Window, now: datetime) -> int:
    """Begin the window's report anew; a second builder of the same window waits here for the first."""
    report_id: int = session.execute(
        text(
            "INSERT INTO gap_report (from_on, to_on, period, computed_at) VALUES (:from_on, :to_on, :period, :now) "
            "ON CONFLICT (from_on, to_on, period) DO UPDATE SET computed_at = :now, stale = false RETURNING id"
        ),
        {**_key(window), "now": now},
    ).scalar_one()
    session.execute(text("DELETE FROM gap WHERE report_id = :id"), {"id": report_id})
    return report_id


def note_late(session: Session, report_id: int, revised_from: datetime, late_fixes: int) -> None:
    """Remember that so many fixes of the report's window came after it had been computed at `revised_from`."""
    session.execute(
        text("UPDATE gap_report SET revised_from = :since, late_fixes = :count WHERE id = :id"),
        {"id": report_id, "since": revised_from, "count": late_fixes},
    )


def _key(window: Window) -> dict[str, Any]:
    """Return a window as a report's row names it; period 0: the whole day."""
    return {"from_on": window.from_on, "to_on": window.to_on, "period": int(window.period or 0)}


def add_gaps(session: Session, report_id: int, gaps: Sequence[StoredGap]) -> None:
    """Append gaps to a report."""
    if gaps:
        session.execute(
            text(
                "INSERT INTO gap (report_id, zone_id, geom, area_m2, last_seen_on, point_count, point_weight) "
                "SELECT :report, z, ST_Multi(ST_GeomFromWKB(g, 4326)), a, s, c, w FROM unnest(CAST(:zones AS int[]), "
                "CAST(:shapes AS bytea[]), CAST(:areas AS float8[]), CAST(:seen AS date[]), CAST(:counts AS int[]), "
                "CAST(:weights AS float8[])) AS t(z, g, a, s, c, w)"
            ),
            {
                "report": report_id,
                "zones": [gap.zone_id for gap in gaps],
                "shapes": [shapely.to_wkb(gap.geometry) for gap in gaps],
                "areas": [gap.area_m2 for gap in gaps],
                "seen": [gap.last_seen_on for gap in gaps],
                "counts": [gap.point_count for gap in gaps],
                "weights": [gap.point_weight for gap in gaps],
            },
        )


def gaps_of(
    session: Session,
    report_id: int,
    zone_ids: Sequence[int] | None,
    never_days: int,
    limit: int | None,
    skip: int = 0,
) -> list[StoredGap]:
    """Return a report's gaps in the order of `domain.ranking.gap_score`; of some zones only where `zone_ids` is given."""
    rows = session.execute(
        text(
            "SELECT g.zone_id, ST_AsBinary(g.geom) AS wkb, g.area_m2, g.last_seen_on, g.point_count, g.point_weight "
            "FROM gap g JOIN gap_report r ON r.id = g.report_id "
            "WHERE g.report_id = :report AND (CAST(:zones AS int[]) IS NULL OR g.zone_id = ANY(:zones)) "
            "ORDER BY g.area_m2 * (1 + g.point_weight) * greatest(coalesce(r.to_on - g.last_seen_on, :never), 1) DESC, "
            "g.area_m2 DESC, g.id LIMIT :limit OFFSET :skip"
        ),
        {
            "report": report_id,
            "zones": None if zone_ids is None else list(zone_ids),
            "never": never_days,
            "limit": limit,
            "skip": skip,
        },
    )
    return [
        StoredGap(
            row.zone_id,
            shapely.from_wkb(bytes(row.wkb)),
            row.area_m2,
            row.last_seen_on,
            row.point_count,
            row.point_weight,
        )
        for row in rows
    ]


def count_gaps(session: Session, report_id: int) -> int:
    """Return how many gaps of a report the session sees."""
    asked = text("SELECT count(*) FROM gap WHERE report_id = :report")
    found: int = session.execute(asked, {"report": report_id}).scalar_one()
    return found


def gap_counts(session: Session, report_id: int, on: date) -> dict[int, int]:
    """Return how many gaps of a report lie in each zone and all below it, by the hierarchy of a day."""
    rows = session.execute(
        text(
            "SELECT a.zone_id, count(*) AS gaps FROM gap g JOIN zone_version v ON v.zone_id = g.zone_id "
            "AND (v.valid_from IS NULL OR v.valid_from <= :on) AND (v.valid_to IS NULL OR v.valid_to > :on) "
            "CROSS JOIN LATERAL unnest(v.path) AS a(zone_id) WHERE g.report_id = :report GROUP BY a.zone_id"
        ),
        {"report": report_id, "on": on},
    )
    return {row.zone_id: row.gaps for row in rows}


def points_around(session: Session, version_ids: Sequence[int]) -> list[Any]:
    """Return (version_id, lon, lat, weight) of the active points in the box around each version of a zone.

    Not by the zone a point is stored with, which follows the borders of today.
    """
    return list(
        session.execute(
            text(
                "SELECT v.id AS version_id, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat, coalesce(p.weight, c.weight) AS "
                "weight FROM zone_version v JOIN point p ON p.geom && v.geom JOIN point_category c ON c.code = p.category "
                "WHERE p.active AND v.id = ANY(:versions) ORDER BY p.id"
            ),
            {"versions": list(version_ids)},
        )
    )


def holders_on(session: Session, on: date) -> dict[int, tuple[Holder, ...]]:
    """Return who contracted each zone on a day, leaders first; zones without a contract of their own are absent."""
    rows = session.execute(
        text(
            "SELECT c.zone_id, c.role, l.name FROM contract c JOIN leader l ON l.id = c.leader_id "
            "WHERE c.zone_id IS NOT NULL AND (c.valid_from IS NULL OR c.valid_from <= :on) "
            "AND (c.valid_to IS NULL OR c.valid_to > :on) ORDER BY c.zone_id, c.role <> 'leader', c.role, l.name, c.id"
        ),
        {"on": on},
    )
    found: dict[int, list[Holder]] = {}
    for row in rows:
        found.setdefault(row.zone_id, []).append(Holder(row.role, row.name))
    return {zone_id: tuple(holders) for zone_id, holders in found.items()}


def last_run(session: Session) -> datetime | None:
    """Return when coverage was last computed."""
    finished: datetime | None = session.scalar(text("SELECT max(finished_at) FROM coverage_run"))
    return finished
