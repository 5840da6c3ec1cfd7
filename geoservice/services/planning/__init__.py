"""Plans of patrols: what is due, solving, changing by hand, comparing, publishing."""

from __future__ import annotations

from geoservice.services.planning.asking import ask, failed, resolve, started
from geoservice.services.planning.building import Draft, prepare
from geoservice.services.planning.changing import change, redo, undo
from geoservice.services.planning.comparing import compare
from geoservice.services.planning.dueness import due
from geoservice.services.planning.publishing import publish, withdraw
from geoservice.services.planning.reading import ground_of, read, recent
from geoservice.services.planning.solving import SOLVE_FROM, Solved, keep, streets_of, work_out
from geoservice.services.planning.values import (
    KEEPS,
    Comparison,
    DueList,
    DueStop,
    Include,
    Listed,
    Moved,
    Outcome,
    PlanView,
    Side,
    Wanted,
    Wish,
)
from geoservice.services.planning.wanting import drop_wanted, settle_wanted, want, wanted

__all__ = [
    "KEEPS",
    "SOLVE_FROM",
    "Comparison",
    "Draft",
    "DueList",
    "DueStop",
    "Include",
    "Listed",
    "Moved",
    "Outcome",
    "PlanView",
    "Side",
    "Solved",
    "Wanted",
    "Wish",
    "ask",
    "change",
    "compare",
    "drop_wanted",
    "due",
    "failed",
    "ground_of",
    "keep",
    "prepare",
    "publish",
    "read",
    "recent",
    "redo",
    "resolve",
    "settle_wanted",
    "started",
    "streets_of",
    "undo",
    "want",
    "wanted",
    "withdraw",
    "work_out",
]
