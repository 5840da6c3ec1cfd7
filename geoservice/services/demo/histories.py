"""What becomes of a case, step by step: opened, assigned, put right, looked at, sent round again, closed; or still on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from geoservice.domain.cases import TERMINAL, Action, State
from geoservice.domain.clocks import Clock, Run, WorkTime, due_at
from geoservice.domain.windows import day_start
from geoservice.services import cases
from geoservice.services.cases import Actor
from geoservice.services.evidence import Subject
from geoservice.store import case_rows, case_writes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from datetime import datetime

    import numpy as np
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import CaseView
    from geoservice.services.demo.courses import Course
    from geoservice.services.demo.crew import Crew
    from geoservice.services.demo.findings import Told
    from geoservice.services.demo.photos import Camera
    from geoservice.services.demo.story import Thread

# What starts a department's clock, or lets it go on: from then on another order may fall due.
_STARTS = frozenset({Action.OPEN, Action.ASSIGN, Action.RESUME, Action.REWORK, Action.GRANT_POSTPONE})
_DAYS_SUSPENDED, _DAYS_STILL_SUSPENDED = 3, 12
_REPLIES = (
    "已整改，现场已恢复",
    "已安排人员处置完毕，附现场照片",
    "已责令责任单位整改，复查合格",
    "已清理并加密巡查",
)
_ACCEPTED = ("已受理，安排人员前往", "收到，当日处置", "")


@dataclass
class Follower:
    """Follows cases from their report to their end, or to where they stand today."""

    session: Session
    settings: Settings
    crew: Crew
    camera: Camera
    rng: np.random.Generator
    hours: WorkTime
    changed: Callable[[datetime], None]
    """Told whenever the clock of a department starts or goes on."""

    def __post_init__(self) -> None:
        self._kinds = {kind.code: kind for kind in cases.list_kinds(self.session)}
        # Held, so that the session need not read one again for each step.
        self._rows = case_writes.kinds(self.session)

    def report(self, told: Told) -> CaseView:
        """Report what somebody tells of, with his photo."""
        case = cases.report(self.session, self.settings, told.new, by=told.by, now=told.at)
        if told.photo:
            place = (case.lon, case.lat)
            self.camera.take(Subject("case", case.id), "before", place, told.at, told.by.account_id)
        return case

    def follow(self, case: CaseView, course: Course) -> Thread:
        """Let happen to a reported case what its course says."""
        desk = self.crew.dispatcher
        if course.stays is State.REPORTED:
            return
        at = self._desk_at(case.reported_at, self._kinds[case.kind].open_limit * course.desk)
        yield at
        if course.rejected:
            self._act(case, at, Action.REJECT, desk, note="经核实不属于城市管理范围")
            yield from self._appealed(case, at, course)
            return
        opened = self._act(case, at, Action.OPEN, desk)
        if opened.state is State.OPENED and course.stays is not State.OPENED:
            at = self._desk_at(at, 0.4)
            yield at
            department_id = next(iter(self.crew.handlers))
            opened = self._act(case, at, Action.ASSIGN, desk, department_id=department_id)
        if course.to_leader:
            at = self._desk_at(at, 0.4)
            yield at
            leader_id = self.crew.leaders[0].leader_id
            self._act(case, at, Action.ASSIGN, desk, leader_id=leader_id, note="请包抓领导牵头协调")
        elif course.stays not in {State.OPENED, State.ASSIGNED}:
            yield from self._handled(opened, course, at)

    def joined(self, case: CaseView, into: CaseView) -> Thread:
        """Let the desk find that this was reported before."""
        at = self._desk_at(case.reported_at, 0.3)
        yield at
        standing = case_rows.view(self.session, into.id)
        if standing is None or standing.state in TERMINAL:
            self._act(case, at, Action.REJECT, self.crew.dispatcher, note="同一问题已处置完毕")
            return
        note = f"与{into.number}为同一问题"
        self._act(case, at, Action.JOIN, self.crew.dispatcher, into_id=into.id, note=note)

    def _handled(self, case: CaseView, course: Course, at: datetime) -> Thread:
        assert case.department_id is not None
        handler, desk = Actor.of(self.crew.handler_of(case.department_id)), self.crew.dispatcher
        kind = self._kinds[case.kind]
        clock, began, limit = Clock(kind.clock), at, kind.handle_limit
        at = self._soon(clock, at, 0.08 * limit * course.pace)
        yield at
        if course.sent_back:
            self._act(case, at, Action.SEND_BACK, handler, note="不属于本部门职责，请核实")
            at = self._desk_at(at, 0.5)
            yield at
            note = "按职责清单由你部门处置"
            self._act(case, at, Action.ASSIGN, desk, department_id=case.department_id, note=note)
            began, at = at, self._soon(clock, at, 0.05 * limit)
            yield at
        self._act(case, at, Action.ACCEPT, handler, note=self._word(_ACCEPTED))
        if course.asks in {"postpone", "suspend"}:
            more = yield from self._asked(case, course, at, clock, limit)
            if more is None:
                return
            at, limit, pause = more
            began += pause
        if course.stays is State.HANDLING and course.asks != "appeal":
            return
        at = max(at, self._passed(clock, limit * course.pace, began))
        yield from self._replied(case, course, handler, at)

    def _asked(
        self, case: CaseView, course: Course, at: datetime, clock: Clock, limit: float
    ) -> Generator[datetime, None, tuple[datetime, float, timedelta] | None]:
        """Ask for more time or a rest → (when work goes on, limit, how long it rested); None while the request waits."""
        handler, desk = Actor.of(self.crew.handler_of(case.department_id or 0)), self.crew.dispatcher
        at = self._soon(clock, at, 0.1 * limit)
        yield at
        granted_at = self._desk_at(at, 0.8)
        days = _DAYS_SUSPENDED if course.stays is None and course.answer else _DAYS_STILL_SUSPENDED
        until = (granted_at + timedelta(days=days)).astimezone(self.hours.zone).date()
        more = round(limit / 2, 1)
        if course.asks == "postpone":
            self._act(case, at, Action.ASK_POSTPONE, handler, limit=more, note="需采购材料，配件三日内到货")
        else:
            note = "与在建工程冲突，待其完工"
            self._act(case, at, Action.ASK_SUSPEND, handler, until=until, note=note)
        if course.answer is None:
            return None
        yield granted_at
        if course.answer == "refuse":
            refusal = Action.REFUSE_POSTPONE if course.asks == "postpone" else Action.REFUSE_SUSPEND
            self._act(case, granted_at, refusal, desk, note="材料充足，请按期完成")
            return granted_at, limit, timedelta()
        if course.asks == "postpone":
            self._act(case, granted_at, Action.GRANT_POSTPONE, desk, limit=more)
            return granted_at, limit + more, timedelta()
        self._act(case, granted_at, Action.GRANT_SUSPEND, desk, until=until)
        if course.stays is State.SUSPENDED:
            return None
        # As the scheduler does, soon after midnight.
        resumed_at = day_start(until, self.hours.zone) + timedelta(minutes=5)
        yield resumed_at
        self._act(case, resumed_at, Action.RESUME, Actor.system())
        return resumed_at, limit, resumed_at - granted_at

    def _replied(self, case: CaseView, course: Course, handler: Actor, at: datetime) -> Thread:
        """Reply, be looked at, perhaps be sent round again, be closed."""
        desk, kind = self.crew.dispatcher, self._kinds[case.kind]
        for turn in range(course.reworks + 1):
            yield at
            self.camera.take(Subject("case", case.id), "after", (case.lon, case.lat), at, handler.account_id)
            self._act(case, at, Action.REPLY, handler, note=self._word(_REPLIES))
            if course.stays is State.REPLIED:
                return
            at = self._desk_at(at, kind.verify_limit * course.desk)
            yield at
            if turn == course.reworks:
                break
            self._act(case, at, Action.REWORK, desk, note="现场仍有遗留，请继续整改")
            at = self._soon(Clock(kind.clock), at, 0.3 * kind.handle_limit)
            if course.asks == "appeal":
                yield at
                self._act(case, at, Action.ASK_APPEAL, handler, note="遗留问题属另一单位，附说明")
                return
        self._act(case, at, Action.VERIFY, desk, note="现场核查合格")
        if course.stays is not State.VERIFIED:
            at = self._desk_at(at, 0.5)
            yield at
            self._act(case, at, Action.CLOSE, desk)

    def _appealed(self, case: CaseView, at: datetime, course: Course) -> Thread:
        """Whoever reported a case that was rejected may appeal."""
        if course.asks == "appeal":
            at = self._desk_at(at, 1.0)
            yield at
            reporter = next(one for one in self.crew.leaders if one.account_id == case.reported_by)
            self._act(case, at, Action.ASK_APPEAL, reporter, note="该处在本街道巡查范围内，请复核")

    def _act(self, case: CaseView, at: datetime, action: Action, by: Actor, **given: Any) -> CaseView:
        if action in _STARTS:
            self.changed(at)
        return cases.act(self.session, self.settings, case.id, action, given, by=by, now=at)

    def _passed(self, clock: Clock, units: float, since: datetime) -> datetime:
        return due_at(Run(clock, units, since), self.hours)

    def _desk_at(self, at: datetime, hours: float) -> datetime:
        """Return a moment so many working hours later, a little more or less."""
        return self._passed(Clock.WORKING_HOURS, max(hours * float(self.rng.uniform(0.6, 1.4)), 0.02), at)

    def _soon(self, clock: Clock, at: datetime, units: float) -> datetime:
        """Return a moment about so much of a clock later; whatever has days to spare is done in working hours."""
        later = self._passed(clock, max(units * float(self.rng.uniform(0.6, 1.4)), 0.02), at)
        return later if clock is Clock.URGENT_HOURS else self._desk_at(later, 0.05)

    def _word(self, words: tuple[str, ...]) -> str:
        return words[int(self.rng.integers(len(words)))]
