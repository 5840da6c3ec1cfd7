"""What happens to the cases of `closed_loop_bench`, hour by hour: people do what they may, late or not at all, and the calendar changes.

Everything goes through the services. Steps that end or restart the clock of handling arrive when they happen; reports, acceptances and
verifications may come from a phone whose clock is behind, ahead, or plainly wrong.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from geoservice.domain.cases import ACTIVE, State
from geoservice.domain.workdays import Override
from geoservice.services import accounts, cases, orders, workdays
from geoservice.services.cases import Actor, NewCase
from geoservice.store import case_rows
from scripts.bench.closed_loop_city import GRIDS, KINDS, SIDE, SOUTH, STREETS, WEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.services.cases import CaseView
    from scripts.bench.closed_loop_city import City

FIRST, DAYS = date(2025, 9, 1), 90
# Days that this city decides otherwise than the country, each announced some days before: a typhoon, a make-up day, a change of mind.
DECIDED = (
    (date(2025, 9, 9), date(2025, 9, 12), False),
    (date(2025, 10, 14), date(2025, 10, 18), True),
    (date(2025, 11, 3), date(2025, 11, 6), False),
    (date(2025, 11, 5), date(2025, 11, 6), True),
)
MINUTE = timedelta(minutes=1)
SHIFTED = frozenset({"accept", "verify", "close"})  # steps that a phone may tell late
# What is done next in each state, how likely, and after how many minutes in the mean; "" is nothing, ever.
NEXT: dict[str, tuple[tuple[str, float], ...]] = {
    "reported": (("open", 0.85), ("reject", 0.09), ("join", 0.03), ("", 0.03)),
    "opened": (("assign", 0.93), ("reject", 0.03), ("join", 0.02), ("", 0.02)),
    "assigned": (("accept", 0.87), ("send_back", 0.06), ("assign", 0.05), ("", 0.02)),
    "handling": (("reply", 0.7), ("ask_postpone", 0.1), ("ask_suspend", 0.08), ("ask_appeal", 0.07), ("assign", 0.02), ("", 0.03)),
    "suspended": (("resume", 0.5), ("", 0.5)),
    "replied": (("verify", 0.74), ("rework", 0.23), ("", 0.03)),
    "verified": (("close", 0.95), ("rework", 0.03), ("", 0.02)),
    "closed": (("", 0.95), ("reopen", 0.05)),
    "rejected": (("", 0.7), ("ask_appeal", 0.2), ("reopen", 0.1)),
    "joined": (("", 0.85), ("separate", 0.15)),
}  # fmt: skip
AFTER_MIN = {
    "reported": 50,
    "opened": 60,
    "assigned": 120,
    "handling": 500,
    "suspended": 1500,
    "replied": 200,
    "verified": 90,
}
BY_HANDLER = frozenset({"accept", "send_back", "reply", "ask_postpone", "ask_suspend"})


@dataclass
class Life:
    """A case as those around it know it."""

    id: int
    view: CaseView
    waiting: set[str] = field(default_factory=set)


def slots(settings: Settings) -> Iterator[datetime]:
    """Yield when the city does something: half an hour after midnight, at ten and at four."""
    for day in range(DAYS):
        for begins in (time(0, 30), time(10), time(16)):
            yield datetime.combine(FIRST + timedelta(days=day), begins, settings.zone_info).astimezone(UTC)


class Town:
    """What the city does itself: it lets suspensions end, decides of days, replies to orders."""

    def __init__(self, settings: Settings, city: City, seed: int) -> None:
        self._settings, self._city, self._rng = settings, city, random.Random(seed)
        self._answered = [0, 0, 0]  # up to which order, the last times

    def act(self, session: Session, at: datetime) -> None:
        """Do what is to be done at the end of a slot."""
        here = at.astimezone(self._settings.zone_info)
        cases.resume_due(session, self._settings, now=at)
        if here.hour == 0:
            return
        self._answer(session, at)
        for known_on, day, working in DECIDED:
            if (known_on, 16) == (here.date(), here.hour):
                workdays.set_day(session, day, Override(working), by=None, now=at)
                cases.recount_deadlines(session, self._settings, by=self._city.desks[0], now=at, on=day)

    def _answer(self, session: Session, at: datetime) -> None:
        """Let departments reply to some of the orders that came since the last time or the day before, and the desk withdraw a few."""
        asked = "SELECT id, department_id FROM supervision_order WHERE id > :since AND replied_at IS NULL AND withdrawn_at IS NULL ORDER BY id"
        desk = accounts.account_of(session, self._city.desks[0].account_id or 0)
        assert desk is not None
        for order_id, department_id in session.execute(text(asked), {"since": self._answered[0]}).all():
            kind = self._rng.random()
            self._answered[-1] = order_id
            by = self._city.handlers.get(department_id)
            if kind < 0.01:
                orders.withdraw(session, self._settings, order_id, "误发", by=desk, now=at)
            elif by is not None and kind < 0.25:
                orders.reply(session, self._settings, order_id, "已整改", by=by, now=at)
        self._answered = [*self._answered[1:], self._answered[-1]]


class Lives:
    """Cases of one column of the city, so that several can live side by side and none is near to one of another's."""

    def __init__(self, settings: Settings, city: City, count: int, *, column: int, seed: int) -> None:
        self._settings, self._city, self._rng = settings, city, random.Random(f"{seed} {column}")
        self._column, self._points = (
            column,
            [point for at, point in enumerate(city.points) if at % GRIDS == column],
        )
        self._queue: list[tuple[datetime, int, str, tuple[int, int]]] = []
        self._lives: dict[int, Life] = {}
        self._put_in = self.steps = 0
        begin = datetime.combine(FIRST, time(), settings.zone_info).astimezone(UTC)
        for _ in range(count):
            self._put(begin + timedelta(days=DAYS) * self._rng.random(), "report", (0, 0))

    def until(self, session: Session, end: datetime) -> None:
        """Let happen what happens before an instant, each by itself."""
        self._wake(session, end)
        while self._queue and self._queue[0][0] < end:
            at, _, what, of = heapq.heappop(self._queue)
            if what == "report":
                self._report(session, at)
            else:
                self._step(session, at, what, of)
            session.commit()
            session.expunge_all()

    def _put(self, at: datetime, what: str, of: tuple[int, int]) -> None:
        self._put_in += 1
        heapq.heappush(self._queue, (at, self._put_in, what, of))

    def _wake(self, session: Session, end: datetime) -> None:
        """Go on with those whose suspension has ended by itself."""
        asleep = [life.id for life in self._lives.values() if life.view.state is State.SUSPENDED]
        chosen = "SELECT c.* FROM patrol_case c WHERE c.id = ANY(:ids) AND c.state <> 'suspended'"
        for view in case_rows.views(session, chosen, "c.id", {"ids": asleep}) if asleep else ():
            self._went_on(self._lives[view.id], view, end - timedelta(hours=6))

    def _report(self, session: Session, at: datetime) -> None:
        rng, city = self._rng, self._city
        source = rng.choices(
            ("patrol", "inspection", "citizen", "leader", "desk", "gap"), (50, 15, 15, 5, 10, 5)
        )[0]
        by = {"patrol": city.members, "inspection": city.inspectors}.get(source, city.desks)
        point_id = rng.choice(self._points) if rng.random() < 0.15 else None
        # Some places are worse than others: there the same comes back.
        spots = random.Random(rng.randrange(60)) if rng.random() < 0.5 else rng
        place = (
            WEST + SIDE * (self._column + 0.1 + 0.8 * spots.random()),
            SOUTH + SIDE * STREETS * spots.random(),
        )
        told = NewCase(
            rng.choice(list(KINDS)), "案件", "", *place, source=source, point_id=point_id, at=self._told(at)
        )
        view = cases.report(session, self._settings, told, by=rng.choice(by), now=at)
        self._lives[view.id] = Life(view.id, view)
        self._went_on(self._lives[view.id], view, at)

    def _told(self, at: datetime) -> datetime | None:
        """Return what a phone's clock says: mostly nothing, else the truth of a while ago, the future, or nonsense."""
        kind = self._rng.random()
        if kind < 0.75:
            return None
        if kind < 0.95:
            return at - MINUTE * self._rng.random() * 180
        return at + MINUTE * 30 if kind < 0.98 else at - timedelta(days=40)

    def _step(self, session: Session, at: datetime, what: str, of: tuple[int, int]) -> None:
        life, version = self._lives[of[0]], of[1]
        if life.view.row_version != version:
            return  # something else happened to it meanwhile, and what follows from that is in the queue
        by, given = self._whose(life, what), self._given(life, what, at)
        told_at = self._told(at) if what in SHIFTED else None
        if what == "reply" and life.view.kind == "ad":
            self._add_photo(session, life.id, at)
        view = cases.act(
            session, self._settings, life.id, what, given, by=by, now=at, row_version=version, at=told_at
        )
        self.steps += 1
        verb, _, request = what.partition("_")
        if verb == "ask":
            life.waiting.add(request)
        elif verb in {"grant", "refuse"}:
            life.waiting.discard(request)
        if view.state is not life.view.state:
            life.waiting.clear()
        self._went_on(life, view, at)

    def _went_on(self, life: Life, view: CaseView, at: datetime) -> None:
        """Choose what is done next with a case."""
        life.view = view
        state = view.state.value
        minutes = self._rng.expovariate(1 / AFTER_MIN.get(state, 3000))
        if state == "handling":
            minutes *= {"greening": 14, "facility": 6, "ad": 3}.get(view.kind, 1)
        later = at + MINUTE * minutes + timedelta(seconds=1)
        if life.waiting and self._rng.random() < 0.8:
            verb = "grant" if self._rng.random() < 0.7 else "refuse"
            what = f"{verb}_{self._rng.choice(sorted(life.waiting))}"
            later = at + MINUTE * self._rng.expovariate(1 / 100) + timedelta(seconds=1)
        else:
            choices = [(what, weight) for what, weight in NEXT[state] if self._can(life, what)]
            what = self._rng.choices([each[0] for each in choices], [each[1] for each in choices])[0]
        if what:
            self._put(later, what, (life.id, view.row_version))

    def _can(self, life: Life, what: str) -> bool:
        if what.startswith("ask_") and what[4:] in life.waiting:
            return False
        if what == "ask_appeal":
            replied_at, assigned_at = life.view.replied_at, life.view.assigned_at
            sent_back = bool(replied_at and assigned_at and replied_at >= assigned_at)
            return life.view.state is State.REJECTED or sent_back
        if what == "join":
            return self._into(life) is not None
        # A case that only a leader answers for is accepted by him, or goes to a department.
        return (
            what not in BY_HANDLER or life.view.department_id is not None or life.view.leader_id is not None
        )

    def _whose(self, life: Life, what: str) -> Actor:
        view, city = life.view, self._city
        asks_for_himself = what == "ask_appeal" and view.state is State.HANDLING
        if what in BY_HANDLER or asks_for_himself or (what == "resume" and self._rng.random() < 0.5):
            if view.department_id is not None:
                return Actor.of(city.handlers[view.department_id])
            return city.leaders[view.leader_id]
        if what == "ask_appeal":
            return next(
                who
                for who in (*city.members, *city.inspectors, *city.desks)
                if who.account_id == view.reported_by
            )
        return self._rng.choice(city.desks)

    def _given(self, life: Life, what: str, at: datetime) -> dict[str, Any]:
        rng = self._rng
        given: dict[str, Any] = {"note": "说明"}
        if what == "assign":
            others = [one for one in self._city.departments if one != life.view.department_id]
            given["department_id"] = rng.choice(others)
        elif what == "ask_postpone":
            given["limit"] = rng.choice([0.5, 1, 2, 3])
        elif what == "ask_suspend":
            if rng.random() < 0.7:
                given["until"] = (at + timedelta(days=rng.randrange(2, 12))).date()
        elif what == "join":
            given["into_id"] = self._into(life)
        return given

    def _into(self, life: Life) -> int | None:
        """Return another case that is still open, one of those that came last."""
        last = reversed(list(islice(reversed(self._lives.values()), 30)))
        return next((other.id for other in last if other.id != life.id and other.view.state in ACTIVE), None)

    @staticmethod
    def _add_photo(session: Session, case_id: int, at: datetime) -> None:
        session.execute(
            text(
                "INSERT INTO evidence (case_id, stage, sha256, served, media_type, size, width, height, at, received_at) "
                "VALUES (:case, 'after', decode('00', 'hex'), gen_random_uuid(), 'image/jpeg', 1, 1, 1, :at, :at)"
            ),
            {"case": case_id, "at": at},
        )
