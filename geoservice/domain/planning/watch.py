"""The time a solver may take: a budget shared by its phases, progress told now and then, and somebody who may stop it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

TOLD_EVERY_S: Final = 1.0
ASKED_EVERY_S: Final = 0.2
# A search that found nothing better for so many steps, and so many more a stop, is over: small plans need no half minute.
PATIENCE: Final = 2_000
PATIENCE_PER_STOP: Final = 120


class Progress(NamedTuple):
    """How far a solver is (0 to 1), and how many jobs and how much weight its best plan so far serves."""

    share: float
    served: int
    weight: float


class Watch:
    """The clock of one solution. With `iterations` each phase runs so many steps, whatever the time, so that it can be repeated."""

    def __init__(
        self,
        seconds: float,
        iterations: int | None,
        tell: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._began = time.monotonic()
        self._seconds = seconds
        self.iterations = iterations
        self._tell = tell
        self._stop = stop
        self._stopped = False
        self._asked_at = self._told_at = -1.0
        self._best = (0, 0.0)

    def left_s(self, share: float = 1.0) -> float:
        """Return the seconds until such a share of the budget is used up."""
        return max(0.0, self._began + share * self._seconds - time.monotonic())

    def is_over(self, share: float = 1.0) -> bool:
        """Say whether somebody stopped it, or the share of the time is used up; tell how far it is, now and then."""
        now = time.monotonic()
        if self._stop is not None and not self._stopped and now - self._asked_at > ASKED_EVERY_S:
            self._asked_at = now
            self._stopped = self._stop()
        if self._tell is not None and now - self._told_at > TOLD_EVERY_S:
            self._told_at = now
            self._tell(Progress(min(1.0, (now - self._began) / max(self._seconds, 1e-9)), *self._best))
        return self._stopped or (self.iterations is None and now >= self._began + share * self._seconds)

    def note(self, served: int, weight: float) -> None:
        """Remember the best plan so far for what is told."""
        self._best = max(self._best, (served, weight), key=lambda best: best[::-1])

    def phase(self, share: float, stops: int) -> Phase:
        """Begin a phase that ends at such a share of the budget, or when nothing better comes for long."""
        return Phase(self, share, PATIENCE + PATIENCE_PER_STOP * stops)


class Phase:
    """One search: asked at every step whether it is over."""

    def __init__(self, watch: Watch, share: float, patience: int) -> None:
        self._watch = watch
        self._share = share
        self._patience = patience
        self._steps = 0
        self._since_better = 0

    def better(self, share: float) -> None:
        """Note that something better was found, and until which share of the time it is worth going on."""
        self._since_better = 0
        self._share = share

    def is_over(self) -> bool:
        """Count a step and say whether it was the last."""
        self._steps += 1
        self._since_better += 1
        most = self._watch.iterations
        if most is not None and self._steps > most:
            return True
        return self._since_better > self._patience or self._watch.is_over(self._share)
