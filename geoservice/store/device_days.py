"""Which local days of which devices wait to be computed, and what is known of those that were."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import text

from geoservice.store.copying import EPOCH_US, INT4, INT8, copy_out

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class DeviceDay:
    """A device's local day: what waits (`dirty`: bits, `rebuild`: all of them, `rematch`: facts alone), what is known.

    `refused`: reason → fixes and segments; `street_refused`: reason → metres; `tiles`: keys, slot 0.
    """

    device_id: int
    day: date
    dirty: bool
    rebuild: bool
    covered_through: datetime | None
    segment_count: int
    refused: dict[str, int]
    street_refused: dict[str, float]
    modes: list[int]
    tiles: list[int]


def join_covering(session: Session) -> None:
    """Until commit: compute device days side by side with others, while nobody changes what they are computed from."""
    session.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext('covering'))"))


def stop_covering(session: Session) -> None:
    """Until commit: nobody computes device days; whoever is at it is waited for.

    So a mark set now can't be wiped by somebody who looked before what it is set for.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('covering'))"))


def mark_dirty(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Mark device days dirty; each row has device_id, day, first_at (the earliest fix that came or went).

    One that came before what was already covered calls for a rebuild.
    """
    if not rows:
        return
    session.execute(
        text(
            "INSERT INTO device_day AS d (device_id, day) VALUES (:device_id, :day) "
            "ON CONFLICT (device_id, day) DO UPDATE SET dirty = true, "
            "rebuild = d.rebuild OR coalesce(:first_at <= d.covered_through, false)"
        ),
        sorted(rows, key=lambda row: (row["device_id"], row["day"])),
    )


def mark_existing_dirty(session: Session, device_id: int, day: date, first_at: datetime) -> None:
    """Mark a device day dirty if it is known at all: the day before one whose first fixes just came."""
    session.execute(
        text(
            "UPDATE device_day SET dirty = true, rebuild = rebuild OR coalesce(:first_at <= covered_through, false) "
            "WHERE device_id = :device_id AND day = :day"
        ),
        {"device_id": device_id, "day": day, "first_at": first_at},
    )


def mark_all(session: Session) -> None:
    """Forget every day bitmap: what all of them were filled with has changed."""
    session.execute(text("TRUNCATE coverage_tile, coverage_week"))
    session.execute(
        text(
            "UPDATE device_day SET dirty = true, rebuild = false, covered_through = NULL, segment_count = 0, "
            "refused = '{}', tiles = '{}' WHERE covered_through IS NOT NULL OR NOT dirty"
        )
    )


def count_days_anew(session: Session, timezone: str) -> None:
    """Find out from the fixes which local days there are: days begin at other instants than before."""
    session.execute(text("TRUNCATE street_seen, visit, tiny_zone_seen"))
    session.execute(text("DELETE FROM device_day"))
    session.execute(
        text(
            "INSERT INTO device_day (device_id, day) "
            "SELECT DISTINCT device_id, CAST(recorded_at AT TIME ZONE :timezone AS date) FROM fix"
        ),
        {"timezone": timezone},
    )


def mark_modes(session: Session, modes: Collection[int]) -> None:
    """Have the days made anew on which somebody moved in one of these modes: it sees less or farther than before."""
    session.execute(
        text(
            "UPDATE device_day SET dirty = true, rebuild = true "
            "WHERE segment_count > 0 AND modes && CAST(:modes AS smallint[])"
        ),
        {"modes": list(modes)},
    )


def mark_all_for_rematch(session: Session) -> None:
    """Have streets, points and tiny zones looked at again on every day; the bitmaps stay."""
    session.execute(text("UPDATE device_day SET rematch = true WHERE NOT rematch"))


def mark_changed_places(session: Session) -> int:
    """Have those days looked at again that touch a tile where a place came, went or moved; return how many.

    A join by hash over all tiles of all days: 15 000 days × 35 tiles take half a second however many tiles have changed.
    An index over the arrays would better that for a single street only, and slow down every `settle`.
    """
    if not session.scalar(text("SELECT EXISTS (SELECT FROM place_change)")):
        return 0
    stop_covering(session)
    marked = session.execute(
        text(
            "WITH taken AS (DELETE FROM place_change RETURNING tile), touched AS (SELECT DISTINCT d.device_id, d.day "
            "FROM device_day d CROSS JOIN LATERAL unnest(d.tiles) AS t(tile) WHERE t.tile IN (SELECT tile FROM taken)) "
            "UPDATE device_day d SET rematch = true FROM touched t "
            "WHERE d.device_id = t.device_id AND d.day = t.day AND NOT d.rematch RETURNING 1"
        )
    )
    return len(marked.all())


def take_arrivals(session: Session) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take out what live positions noted: device id and µs since 1970 (n,) of the earliest fixes of days that wait."""
    gone = copy_out(
        session,
        "DELETE FROM arrival RETURNING device_id, first_at AS first_us",
        {"device_id": INT4, "first_us": INT8},
        {},
    )
    return gone["device_id"].astype(np.int64), gone["first_us"].astype(np.int64) + EPOCH_US


def is_waiting(session: Session) -> bool:
    """Tell whether anything waits to be computed."""
    return bool(
        session.scalar(
            text(
                "SELECT EXISTS (SELECT FROM device_day WHERE dirty OR rematch) OR EXISTS (SELECT FROM place_change) "
                "OR EXISTS (SELECT FROM arrival)"
            )
        )
    )


def waiting_days(session: Session, from_on: date | None, to_on: date | None) -> list[date]:
    """Return the days with something to compute inside the window (either end open), oldest first."""
    return list(
        session.scalars(
            text(
                "SELECT DISTINCT day FROM device_day WHERE (dirty OR rematch) "
                "AND day >= coalesce(CAST(:from_on AS date), '-infinity') "
                "AND day <= coalesce(CAST(:to_on AS date), 'infinity') ORDER BY day"
            ),
            {"from_on": from_on, "to_on": to_on},
        )
    )


def count_waiting(session: Session, from_on: date | None, to_on: date | None) -> int:
    """Return how many device days wait inside a window of days (either end open)."""
    return int(
        session.execute(
            text(
                "SELECT count(*) FROM device_day WHERE (dirty OR rematch) "
                "AND day >= coalesce(CAST(:from_on AS date), '-infinity') "
                "AND day <= coalesce(CAST(:to_on AS date), 'infinity')"
            ),
            {"from_on": from_on, "to_on": to_on},
        ).scalar_one()
    )


def take(session: Session, day: date, limit: int) -> list[DeviceDay]:
    """Lock up to `limit` waiting devices of `day` that no other worker holds."""
    rows = session.execute(
        text(
            "SELECT device_id, day, dirty, rebuild, covered_through, segment_count, refused, street_refused, modes, tiles "
            "FROM device_day WHERE (dirty OR rematch) AND day = :day ORDER BY device_id LIMIT :limit FOR UPDATE SKIP LOCKED"
        ),
        {"day": day, "limit": limit},
    )
    return [DeviceDay(**row._mapping) for row in rows]


def settle(session: Session, days: Sequence[DeviceDay]) -> None:
    """Record device days as computed, with how far and what was counted."""
    if days:
        session.execute(
            text(
                "UPDATE device_day SET dirty = false, rebuild = false, rematch = false, covered_through = :covered_through, "
                "segment_count = :segment_count, refused = CAST(:refused AS jsonb), "
                "street_refused = CAST(:street_refused AS jsonb), modes = CAST(:modes AS smallint[]), "
                "tiles = CAST(:tiles AS bigint[]) WHERE device_id = :device_id AND day = :day"
            ),
            [
                {
                    **vars(day),
                    "refused": json.dumps(day.refused),
                    "street_refused": json.dumps(day.street_refused),
                }
                for day in days
            ],
        )


def devices_on(session: Session, day: date, tiles: Sequence[int]) -> list[int]:
    """Return the devices known to have touched any of the tiles (keys, slot 0) on `day`."""
    return list(
        session.scalars(
            text("SELECT device_id FROM device_day WHERE day = :day AND tiles && CAST(:tiles AS bigint[])"),
            {"day": day, "tiles": list(tiles)},
        )
    )


def refusals(session: Session, from_on: date, to_on: date) -> dict[str, int]:
    """Return how many fixes and segments of a window of days were refused, by reason."""
    return {reason: int(count) for reason, count in _summed(session, "refused", from_on, to_on).items()}


def street_refusals(session: Session, from_on: date, to_on: date) -> dict[str, float]:
    """Return how many metres walked in a window of days no street was credited with, by reason."""
    return _summed(session, "street_refused", from_on, to_on)


def _summed(session: Session, column: str, from_on: date, to_on: date) -> dict[str, float]:
    rows = session.execute(
        text(
            "SELECT r.key AS reason, CAST(sum(CAST(r.value AS numeric)) AS float8) AS total FROM device_day d "
            f"CROSS JOIN LATERAL jsonb_each_text(d.{column}) AS r WHERE d.day BETWEEN :from_on AND :to_on "
            "GROUP BY r.key ORDER BY r.key"
        ),
        {"from_on": from_on, "to_on": to_on},
    )
    return {row.reason: row.total for row in rows}
