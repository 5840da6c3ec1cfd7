"""Live positions in: few rows at a time, many times a second, so storing them is one short question to the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_TAKE = (
    "SELECT * FROM take_positions(%(token)s, %(source)s, %(now)s, %(partitions)s::text[], %(days)s::date[], "
    "%(at)s::timestamptz[], %(on)s::date[], %(lon)s::float8[], %(lat)s::float8[], %(accuracy)s::real[], %(speed)s::real[], "
    "%(heading)s::real[])"
)


@dataclass(frozen=True, slots=True)
class Stored:
    """Whose token it was (None: nobody's), whether it may report, whether there was room, and how many fixes were new.

    No room: nothing was ever stored in this deployment, or not in these months.
    """

    device_id: int | None
    code: str
    active: bool
    has_room: bool
    new: int


def take_positions(session: Session, columns: Mapping[str, Any]) -> Stored:
    """Store the fixes that are new, each on its device's track of the day (migration 0010), or nothing of them."""
    row = _ask(session, _TAKE, columns)
    assert row is not None
    return Stored(*row)


def quarantine(
    session: Session, device_id: int, rows: Sequence[tuple[datetime, float, float]], now: datetime
) -> int:
    """Keep fixes (time, lon, lat) that can't be believed yet, each once; return how many there were not yet."""
    at, lon, lat = (list(column) for column in zip(*rows, strict=True))
    row = _ask(
        session,
        "WITH kept AS (INSERT INTO quarantined_fix (device_id, recorded_at, received_at, lon, lat) "
        "SELECT %(device)s, c.at, %(now)s, c.lon, c.lat "
        "FROM unnest(%(at)s::timestamptz[], %(lon)s::float8[], %(lat)s::float8[]) AS c(at, lon, lat) "
        "ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*) FROM kept",
        {"device": device_id, "now": now, "at": at, "lon": lon, "lat": lat},
    )
    return int(row[0]) if row else 0


def _ask(session: Session, question: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Put a question in the driver's own words, which costs half of what building it anew each time would."""
    row = session.connection().exec_driver_sql(question, dict(values)).first()
    return None if row is None else tuple(row)
