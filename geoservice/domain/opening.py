"""Opening hours of a point: several windows a day, a week long, written as people write them.

`1-5 08:00-11:30,14:00-17:30; 6 09:00-12:00` (1 is Monday): a part for some days, between semicolons; without days it holds
every day; a day that nothing is said of is closed. 周一至周五 and full-width digits and signs are understood.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from geoservice.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Hours = tuple[time, time]

LONGEST = 500
LAST = time(23, 59)  # what 24:00 is kept as
WEEK = range(1, 8)
_SIGNS = str.maketrans({"；": ";", "，": ",", "、": ",", "～": "-", "~": "-", "–": "-", "—": "-", "至": "-", "到": "-", "\n": ";"})  # fmt: skip
_WORDS = {word: str(number) for number, word in enumerate("一二三四五六日", 1)} | {"天": "7"}
_DAY_WORD = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])|(?<=[-,])([一二三四五六日天])")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_PART = re.compile(r"(?:([1-7](?:[-,][1-7])*)\s+)?(\S.*)")


@dataclass(frozen=True)
class Opening:
    """The windows of each weekday, Monday first, in order and apart from one another."""

    week: tuple[tuple[Hours, ...], ...]

    def on(self, weekday: int) -> tuple[Hours, ...]:
        """Return the windows of a weekday, 1 Monday … 7 Sunday."""
        return self.week[weekday - 1]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the windows as they are stored: days that open and close together share a row."""
        days_of: dict[Hours, list[int]] = {}
        for weekday in WEEK:
            for hours in self.on(weekday):
                days_of.setdefault(hours, []).append(weekday)
        return [
            {"days": days, "from": f"{hours[0]:%H:%M}", "to": f"{hours[1]:%H:%M}"}
            for hours, days in sorted(days_of.items())
        ]

    def __str__(self) -> str:
        """Write the hours so that `parse_opening` reads the same again."""
        days_of: dict[tuple[Hours, ...], list[int]] = {}
        for weekday in WEEK:
            if self.on(weekday):
                days_of.setdefault(self.on(weekday), []).append(weekday)
        return "; ".join(
            f"{_write_days(days)} {','.join(map(_write, windows))}" for windows, days in days_of.items()
        )


def parse_opening(text: str) -> Opening | None:
    """Read opening hours; None where nothing is said, which is always open. BadRequest says what can't be read."""
    if len(text) > LONGEST:
        raise BadRequest("opening_too_long", most=LONGEST)
    plain = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    plain = re.sub(r"\s*([-,:])\s*", r"\1", plain.replace("每天", " "))
    plain = _DAY_WORD.sub(lambda found: _WORDS[found[1] or found[2]], plain)
    windows = [window for part in plain.split(";") if part.strip() for window in _windows(part.strip())]
    return _opening(windows) if windows else None


def opening_from_rows(rows: Sequence[dict[str, Any]] | None) -> Opening | None:
    """Return what is stored of a point, None: always open."""
    if rows is None:
        return None
    return _opening(
        [
            (weekday, (time.fromisoformat(row["from"]), time.fromisoformat(row["to"])))
            for row in rows
            for weekday in row["days"]
        ]
    )


def _windows(part: str) -> Iterable[tuple[int, Hours]]:
    found = _PART.fullmatch(part)
    days, clocks = (found[1], found[2]) if found else (None, part)
    hours = [_hours(each, part) for each in clocks.split(",")]
    return [(weekday, each) for weekday in _days(days, part) for each in hours]


def _days(text: str | None, part: str) -> list[int]:
    if text is None:
        return list(WEEK)
    days: list[int] = []
    for piece in text.split(","):
        ends = [int(number) for number in piece.split("-")]
        if len(ends) > 2 or ends[0] > ends[-1]:
            raise BadRequest("opening_days_unreadable", value=part)
        days += range(ends[0], ends[-1] + 1)
    return sorted(set(days))


def _hours(text: str, part: str) -> Hours:
    ends = [_clock(each.strip(), part) for each in text.split("-")]
    if len(ends) != 2:
        raise BadRequest("opening_unreadable", value=part)
    if ends[0] >= ends[1]:
        raise BadRequest("opening_reversed", value=text.strip())
    return ends[0], ends[1]


def _clock(text: str, part: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None or (found[1] == "24" and found[2] != "00"):
        raise BadRequest("opening_unreadable", value=part)
    return LAST if found[1] == "24" else time(int(found[1]), int(found[2]))


def _opening(windows: Iterable[tuple[int, Hours]]) -> Opening:
    week: list[list[Hours]] = [[] for _ in WEEK]
    for weekday, hours in sorted(set(windows)):
        week[weekday - 1].append(hours)
    for weekday, day in zip(WEEK, week, strict=True):
        for one, other in pairwise(day):
            if other[0] < one[1]:
                raise BadRequest("opening_overlap", day=weekday, one=_write(one), other=_write(other))
    return Opening(tuple(tuple(day) for day in week))


def _write(hours: Hours) -> str:
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


def _write_days(days: list[int]) -> str:
    """Write days as runs: 1-5,7."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][1] + 1:
            runs[-1][1] = day
        else:
            runs.append([day, day])
    return ",".join(f"{first}-{last}" if last > first else str(first) for first, last in runs)
