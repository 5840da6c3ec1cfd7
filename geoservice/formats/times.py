"""Times as devices and people write them → microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import contextlib
import math
import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local wall time, counted before its zone is known
MICROSECOND = timedelta(microseconds=1)
UNREADABLE = -1
PLAIN_LENGTH = len("2026-01-31 08:15:00")
HOUR_US = 3_600_000_000
EARLIEST_US = 315_532_800_000_000  # 1980-01-01: before GPS there are no fixes
LATEST_US = 4_102_444_800_000_000  # 2100-01-01
# An epoch number is told by its size: seconds, milli-, micro- or nanoseconds of 1980 to 2100.
EPOCH_UNITS = ((1e11, 1_000_000.0), (1e14, 1_000.0), (1e17, 1.0), (1e20, 0.001))
EXCEL_DAYS = range(29_221, 73_051)  # 1980-01-01 to 2100-01-01 as Excel counts
LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[T\s]*(?:(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,6})\d*)?秒?|分)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)


class Clock:
    """Reads times; those that name no zone of their own are wall time in `timezone`."""

    def __init__(self, timezone: str) -> None:
        try:
            self._zone: tzinfo = UTC if timezone.upper() == "UTC" else ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"no such time zone: {timezone}"
            raise ValueError(msg) from error
        self._offsets: dict[tuple[int, int, int, int], int] = {}

    def microseconds(self, value: Any) -> int:
        """One time: ISO text, 2024/1/31 8:05, 2024年1月31日 8时5分, an epoch number, an Excel serial; else ValueError."""
        if isinstance(value, str):
            text = value.strip()
            number = _as_number(text)
            found = self._of_text(text) if number is None else self._of_number(number)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            found = self._of_number(float(value))
        else:
            raise ValueError(value)
        if not EARLIEST_US <= found < LATEST_US:
            raise ValueError(value)
        return found

    def column(self, cells: Sequence[Any]) -> NDArray[np.int64]:
        """A column of times; UNREADABLE where a cell holds none."""
        if all(isinstance(cell, str) and len(cell) == PLAIN_LENGTH for cell in cells):
            with contextlib.suppress(ValueError):
                return self._of_plain(np.array(cells, dtype="datetime64[us]"))
        return np.array([self._or_unreadable(cell) for cell in cells], dtype=np.int64)

    def _of_plain(self, wall: NDArray[np.datetime64]) -> NDArray[np.int64]:
        """Wall times such as 2026-01-31 08:15:00, all alike: the zone is asked once an hour, not once a fix."""
        local = wall.astype(np.int64)
        hours, hour = np.unique(local // HOUR_US, return_inverse=True)
        ahead = [self._offset(EPOCH + timedelta(hours=int(each))) for each in hours]
        found = local - np.array(ahead, dtype=np.int64)[hour]
        found[(found < EARLIEST_US) | (found >= LATEST_US)] = UNREADABLE
        return found

    def _or_unreadable(self, cell: Any) -> int:
        try:
            return self.microseconds(cell)
        except (ValueError, OverflowError):
            return UNREADABLE

    def _of_text(self, text: str) -> int:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = _loosely(text)
        if moment.tzinfo is not None:
            return (moment.astimezone(UTC).replace(tzinfo=None) - EPOCH) // MICROSECOND
        return (moment - EPOCH) // MICROSECOND - self._offset(moment)

    def _of_number(self, number: float) -> int:
        if not math.isfinite(number):
            raise ValueError(number)
        if int(number) in EXCEL_DAYS:
            return self._of_serial(number)
        for below, factor in EPOCH_UNITS:
            if abs(number) < below:
                return round(number * factor)
        raise ValueError(number)

    def _of_serial(self, days: float) -> int:
        moment = datetime(1899, 12, 30) + timedelta(seconds=round(days * 86_400))  # noqa: DTZ001 - wall time
        return (moment - EPOCH) // MICROSECOND - self._offset(moment)

    def _offset(self, moment: datetime) -> int:
        """How far the zone's wall clock is ahead of UTC in the hour of `moment`, microseconds."""
        hour = (moment.year, moment.month, moment.day, moment.hour)
        offset = self._offsets.get(hour)
        if offset is None:
            ahead = moment.replace(tzinfo=self._zone).utcoffset() or timedelta()
            offset = self._offsets[hour] = ahead // MICROSECOND
        return offset


def _as_number(text: str) -> float | None:
    if (
        not text
        or text[0] not in "0123456789０１２３４５６７８９"
        or "-" in text
        or ":" in text
        or (len(text) == 8 and text.isdigit())
    ):
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _loosely(text: str) -> datetime:
    found = LOOSE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    micro = int((found[7] or "").ljust(6, "0"))
    moment = datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - its zone comes next
    zone = (found[8] or "").upper()
    return datetime.fromisoformat(moment.isoformat() + zone) if zone else moment
