"""Many things that happen side by side, told in the order in which they happened, up to now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Thread = Iterator[datetime]
"""Yields when it goes on next, and does then what it does; ends when nothing more happens."""


class Story:
    """Threads by the moment at which each goes on; what lies ahead of `now` is left untold."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._waiting: list[tuple[datetime, int, Thread]] = []
        self._turns = count()

    def begin(self, thread: Thread) -> None:
        """Let a thread begin; it waits for its first moment."""
        at = next(thread, None)
        if at is not None and at <= self.now:
            heappush(self._waiting, (at, next(self._turns), thread))

    def tell(self, by_the_clock: Callable[[datetime], bool]) -> None:
        """Let everything happen; `by_the_clock` does the first thing due by a moment, and says whether there was one."""
        while True:
            until = self._waiting[0][0] if self._waiting else self.now
            if by_the_clock(until):
                continue  # which may have begun something that comes before
            if not self._waiting:
                return
            self.begin(heappop(self._waiting)[2])
