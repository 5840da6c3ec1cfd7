"""Cases that take random ways through the services, counted by the report and again from the bare rows of steps and clocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.indicators import Rate
from geoservice.domain.windows import Window
from geoservice.services import cases, reports
from geoservice.services.reports.facts import read_facts
from geoservice.services.reports.measures import measure, measure_city
from tests.services.cases.kit import NOW, lay, new_case, walk

WEEK = Window(date(2026, 11, 16), date(2026, 11, 22))
LATER = NOW + timedelta(days=60)
# What may follow what, so that most of the random steps are taken.
WAYS = {
    "reported": ["open", "reject"],
    "opened": ["assign", "reject"],
    "assigned": ["accept", "accept", "send_back"],
    "handling": ["reply"],
    "replied": ["verify", "rework"],
    "verified": ["close", "rework"],
    "closed": ["reopen"],
    "rejected": ["reopen"],
}
ways = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 60)), min_size=1, max_size=9)
SOURCES = ("desk", "inspection", "citizen", "leader")


@st.composite
def histories(draw):
    """When each case is reported (hours after NOW), by what source, and its choices with the hours between."""
    return draw(
        st.lists(st.tuples(st.integers(-80, 120), st.sampled_from(SOURCES), ways), min_size=2, max_size=4)
    )


def live(session, settings, town, told):
    for start_h, source, choices in told:
        now = NOW + timedelta(hours=start_h)
        view = cases.report(session, settings, new_case(source=source), by=town.reporter, now=now)
        for choice, hours in choices:
            now += timedelta(hours=hours)
            may = WAYS[view.state.value]
            action = may[choice % len(may)]
            if action == "assign":
                given_to = {"department_id": town.departments["market"]}
                view = cases.act(session, settings, view.id, action, given_to, by=town.desk, now=now)
            else:
                view = (
                    walk(session, settings, town, view.id, action, now=now)
                    if _may(town, view, action)
                    else view
                )


def _may(town, view, action):
    """A case that went to another department is not the handler's any more."""
    return action not in {"accept", "send_back", "reply"} or view.department_id == town.handler.department_id


def recount(session, start: datetime, end: datetime):  # noqa: C901 - plain on purpose
    """The rates of the city (None) and of each department, from rows alone: no join, no aggregate, no code of the product."""
    every = {row.id: row for row in session.execute(text("SELECT id, source, recurrence FROM patrol_case"))}
    steps, clocks = defaultdict(list), defaultdict(list)
    for row in session.execute(
        text("SELECT case_id, action, from_state, to_state, at, given FROM case_step ORDER BY number")
    ):
        if row.at < end:
            steps[row.case_id].append(row)
    for row in session.execute(
        text("SELECT case_id, stage, started_at, due_at, ended_at FROM case_clock ORDER BY id")
    ):
        if row.started_at < end:
            clocks[row.case_id, row.stage].append(row)
    found: dict[int | None, Counter] = defaultdict(Counter)
    for case_id, case in every.items():
        if not steps[case_id] or steps[case_id][-1].to_state == "joined":
            continue
        for code, hit in _told(case, steps[case_id], clocks, start, end):
            for key in {None, _department(steps[case_id])}:
                found[key][code, "of"] += 1
                found[key][code, "hit"] += hit
    codes = {code for counter in found.values() for code, _ in counter}
    return {
        key: {code: Rate(counter[code, "hit"], counter[code, "of"]) for code in codes if counter[code, "of"]}
        for key, counter in found.items()
    }


def _department(steps):
    """Who handles a case after its steps: whom it was last handed to, unless it came back."""
    if steps[-1].to_state in ("reported", "opened", "rejected"):
        return None
    return [step for step in steps if step.action == "assign"][-1].given["department_id"]


def _told(case, steps, clocks, start, end):  # noqa: C901 - plain on purpose
    """Yield (rate, whether it is counted in the numerator) for everything that counts in a denominator."""
    state = steps[-1].to_state
    is_undecided = state in ("rejected", "reported")
    opened = None if is_undecided else next((step.at for step in steps if step.to_state == "opened"), None)
    if steps[0].at >= start and (opened or state == "rejected"):
        yield "opening_rate", state != "rejected"
        if case.source in ("patrol", "inspection"):
            yield "valid_report_rate", state != "rejected"
    if opened and opened >= start:
        yield "recurrence_rate", case.recurrence > 0
        if case.source in ("citizen", "leader", "inspection", "patrol"):
            yield "missed_report_rate", case.source != "patrol"
    runs = clocks[case.id, "handle"]
    if (
        runs
        and state in ("assigned", "handling", "replied", "verified", "closed")
        and start <= runs[-1].due_at < end
    ):
        yield "closing_rate", state == "closed"
        yield "on_time_closing_rate", state == "closed" and runs[-1].ended_at <= runs[-1].due_at
        reworks = [step.at for step in steps if step.action == "rework"]
        yield "rework_rate", any(at >= runs[-1].started_at for at in reworks)
    for code, stage in (("on_time_verification_rate", "open"), ("on_time_check_rate", "verify")):
        for run in clocks[case.id, stage]:
            if start <= run.due_at < end:
                yield code, run.ended_at is not None and run.ended_at < end and run.ended_at <= run.due_at


@given(histories())
@hypothesis_settings(
    max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_the_report_counts_what_rows_say(session, settings, told):
    with session.begin_nested() as savepoint:
        town = lay(session)
        live(session, settings, town, told)
        facts = read_facts(session, settings, WEEK, now=LATER)
        again = recount(session, *WEEK.instants(settings.zone_info))
        _same(measure_city(facts).rates, again.get(None, {}))
        for row in measure(session, facts, "department"):
            _same(row.rates, again.get(row.id, {}))
        zones = {row.id: row for row in measure(session, facts, "zone")}
        # Everything happened in the west, so what lies above has the same.
        top = next(zone.path[0] for zone in facts.zones if zone.zone_id == town.west)
        for zone_id in (top, town.west):
            _same(zones[zone_id].rates, again.get(None, {}))
        assert not any(zones[town.east].counts.values())
        savepoint.rollback()


def _same(rates, again):
    """Every rate that only cases make: equal, and nothing over nothing where nothing was counted."""
    for code in (
        "opening_rate", "closing_rate", "on_time_closing_rate", "rework_rate", "recurrence_rate", "valid_report_rate",
        "missed_report_rate", "on_time_verification_rate", "on_time_check_rate",
    ):  # fmt: skip
        assert rates[code] == again.get(code, Rate(0, 0)), code
        assert rates[code].denominator or rates[code].value is None


@pytest.mark.parametrize(
    ("within", "later"),
    [
        ((), ("reply", "verify", "close")),
        (
            (),
            ("ask_postpone", "grant_postpone"),
        ),  # what was late in its week was late, whatever was granted since
        (("reply",), ("rework", "reply")),  # what was put right had been, and what waited was not late
        (("reply", "verify", "close"), ("reopen", "reject")),
    ],
)
def test_a_past_week_does_not_move_when_its_cases_go_on(session, settings, within, later):
    town = lay(session)
    case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    walk(session, settings, town, case.id, "open", "accept", *within)
    before = reports.indicators(session, settings, WEEK, by="department", now=LATER)
    for days, step in enumerate(later, 9):
        walk(session, settings, town, case.id, step, now=NOW + timedelta(days=days))
    assert reports.indicators(session, settings, WEEK, by="department", now=LATER) == before


def test_what_an_appeal_settles_later_was_still_to_be_done_in_its_week(session, settings):
    town = lay(session)
    case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    walk(session, settings, town, case.id, "open", "accept", "reply", "rework")
    overdue = lambda: measure_city(read_facts(session, settings, WEEK, now=LATER)).counts["overdue"]  # noqa: E731
    assert overdue() == 1
    since = NOW + timedelta(days=9)
    cases.act(session, settings, case.id, "ask_appeal", {"note": "照片为证"}, by=town.handler, now=since)
    cases.act(session, settings, case.id, "grant_appeal", {}, by=town.desk, now=since)
    assert overdue() == 1


def test_a_rework_that_was_appealed_against_with_success_counts_no_more(session, settings):
    town = lay(session)
    case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    walk(session, settings, town, case.id, "open", "accept", "reply", "rework")
    rework = lambda: measure_city(read_facts(session, settings, WEEK, now=LATER)).rates["rework_rate"]  # noqa: E731
    assert rework() == Rate(1, 1)
    given_why = {"note": "照片为证"}
    cases.act(session, settings, case.id, "ask_appeal", given_why, by=town.handler, now=NOW)
    cases.act(session, settings, case.id, "grant_appeal", {}, by=town.desk, now=NOW)
    assert rework() == Rate(0, 1)
