"""Cases of the closed loop: reported, acted on by the table in `domain.cases`, read and listed, with clocks that keep deadlines.

The desk and leaders work under their own scope (`own_transaction` in the web): row-level security shows them their ground. Members,
inspectors and handlers have none, so theirs see everything (`open_transaction`): `report`, `act` and `read` find out themselves
whether the case is any of the actor's business (NotFound otherwise), and lists are narrowed by `own_filters` or `reported_by`.
"""

from __future__ import annotations

from geoservice.services.cases.acting import act
from geoservice.services.cases.deadlines import put_shifts, recount_deadlines, resume_due
from geoservice.services.cases.hours import shifts, work_time
from geoservice.services.cases.kinds import list_kinds, set_kind
from geoservice.services.cases.reading import (
    asked_about,
    count_asked,
    counts,
    find,
    own_filters,
    places,
    read,
)
from geoservice.services.cases.reporting import nearby, report
from geoservice.services.cases.values import (
    SOURCES,
    Actor,
    CaseDetail,
    CasePage,
    ClockView,
    KindView,
    NewCase,
    Possible,
    Proposal,
)
from geoservice.store.case_lists import MOST_COUNTED, MOST_URGENT, NEWEST, CaseFilters
from geoservice.store.case_rows import CaseView, MoveView, RequestView, StepView

__all__ = [
    "MOST_COUNTED", "MOST_URGENT", "NEWEST", "SOURCES", "Actor", "CaseDetail", "CaseFilters", "CasePage", "CaseView", "ClockView", "KindView",
    "MoveView", "NewCase", "Possible", "Proposal", "RequestView", "StepView", "act", "asked_about", "count_asked", "counts", "find", "list_kinds", "nearby",
    "own_filters", "places", "put_shifts", "read", "recount_deadlines", "report", "resume_due", "set_kind", "shifts", "work_time",
]  # fmt: skip
