"""Lists of cases: pages by key hold everything once, filters narrow, counts agree, scopes hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from geoservice.domain.cases import State
from geoservice.errors import BadRequest
from geoservice.services import cases
from geoservice.services.cases import MOST_URGENT, NEWEST, CaseFilters
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import Scope
from tests.services.cases.kit import LON, NOW, lay, new_case, walk

HOUR = timedelta(hours=1)


@pytest.fixture
def town(session, settings):
    return lay(session)


@pytest.fixture
def some(session, settings, town):
    """Eleven cases, some of them together in time, in several states."""
    made = []
    for number in range(11):
        told = {
            "kind": ("rubbish", "stall", "manhole")[number % 3],
            "title": f"第{number}处%",
            "source": "patrol",
        }
        if number % 4 == 3:
            told["lon"] = LON + 0.015
        at = NOW + HOUR * (number // 3)
        case = cases.report(session, settings, new_case(**told), by=town.reporter, now=at)
        made.append(case.id)
        if number % 2:
            walk(session, settings, town, case.id, "open", now=at)
    walk(session, settings, town, made[0], "reject")
    return made


def walked(session, settings, filters, limit):
    found, after = [], None
    while True:
        page = cases.find(session, settings, filters, after=after, limit=limit)
        assert len(page.cases) <= limit
        found += page.cases
        if page.after is None:
            return found
        after = page.after


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_pages_hold_every_case_once_in_order(session, settings, some, limit):
    newest = walked(session, settings, CaseFilters(), limit)
    assert [case.id for case in newest] == sorted(some, reverse=True)
    urgent = walked(session, settings, CaseFilters(order=MOST_URGENT), limit)
    assert {case.id for case in urgent} == set(some[1:])
    keys = [(case.due_at, case.id) for case in urgent]
    assert keys == sorted(keys)


def test_a_page_stays_where_it_is_while_new_cases_come(session, settings, town, some):
    first = cases.find(session, settings, CaseFilters(), limit=4)
    cases.report(session, settings, new_case(), by=town.reporter, now=NOW + 9 * HOUR)
    second = cases.find(session, settings, CaseFilters(), after=first.after, limit=4)
    assert [case.id for case in first.cases + second.cases] == sorted(some, reverse=True)[:8]


@pytest.mark.parametrize("key", ["", "x", "1_2", "'; --", "9" * 30, "2026-13-01_4"])
def test_a_key_nobody_gave_out_is_refused(session, settings, some, key):
    for order in (NEWEST, MOST_URGENT):
        with pytest.raises(BadRequest, match="case_page_unknown"):
            cases.find(session, settings, CaseFilters(order=order), after=key or "_")


def test_each_filter_keeps_what_it_says(session, settings, town, some):
    everything = {case.id: case for case in walked(session, settings, CaseFilters(), 50)}
    later = NOW + 2 * HOUR
    asked = {
        CaseFilters(states=frozenset({State.REPORTED})): lambda case: case.state is State.REPORTED,
        CaseFilters(kinds=("stall", "manhole")): lambda case: case.kind != "rubbish",
        CaseFilters(sources=("desk",)): lambda case: False,
        CaseFilters(department_id=town.departments["clean"]): lambda case: case.department_name == "环卫处",
        CaseFilters(leader_ids=(town.leaders["mayor"],)): lambda case: case.leader_name == "王建国",
        CaseFilters(own=(town.departments["clean"], ())): lambda case: case.department_name == "环卫处",
        CaseFilters(zone_id=town.east, zone_on=date(2026, 11, 18)): lambda case: case.zone_id == town.east,
        CaseFilters(reported_by=town.desk.account_id): lambda case: False,
        CaseFilters(overdue_at=later): lambda case: case.is_overdue(later),
        CaseFilters(from_at=NOW + HOUR, to_at=later): lambda case: NOW + HOUR <= case.reported_at < later,
        CaseFilters(recurring=True): lambda case: False,
        CaseFilters(text="20261118-0003"): lambda case: case.number == "20261118-0003",
        CaseFilters(text="第1"): lambda case: case.title.startswith("第1"),
        CaseFilters(text="%"): lambda case: True,
        CaseFilters(text="_"): lambda case: False,
    }
    for filters, keeps in asked.items():
        found = {case.id for case in walked(session, settings, filters, 50)}
        assert found == {number for number, case in everything.items() if keeps(case)}, filters
        if not filters.states:
            assert sum(cases.counts(session, filters).values()) == len(found)


def test_a_zone_holds_what_lies_below_it(session, settings, town, some):
    city = session.scalar(text("SELECT parent_id FROM zone_version WHERE zone_id = :id"), {"id": town.west})
    filters = CaseFilters(zone_id=city, zone_on=date(2026, 11, 18))
    assert len(walked(session, settings, filters, 50)) == len(some)


def test_counts_say_every_state(session, settings, some):
    counted = cases.counts(session, CaseFilters(states=frozenset({State.CLOSED})))
    assert set(counted) == set(State) and sum(counted.values()) == len(some)
    assert counted[State.REJECTED] == 1 and counted[State.CLOSED] == 0


def test_row_level_security_and_the_lists_agree_on_whose_cases_are_whose(new_database, settings):
    """Real policies: with and without the condition that the lists repeat, everybody finds the same."""
    engine = make_engine(new_database())
    with transaction(engine) as session:
        town = lay(session)
        for number in range(6):
            told = {"lon": LON + (0.002, 0.015)[number % 2], "kind": ("rubbish", "order")[number % 2]}
            by = (town.reporter, town.desk)[number // 3]
            case = cases.report(session, settings, new_case(**told), by=by, now=NOW)
            walk(session, settings, town, case.id, "open")
    scopes = {
        Scope(account_id=town.reporter.account_id): 3,
        Scope(department_id=town.departments["clean"]): 3,
        Scope(leader_id=town.leaders["mayor"]): 6,
        Scope(zone_ids=frozenset({town.east})): 3,
        Scope(zone_ids=frozenset({town.east}), department_id=town.departments["clean"]): 6,
        Scope(department_id=town.departments["police"]): 0,
        Scope(): 0,
    }
    for scope, expected in scopes.items():
        with transaction(engine, scope) as session:
            bare = set(session.scalars(text("SELECT id FROM patrol_case")))
            listed = walked(session, settings, CaseFilters(), 4)
        assert {case.id for case in listed} == bare and len(bare) == expected
    engine.dispose()
