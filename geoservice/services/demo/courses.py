"""What may become of a case: how quickly it is put right, what is asked for on the way, and where it stands today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from geoservice.domain.cases import State

# How many of a hundred cases are put right within which shares of their limit: in time, just in time, late, very late.
_PACES = ((78, 0.12, 0.62), (12, 0.72, 0.97), (6, 1.05, 1.4), (3, 1.55, 1.95), (1, 2.1, 2.6))
_REJECTED, _SENT_BACK, _POSTPONED, _SUSPENDED, _REFUSED, _REWORKED = 0.06, 0.04, 0.06, 0.03, 0.03, 0.04


@dataclass(frozen=True)
class Course:
    """How a case goes. `pace`: which share of its limit passes until the reply; `desk`: which share of theirs the desk takes.

    `asks` for more time ("postpone"), a rest ("suspend") or a rework to be taken back ("appeal"); `answer` is what the desk says
    to that, None while it waits. `stays`: the state in which it stands today. `to_leader`: the desk gives it to the first leader
    himself, who has not yet accepted it.
    """

    pace: float = 0.4
    desk: float = 0.3
    rejected: bool = False
    sent_back: bool = False
    asks: str = ""
    answer: str | None = "grant"
    reworks: int = 0
    stays: State | None = None
    to_leader: bool = False


def usual_course(rng: np.random.Generator) -> Course:
    """Return what becomes of most cases, or of some."""
    low, high = rng.choice([pace[1:] for pace in _PACES], p=[pace[0] / 100 for pace in _PACES])
    dice = rng.random(4)
    asks = "postpone" if dice[0] < _POSTPONED else "suspend" if dice[0] < _POSTPONED + _SUSPENDED else ""
    return Course(
        pace=float(rng.uniform(low, high)),
        desk=float(rng.uniform(0.05, 0.9)) if dice[1] > 0.08 else float(rng.uniform(1.1, 1.8)),
        rejected=bool(dice[2] < _REJECTED),
        sent_back=bool(_REJECTED <= dice[2] < _REJECTED + _SENT_BACK),
        asks=asks or ("postpone" if dice[0] > 1 - _REFUSED else ""),
        answer="refuse" if dice[0] > 1 - _REFUSED else "grant",
        reworks=int(dice[3] < _REWORKED) + int(dice[3] < _REWORKED / 5),
    )
