"""What becomes of a case: opened, assigned, put right in time or late, looked at, sent round again, closed; or still on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import Action, State
from geoservice.domain.clocks import Clock
from geoservice.domain.roles import Role
from geoservice.services import accounts, cases
from geoservice.services.accounts import DEMO_LOGINS, DEMO_PASSWORD, NewUser
from geoservice.services.cases import Actor
from geoservice.services.evidence import Subject
from geoservice.store import people

if TYPE_CHECKING:
    from datetime import tzinfo

    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import CaseView
    from geoservice.services.demo.photos import Camera

# How many hours of the day and night one unit of a clock takes.
_HOURS = {
    Clock.URGENT_HOURS: 1.0,
    Clock.WORKING_HOURS: 3.4,
    Clock.WORKING_DAYS: 34.0,
    Clock.NATURAL_DAYS: 24.0,
}
_REJECTED, _SENT_BACK, _POSTPONED, _SUSPENDED, _REWORKED, _FORGOTTEN = 0.05, 0.03, 0.07, 0.03, 0.13, 0.04
_FIRST_HOUR, _LAST_HOUR = 9, 17
_FORGOTTEN_FACTOR = 3.5


@dataclass
class People:
    """Who acts in the demo: the dispatcher, the inspector, and somebody who handles the cases of each department."""

    session: Session
    dispatcher: Actor
    inspector: Actor
    handlers: dict[int, Actor] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session) -> People:
        """Return the people behind the demo logins."""
        known = {role: people.user_by_login(session, DEMO_LOGINS[role]) for role in Role}
        dispatcher, inspector, handler = (
            accounts.as_account(user)
            for role in (Role.DISPATCHER, Role.INSPECTOR, Role.HANDLER)
            if (user := known[role]) is not None
        )
        assert handler.department_id is not None
        return cls(
            session,
            Actor.of(dispatcher),
            Actor.of(inspector),
            {handler.department_id: Actor.of(handler)},
        )

    def handler_of(self, department_id: int) -> Actor:
        """Return who handles the cases of a department; a login is made where nobody does."""
        if department_id not in self.handlers:
            login = f"{DEMO_LOGINS[Role.HANDLER]}-{department_id}"
            new = NewUser(login, f"演示处置人员{department_id}", Role.HANDLER, department_id=department_id)
            self.handlers[department_id] = Actor.of(accounts.add_user(self.session, new, DEMO_PASSWORD))
        return self.handlers[department_id]


@dataclass
class Follower:
    """Follows cases from their report to their end, or to now."""

    session: Session
    settings: Settings
    people: People
    camera: Camera
    rng: np.random.Generator
    now: datetime

    def __post_init__(self) -> None:
        self._kinds = {kind.code: kind for kind in cases.list_kinds(self.session)}

    def follow(self, case: CaseView) -> None:
        """Let happen to a reported case what happens to most, or to some."""
        at = self._later(case.reported_at, 3.0)
        if self.rng.random() < _REJECTED:
            self._act(case.id, at, Action.REJECT, self.people.dispatcher, note="不属于城市管理范围")
            return
        opened = self._act(case.id, at, Action.OPEN, self.people.dispatcher)
        if opened is None:
            return
        if opened.state is State.OPENED or opened.department_id is None:
            first = next(iter(self.people.handlers))
            opened = self._act(case.id, at, Action.ASSIGN, self.people.dispatcher, department_id=first)
        if opened is not None:
            self._handle(opened, at)

    def _handle(self, case: CaseView, assigned_at: datetime) -> None:
        assert case.department_id is not None
        handler, desk = self.people.handler_of(case.department_id), self.people.dispatcher
        at = self._later(assigned_at, 0.4)
        if self.rng.random() < _SENT_BACK:
            self._act(case.id, at, Action.SEND_BACK, handler, note="不属于本部门职责，请核实")
            at = self._later(at, 2.0)
            self._act(
                case.id,
                at,
                Action.ASSIGN,
                desk,
                department_id=case.department_id,
                note="按职责清单由你部门处置",
            )
            at = self._later(at, 2.0)
        if self._act(case.id, at, Action.ACCEPT, handler) is None:
            return
        kind = self._kinds[case.kind]
        at = self._ask(case, handler, at, kind.handle_limit)
        span_h = _HOURS[Clock(kind.clock)] * kind.handle_limit * float(self.rng.lognormal(-1.3, 0.6))
        if self.rng.random() < _FORGOTTEN:
            span_h *= _FORGOTTEN_FACTOR
        at = max(at, self._later(assigned_at, span_h, exactly=True))
        self._reply(case, handler, at)

    def _ask(self, case: CaseView, handler: Actor, at: datetime, limit: float) -> datetime:
        """Some ask for more time, some for the clock to rest."""
        dice = float(self.rng.random())
        desk, asked = self.people.dispatcher, self._later(at, 1.0)
        granted = self._later(asked, 3.0)
        if dice < _POSTPONED:
            more = max(round(limit / 2, 1), 0.5)
            self._act(case.id, asked, Action.ASK_POSTPONE, handler, limit=more, note="需采购材料")
            self._act(case.id, granted, Action.GRANT_POSTPONE, desk, limit=more)
            return granted
        if dice < _POSTPONED + _SUSPENDED:
            until = (granted + timedelta(days=3)).astimezone(self.settings.zone_info).date()
            self._act(
                case.id, asked, Action.ASK_SUSPEND, handler, until=until, note="与在建工程冲突，待其完工"
            )
            self._act(case.id, granted, Action.GRANT_SUSPEND, desk, until=until)
            resumed = granted + timedelta(days=3)
            self._act(case.id, resumed, Action.RESUME, desk)
            return resumed
        return at

    def _reply(self, case: CaseView, handler: Actor, at: datetime) -> None:
        """Reply, be looked at, perhaps be sent round again, be closed."""
        desk = self.people.dispatcher
        for turn in range(3):
            if at > self.now:
                return
            assert handler.account_id is not None
            self.camera.take(Subject("case", case.id), "after", (case.lon, case.lat), at, handler.account_id)
            if self._act(case.id, at, Action.REPLY, handler, note="已整改，现场已恢复") is None:
                return
            at = self._later(at, 3.0)
            if turn == 2 or self.rng.random() >= _REWORKED:
                break
            self._act(case.id, at, Action.REWORK, desk, note="现场仍有遗留，请继续整改")
            at = self._later(at, 8.0)
        if self._act(case.id, at, Action.VERIFY, desk, note="现场核查合格") is not None:
            self._act(case.id, self._later(at, 1.0), Action.CLOSE, desk)

    def _act(self, case_id: int, at: datetime, action: Action, by: Actor, **given: Any) -> CaseView | None:
        """Take a step; None where it lies ahead of now."""
        if at > self.now:
            return None
        return cases.act(self.session, self.settings, case_id, action, given, by=by, now=at)

    def _later(self, at: datetime, hours: float, *, exactly: bool = False) -> datetime:
        """Return a moment about so many hours later at which offices are open."""
        passed = hours if exactly else float(self.rng.exponential(hours)) + 0.1
        return open_moment(at + timedelta(hours=passed), self.settings.zone_info, float(self.rng.random()))


def open_moment(at: datetime, zone: tzinfo, dice: float) -> datetime:
    """Return the same moment, or one in the first two hours of the next day on which offices are open."""
    local = at.astimezone(zone)
    if local.weekday() < 5 and _FIRST_HOUR <= local.hour < _LAST_HOUR:
        return at
    day = local.date() + timedelta(days=0 if local.hour < _FIRST_HOUR else 1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, time(_FIRST_HOUR, 5), zone) + timedelta(minutes=round(dice * 110))
