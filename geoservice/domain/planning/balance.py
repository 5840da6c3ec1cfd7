"""How evenly shifts are filled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geoservice.domain.planning.feasible import Ground


class Load(NamedTuple):
    """The longest round and the mean over all shifts that have something they could do, seconds from leaving to being back."""

    longest_s: float
    mean_s: float

    @property
    def unevenness(self) -> float:
        """The longest over the mean; 1 when nobody goes."""
        return self.longest_s / self.mean_s if self.mean_s > 0 else 1.0


def load_of(ground: Ground, lengths_s: Iterable[float]) -> Load:
    """Return the load of rounds of these lengths, beside those that are locked; idle shifts that could do something count as 0."""
    lengths = [*(one.back_s - one.leave_s for one in ground.locked), *lengths_s]
    able = frozenset[str]().union(*ground.allowed.values(), (one.shift for one in ground.locked))
    return Load(max(lengths, default=0.0), sum(lengths) / max(1, len(able)))
