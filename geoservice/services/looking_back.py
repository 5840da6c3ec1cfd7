"""When gaps were last seen: back week by week, only as far and only where something is still unanswered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from geoservice.domain.gaps import NEVER
from geoservice.domain.windows import Window
from geoservice.store import bitmaps
from geoservice.store import history_tiles as store
from geoservice.store.window_pieces import whole_weeks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from geoservice.domain.gaps import Regions

_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Open:
    """A zone's regions and which of them (by number) are known to have been seen, not yet when."""

    regions: Regions
    waiting: NDArray[np.bool_]


def look_back(session: Session, history: Window, found: Sequence[Regions]) -> None:
    """Set each region's `last_seen` to the last day of `history` on which any of its cells was seen."""
    opened = _ever_seen(session, history, found)
    for first, last in _steps_back(history):
        opened = [one for one in opened if one.waiting.any()]
        if not opened:
            return
        if history.period is None and last - first >= 6 * _DAY and first.weekday() == 0:
            _look_at_weeks(session, first, last + _DAY, opened)
        else:
            _look_at_days(session, Window(first, last, history.period), opened)


def _ever_seen(session: Session, history: Window, found: Sequence[Regions]) -> list[_Open]:
    """Return the regions that were seen at all; the others keep NEVER and are looked for no more."""
    opened = [_Open(regions, regions.sizes > 0) for regions in found]
    ever = bitmaps.seen_in(session, history, _where(opened))
    for one in opened:
        hit = np.full(len(one.waiting), NEVER, np.int64)
        one.regions.look(ever, hit)
        one.waiting[:] = hit != NEVER
    return opened


def _steps_back(history: Window) -> Iterator[tuple[date, date]]:
    """Yield first and last days from the newest on, first a few and then more: days alone, or whole calendar weeks."""
    first_monday, after_weeks = whole_weeks(history.from_on, history.to_on)
    if history.period is not None or first_monday == after_weeks:
        yield from _doubling(history.from_on, history.to_on)
        return
    if after_weeks <= history.to_on:
        yield after_weeks, history.to_on
    yield from _doubling(first_monday, after_weeks - _DAY)
    if history.from_on < first_monday:
        yield history.from_on, first_monday - _DAY


def _doubling(first: date, last: date) -> Iterator[tuple[date, date]]:
    weeks = 1
    while last >= first:
        begin = max(first, last - weeks * _WEEK + _DAY)
        yield begin, last
        last = begin - _DAY
        weeks *= 2


def _look_at_days(session: Session, window: Window, opened: Sequence[_Open]) -> None:
    days = store.seen_by_day(session, window, _where(opened))
    for one in opened:
        one.regions.look(days, one.regions.last_seen)
        np.logical_and(one.waiting, one.regions.last_seen == NEVER, out=one.waiting)


def _look_at_weeks(session: Session, first: date, after: date, opened: Sequence[_Open]) -> None:
    """Find the last week of each region, and in that week the day.

    No later week holds a cell of the region, so of all days that are read here the last one that does is the answer.
    """
    weeks = store.seen_by_week(session, first, after, _where(opened))
    last_week = []
    for one in opened:
        week = np.full(len(one.waiting), NEVER, np.int64)
        one.regions.look(weeks, week)
        last_week.append(np.where(one.waiting, week, NEVER))
    places = [
        np.insert(one.regions.places(week == monday), 0, monday, axis=1)
        for one, week in zip(opened, last_week, strict=True)
        for monday in np.unique(week[week != NEVER]).tolist()
    ]
    if not places:
        return
    days = store.days_of_weeks(session, np.unique(np.concatenate(places), axis=0))
    for one in opened:
        one.regions.look(days, one.regions.last_seen)
        np.logical_and(one.waiting, one.regions.last_seen == NEVER, out=one.waiting)


def _where(opened: Sequence[_Open]) -> NDArray[np.int64]:
    """Return (n, 2) tx, ty of the tiles around what is still unanswered, none twice."""
    places = [one.regions.places(one.waiting) for one in opened]
    return np.unique(np.concatenate(places), axis=0) if places else np.empty((0, 2), np.int64)
