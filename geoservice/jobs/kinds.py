"""Every kind of job there is, and where its work lives: a module each, imported when first needed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from geoservice.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.jobs.work import Work

KINDS: dict[str, str] = {
    "cover": "geoservice.jobs.cover:cover",
    "gap_report": "geoservice.jobs.gaps:gap_report",
    "suggest": "geoservice.jobs.suggest:suggest",
    "look_at_import": "geoservice.jobs.desk:look",
    "check_import": "geoservice.jobs.desk:check",
    "apply_import": "geoservice.jobs.desk:apply",
    "undo_import": "geoservice.jobs.undo:undo",
    "export": "geoservice.jobs.export:export",
    "solve_plan": "geoservice.jobs.plan:solve_plan",
    "plan_streets": "geoservice.jobs.plan_streets:plan_streets",
    "make_report": "geoservice.jobs.reports:make_report",
    "send_digest": "geoservice.jobs.reports:send_digest",
    "sheets": "geoservice.jobs.sheets:make_sheets",
    "usual_hours": "geoservice.jobs.usual:usual_hours",
}


def find_kind(kind: str) -> Callable[[Work], dict[str, Any] | None]:
    """Return the function that does the work of `kind`; raises NotFound."""
    if kind not in KINDS:
        raise NotFound("job_kind_not_found", kind=kind)
    module, name = KINDS[kind].split(":")
    function: Callable[[Work], dict[str, Any] | None] = getattr(importlib.import_module(module), name)
    return function


def preload() -> None:
    """Import every kind now: a worker that forks afterwards starts each job without waiting for numpy and its like."""
    for kind in KINDS:
        find_kind(kind)
    importlib.import_module("geoservice.jobs.warm")
