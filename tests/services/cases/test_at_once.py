"""Two people at once, each on a connection of his own: one acts, the other waits and is told what was done."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from geoservice.domain.cases import Action, State
from geoservice.errors import Conflict, GeoServiceError
from geoservice.services import cases, orders
from geoservice.store.base import make_engine, transaction
from tests.services.cases.kit import NOW, lay, new_case, walk


@pytest.fixture
def engine(new_database):
    engine = make_engine(new_database())
    yield engine
    engine.dispose()


def both(engine, *acts):
    """Run each act in a transaction and thread of its own, all of them begun before any acts; return what came of each."""
    ready, came = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, work):
        try:
            with transaction(engine) as session:
                session.connection()
                ready.wait(10)
                came[number] = work(session)
        except GeoServiceError as error:
            came[number] = error

    threads = [threading.Thread(target=run, args=one) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


def test_one_acts_and_the_other_is_told(engine, settings):
    with transaction(engine) as session:
        town = lay(session)
        case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)

    def step(action):
        return lambda session: cases.act(
            session,
            settings,
            case.id,
            action,
            {"note": "x"},
            by=town.desk,
            now=NOW,
            row_version=case.row_version,
        )

    came = both(engine, step("open"), step("reject"))
    (lost,) = [each for each in came if isinstance(each, Conflict)]
    (won,) = [each for each in came if isinstance(each, cases.CaseView)]
    assert lost.code == ("case_changed_open" if won.state is State.ASSIGNED else "case_changed_reject")
    assert lost.values["who"] == town.desk.name
    with transaction(engine) as session:
        steps = cases.read(session, settings, case.id, by=town.desk, now=NOW).steps
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert len([step for step in steps if step.action in {Action.OPEN, Action.REJECT}]) == 1


def test_what_two_requests_of_one_phone_bring_is_one_case_and_one_step(engine, settings):
    with transaction(engine) as session:
        town = lay(session)
    new = new_case(client_uuid=UUID(int=5))
    came = both(
        engine, *[lambda session: cases.report(session, settings, new, by=town.reporter, now=NOW)] * 3
    )
    assert len({case.id for case in came}) == 1
    with transaction(engine) as session:
        walk(session, settings, town, came[0].id, "open")
    accept = lambda session: cases.act(  # noqa: E731
        session, settings, came[0].id, "accept", {}, by=town.handler, now=NOW, client_uuid=UUID(int=6)
    )
    assert {each.state for each in both(engine, accept, accept, accept)} == {State.HANDLING}


def test_who_acts_is_waited_for_by_nobody_who_raises_orders_or_refers_to_a_department(engine, settings):
    with transaction(engine) as session:
        town = lay(session)
        case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
    with transaction(engine) as acting:
        assigned = cases.act(acting, settings, case.id, "open", {}, by=town.desk, now=NOW)
        assert assigned.department_id == town.departments["clean"]
        with transaction(engine) as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            session.execute(text("SELECT id FROM department FOR KEY SHARE"))
            # Nothing was ever looked at, so all cases are to be looked at anew; which is put off until nobody acts.
            assert orders.raise_due(session, settings, now=NOW) == []
    late = NOW + timedelta(days=5)
    with transaction(engine) as session:
        assert len(orders.raise_due(session, settings, now=late)) >= 4


def test_numbers_are_given_out_once(engine, settings):
    with transaction(engine) as session:
        town = lay(session)
    report = lambda session: cases.report(session, settings, new_case(), by=town.reporter, now=NOW)  # noqa: E731
    came = both(engine, *[report] * 5)
    assert sorted(case.number for case in came) == [f"20261118-{number:04d}" for number in range(1, 6)]


def test_a_reply_and_a_calendar_change_do_not_lose_each_other(engine, settings):
    with transaction(engine) as session:
        town = lay(session)
        case = cases.report(session, settings, new_case(), by=town.reporter, now=NOW)
        walk(session, settings, town, case.id, "open", "accept")
    came = both(
        engine,
        lambda session: walk(session, settings, town, case.id, "reply"),
        lambda session: cases.put_shifts(session, settings, ((540, 1080),), by=town.desk, now=NOW),
    )
    assert not [each for each in came if isinstance(each, Exception)]
    with transaction(engine) as session:
        detail = cases.read(session, settings, case.id, by=town.desk, now=NOW)
        running = [clock for clock in detail.clocks if clock.ended_at is None]
        assert detail.view.state is State.REPLIED
        assert detail.view.due_at == running[0].due_at
        # Counted by the new shifts whoever came first: started before them, it was moved; after them, it began with them.
        assert cases.recount_deadlines(session, settings, by=town.desk, now=NOW) == []
