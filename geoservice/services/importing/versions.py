"""What a row means for something that is versioned: a new thing, a new version from a day on, a correction, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


class Action(StrEnum):
    """What to do with one row."""

    NEW = "new"  # nothing is valid on the day: insert a version
    SUCCEED = "succeed"  # end the valid version on the day and insert its successor
    REWRITE = "rewrite"  # change the valid version in place
    KEEP = "keep"  # it is the same


@dataclass(frozen=True)
class Version:
    """A stored version: valid from `valid_from` (None: since ever) until before `valid_to` (None: open).

    `content` is what a change of makes a new version, `aside` what is changed in place. Both are compared by `==`.
    """

    id: int
    valid_from: date | None
    valid_to: date | None
    content: Any
    aside: Any = None

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies in its validity."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True)
class Decision:
    """What to do, to which stored version, and the validity of the version to insert."""

    action: Action
    version: Version | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class Timing:
    """From when the file holds. `starts` is what the user said; `correct`: the stored version was wrong all along."""

    today: date
    starts: date | None = None
    correct: bool = False

    @property
    def day(self) -> date:
        """The day from which a change holds."""
        return self.starts or self.today


def decide(versions: Sequence[Version], content: Any, aside: Any, timing: Timing) -> Decision:
    """Compare a row with the stored versions of the same thing. A version inserted ends where the next one begins."""
    if not versions:
        return Decision(Action.NEW, None, timing.starts)
    day = timing.day
    current = next((version for version in versions if version.is_valid_on(day)), None)
    if current is None:
        later = [
            version.valid_from
            for version in versions
            if version.valid_from is not None and version.valid_from > day
        ]
        return Decision(Action.NEW, None, day, min(later, default=None))
    if current.content == content:
        return Decision(Action.KEEP if current.aside == aside else Action.REWRITE, current)
    if timing.correct or current.valid_from == day:
        return Decision(Action.REWRITE, current)
    return Decision(Action.SUCCEED, current, day, current.valid_to)
