"""Days and periods: which local day an instant belongs to, and windows of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(IntEnum):
    """The part of a local day a segment starts in, so that a night patrol is told from a day patrol."""

    DAY = 1
    EVENING = 2
    NIGHT = 3

    @classmethod
    def named(cls, name: str) -> Period | None:
        """Return the period of a name in small letters, None for no name: the whole day; raises BadRequest."""
        if name and (name != name.lower() or name.upper() not in cls.__members__):
            raise BadRequest("bad_period", period=name[:40], periods=", ".join(cls.__members__).lower())
        return cls[name.upper()] if name else None


@dataclass(frozen=True)
class PeriodStarts:
    """Local times at which the three periods begin; night runs past midnight but keeps the calendar day."""

    day: time
    evening: time
    night: time


@dataclass(frozen=True)
class Window:
    """Whole local days, both ends included; `period` None: the whole of each day."""

    from_on: date
    to_on: date
    period: Period | None = None

    def __post_init__(self) -> None:
        if self.to_on < self.from_on:
            raise BadRequest(
                "window_reversed", from_on=self.from_on.isoformat(), to_on=self.to_on.isoformat()
            )

    @classmethod
    def ending(cls, to_on: date, days: int) -> Window:
        """Return the window of `days` days that ends with `to_on`."""
        return cls(to_on - timedelta(days=days - 1), to_on)

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when the window begins and when it has ended, as its zone's clock says."""
        return day_start(self.from_on, zone), day_start(self.to_on + timedelta(days=1), zone)

    def days(self) -> Iterator[date]:
        """Yield each day in order."""
        for offset in range((self.to_on - self.from_on).days + 1):
            yield self.from_on + timedelta(days=offset)


def instant_of(time_us: int) -> datetime:
    """Return the aware instant of µs since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds_of(instant: datetime) -> int:
    """Return µs since 1970 UTC of an aware instant."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the local day of an aware instant."""
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), tzinfo=zone)


def split_by_day_and_period(
    time_us: NDArray[np.int64], zone: ZoneInfo, starts: PeriodStarts
) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Return (n,) ordinals of the local day (`date.toordinal`) and (n,) periods for instants in µs since 1970 UTC.

    The offset to UTC is looked up once per quarter of an hour that occurs: no zone changes it in between.
    """
    quarter_us = 15 * 60 * 1_000_000
    quarters, inverse = np.unique(time_us // quarter_us, return_inverse=True)
    offsets = np.array([_offset_us(int(quarter) * quarter_us, zone) for quarter in quarters], dtype=np.int64)
    local_us = time_us + offsets[inverse]
    day_us = 24 * 3600 * 1_000_000
    ordinals = (local_us // day_us + date(1970, 1, 1).toordinal()).astype(np.int32)
    in_day = local_us % day_us
    period = np.full(time_us.shape, Period.NIGHT, dtype=np.int8)
    period[(in_day >= _us(starts.day)) & (in_day < _us(starts.evening))] = Period.DAY
    period[(in_day >= _us(starts.evening)) & (in_day < _us(starts.night))] = Period.EVENING
    return ordinals, period


def _offset_us(instant_us: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(instant_us / 1_000_000, tz=zone).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1_000_000)


def _us(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * 1_000_000
