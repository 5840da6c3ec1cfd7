"""Orders follow from what happened alone: when and how often somebody looks changes neither which fall due nor when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.cases import TRANSITIONS, Action, Stage, State, Tick
from geoservice.domain.clocks import Clock, WorkTime
from geoservice.domain.order_history import KeptClock, KeptStep, read_history
from geoservice.domain.orders import (
    CaseHistory,
    HandleRun,
    Known,
    OrderKind,
    Repeats,
    Rule,
    fall_due,
    quarter_of,
    repeat_due,
)
from geoservice.domain.workdays import WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOURS = WorkTime(WorkCalendar("CN"), ((510, 720), (840, 1050)), SHANGHAI)
MONDAY = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)  # 9 in Shanghai
DEFAULTS = (
    Rule(OrderKind.REMINDER, elapsed=0.7),
    Rule(OrderKind.GREEN, elapsed=1.0),
    Rule(OrderKind.YELLOW, elapsed=1.5, reworks=1),
    Rule(OrderKind.RED, elapsed=2.0, reworks=2, repeats=Repeats(OrderKind.YELLOW, 2, "quarter")),
    Rule(OrderKind.TALK, repeats=Repeats(OrderKind.RED, 3, "row")),
)
# Steps that a simulated case takes, with what a table of its own says they do: run, stand still, stop.
LOOP = (Action.ACCEPT, Action.REPLY, Action.REWORK, Action.VERIFY, Action.ASSIGN, Action.GRANT_POSTPONE,
        Action.GRANT_SUSPEND, Action.RESUME, Action.GRANT_APPEAL, Action.SEND_BACK, Action.CLOSE, Action.REOPEN)  # fmt: skip

RUNS = {
    **dict.fromkeys((Action.REPLY, Action.GRANT_SUSPEND, Action.GRANT_APPEAL, Action.SEND_BACK), False),
    **dict.fromkeys((Action.ASSIGN, Action.RESUME, Action.REWORK), True),
}
SHARES = ((OrderKind.REMINDER, 0.7), (OrderKind.GREEN, 1), (OrderKind.YELLOW, 1.5), (OrderKind.RED, 2))


@dataclass
class Told:
    """A case's story: its steps in order, and the clock's kind and limit."""

    clock: Clock
    limit: float
    steps: list[KeptStep]

    def as_of(self, at: datetime) -> CaseHistory:
        """What is known of the case at an instant, its clocks kept as somebody would keep them."""
        steps = [step for step in self.steps if step.at <= at]
        clocks: list[KeptClock] = []
        for step in steps:
            transition = TRANSITIONS[step.from_state, step.action]
            for stage, tick in transition.ticks:
                if stage is Stage.HANDLE:
                    self._keep(clocks, tick, step)
        return read_history(17, (3, None), clocks, steps)

    def _keep(self, clocks: list[KeptClock], tick: Tick, step: KeptStep) -> None:
        if tick is Tick.START:
            clocks.append(KeptClock(self.clock, self.limit, step.at))
            return
        last = clocks[-1]
        if tick is Tick.END:
            last = replace(last, ended_at=step.at)
        elif tick is Tick.PAUSE:
            last = replace(last, paused_at=step.at)
        elif tick is Tick.RESUME:
            last = replace(last, pauses=(*last.pauses, (last.paused_at, step.at)), paused_at=None)
        elif tick is Tick.RETAKE:
            last = replace(last, pauses=(*last.pauses, (last.ended_at, step.at)), ended_at=None)
        elif tick is Tick.SETTLE and last.pauses:
            last = replace(last, ended_at=last.pauses[-1][0], pauses=last.pauses[:-1])
        elif tick is Tick.EXTEND:
            last = replace(last, limit=last.limit + step.given["limit"])
        clocks[-1] = last


@st.composite
def stories(draw, clocks=tuple(Clock)) -> Told:
    at = MONDAY + timedelta(minutes=draw(st.integers(0, 20_000)))
    state, steps = State.OPENED, []
    wanted = Action.ASSIGN
    for _ in range(draw(st.integers(1, 9))):
        steps.append(
            KeptStep(
                wanted,
                state,
                at,
                {"department_id": draw(st.integers(1, 2))} if wanted is Action.ASSIGN
                else {"limit": draw(st.sampled_from([0.5, 1.0, 3.0]))},
            )
        )  # fmt: skip
        state = TRANSITIONS[state, wanted].to
        possible = [action for action in LOOP if (state, action) in TRANSITIONS]
        if state is State.HANDLING and not any(step.action is Action.REPLY for step in steps):
            possible = [action for action in possible if action is not Action.GRANT_APPEAL]
        if not possible:
            break
        wanted = draw(st.sampled_from(possible))
        at += timedelta(minutes=draw(st.integers(0, 4_000)))
    limit = draw(st.sampled_from([1.0, 2.0, 3.5, 7.0]))
    return Told(draw(st.sampled_from(clocks)), limit, steps)


@given(stories(), st.lists(st.integers(0, 60_000), max_size=8))
def test_any_sequence_of_looks_raises_the_same_orders_at_the_same_instants(story, minutes):
    end = MONDAY + timedelta(days=60)
    looks = sorted({MONDAY + timedelta(minutes=minute) for minute in minutes} | {end})
    raised: dict[str, tuple[datetime, OrderKind, int | None]] = {}
    for now in looks:
        for due in fall_due(story.as_of(now), DEFAULTS, HOURS, raised):
            if due.at <= now:
                assert due.cause not in raised
                raised[due.cause] = (due.at, due.kind, due.department_id)
    once = {
        due.cause: (due.at, due.kind, due.department_id)
        for due in fall_due(story.as_of(end), DEFAULTS, HOURS)
        if due.at <= end
    }
    assert raised == once


@given(stories(), st.integers(0, 40_000))
def test_looking_again_when_the_next_order_falls_due_misses_none(story, minute):
    """Between two steps nothing falls due but at the instants that the look before had named."""
    now = MONDAY + timedelta(minutes=minute)
    known = story.as_of(now)
    named = [due for due in fall_due(known, DEFAULTS, HOURS) if due.at > now]
    later = now + timedelta(days=20)
    if story.as_of(later) == known:
        after = [due for due in fall_due(known, DEFAULTS, HOURS) if now < due.at <= later]
        assert after == [due for due in named if due.at <= later]


def _by_the_minute(story: Told, days: int) -> dict[OrderKind, datetime]:
    """Count the minutes in which the first run ran, one by one, by a table of our own: the oracle of `fall_due`."""
    running, gone, limit, found = False, 0, story.limit * 60, {}
    steps, starts = list(story.steps), 0
    at = story.steps[0].at
    for _ in range(days * 1440):
        while steps and steps[0].at <= at:
            step = steps.pop(0)
            starts += step.action is Action.ASSIGN
            if starts > 1:
                return found
            running = RUNS.get(step.action, running)
            if step.action is Action.GRANT_POSTPONE:
                limit += step.given["limit"] * 60
        for kind, share in SHARES:
            if running and kind not in found and gone >= share * limit - 1e-9:
                found[kind] = at
        gone += running
        at += timedelta(minutes=1)
    return found


@given(stories(clocks=(Clock.URGENT_HOURS,)))
def test_shares_of_a_deadline_fall_due_as_the_minutes_are_counted(story):
    days = 12
    end = story.steps[0].at + timedelta(days=days)
    dues = fall_due(story.as_of(end), DEFAULTS, HOURS)
    found = {due.kind: due.at for due in dues if " run 1 " in due.cause and due.at < end}
    assert found == _by_the_minute(story, days)


def _run(**more) -> HandleRun:
    return HandleRun(1, Clock.URGENT_HOURS, ((MONDAY, 10.0),), department_id=3, **more)


def test_a_reply_at_the_very_instant_is_in_time():
    until = MONDAY + timedelta(hours=10)
    for ended_at, expected in ((until, {"reminder"}), (until + timedelta(seconds=1), {"reminder", "green"})):
        dues = fall_due(CaseHistory(1, (_run(ended_at=ended_at),)), DEFAULTS, HOURS)
        assert {due.kind.value for due in dues} == expected


def test_a_new_rule_catches_what_had_passed_before_it_held_and_not_what_was_over():
    changed_at = MONDAY + timedelta(hours=6, minutes=30)
    rules = (
        replace(DEFAULTS[0], valid_to=changed_at),
        Rule(OrderKind.REMINDER, elapsed=0.5, valid_from=changed_at),
    )
    (due,) = fall_due(CaseHistory(1, (_run(),)), rules, HOURS)
    assert due.at == changed_at
    assert fall_due(CaseHistory(1, (_run(ended_at=changed_at),)), rules, HOURS) == []
    assert fall_due(CaseHistory(1, (_run(),)), [replace(rules[1], active=False)], HOURS) == []


def test_what_was_granted_is_known_by_its_step():
    """Not by the deadline that it moved: by a calendar that changed since, other hours lead there."""
    at = MONDAY + timedelta(hours=9)
    steps = [
        KeptStep(Action.ASSIGN, State.OPENED, MONDAY, {"department_id": 3}),
        KeptStep(Action.GRANT_POSTPONE, State.HANDLING, at, {"limit": 2.5}),
    ]
    (run,) = read_history(17, (3, None), [KeptClock(Clock.WORKING_DAYS, 10.0, MONDAY)], steps).runs
    assert run.limits == ((MONDAY, 7.5), (at, 10.0))


def test_a_case_that_rests_raises_nothing_and_goes_on_where_it_was():
    rest = (MONDAY + timedelta(hours=6), MONDAY + timedelta(hours=106))
    resting = CaseHistory(1, (_run(paused_at=rest[0]),))
    assert fall_due(resting, DEFAULTS, HOURS) == []
    gone_on = fall_due(CaseHistory(1, (_run(pauses=(rest,)),)), DEFAULTS, HOURS)
    assert gone_on[0].at == MONDAY + timedelta(hours=107)


def test_reworks_blame_who_had_the_case_and_count_once_each():
    second = replace(_run(), number=2, limits=((MONDAY + timedelta(hours=5), 10.0),), department_id=4)
    at = [MONDAY + timedelta(hours=hours) for hours in (3, 6)]
    case = CaseHistory(1, (_run(ended_at=at[0]), replace(second, ended_at=at[1])), tuple(at))
    assert [(due.kind.value, due.cause, due.department_id, due.at) for due in fall_due(case, DEFAULTS, HOURS)] == [
        ("yellow", "case 1 rework 1 yellow", 3, at[0]),
        ("red", "case 1 rework 2 red", 4, at[1]),
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from([OrderKind.GREEN, OrderKind.YELLOW, OrderKind.RED]), st.integers(0, 900)),
        max_size=25,
        unique_by=lambda one: one[1],
    ),
    st.integers(0, 900),
)
def test_orders_that_follow_from_others_do_not_depend_on_when_they_are_counted(told, cut):
    """Counted at some day and again at the end: the same as counted once; and two yellows of a quarter make a red, no third."""
    orders = [Known(kind, MONDAY + timedelta(days=day), f"case {day}") for kind, day in told]
    early = [order for order in orders if order.at <= MONDAY + timedelta(days=cut)]
    first = repeat_due(3, early, DEFAULTS, SHANGHAI)
    kept = [Known(due.kind, due.at, due.cause) for due in first]
    second = repeat_due(3, [*orders, *kept], DEFAULTS, SHANGHAI)
    whole = repeat_due(3, orders, DEFAULTS, SHANGHAI)
    assert [(due.cause, due.at) for due in second] == [(due.cause, due.at) for due in whole]
    assert {due.cause for due in first} <= {due.cause for due in whole}
    yellows: dict[tuple[int, int], int] = {}
    for order in orders:
        if order.kind is OrderKind.YELLOW:
            quarter = quarter_of(order.at, SHANGHAI)
            yellows[quarter] = yellows.get(quarter, 0) + 1
    reds: dict[str, int] = {}
    for due in whole:
        if due.kind is OrderKind.RED:
            reds[due.values["quarter"]] = reds.get(due.values["quarter"], 0) + 1
    assert reds == {f"{year}Q{number}": count // 2 for (year, number), count in yellows.items() if count > 1}


@pytest.mark.parametrize(
    ("months", "withdrawn", "talks"),
    [([1, 2, 5], None, 1), ([1, 2, 9], None, 0), ([1, 2, 3, 4, 5], None, 1), ([1, 2, 3], 2, 0)],
    ids=["across two quarters", "a quarter without one", "five are one row", "one was withdrawn before"],
)
def test_three_reds_in_a_row_call_for_a_talk(months, withdrawn, talks):
    reds = [
        Known(
            OrderKind.RED,
            datetime(2026, month, 10, tzinfo=UTC),
            f"case {month}",
            datetime(2026, 2, 20, tzinfo=UTC) if month == withdrawn else None,
        )
        for month in months
    ]
    dues = repeat_due(3, reds, DEFAULTS, SHANGHAI)
    assert [due.kind for due in dues] == [OrderKind.TALK] * talks
    if talks:
        assert dues[0].at == reds[2].at
        assert dues[0].cause == "department 3 talk 1"
