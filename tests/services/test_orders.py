"""Orders are raised once, numbered without holes, answered by those they went to, and withdrawn with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from shapely import box
from sqlalchemy import select, text

from geoservice.domain.cases import Action
from geoservice.domain.orders import OrderKind, Rule
from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, NotAllowed
from geoservice.jobs import periodic
from geoservice.services import cases
from geoservice.services import orders as service
from geoservice.services.accounts import account_of
from geoservice.services.cases import Actor, NewCase
from geoservice.store.base import make_engine, transaction
from geoservice.store.calendars import CalendarDay
from geoservice.store.cases import CaseKind, Deputy
from geoservice.store.contracts import Contract
from geoservice.store.orders import CaseWatch, SupervisionOrder
from geoservice.store.scope import Scope
from tests.factories import add_user, add_zone
from tests.services.order_kit import KIND, MONDAY, add_department, add_kind, add_leader, assigned

HOUR = timedelta(hours=1)


def raise_at(session, settings, now: datetime) -> list[tuple[str, str, datetime]]:
    """Raise what fell due; (number, kind, instant) of each."""
    ids = service.raise_due(session, settings, now=now)
    rows = session.scalars(
        select(SupervisionOrder).where(SupervisionOrder.id.in_(ids)).order_by(SupervisionOrder.id)
    )
    return [(row.number, row.kind, row.raised_at) for row in rows]


@pytest.fixture
def department(session) -> int:
    return add_department(session)


def test_orders_come_as_the_deadline_passes_each_once(session, settings, department):
    assigned(session, settings, "A1", department_id=department)
    assert raise_at(session, settings, MONDAY + 6 * HOUR) == []
    first = raise_at(session, settings, MONDAY + 12 * HOUR)
    assert first == [
        ("督2026-0001", "reminder", MONDAY + 7 * HOUR),
        ("督2026-0002", "green", MONDAY + 10 * HOUR),
    ]
    assert raise_at(session, settings, MONDAY + 12 * HOUR) == []
    later = raise_at(session, settings, MONDAY + 500 * HOUR)
    assert later == [
        ("督2026-0003", "yellow", MONDAY + 15 * HOUR),
        ("督2026-0004", "red", MONDAY + 20 * HOUR),
    ]


def test_a_minute_without_anything_due_looks_at_no_case(session, settings, department):
    case = assigned(session, settings, "A1", department_id=department)
    raise_at(session, settings, MONDAY + HOUR)
    look = select(CaseWatch.look_at).where(CaseWatch.case_id == case.id)
    assert session.scalar(look) == MONDAY + 7 * HOUR
    case.take(Action.ACCEPT, MONDAY + HOUR).take(Action.REPLY, MONDAY + 2 * HOUR)
    assert session.scalar(look) < MONDAY
    raise_at(session, settings, MONDAY + 3 * HOUR)
    assert session.scalar(look) is None


def test_a_change_of_rules_or_calendar_lets_every_running_case_be_looked_at_again(
    session, settings, department
):
    case = assigned(session, settings, "A1", department_id=department)
    look = select(CaseWatch.look_at).where(CaseWatch.case_id == case.id)
    raise_at(session, settings, MONDAY + HOUR)
    rules = service.current_rules(session)
    sooner = replace(rules[OrderKind.REMINDER], elapsed=0.5)
    changed = service.save_rules(
        session, {**rules, OrderKind.REMINDER: sooner}, by=None, now=MONDAY + 6 * HOUR
    )
    assert changed == [OrderKind.REMINDER]
    # Half of the time had passed before the rule held: it falls due when the rule begins to.
    assert raise_at(session, settings, MONDAY + 6.5 * HOUR) == [
        ("督2026-0001", "reminder", MONDAY + 6 * HOUR)
    ]
    assert raise_at(session, settings, MONDAY + 7.5 * HOUR) == []
    session.execute(text("UPDATE case_watch SET look_at = 'infinity'"))
    session.add(CalendarDay(on_day=date(2026, 3, 20), working=False, name="", set_at=MONDAY))
    session.flush()
    raise_at(session, settings, MONDAY + 8 * HOUR)
    assert session.scalar(look) == MONDAY + 10 * HOUR


def test_two_yellows_of_a_quarter_make_a_red_and_three_reds_a_talk(session, settings, department):
    add_leader(session, "OL1", "孙立", department)
    for number in range(6):
        case = assigned(session, settings, f"A{number}", MONDAY + number * HOUR, department_id=department)
        case.take(Action.ACCEPT, MONDAY + (number + 1) * HOUR).take(
            Action.REPLY, MONDAY + (number + 2) * HOUR
        )
        case.take(Action.REWORK, MONDAY + (number + 3) * HOUR).take(
            Action.REPLY, MONDAY + (number + 4) * HOUR
        )
    found = raise_at(session, settings, MONDAY + 100 * HOUR)
    kinds = [kind for _, kind, _ in found]
    assert (kinds.count("yellow"), kinds.count("red"), kinds.count("talk")) == (6, 3, 1)
    assert [at for _, kind, at in found if kind == "red"] == [
        MONDAY + (hour + 3) * HOUR for hour in (1, 3, 5)
    ]
    talk = session.scalars(select(SupervisionOrder).where(SupervisionOrder.kind == "talk")).one()
    assert (talk.cause, talk.case_id, talk.raised_at) == (
        f"department {department} talk 1",
        None,
        MONDAY + 8 * HOUR,
    )
    assert [(one["step"], one["name"]) for one in talk.recipients] == [
        ("department", "区市容环卫局"),
        ("leader", "孙立"),
    ]
    assert raise_at(session, settings, MONDAY + 101 * HOUR) == []


def test_a_withdrawn_yellow_makes_no_red(session, settings, department):
    desk = account_of(session, add_user(session, "odesk", Role.DISPATCHER))
    for number, start in enumerate((0, 48)):
        case = assigned(session, settings, f"A{number}", MONDAY + start * HOUR, department_id=department)
        case.take(Action.ACCEPT, case.row.assigned_at + HOUR).take(
            Action.REPLY, case.row.assigned_at + 2 * HOUR
        )
        case.take(Action.REWORK, case.row.assigned_at + 3 * HOUR).take(
            Action.REPLY, case.row.assigned_at + 4 * HOUR
        )
        found = raise_at(session, settings, MONDAY + (start + 5) * HOUR)
        assert [kind for _, kind, _ in found] == ["yellow"]
        if number == 0:
            order_id = session.scalars(select(SupervisionOrder.id)).one()
            with pytest.raises(BadRequest):
                service.withdraw(session, settings, order_id, " ", by=desk, now=MONDAY + 6 * HOUR)
            service.withdraw(session, settings, order_id, "照片补齐", by=desk, now=MONDAY + 6 * HOUR)


def test_more_time_moves_what_has_not_fallen_due_and_leaves_what_has(session, settings, department):
    case = assigned(session, settings, "A1", department_id=department).take(Action.ACCEPT, MONDAY)
    case.take(Action.GRANT_POSTPONE, MONDAY + 8 * HOUR, limit=10)
    assert raise_at(session, settings, MONDAY + 19 * HOUR) == [("督2026-0001", "reminder", MONDAY + 7 * HOUR)]
    assert raise_at(session, settings, MONDAY + 21 * HOUR) == [("督2026-0002", "green", MONDAY + 20 * HOUR)]


def test_a_scheduler_in_small_bites_raises_the_same(session, settings, department):
    for number in range(12):
        assigned(session, settings, f"A{number:02}", MONDAY + number * HOUR, department_id=department)
    now = MONDAY + 18 * HOUR
    while session.scalar(select(CaseWatch.case_id).where(CaseWatch.look_at <= now).limit(1)):
        service.raise_due(session, settings, now=now, most=5)
    rows = session.scalars(select(SupervisionOrder).order_by(SupervisionOrder.number)).all()
    assert [row.number for row in rows] == [f"督2026-{number:04d}" for number in range(1, len(rows) + 1)]
    reds = [row for row in rows if row.kind == "red"]
    yellows = sorted(row.raised_at for row in rows if row.kind == "yellow")
    assert len(yellows) == 4
    assert [row.raised_at for row in reds] == yellows[1::2]
    assert list(periodic.orders(session, settings, now)) == []


def test_it_goes_to_the_department_the_leader_his_deputy_and_who_answers_above(session, settings):
    levels = (
        ("district", "440399", "明湖区"),
        ("street", "440399001", "桂园街道"),
        ("grid", "440399001001", "桂园01网格"),
    )
    zones = []
    for level, code, name in levels:
        zones.append(
            add_zone(session, level, code, name, box(114, 22, 114.01, 22.01), zones[-1] if zones else None)
        )
    mine, above, deputy = (
        add_leader(session, f"OL{n}", name) for n, name in enumerate(("王建国", "周正", "吴代"))
    )
    session.add(Contract(leader_id=above, role="leader", zone_id=zones[0].zone_id))
    session.add(Contract(leader_id=mine, role="leader", zone_id=zones[1].zone_id))
    session.add(
        Deputy(leader_id=mine, deputy_id=deputy, valid_from=date(2026, 3, 1), valid_to=date(2026, 4, 1))
    )
    session.flush()
    department = add_department(session)
    handler = add_user(session, "ohand", Role.HANDLER, department_id=department)
    assigned(
        session,
        settings,
        "A1",
        department_id=department,
        leader_id=mine,
        zone_id=zones[2].zone_id,
        handler_id=handler,
    )
    raise_at(session, settings, MONDAY + 20 * HOUR)
    rows = {row.kind: row for row in session.scalars(select(SupervisionOrder))}
    assert [one["name"] for one in rows["reminder"].recipients] == ["区市容环卫局"]
    assert [one["name"] for one in rows["green"].recipients] == ["区市容环卫局", "王建国", "吴代"]
    assert [one["name"] for one in rows["red"].recipients] == ["区市容环卫局", "王建国", "吴代", "周正"]
    assert rows["green"].recipients[2]["stands_in_for"] == "王建国"
    paper = rows["red"].document
    assert paper["city"] == "明湖区"
    assert paper["case"]["zones"] == ["明湖区", "桂园街道", "桂园01网格"]
    assert paper["case"]["handler"] == "用户 ohand"
    assert rows["red"].reply_due_at > rows["red"].made_at


def test_those_it_went_to_see_sign_and_answer_it_and_nobody_else(session, settings, engine, department):
    handler = account_of(session, add_user(session, "ohand", Role.HANDLER, department_id=department))
    other = account_of(
        session,
        add_user(session, "ohand2", Role.HANDLER, department_id=add_department(session, "OD2", "别处")),
    )
    mate = account_of(session, add_user(session, "ohand3", Role.HANDLER, department_id=department))
    assigned(session, settings, "A1", department_id=department)
    (order_id,) = service.raise_due(session, settings, now=MONDAY + 8 * HOUR)
    now = MONDAY + 9 * HOUR
    assert [view.id for view in service.mine(session, handler)] == [order_id]
    assert service.mine(session, other) == []
    with pytest.raises(NotAllowed):
        service.receipt(session, settings, order_id, by=other, now=now)
    assert service.receipt(session, settings, order_id, by=handler, now=now).state == "received"
    assert service.receipt(session, settings, order_id, by=handler, now=now + HOUR).received_at == now
    with pytest.raises(Conflict) as met:
        service.receipt(session, settings, order_id, by=mate, now=now)
    assert (met.value.code, met.value.values["name"]) == ("order_received_already", handler.name)
    with pytest.raises(BadRequest):
        service.reply(session, settings, order_id, "  ", by=handler, now=now)
    assert service.reply(session, settings, order_id, "已清理", by=handler, now=now).state == "replied"
    assert service.reply(session, settings, order_id, "已清理", by=handler, now=now + HOUR).replied_at == now
    with pytest.raises(Conflict):
        service.reply(session, settings, order_id, "另说", by=mate, now=now)
    assert service.mine(session, handler, open_only=True) == []


def test_row_level_security_shows_an_order_to_its_department_and_those_it_names(new_database, settings):
    engine = make_engine(new_database())
    with transaction(engine) as session:
        department = add_department(session)
        named = add_leader(session, "OL1", "孙立", department)
        assigned(session, settings, "A1", department_id=department, leader_id=named)
        service.raise_due(session, settings, now=MONDAY + 11 * HOUR)
    for scope, seen in (
        (Scope(department_id=department), 2),
        (Scope(leader_id=named), 2),
        (Scope(department_id=department + 1, leader_id=named + 1), 0),
    ):
        with transaction(engine, scope) as session:
            assert len(session.scalars(select(SupervisionOrder.id)).all()) == seen
    engine.dispose()


def test_a_preview_counts_what_other_rules_would_have_raised_and_writes_nothing(
    session, settings, department
):
    for number in range(3):
        assigned(session, settings, f"A{number}", MONDAY + number * HOUR, department_id=department)
    now = MONDAY + 9.5 * HOUR
    raise_at(session, settings, now)
    rules = service.current_rules(session)
    wanted = {**rules, OrderKind.GREEN: replace(rules[OrderKind.GREEN], elapsed=0.8)}
    seen = service.preview(session, settings, wanted, now=now)
    assert (seen.now, seen.then) == ({OrderKind.REMINDER: 3}, {OrderKind.REMINDER: 3, OrderKind.GREEN: 2})
    assert seen.at_once == {OrderKind.GREEN: 2}
    assert service.current_rules(session) == rules
    service.save_rules(session, wanted, by=None, now=now)
    assert [kind for _, kind, _ in raise_at(session, settings, now + timedelta(minutes=1))] == [
        "green",
        "green",
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"elapsed": float("nan")}, "order_rule_share"),
        ({"elapsed": -1}, "order_rule_share"),
        ({"reworks": 0}, "order_rule_reworks"),
        ({"elapsed": None}, "order_rule_empty"),
        ({"recipients": ()}, "order_rule_recipients"),
        ({"reply_hours": 0}, "order_rule_reply"),
    ],
)
def test_a_rule_without_sense_is_refused_and_nothing_changes(session, change, code):
    rules = service.current_rules(session)
    with pytest.raises(BadRequest) as met:
        service.save_rules(session, {**rules, OrderKind.GREEN: replace(rules[OrderKind.GREEN], **change)}, by=None, now=MONDAY)  # fmt: skip
    assert met.value.code == code


def test_the_defaults_are_those_that_are_promised(session):
    rules = service.current_rules(session)
    assert {kind: (rule.elapsed, rule.reworks) for kind, rule in rules.items()} == {
        OrderKind.REMINDER: (0.7, None), OrderKind.GREEN: (1.0, None), OrderKind.YELLOW: (1.5, 1),
        OrderKind.RED: (2.0, 2), OrderKind.TALK: (None, None),
    }  # fmt: skip
    assert rules[OrderKind.TALK] == Rule(
        OrderKind.TALK, None, None, rules[OrderKind.TALK].repeats, rules[OrderKind.TALK].recipients, 24.0
    )


def test_what_the_services_of_cases_do_to_the_clocks_is_what_orders_follow_from(
    session, settings, department
):
    """The whole way: reported, opened, assigned, more time, rested, answered, sent back; none of it put into the tables by hand."""
    add_kind(session)
    session.get(CaseKind, KIND).photo_needed = False
    desk = Actor.of(account_of(session, add_user(session, "odesk", Role.DISPATCHER)))
    hand = Actor.of(account_of(session, add_user(session, "ohand", Role.HANDLER, department_id=department)))
    at = [MONDAY + hour * HOUR for hour in range(200)]
    case = cases.report(
        session, settings, NewCase(KIND, "占道", "", 114.05, 22.53, at=at[0]), by=desk, now=at[0]
    )

    def act(name: str, hour: int, by: Actor, **given: object) -> None:
        cases.act(session, settings, case.id, name, given, by=by, now=at[hour])

    act("open", 0, desk)
    act("assign", 1, desk, department_id=department)
    act("accept", 2, hand)
    act("ask_postpone", 5, hand, limit=10, note="等材料")
    act("grant_postpone", 9, desk)
    act("ask_suspend", 10, hand, note="等批复", until=(at[60]).date())
    act("grant_suspend", 11, desk)
    act("resume", 31, desk)
    act("reply", 43, hand, note="好了")
    act("rework", 50, desk, note="没好")
    found = raise_at(session, settings, at[199])
    # Ten hours are 1 to 11, 70 % of them are gone at 8. Twenty since 9, of which 20 rest; 7 more wait to be looked at. The two
    # yellows make the first red.
    assert sorted((round((due - MONDAY) / HOUR, 3), kind) for _, kind, due in found) == [
        (8, "reminder"), (41, "green"), (50, "yellow"), (58, "red"), (58, "yellow"), (68, "red"),
    ]  # fmt: skip
