"""Cases of the closed loop: reported, acted on by the table in `domain.cases`, read and listed, with clocks that keep deadlines.

`report`, `act` and `read` find out themselves what the actor may do; their session must see everything (`open_transaction()` in the
web), since somebody who reports or handles sees no ground. `read` raises NotFound for a case that is none of the actor's business.
Lists of the desk and of leaders run under the visitor's own scope; those of handlers and reporters see everything and narrow with
`own_filters`.
"""

from __future__ import annotations

from geoservice.services.cases.acting import act
from geoservice.services.cases.deadlines import (
    put_shifts,
    recount_deadlines,
    resume_due,
    shifts,
    work_time,
)
from geoservice.services.cases.kinds import list_kinds, set_kind
from geoservice.services.cases.reading import counts, find, own_filters, places, read
from geoservice.services.cases.reporting import nearby, report
from geoservice.services.cases.values import (
    MOST_URGENT,
    NEWEST,
    SOURCES,
    Actor,
    CaseDetail,
    CaseFilters,
    CasePage,
    CaseView,
    ClockView,
    KindView,
    MoveView,
    NewCase,
    Possible,
    Proposal,
    RequestView,
    StepView,
)

__all__ = [
    "MOST_URGENT", "NEWEST", "SOURCES", "Actor", "CaseDetail", "CaseFilters", "CasePage", "CaseView", "ClockView", "KindView",
    "MoveView", "NewCase", "Possible", "Proposal", "RequestView", "StepView", "act", "counts", "find", "list_kinds", "nearby",
    "own_filters", "places", "put_shifts", "read", "recount_deadlines", "report", "resume_due", "set_kind", "shifts", "work_time",
]  # fmt: skip
