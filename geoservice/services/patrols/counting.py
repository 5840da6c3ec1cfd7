"""Patrols of many days, counted only: their ways are not measured, which takes most of the time of a view."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from geoservice.services.patrols.following import judge, read_day
from geoservice.store import patrol_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.domain.windows import Window
    from geoservice.services.patrols.tallies import Tally


@dataclass(frozen=True)
class PatrolCount:
    """One patrol: whose it was, whether it is over and anything was heard of it, and its stops."""

    patrol_id: int
    team_id: int
    member_ids: tuple[int, ...]
    over: bool
    heard: bool
    tally: Tally


def count_patrols(
    session: Session, settings: Settings, window: Window, *, now: datetime
) -> Iterator[PatrolCount]:
    """Yield the patrols of some days that were not cancelled, by day."""
    rows = [
        row
        for row in patrol_rows.patrols_in(session, window.from_on, window.to_on)
        if row.status != "cancelled"
    ]
    for _, of_day in groupby(rows, key=lambda row: row.on_day):
        mine = list(of_day)
        day = read_day(session, settings, mine, now)
        for row in mine:
            judged = judge(row, day)
            members = tuple(sorted(day.crews.members.get(row.patrol_id, {})))
            yield PatrolCount(row.patrol_id, row.team_id, members, judged.over, judged.heard, judged.tally)
