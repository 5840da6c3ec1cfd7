"""The part of time that is a patrol's own: its hours and a margin, as far as the team's other patrols leave it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from geoservice.domain.tracks import Mode
from geoservice.domain.windows import day_start
from geoservice.store.patrol_facts import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from geoservice.store.patrol_rows import PatrolRow

MARGIN = timedelta(minutes=60)
"""What a team does so long before its patrol begins or after it was to end is still this patrol's."""


def hours(row: PatrolRow, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when to when a patrol was planned; the whole day where nobody said."""
    begins = row.starts_at or day_start(row.on_day, zone)
    ends = row.ends_at or day_start(row.on_day + timedelta(days=1), zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def own_time(row: PatrolRow, beside: Iterable[PatrolRow], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return from when to before when a patrol's doings count as its own.

    Between two patrols of a team that follow one another the middle of the pause divides; `beside` are all of them.
    """
    begins, ends = hours(row, zone)
    since = min(begins, row.started_at or begins) - MARGIN
    before = max(ends, row.finished_at or ends) + MARGIN
    for other in beside:
        if other.patrol_id == row.patrol_id or other.team_id != row.team_id or other.status == "cancelled":
            continue
        its_begin, its_end = hours(other, zone)
        if its_end <= begins:
            since = max(since, its_end + (begins - its_end) / 2)
        elif ends <= its_begin:
            before = min(before, ends + (its_begin - ends) / 2)
    return since, before


def is_over(row: PatrolRow, before: datetime, now: datetime) -> bool:
    """Tell whether nothing more is to come of a patrol: it said so itself, or its time has passed."""
    return row.status in {"done", "cancelled"} or row.finished_at is not None or now >= before


def asked_of(
    row: PatrolRow,
    time: tuple[datetime, datetime],
    zone: ZoneInfo,
    devices: Mapping[int, Mapping[int, str]],
    members: Mapping[int, Mapping[int, str]],
) -> Asked:
    """Return whose doings in which time are looked for; late is what comes when both the patrol and its day are over."""
    late_after = max(time[1], day_start(row.on_day + timedelta(days=1), zone))
    return Asked(
        row.patrol_id,
        *time,
        late_after,
        tuple(devices.get(row.patrol_id, ())),
        tuple(members.get(row.patrol_id, ())),
    )


def word_of_mode(mode: int) -> str:
    """Return how a patrol moves, as the messages name it."""
    return Mode(mode).name.lower()
