"""What goes into and comes out of the services of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import ACTIVE, Action, State
from geoservice.domain.roles import Permission, Role, may

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from geoservice.domain.cases import Field
    from geoservice.services.accounts import Account

SOURCES = ("patrol", "inspection", "citizen", "gap", "leader", "desk", "import")
NEWEST, MOST_URGENT = "newest", "due"


@dataclass(frozen=True)
class Actor:
    """Who acts. An account acts as desk, handler or reporter, whichever it is for the case; `role` None: the system."""

    account_id: int | None
    role: Role | None
    name: str = ""
    department_id: int | None = None
    leader_id: int | None = None
    member_id: int | None = None

    @classmethod
    def system(cls) -> Actor:
        """Return the system itself."""
        return cls(None, None)

    @classmethod
    def of(cls, account: Account) -> Actor:
        """Return whoever is logged in."""
        return cls(
            account.id,
            account.role,
            account.name,
            account.department_id,
            account.leader_id,
            account.member_id,
        )

    @property
    def is_desk(self) -> bool:
        """Tell whether he runs the cases."""
        return self.role is not None and may(self.role, Permission.RUN_CASES)


@dataclass(frozen=True)
class NewCase:
    """A problem that somebody saw: a kind's code, words, a place (WGS 84), where it comes from (one of SOURCES), and when.

    `client_uuid` is the phone's own name for it, under which it may be sent again.
    """

    kind: str
    title: str
    description: str
    lon: float
    lat: float
    address: str = ""
    source: str = "desk"
    point_id: int | None = None
    street_id: int | None = None
    patrol_id: int | None = None
    check_in_id: int | None = None
    at: datetime | None = None
    client_uuid: UUID | None = None


@dataclass(frozen=True)
class CaseView:
    """A case as lists show it. Names of ground that the session may not see are None.

    `due_at` is the deadline of the clock that runs now, None when none does; `handle_due_at` the one by which it must be or had
    to be put right.
    """

    id: int
    number: str
    kind: str
    kind_zh: str
    kind_en: str
    state: State
    source: str
    title: str
    description: str
    lon: float
    lat: float
    address: str
    zone_id: int | None
    zone_name: str | None
    point_id: int | None
    point_name: str | None
    street_id: int | None
    street_name: str | None
    department_id: int | None
    department_name: str | None
    leader_id: int | None
    leader_name: str | None
    handler_id: int | None
    handler_name: str | None
    reported_by: int | None
    reporter_name: str | None
    member_id: int | None
    patrol_id: int | None
    check_in_id: int | None
    reported_at: datetime
    received_at: datetime
    due_at: datetime | None
    opened_at: datetime | None
    assigned_at: datetime | None
    handle_due_at: datetime | None
    replied_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    reworks: int
    reopened: int
    postponed: int
    recurrence: int
    joined_into_id: int | None
    row_version: int

    @property
    def is_active(self) -> bool:
        """Tell whether something is still to be done about it."""
        return self.state in ACTIVE

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the clock that runs now has run out."""
        return self.due_at is not None and self.due_at < now


@dataclass(frozen=True)
class StepView:
    """One step of a case; `name` "" for the system. `at` by the clock of whoever did it, `received_at` by ours."""

    number: int
    action: Action
    from_state: State | None
    to_state: State
    at: datetime
    received_at: datetime
    by: int | None
    name: str
    note: str
    given: dict[str, Any]


@dataclass(frozen=True)
class ClockView:
    """One run of a clock. `elapsed` in its own units and `share` of its limit are as of now; `share` may be over 1."""

    id: int
    stage: str
    clock: str
    limit: float
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None
    pauses: tuple[tuple[datetime, datetime], ...]
    ended_at: datetime | None
    elapsed: float
    share: float


@dataclass(frozen=True)
class RequestView:
    """A request of a kind (postpone, suspend, appeal). Refused by nobody: the case moved on before anybody decided."""

    id: int
    kind: str
    wanted: dict[str, Any]
    reason: str
    asked_by: int | None
    asked_name: str
    asked_at: datetime
    decision: str | None
    decided_by: int | None
    decided_name: str
    decided_at: datetime | None
    note: str


@dataclass(frozen=True)
class MoveView:
    """A deadline that moved: of which case and stage, why (postponed, resumed, calendar, shifts), from when to when."""

    case_id: int
    number: str
    clock_id: int
    stage: str
    cause: str
    old_due_at: datetime
    new_due_at: datetime
    at: datetime
    by: int | None


@dataclass(frozen=True)
class Possible:
    """A step somebody may take now, with what it takes; `photo`: a photo of stage 'after' must have been added first."""

    action: Action
    fields: tuple[Field, ...]
    one_of: tuple[str, ...] = ()
    photo: bool = False


@dataclass(frozen=True)
class Proposal:
    """Who a case would be assigned to, and why: `via` is 'kind', a contract role's code or None; `via_name` the ground."""

    department_id: int | None
    department_name: str | None
    leader_id: int | None
    leader_name: str | None
    via: str | None
    via_name: str | None

    @property
    def is_somebody(self) -> bool:
        """Tell whether there is anybody to assign it to."""
        return self.department_id is not None or self.leader_id is not None


@dataclass(frozen=True)
class CaseDetail:
    """Everything about one case, and what the one who asks may do with it. `joined`: ids of near-duplicates joined into it."""

    view: CaseView
    steps: tuple[StepView, ...]
    clocks: tuple[ClockView, ...]
    requests: tuple[RequestView, ...]
    moves: tuple[MoveView, ...]
    evidence_ids: tuple[int, ...]
    joined: tuple[int, ...]
    possible: tuple[Possible, ...]
    proposal: Proposal | None  # while it waits to be opened or assigned, for the desk only


@dataclass(frozen=True)
class CaseFilters:
    """What a list is narrowed to; None and () mean anything. `zone_id` includes what lies below it on `zone_on`.

    `order` is NEWEST (by id) or MOST_URGENT (by due_at; only cases with a running clock). `text` finds the beginning of a
    number, or a word in title or address. `own` and `reported_by` narrow to one's own (`own_filters`): pages of handlers
    and reporters, whose transactions see everything, must set one of them.
    """

    states: frozenset[State] = frozenset()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    department_id: int | None = None
    leader_ids: tuple[int, ...] = ()
    own: tuple[int | None, tuple[int, ...]] | None = None  # department or these leaders: either is enough
    zone_id: int | None = None
    zone_on: date | None = None
    point_id: int | None = None
    street_id: int | None = None
    patrol_id: int | None = None
    reported_by: int | None = None
    overdue_at: datetime | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None
    recurring: bool = False
    text: str = ""
    order: str = NEWEST


@dataclass(frozen=True)
class CasePage:
    """Some cases in order, and the key after which the next ones follow; None: these were the last."""

    cases: tuple[CaseView, ...]
    after: str | None


@dataclass(frozen=True)
class KindView:
    """A kind of case: names, its clock, its limits (`handle` in the clock's units, the others in working hours), who handles it."""

    code: str
    name_zh: str
    name_en: str
    clock: str
    handle_limit: float
    open_limit: float
    verify_limit: float
    department_id: int | None
    role: str | None
    weight: float
    photo_needed: bool
    active: bool
