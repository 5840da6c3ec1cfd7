"""The closed loop's table: nobody gets stuck in it, every step has an actor, and two clocks make one history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.cases import (
    ACTIVE,
    LATEST,
    REQUESTS,
    TERMINAL,
    TRANSITIONS,
    Action,
    Stage,
    State,
    Tick,
    Who,
    possible,
    request_of,
    takes_effect_at,
)

NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
PEOPLE = frozenset(Who) - {Who.SYSTEM}
ROWS = sorted(TRANSITIONS.items(), key=str)


def ways(who: frozenset[Who] = frozenset(Who)) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(State)
    for (at, action), row in TRANSITIONS.items():
        if at is not None and row.who & who:
            graph.add_edge(at, row.to, action=action)
    return graph


def test_every_state_is_reached_and_from_each_people_can_end_it():
    reached = nx.descendants(ways(), State.REPORTED) | {State.REPORTED}
    assert reached == set(State)
    by_people = ways(PEOPLE)
    for state in State:
        assert nx.descendants(by_people, state) | {state} >= {State.CLOSED}, state


def test_the_desk_alone_can_take_every_case_out_of_the_hands_of_a_handler_who_does_nothing():
    for state in (State.ASSIGNED, State.HANDLING, State.SUSPENDED):
        assert any(Who.DESK in row.who for (at, _), row in TRANSITIONS.items() if at is state)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_every_step_has_an_actor_of_flesh_and_blood(key, row):
    assert row.who & PEOPLE


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_what_is_one_of_several_is_a_field_and_names_are_told_once(key, row):
    names = [field.name for field in row.fields]
    assert len(names) == len(set(names)) and set(row.one_of) <= set(names)


def test_no_clock_is_started_twice_or_ended_unstarted_and_each_active_case_has_one():
    """Walk all ways at once: which clocks can run in each state, whatever the way there."""
    begun: dict[State, set[frozenset[Stage]]] = {state: set() for state in State}
    waiting = [(State.REPORTED, frozenset({Stage.OPEN}))]
    while waiting:
        state, running = waiting.pop()
        if running in begun[state]:
            continue
        begun[state].add(running)
        for (at, _), row in TRANSITIONS.items():
            if at is state:
                waiting.append((row.to, _after(running, row.ticks)))
    for state, sets in begun.items():
        assert len(sets) == 1, f"{state}: what runs depends on the way"
        counted = len(next(iter(sets)))
        # Suspended stands still; what is verified waits for a stamp only.
        assert counted == (state in ACTIVE - {State.SUSPENDED, State.VERIFIED}), state


def _after(running: frozenset[Stage], ticks) -> frozenset[Stage]:
    for stage, tick in ticks:
        if tick in {Tick.START, Tick.RETAKE, Tick.RESUME}:
            assert stage not in running
            running |= {stage}
        elif tick is not Tick.EXTEND:
            assert stage in running
            running -= {stage}
        else:
            assert stage in running
    return running


def test_each_request_can_be_asked_granted_and_refused_where_it_is_asked():
    for state, action in TRANSITIONS:
        kind = request_of(action)
        if kind is not None:
            for verb in ("ask", "grant", "refuse"):
                assert (state, Action(f"{verb}_{kind}")) in TRANSITIONS
    assert {request_of(action) for _, action in TRANSITIONS} == {None, *REQUESTS}


def test_what_is_over_needs_a_reason_to_begin_again():
    again = [row for (at, _), row in TRANSITIONS.items() if at in TERMINAL and row.to is not at]
    assert again
    for row in again:
        assert any(field.name == "note" for field in row.fields) and row.who == {Who.DESK}


@given(st.sampled_from(State), st.sets(st.sampled_from(Who)))
def test_what_is_possible_is_what_the_table_allows(state, who):
    listed = possible(state, frozenset(who))
    for action in Action:
        row = TRANSITIONS.get((state, action))
        assert (action in listed) == (row is not None and bool(row.who & who))


OFFSETS = st.integers(-5 * 24 * 60, 5 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(st.lists(st.tuples(st.none() | OFFSETS, st.integers(0, 600)), min_size=1, max_size=12))
def test_two_clocks_make_one_history(events):
    """Whatever phones say, steps take effect in the order of their arrival, none after it; an honest clock is believed."""
    received, last = NOON, None
    for offset, waited in events:
        received += timedelta(minutes=waited)
        told = None if offset is None else received + offset
        effect = takes_effect_at(told, received_at=received, last_at=last)
        assert effect <= received
        assert last is None or effect >= last
        if told is not None and received - LATEST <= told <= received and (last is None or told >= last):
            assert effect == told
        last = effect


@given(st.lists(st.integers(0, 600), min_size=2, max_size=8), OFFSETS)
def test_what_a_phone_sends_late_but_in_order_keeps_its_order_and_its_distances(gaps, skew):
    """A phone without a network sends all at once; nothing of what lies within reach is pushed together."""
    told = [NOON]
    for minutes in gaps:
        told.append(told[-1] + timedelta(minutes=minutes))
    received = told[-1] + abs(skew)
    last, effects = None, []
    for at in told:
        last = takes_effect_at(at, received_at=received, last_at=last)
        effects.append(last)
    assert effects == sorted(effects)
    if received - told[0] <= LATEST:
        assert effects == told
