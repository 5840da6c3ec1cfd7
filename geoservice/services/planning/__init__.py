"""Plans of patrols: what is due, solving, changing by hand, comparing, publishing."""

from __future__ import annotations

from geoservice.services.planning.asking import ask, failed, resolve
from geoservice.services.planning.changing import change, redo, undo
from geoservice.services.planning.comparing import compare
from geoservice.services.planning.dueness import due
from geoservice.services.planning.publishing import publish, withdraw
from geoservice.services.planning.reading import read, recent
from geoservice.services.planning.solving import Draft, keep, prepare, work_out
from geoservice.services.planning.values import (
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
    "Wanted",
    "Wish",
    "ask",
    "change",
    "compare",
    "drop_wanted",
    "due",
    "failed",
    "keep",
    "prepare",
    "publish",
    "read",
    "recent",
    "redo",
    "resolve",
    "settle_wanted",
    "undo",
    "want",
    "wanted",
    "withdraw",
    "work_out",
]
