"""What goes into and comes out of the services of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geoservice.domain.roles import Permission, Role, may

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from geoservice.domain.cases import Action, Field
    from geoservice.services.accounts import Account
    from geoservice.store.case_rows import CaseView, MoveView, RequestView, StepView

SOURCES = ("patrol", "inspection", "citizen", "gap", "leader", "desk", "import")


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
