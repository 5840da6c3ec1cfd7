"""Live positions in: few rows at a time, many times a second, so each step is one short question to the database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from geoservice.store.base import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

# A device has one live track a local day and protocol, known by a name made of the three, so that no two are ever made.
_NAME = "CAST(md5('live track ' || {device} || ' ' || {day} || ' ' || %(source)s) AS uuid)"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: the device, how it moves, its live tracks of the days asked for, and what is still to be made."""

    device_id: int
    code: str
    active: bool
    mode: int
    deployed: bool
    missing_partitions: list[str]
    tracks: list[int | None]


def find_reporter(
    session: Session, token_sha256: bytes, days: Sequence[date], source: str, partitions: Sequence[str]
) -> Reporter | None:
    """Return the device of a token, with its live tracks of `days` in their order; None when it is nobody's."""
    row = _ask(
        session,
        "SELECT d.id, d.code, d.active, coalesce(t.mode, mt.mode, 1), EXISTS (SELECT FROM deployment), "
        "ARRAY(SELECT p FROM unnest(%(partitions)s::text[]) AS p WHERE to_regclass(p) IS NULL), "
        "ARRAY(SELECT k.id FROM unnest(%(days)s::date[]) WITH ORDINALITY AS w(day, place) LEFT JOIN track k "
        f"ON k.client_uuid = {_NAME.format(device='d.id', day='w.day')} ORDER BY w.place) "
        "FROM device d LEFT JOIN team t ON t.id = d.team_id LEFT JOIN member m ON m.id = d.member_id "
        "LEFT JOIN team mt ON mt.id = m.team_id WHERE d.token_sha256 = %(token)s",
        {"token": token_sha256, "days": list(days), "source": source, "partitions": list(partitions)},
    )
    return Reporter(*row) if row else None


def make_tracks(
    session: Session, reporter: Reporter, days: Sequence[date], source: str, now: datetime
) -> list[int]:
    """Make the live tracks that are missing, empty as yet; return those of all `days`, in their order."""
    _ask(
        session,
        "INSERT INTO track (device_id, mode, source, client_uuid, started_at, ended_at, fix_count, received_at) "
        f"SELECT %(device)s, %(mode)s, %(source)s, {_NAME.format(device='%(device)s', day='w.day')}, "
        "'infinity', '-infinity', 0, %(now)s FROM unnest(%(days)s::date[]) AS w(day) ORDER BY w.day "
        "ON CONFLICT (client_uuid) DO NOTHING RETURNING id",
        {
            "device": reporter.device_id,
            "mode": reporter.mode,
            "source": source,
            "days": list(days),
            "now": now,
        },
    )
    row = _ask(
        session,
        "SELECT ARRAY(SELECT k.id FROM unnest(%(days)s::date[]) WITH ORDINALITY AS w(day, place) JOIN track k "
        f"ON k.client_uuid = {_NAME.format(device='%(device)s', day='w.day')} ORDER BY w.place)",
        {"device": reporter.device_id, "source": source, "days": list(days)},
    )
    tracks: list[int] = row[0] if row else []
    return tracks


def store_positions(session: Session, columns: Mapping[str, Any]) -> tuple[int, int]:
    """Store the fixes that are new; return how many of their tracks are still there, and how many fixes were new.

    `columns` are the values of `sql/store_positions.sql`.
    """
    row = _ask(session, _store_statement(), columns)
    assert row is not None
    return row[0], row[1]


def drop_empty_tracks(session: Session, track_ids: Collection[int]) -> None:
    """Drop the tracks among these that hold no fix after all: another track had them already."""
    _ask(
        session,
        "DELETE FROM track WHERE id = ANY(%(tracks)s) AND fix_count = 0 RETURNING id",
        {"tracks": list(track_ids)},
    )


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


@cache
def _store_statement() -> str:
    return statement("store_positions")


def _ask(session: Session, question: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Put a question in the driver's own words, which costs half of what building it anew each time would."""
    row = session.connection().exec_driver_sql(question, dict(values)).first()
    return None if row is None else tuple(row)
