"""What is known of patrols: stays and check-ins at points, pieces of streets, positions that came late or wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import text

from geoservice.store.copying import EPOCH_US, FLOAT4, FLOAT8, INT2, INT4, INT8, copy_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Asked:
    """One patrol's part of time, from `since` to before `before`, and whose doings count as its own.

    What is received after `late_after` is late: whoever looked at its day before did not see it.
    """

    patrol_id: int
    since: datetime
    before: datetime
    late_after: datetime
    device_ids: tuple[int, ...]
    member_ids: tuple[int, ...]


@dataclass(frozen=True)
class PointVisit:
    """A device stayed at a point, or (without a device) a member says he was there."""

    patrol_id: int
    point_id: int
    code: str
    name: str
    lon: float
    lat: float
    from_at: datetime
    to_at: datetime
    dwell_s: float | None
    has_findings: bool
    note: str


_FIX = {
    "device_id": INT4, "recorded_us": INT8, "received_us": INT8, "lon": FLOAT8, "lat": FLOAT8, "accuracy_m": FLOAT4,
    "mode": INT2,
}  # fmt: skip
_PARTS = """
    unnest(CAST(:patrols AS int[]), CAST(:owners AS int[]), CAST(:since AS timestamptz[]), CAST(:before AS timestamptz[]))
    AS a(patrol_id, owner_id, since, before)
"""
_POINT = "p.id AS point_id, p.code, p.name, ST_X(p.geom) AS lon, ST_Y(p.geom) AS lat"
# A visit belongs to the day its first segment starts on: one over midnight began on the day before.
_VISITS = f"""
    SELECT a.patrol_id, {_POINT}, v.arrived_at AS from_at, v.left_at AS to_at, CAST(v.dwell_s AS float8) AS dwell_s,
           false AS has_findings, '' AS note
    FROM {_PARTS} JOIN visit v ON v.device_id = a.owner_id AND v.arrived_at < a.before AND v.left_at >= a.since
     AND v.day BETWEEN CAST(a.since AT TIME ZONE :timezone AS date) - 1 AND CAST(a.before AT TIME ZONE :timezone AS date)
    JOIN point p ON p.id = v.point_id
"""
_CHECK_INS = f"""
    SELECT a.patrol_id, {_POINT}, c.at AS from_at, c.at AS to_at, CAST(NULL AS float8) AS dwell_s, c.has_findings, c.note
    FROM {_PARTS} JOIN check_in c ON c.member_id = a.owner_id AND c.at >= a.since AND c.at < a.before
    JOIN point p ON p.id = c.point_id
"""


def stays(session: Session, asked: Sequence[Asked], timezone: str) -> list[PointVisit]:
    """Return where the patrols' devices stayed, as the facts of their days have it, by patrol and arrival."""
    values = {**_parts(asked, "device_ids"), "timezone": timezone}
    rows = session.execute(text(f"{_VISITS} ORDER BY a.patrol_id, v.arrived_at, p.id"), values)
    return [PointVisit(*row) for row in rows]


def check_ins(session: Session, asked: Sequence[Asked]) -> list[PointVisit]:
    """Return where the patrols' members say they were, by patrol and moment."""
    rows = session.execute(
        text(f"{_CHECK_INS} ORDER BY a.patrol_id, c.at, p.id"), _parts(asked, "member_ids")
    )
    return [PointVisit(*row) for row in rows]


def pieces_seen(
    session: Session, asked: Sequence[Asked], street_ids: Sequence[int], timezone: str
) -> dict[tuple[int, int], int]:
    """Return how many pieces of streets the patrols' devices are credited with on their days: (patrol, street) → pieces."""
    rows = session.execute(
        text(
            "SELECT patrol_id, street_id, sum(bit_count(CAST(pieces AS bit(64)))) AS pieces FROM ("
            f"SELECT a.patrol_id, s.street_id, s.word, bit_or(s.pieces) AS pieces FROM {_PARTS} "
            "JOIN street_seen s ON s.device_id = a.owner_id AND s.street_id = ANY(:streets) "
            "AND s.day BETWEEN CAST(a.since AT TIME ZONE :timezone AS date) AND CAST(a.before AT TIME ZONE :timezone AS date) "
            "GROUP BY 1, 2, 3) AS words GROUP BY 1, 2"
        ),
        {**_parts(asked, "device_ids"), "streets": list(street_ids), "timezone": timezone},
    )
    return {(row.patrol_id, row.street_id): int(row.pieces) for row in rows}


def street_lines(session: Session, street_ids: Sequence[int]) -> dict[int, BaseGeometry]:
    """Return the lines of streets, lon/lat."""
    rows = session.execute(
        text("SELECT id, ST_AsBinary(geom) AS wkb FROM street WHERE id = ANY(:ids)"),
        {"ids": list(street_ids)},
    )
    return {row.id: shapely.from_wkb(bytes(row.wkb)) for row in rows}


def fixes(session: Session, device_ids: Sequence[int], since: datetime, before: datetime) -> NDArray[np.void]:
    """Return the fixes of devices in [since, before) with when they came, by device and time.

    Columns device_id, recorded_us, received_us (µs since 1970), lon, lat, accuracy_m, mode.
    """
    rows = copy_out(
        session,
        "SELECT device_id, recorded_at AS recorded_us, received_at AS received_us, lon, lat, accuracy_m, mode FROM fix "
        "WHERE device_id = ANY(%(devices)s) AND recorded_at >= %(since)s AND recorded_at < %(before)s",
        _FIX,
        {"devices": list(device_ids), "since": since, "before": before},
    )
    native = np.empty(len(rows), [(name, kind.replace(">", "=")) for name, kind in _FIX.items()])
    for name in _FIX:
        native[name] = rows[name]
    native["recorded_us"] += EPOCH_US
    native["received_us"] += EPOCH_US
    return native[np.lexsort((native["recorded_us"], native["device_id"]))]


def waiting(session: Session, asked: Sequence[Asked], timezone: str) -> set[int]:
    """Return the patrols some of whose device days are not computed as they stand now."""
    rows = session.execute(
        text(
            f"SELECT DISTINCT a.patrol_id FROM {_PARTS} JOIN device_day d ON d.device_id = a.owner_id "
            "AND (d.dirty OR d.rematch) AND d.day BETWEEN CAST(a.since AT TIME ZONE :timezone AS date) "
            "AND CAST(a.before AT TIME ZONE :timezone AS date)"
        ),
        {**_parts(asked, "device_ids"), "timezone": timezone},
    )
    return {row.patrol_id for row in rows}


def note_wanted_done(session: Session, wanted: Sequence[tuple[int, datetime]]) -> list[int]:
    """Note when what somebody wanted was done; return the ids of those that still waited. A wish asked for later stays open."""
    rows = session.execute(
        text(
            "UPDATE wanted_stop w SET done_at = d.at FROM unnest(CAST(:ids AS int[]), CAST(:at AS timestamptz[])) AS d(id, at) "
            "WHERE w.id = d.id AND w.done_at IS NULL AND w.dropped_at IS NULL AND d.at >= w.asked_at RETURNING w.id"
        ),
        {"ids": [one for one, _ in wanted], "at": [at for _, at in wanted]},
    )
    return [row.id for row in rows]


def _parts(asked: Sequence[Asked], owners: str) -> dict[str, list[object]]:
    pairs = [(one, owner) for one in asked for owner in getattr(one, owners)]
    return {
        "patrols": [one.patrol_id for one, _ in pairs],
        "owners": [owner for _, owner in pairs],
        "since": [one.since for one, _ in pairs],
        "before": [one.before for one, _ in pairs],
    }
