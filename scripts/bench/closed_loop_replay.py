"""The closed loop counted again from its bare steps: whose clock ran when, by when, and what orders that called for.

A second, plain implementation that shares no code with the product: whole microseconds, a calendar written out by hand, China's one time
zone without summer time. It knows what steps mean from the standard's words, not from the product's table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

US = timedelta(microseconds=1)
HOUR, DAY = 3600 * 10**6, 86400 * 10**6
EAST_8 = 8 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WORK_AT = ((8 * HOUR + HOUR // 2, 12 * HOUR), (14 * HOUR, 17 * HOUR + HOUR // 2))
# 国务院办公厅关于2025年部分节假日安排的通知: National Day and Mid-Autumn, and the two weekend days worked for them.
REST = {date(2025, 10, day) for day in range(1, 9)}
WORKED = {date(2025, 9, 28), date(2025, 10, 11)}
RULES = (("reminder", 0.7, 0), ("green", 1.0, 0), ("yellow", 1.5, 1), ("red", 2.0, 2))
WAITING = {"reported", "opened", "rejected"}

Decided = list[tuple[datetime, date, bool]]
"""When it was decided, of which day, and whether it is worked."""


def us(at: datetime) -> int:
    """Return whole microseconds since 1970."""
    return (at - EPOCH) // US


def instant(at: int) -> datetime:
    """Return the instant of whole microseconds since 1970."""
    return EPOCH + at * US


def is_worked(day: date, decided: dict[date, bool]) -> bool:
    """Tell whether a day is worked: as decided here, else as the State Council says, else from Monday to Friday."""
    if day in decided:
        return decided[day]
    return day in WORKED or (day.weekday() < 5 and day not in REST)


def due(
    clock: str, limit: float, start: int, pauses: list[tuple[int, int]], decided: dict[date, bool]
) -> int:
    """Return the first microsecond at which so many hours or days of a clock have passed."""
    left = Fraction(limit) * (HOUR if clock.endswith("hours") else DAY)
    midnight = (start + EAST_8) // DAY * DAY - EAST_8
    for _ in range(4000):
        day = date(1970, 1, 1) + timedelta(days=(midnight + EAST_8) // DAY)
        spans = WORK_AT if clock == "working_hours" else ((0, DAY),)
        for opens, closes in spans if not clock.startswith("working") or is_worked(day, decided) else ():
            for begin, end in without(max(midnight + opens, start), midnight + closes, pauses):
                if end - begin >= left:
                    return begin - (-left).__floor__()
                left -= end - begin
        midnight += DAY
    raise AssertionError("a clock that never ends")


def without(begin: int, end: int, pauses: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what remains of a stretch of time when some pauses are taken out."""
    left = [(begin, end)] if begin < end else []
    for first, last in pauses:
        left = [
            part
            for one, two in left
            for part in ((one, min(two, first)), (max(one, last), two))
            if part[0] < part[1]
        ]
    return left


@dataclass
class Run:
    """A clock of a stage: how it ran, and every deadline it had, each with when it came to be so."""

    stage: str
    clock: str
    limit: float
    start: int
    department: int | None = None
    leader: int | None = None
    pauses: list[tuple[int, int]] = field(default_factory=list)
    paused: int | None = None
    ended: int | None = None
    dues: list[tuple[int, int]] = field(default_factory=list)
    limits: list[tuple[int, float]] = field(default_factory=list)
    # As orders see it: what was due while it ran stays due, whatever an appeal says later.
    ran_until: int | None = None
    called_pauses: list[tuple[int, int]] = field(default_factory=list)

    def count(self, at: int, decided: dict[date, bool]) -> None:
        self.dues.append((at, due(self.clock, self.limit, self.start, self.pauses, decided)))

    def due_as_of(self, until: int) -> int:
        """Return the deadline as it was before an instant."""
        found = self.dues[0][1]
        for since, at in self.dues[1:]:
            if since >= until:
                break
            found = at
        return found


class Story:
    """One case: its runs, from its steps and the days that were decided of, in the order in which they came."""

    def __init__(self, case: Any, kind: Any, steps: list[Any], decided: Decided) -> None:
        self.case, self.steps = case, steps
        self.runs: list[Run] = []
        self._kind, self._known = kind, dict[date, bool]()
        self._leader: int | None = None
        self._replied = 0
        coming = list(decided)
        for step in steps:
            while coming and coming[0][0] < step.received_at:
                self._decide(*coming.pop(0))
            self._take(step)
        for one in coming:
            self._decide(*one)

    def last(self, stage: str) -> Run:
        return [run for run in self.runs if run.stage == stage][-1]

    def _decide(self, at: datetime, day: date, working: bool) -> None:
        self._known = {**self._known, day: working}
        for run in self.runs:
            if run.ended is None and run.paused is None:
                run.count(us(at), self._known)

    def _begin(self, stage: str, at: int, step: Any) -> None:
        kind = self._kind
        if stage == "handle":
            run = Run(stage, kind.clock, kind.handle_limit, at, step.given.get("department_id"), self._leader)
        else:
            run = Run(stage, "working_hours", getattr(kind, f"{stage}_limit"), at)
        run.limits.append((at, run.limit))
        run.count(at, self._known)
        self.runs.append(run)

    def _end(self, stage: str, at: int) -> None:
        self.last(stage).ended = self.last(stage).ran_until = at

    def _go_on(self, run: Run, at: int, since: int, called_since: int) -> None:
        run.pauses.append((since, at))
        run.called_pauses.append((called_since, at))
        run.paused = run.ended = run.ran_until = None
        run.count(at, self._known)

    def _take(self, step: Any) -> None:  # noqa: C901 - one line a word
        at, action, was = us(step.at), step.action, step.from_state
        if action in {"report", "separate", "reopen"} or (action == "grant_appeal" and was == "rejected"):
            self._begin("open", at, step)
        elif action in {"reject", "join"}:
            self._end("open", at)
        elif action == "assign":
            self._leader = step.given.get("leader_id", self._leader)
            self._end("open" if was == "opened" else "handle", at)
            self._begin("handle", at, step)
        elif action == "send_back":
            self._end("handle", at)
            self._begin("open", at, step)
        elif action == "reply":
            self._replied = at
            self._end("handle", at)
            self._begin("verify", at, step)
        elif action == "verify":
            self._end("verify", at)
        elif action == "rework":
            if was == "replied":
                self._end("verify", at)
            run = self.last("handle")
            assert run.ended is not None and run.ran_until is not None
            self._go_on(run, at, run.ended, run.ran_until)
        elif action == "grant_suspend":
            self.last("handle").paused = at
        elif action == "resume":
            run = self.last("handle")
            assert run.paused is not None
            self._go_on(run, at, run.paused, run.paused)
        elif action == "grant_postpone":
            run = self.last("handle")
            run.limit += step.given["limit"]
            run.limits.append((at, run.limit))
            run.count(at, self._known)
        elif action == "grant_appeal":
            run = self.last("handle")
            run.ran_until, run.ended = at, self._replied


def crossings(run: Run, share: float, known: dict[date, bool]) -> list[int]:
    """Return when a share of what a run was allowed had passed, by each limit that it had, if it still had it then."""
    found = []
    for place, (since, limit) in enumerate(run.limits):
        at = max(due(run.clock, limit * share, run.start, run.called_pauses, known), since)
        for first, last in sorted(run.called_pauses):
            at = last if first <= at < last else at
        ends = [run.limits[place + 1][0]] if place + 1 < len(run.limits) else []
        ends += [one for one in (run.paused, run.ran_until) if one is not None]
        if all(at < one for one in ends):
            found.append(at)
    return found


def sent_back(story: Story) -> list[tuple[str, int, str]]:
    """Return (cause, when, kind) of what reworks call for: the first a yellow, the second a red."""
    reworks = [us(step.at) for step in story.steps if step.action == "rework"]
    return [
        (f"case {story.case.id} rework {times} {kind}", at, kind)
        for times, at in enumerate(reworks, 1)
        for kind, _, wanted in RULES
        if wanted == times
    ]


def orders_of(story: Story, known: dict[date, bool], end: int) -> list[tuple[str, int, str, int | None]]:
    """Return (cause, when, kind, department) of each order that a case itself calls for before an instant."""
    found: dict[str, tuple[int, str, int | None]] = {}

    def call(cause: str, at: int, kind: str, department: int | None) -> None:
        if at < end and (cause not in found or at < found[cause][0]):
            found[cause] = (at, kind, department)

    handled = [run for run in story.runs if run.stage == "handle"]
    for number, run in enumerate(handled, 1):
        for kind, share, _ in RULES:
            for at in crossings(run, share, known):
                call(f"case {story.case.id} run {number} {kind}", at, kind, run.department)
    for cause, at, kind in sent_back(story):
        blamed = [run for run in handled if run.start <= at][-1]
        call(cause, at, kind, blamed.department)
    return [(cause, *told) for cause, told in found.items()]


def repeats_of(
    called: list[tuple[str, int, str, int | None]], withdrawn: dict[str, int], departments: list[int]
) -> list[tuple[str, int, str, int | None]]:
    """Return what follows from orders before: two yellows within a quarter are a red, three reds in a row a talk."""
    more: list[tuple[str, int, str, int | None]] = []
    for department in departments:
        mine = [order for order in called if order[3] == department]
        waiting: list[tuple[int, str, str]] = []
        reds: dict[str, int] = {}
        for cause, at, _, _ in sorted(
            (one for one in mine if one[2] == "yellow"), key=lambda one: (one[1], one[0])
        ):
            local = instant(at + EAST_8)
            quarter = f"{local.year}Q{(local.month + 2) // 3}"
            waiting = [one for one in waiting if one[2] == quarter and withdrawn.get(one[1], at + 1) > at]
            waiting.append((at, cause, quarter))
            if len(waiting) == 2:
                reds[quarter] = reds.get(quarter, 0) + 1
                more.append((f"department {department} {quarter} red {reds[quarter]}", at, "red", department))
                waiting = []
        row: list[tuple[int, str, str]] = []
        talks = 0
        every = [one for one in (*mine, *more) if one[2] == "red" and one[3] == department]
        for cause, at, _, _ in sorted(every, key=lambda one: (one[1], one[0])):
            row = [one for one in row if withdrawn.get(one[1], at + 1) > at]
            row.append((at, cause, ""))
            if len(row) == 3:
                talks += 1
                more.append((f"department {department} talk {talks}", at, "talk", department))
                row = []
    return more
