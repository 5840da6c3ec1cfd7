"""What was seen of every zone in each of several buckets of days, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.store.base import statement
from geoservice.store.bitmaps import TILE, ZONES_OWN, as_tiles
from geoservice.store.copying import INT4, copy_out
from geoservice.store.window_pieces import for_copy, whole_weeks

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from geoservice.domain.coverage import Tiles
    from geoservice.domain.windows import Window

_BUCKETS = (
    "unnest(CAST(:firsts AS date[]), CAST(:lasts AS date[]), CAST(:first_mondays AS date[]), "
    "CAST(:after_weeks AS date[])) WITH ORDINALITY AS b(first_on, last_on, first_monday, after_weeks, number)"
)
# As in a single window: whole weeks where there are any and all periods are asked for, else days.
_PIECES = (
    f"SELECT b.number AS bucket, t.tx, t.ty, t.bits FROM {_BUCKETS} JOIN coverage_week t "
    "ON t.monday >= b.first_monday AND t.monday < b.after_weeks "
    f"UNION ALL SELECT b.number, t.tx, t.ty, t.bits FROM {_BUCKETS} JOIN coverage_tile t "
    "ON t.day BETWEEN b.first_on AND b.last_on AND NOT (t.day >= b.first_monday AND t.day < b.after_weeks) "
    "AND (CAST(:period AS int) IS NULL OR t.period = :period)"
)
_ANSWER = (
    "SELECT c.zone_id, c.id AS version_id, c.zone_id NOT IN (SELECT zone_id FROM parent) AS is_leaf, n.bucket, "
    "coalesce(n.cells, 0)::bigint AS cells, coalesce(n.excluded, 0)::bigint AS excluded, "
    "coalesce(n.covered, 0)::bigint AS covered FROM current c "
    "LEFT JOIN counted n ON n.owner = c.zone_id "
    "WHERE CAST(:zones AS int[]) IS NULL OR c.zone_id = ANY (CAST(:zones AS int[]))"
)


@dataclass(frozen=True)
class BucketCounts:
    """A zone's cells, the excluded ones, and what was seen of the rest by the place of each bucket; none: nothing."""

    zone_id: int
    version_id: int
    is_leaf: bool
    cells: int
    excluded: int
    covered: dict[int, int]


def count_buckets(
    session: Session, buckets: Sequence[Window], zone_ids: Collection[int] | None
) -> list[BucketCounts]:
    """Return the counts of every zone that holds on the last day of the last bucket, or of `zone_ids`; buckets by place.

    Borders and exclusions are those of that day for all of them: see `changes_between`.
    """
    asked = "\n".join((statement("ground_cells"), statement("cells_by_bucket"), _ANSWER))
    for name, part in {"{owned}": ZONES_OWN, "{family}": "c.path[1]", "{pieces}": _PIECES}.items():
        asked = asked.replace(name, part)
    rows = session.execute(
        text(asked),
        {
            **_bucket_values(buckets),
            "on": buckets[-1].to_on,
            "zones": None if zone_ids is None else sorted(zone_ids),
        },
    ).all()
    covered: dict[int, dict[int, int]] = {}
    for row in rows:
        if row.bucket is not None:
            covered.setdefault(row.zone_id, {})[row.bucket - 1] = row.covered
    return [
        BucketCounts(
            row.zone_id, row.version_id, row.is_leaf, row.cells, row.excluded, covered.get(row.zone_id, {})
        )
        for row in rows
        if row.bucket is None
    ]


def seen_by_bucket(session: Session, buckets: Sequence[Window]) -> Tiles:
    """Return what was seen in each bucket, one bitmap a tile; slot: the bucket's place."""
    rows = copy_out(
        session,
        for_copy(
            f"SELECT CAST(bucket AS int) AS bucket, tx, ty, bit_or(bits) AS bits FROM ({_PIECES}) AS piece "
            "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        ),
        {"bucket": INT4, **TILE},
        _bucket_values(buckets),
    )
    return as_tiles(rows["bucket"].astype(np.int64) - 1, rows)


def _bucket_values(buckets: Sequence[Window]) -> dict[str, Any]:
    """Return what `_PIECES` binds."""
    period = buckets[0].period
    weeks = [
        whole_weeks(one.from_on, one.to_on) if period is None else (one.from_on, one.from_on)
        for one in buckets
    ]
    return {
        "period": None if period is None else int(period),
        "firsts": [one.from_on for one in buckets],
        "lasts": [one.to_on for one in buckets],
        "first_mondays": [first for first, _ in weeks],
        "after_weeks": [after for _, after in weeks],
    }


def changes_between(session: Session, after: date, until: date) -> list[date]:
    """Return the days in (after, until] from which on some zone or exclusion is another one, in order."""
    rows = session.execute(
        text(
            "SELECT DISTINCT day FROM (SELECT valid_from AS day FROM zone_version UNION ALL SELECT valid_to FROM zone_version "
            "UNION ALL SELECT valid_from FROM exclusion UNION ALL SELECT valid_to FROM exclusion) AS change "
            "WHERE day > :after AND day <= :until ORDER BY day"
        ),
        {"after": after, "until": until},
    )
    return [row.day for row in rows]


def days_with_data(session: Session, window: Window) -> list[date]:
    """Return the days of a window on which anything at all was seen, in order."""
    # From one day to the next over the index, instead of through every tile.
    rows = session.execute(
        text(
            "SELECT d.day::date AS day FROM generate_series(CAST(:from_on AS date), CAST(:to_on AS date), interval '1 day') "
            "AS d(day) WHERE EXISTS (SELECT FROM coverage_tile t WHERE t.day = d.day::date "
            "AND (CAST(:period AS int) IS NULL OR t.period = :period)) ORDER BY 1"
        ),
        {
            "from_on": window.from_on,
            "to_on": window.to_on,
            "period": None if window.period is None else int(window.period),
        },
    )
    return [row.day for row in rows]
