"""The import, run without writing: what it would bring, change, end and refuse, kept as items of the draft."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import asdict, replace
from typing import IO, TYPE_CHECKING, Any

from geoservice.errors import InvalidFile, Problem
from geoservice.services.desk.importers import run_import, valid_from
from geoservice.services.importing.flow import storable
from geoservice.store import draft_items
from geoservice.store.draft_items import ProblemItem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.importing import Report, Run
    from geoservice.store.drafts import Draft

MEMORY_BYTES = 16 << 20


def check_draft(session: Session, settings: Settings, draft: Draft, run: Run) -> dict[str, Any]:
    """Run the import of a draft dry, keep what it would do as items, return its report; everything else stays as it is.

    What would be done is read while it stands and written once it is taken back. InvalidFile when nothing can be read; where every
    row was rejected the report says so under "refused".
    """
    told: dict[str, Any] = {}
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as found:

        def read_out(session: Session, report: Report) -> None:
            run.progress("comparing", 0.0)
            told["outcomes"] = copy_outcomes(session, settings, draft, run, report, found)

        dry = replace(run, dry_run=True, before_undo=read_out, take_repairs=takes_repairs(draft))
        try:
            report = run_import(session, settings, draft, dry)
        except InvalidFile as error:
            if not error.problems:
                raise
            return _keep_refusal(session, draft, error)
        run.progress("keeping", 0.0)
        draft_items.delete_items(session, draft.id)
        found.seek(0)
        draft_items.copy_items(session, found)
    rejected = [ProblemItem(number, plain(problem)) for number, problem in enumerate(report.rejected, 1)]
    repaired = _repaired(report)
    draft_items.add_problems(session, draft.id, "rejected", rejected)
    draft_items.add_problems(session, draft.id, "repaired", repaired)
    return {
        "counts": counts_of(report),
        "detected": report.detected,
        "warnings": [plain(problem) for problem in report.warnings],
        "more": report.more,
        "refused": None,
        "digest": digest_of(told["outcomes"], report),
    }


def copy_outcomes(
    session: Session, settings: Settings, draft: Draft, run: Run, report: Report, sink: IO[bytes] | None
) -> str:
    """Write what an import of this transaction did to `sink`, thing by thing; return the hash of it."""
    values = {
        "draft": draft.id,
        "batch": report.batch_id,
        "day": valid_from(draft) or run.today(settings.zone_info),
        "level": draft.choices.get("level"),
        "now": run.now,
        "timezone": settings.timezone,
        "codes": report.unchanged_codes,
    }
    return draft_items.copy_outcomes(session, draft.kind or "", values, sink)


def takes_repairs(draft: Draft) -> bool:
    """Tell whether shapes that must be repaired are wanted; until somebody has said, they are shown."""
    return draft.choices.get("repairs") != "leave"


def counts_of(report: Report) -> dict[str, int]:
    """Return outcome → how many, as an import counts them."""
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "repaired": len(_repaired(report)),
        "rejected": report.refused,
    }


def digest_of(outcomes: str, report: Report) -> str:
    """Return by what an import that did the same is known: the same things, and the same rows repaired and rejected."""
    problems = [plain(problem) for problem in (*report.rejected, *report.repaired)]
    told = json.dumps([outcomes, counts_of(report), problems], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def plain(problem: Problem) -> dict[str, Any]:
    """Return a problem as JSON that PostgreSQL can keep."""
    return {
        name: storable(value) if isinstance(value, str) else value
        for name, value in {**asdict(problem), "values": _plain_values(problem)}.items()
    }


def _plain_values(problem: Problem) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, (bool, int, float)) else storable(str(value))
        for name, value in problem.values.items()
    }


def _repaired(report: Report) -> list[ProblemItem]:
    """One item a repaired row: of several things said of it the last, which tells the change of its area."""
    last: dict[tuple[str | None, int | None], Problem] = {
        (problem.file, problem.row): problem for problem in report.repaired
    }
    return [
        ProblemItem(number, plain(problem), *_shapes(report, problem))
        for number, problem in enumerate(last.values(), 1)
    ]


def _shapes(report: Report, problem: Problem) -> tuple[bytes | None, bytes | None]:
    return report.repaired_shapes.get((problem.file or "", problem.row or 0), (None, None))


def _keep_refusal(session: Session, draft: Draft, error: InvalidFile) -> dict[str, Any]:
    """Every row was rejected: each is kept with its reason, though nothing can be applied."""
    problems: Sequence[Problem] = error.problems
    draft_items.delete_items(session, draft.id)
    items = [ProblemItem(number, plain(problem)) for number, problem in enumerate(problems, 1)]
    draft_items.add_problems(session, draft.id, "rejected", items)
    nothing = dict.fromkeys(("new", "changed", "unchanged", "removed", "repaired"), 0)
    return {
        "counts": {**nothing, "rejected": len(items)},
        "detected": {},
        "warnings": [],
        "more": {},
        "refused": {"code": error.code, "values": _plain_values(Problem("", values=error.values))},
        "digest": "",
    }
