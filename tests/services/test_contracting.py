"""Contracts by hand: made, ended, handed over; deputies, roles, departments; who answers at a place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.contracts import Holding, StandIn, with_deputies
from geoservice.errors import BadRequest, Conflict, NotFound
from geoservice.services import (
    contract_words,
    contracting,
    deputies,
    handing_over,
    organisation,
    responsibility,
    role_holes,
    who,
)
from geoservice.services.deputies import NewDeputy
from geoservice.services.handing_over import Wanted
from geoservice.store import areas, contract_list, row_changes
from tests.services.contract_kit import add_leader, add_point, add_street, contract
from tests.services.ground_kit import add_zone, place

DAY = date(2026, 6, 1)
LATER = date(2026, 6, 10)


@pytest.fixture
def ground(session, settings):
    return {
        "S1": add_zone(session, settings, "S1", shapely.box(0, 0, 200, 200)),
        "S2": add_zone(session, settings, "S2", shapely.box(200, 0, 400, 200)),
    }


def names(session, code, on, kind="zone"):
    (found,) = responsibility.who_answers(session, on, kind=kind, code=code)
    return {(answer.role, answer.name, answer.stands_in_for) for answer in found.answers}


def add(session, leader, kind, code, days=("", ""), role="leader"):
    words = {"leader": leader, "kind": kind, "code": code, "role": role, "from": days[0], "to": days[1]}
    return contracting.add_contract(session, contract_words.told_contract(session, words), by=None)


def test_a_contract_is_made_by_words_and_holds_on_its_last_day(session, ground):
    add_leader(session, "甲")
    add(session, "甲", "zone", "S1", ("2026-06-01", "2026-06-10"))
    add(session, "L-甲", "zone", "S2", role="sanitation")
    assert names(session, "S1", LATER) == {("leader", "甲", "")}
    assert names(session, "S1", LATER + timedelta(1)) == set()
    assert names(session, "S2", DAY) == {("sanitation", "甲", "")}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"from": "2026-06-10", "to": "2026-06-09"}, "contract_reversed"),
        ({"from": "June"}, "day_unreadable"),
        ({"leader": "乙"}, "person_unknown"),
        ({"leader": ""}, "field_needed"),
        ({"leader": "同名"}, "person_ambiguous"),
        ({"code": "nowhere"}, "ground_code_unknown"),
        ({"kind": "moon"}, "unknown_ground_kind"),
        ({"role": "king"}, "contract_role_unknown"),
    ],
)
def test_what_can_not_be_says_why_and_writes_nothing(session, ground, words, code):
    add_leader(session, "甲")
    session.execute(text("INSERT INTO leader (code, name) VALUES ('x', '同名'), ('y', '同名')"))
    given_words = {"leader": "甲", "kind": "zone", "code": "S1", **words}
    with pytest.raises((BadRequest, NotFound)) as refused:
        contracting.add_contract(session, contract_words.told_contract(session, given_words), by=None)
    assert refused.value.code == code
    assert session.scalar(text("SELECT count(*) FROM contract")) == 0


def test_a_zone_code_that_two_levels_share_is_told_with_its_level(session, settings, ground):
    add_zone(session, settings, "S1", shapely.box(0, 0, 400, 200), level="street")
    with pytest.raises(BadRequest, match="ground_code_shared"):
        contract_words.told_ground(session, "zone", "S1")
    assert contract_words.told_ground(session, "zone", "grid:S1") == ground["S1"]


def test_a_contract_ends_where_it_is_told_and_only_earlier(session, ground):
    add_leader(session, "甲")
    one = add(session, "甲", "zone", "S1", ("2026-06-01", "2026-06-30"))
    seen = contracting.seen_of(contracting.read_contract(session, one, DAY))
    with pytest.raises(BadRequest, match="contract_reversed"):
        contracting.end_contract(session, one, DAY - timedelta(1), by=None)
    with pytest.raises(Conflict, match="contract_over"):
        contracting.end_contract(session, one, date(2026, 7, 1), by=None)
    contracting.end_contract(session, one, LATER, by=None, seen=seen)
    assert names(session, "S1", LATER) and not names(session, "S1", LATER + timedelta(1))
    with pytest.raises(Conflict, match="setup_changed_meanwhile"):
        contracting.end_contract(session, one, DAY, by=None, seen=seen)


def test_history_tells_every_contract_and_every_change(session, ground):
    row_changes.sign(session, None)
    add_leader(session, "甲")
    one = add(session, "甲", "zone", "S1", ("2026-06-01", ""))
    contracting.end_contract(session, one, LATER, by=None)
    gone = add(session, "甲", "zone", "S1", ("2027-01-01", ""))
    contracting.remove_contract(session, gone, by=None)
    notes = contract_list.notes_of_ground(session, "zone", ground["S1"])
    assert [note.action for note in notes] == ["delete", "insert", "update", "insert"]
    assert (notes[2].before["until"], notes[2].after["until"]) == (None, "2026-06-11")
    assert notes[0].after is None and notes[1].before is None and notes[1].after["from"] == "2027-01-01"
    assert [row.id for row in contract_list.contracts_of_ground(session, "zone", ground["S1"], DAY)] == [one]


span = st.tuples(st.none() | st.integers(0, 12), st.none() | st.integers(1, 14)).filter(
    lambda pair: None in pair or pair[0] < pair[1]
)


@given(span, st.lists(span, max_size=4))
def test_free_spans_are_the_days_nobody_has(whole, taken):
    def as_days(pair):
        return tuple(None if n is None else DAY + timedelta(n) for n in pair)

    def holds(pair, n):
        return (pair[0] is None or pair[0] <= n) and (pair[1] is None or n < pair[1])

    free = handing_over.free_spans(as_days(whole), [as_days(each) for each in taken])
    for n in range(-2, 17):
        day = DAY + timedelta(n)
        expected = holds(whole, n) and not any(holds(each, n) for each in taken)
        assert sum(holds(pair, day) for pair in free) == expected


SPANS = [
    ("", ""),
    ("2026-05-01", ""),
    ("2026-05-01", "2026-06-05"),
    ("2026-05-01", "2026-06-20"),
    ("2026-07-01", ""),
]


@pytest.mark.parametrize("theirs", [None, ("2026-06-15", "2026-06-25"), ("", "")])
@pytest.mark.parametrize("days", SPANS)
def test_a_hand_over_changes_nothing_before_the_day_and_leaves_no_hole_after_it(
    session, ground, days, theirs
):
    giver, taker = add_leader(session, "甲"), add_leader(session, "乙")
    add(session, "甲", "zone", "S1", days)
    add(session, "甲", "zone", "S2", ("", "2026-06-10"), role="sanitation")
    if theirs:
        add(session, "乙", "zone", "S1", theirs)
    days_looked_at = [date(2026, 5, 28) + timedelta(n) for n in range(45)]
    before = {on: [names(session, code, on) for code in ("S1", "S2")] for on in days_looked_at}
    wanted = Wanted(giver, taker, LATER)
    shown = handing_over.preview(session, wanted)
    assert {on: [names(session, code, on) for code in ("S1", "S2")] for on in days_looked_at} == before
    done = handing_over.hand_over(session, wanted, by=None, digest=shown.digest)
    assert done.moves == shown.moves
    for on in days_looked_at:
        now = [names(session, code, on) for code in ("S1", "S2")]
        if on < LATER:
            assert now == before[on]
        else:
            assert now == [{(role, "乙", "") for role, _, _ in answers} for answers in before[on]]
    with pytest.raises(BadRequest, match="hand_over_nothing"):
        handing_over.preview(session, wanted)


def test_chosen_contracts_alone_go_over_and_a_stale_preview_is_refused(session, ground):
    giver, taker = add_leader(session, "甲"), add_leader(session, "乙")
    one, other = (add(session, "甲", "zone", code) for code in ("S1", "S2"))
    wanted = Wanted(giver, taker, LATER, frozenset({one}))
    shown = handing_over.preview(session, wanted)
    contracting.end_contract(session, one, date(2026, 8, 1), by=None)
    with pytest.raises(Conflict, match="hand_over_changed"):
        handing_over.hand_over(session, wanted, by=None, digest=shown.digest)
    handing_over.hand_over(session, wanted, by=None)
    assert names(session, "S1", LATER) == {("leader", "乙", "")}
    assert names(session, "S2", LATER) == {("leader", "甲", "")}
    with pytest.raises(Conflict, match="hand_over_moved_on"):
        handing_over.preview(session, Wanted(giver, taker, LATER, frozenset({one, other})))
    with pytest.raises(BadRequest, match="hand_over_to_himself"):
        handing_over.preview(session, Wanted(giver, giver, LATER))


def test_a_deputy_answers_beside_the_absent_one_and_sees_his_ground_on_these_days_only(session, ground):
    chief, deputy, third = (add_leader(session, name) for name in "甲乙丙")
    contract(session, chief, zone=ground["S1"])
    contract(session, deputy, zone=ground["S2"])
    deputies.add_deputy(session, NewDeputy(chief, deputy, DAY, LATER, "开会"), by=None)
    deputies.add_deputy(session, NewDeputy(deputy, third, LATER, LATER), by=None)
    both = {("leader", "甲", ""), ("leader", "乙", "甲")}
    assert [names(session, "S1", on) for on in (DAY, LATER - timedelta(1))] == [both, both]
    # Whoever stands in for a deputy answers for all that the deputy does.
    assert names(session, "S1", LATER) == both | {("leader", "丙", "甲")}
    assert names(session, "S1", LATER + timedelta(1)) == {("leader", "甲", "")}
    assert areas.contracted_ground(session, deputy, DAY).zone_ids == set(ground.values())
    assert areas.contracted_ground(session, deputy, LATER + timedelta(1)).zone_ids == {ground["S2"]}
    assert areas.contracted_ground(session, third, LATER).zone_ids == set(ground.values())
    # Two who answer because one is away are no two leaders of the same ground.
    assert responsibility.two_leaders(responsibility.resolve(session, DAY)) == ()


def test_deputies_that_can_not_be_are_refused_and_an_ended_one_stops(session, ground):
    chief, deputy = add_leader(session, "甲"), add_leader(session, "乙")
    contract(session, chief, zone=ground["S1"])
    row = deputies.add_deputy(session, NewDeputy(chief, deputy, DAY, LATER), by=None)
    for new, code in (
        (NewDeputy(chief, chief, DAY, LATER), "deputy_of_himself"),
        (NewDeputy(chief, deputy, LATER, DAY), "contract_reversed"),
        (NewDeputy(chief, deputy, LATER, LATER), "deputy_already"),
        (NewDeputy(chief, 999_999, DAY, LATER), "person_unknown"),
    ):
        with pytest.raises((BadRequest, Conflict, NotFound), match=code):
            deputies.add_deputy(session, new, by=None)
    deputies.end_deputy(session, row, DAY, by=None)
    assert len(names(session, "S1", DAY)) == 2 and len(names(session, "S1", DAY + timedelta(1))) == 1
    with pytest.raises(Conflict, match="deputy_over"):
        deputies.end_deputy(session, row, DAY, by=None)


def test_stand_ins_end_even_where_people_stand_in_for_each_other():
    holding = Holding(("zone", 1), "S1", "", "leader", 1, "甲")
    ring = [StandIn(1, 2, "乙"), StandIn(2, 3, "丙"), StandIn(3, 1, "甲")]
    assert [each.leader_name for each in with_deputies([holding], ring)] == ["甲", "乙", "丙"]


def test_who_is_here_names_point_street_and_zone_with_why(session, settings, ground):
    for name, kind, code in (("甲", "zone", "S1"), ("乙", "street", "R"), ("丙", "point", "P")):
        add_leader(session, name)
        if kind == "street":
            add_street(session, settings, "R", [(0, 110), (200, 110)])
        if kind == "point":
            add_point(session, "P", [50, 100])
        add(session, name, kind, code)
    here = tuple(place([55, 100])[0].tolist())
    found = who.who_is_here(session, settings, DAY, here)
    assert [(each.kind, each.code) for each in found.grounds] == [
        ("point", "P"),
        ("street", "R"),
        ("zone", "S1"),
    ]
    assert found.grounds[0].distance_m == pytest.approx(5, abs=0.2)
    assert found.grounds[1].distance_m == pytest.approx(10, abs=0.2)
    assert {(person.name, person.via_kind, person.direct) for person in found.people} == {
        ("甲", "zone", True), ("乙", "street", True), ("丙", "point", True)
    }  # fmt: skip
    far = who.who_is_here(session, settings, DAY, tuple(place([150, 20])[0].tolist()))
    assert [person.name for person in far.people] == ["甲"]
    assert who.who_is_here(session, settings, DAY, (0.0, 0.0)).grounds == ()
    with pytest.raises(BadRequest):
        who.who_is_here(session, settings, DAY, (22.5, 114.0))


def test_roles_that_nobody_holds_on_key_ground_are_holes(session, settings, ground):
    add_leader(session, "甲")
    add_leader(session, "乙")
    add_point(session, "P", [50, 100])
    add_point(session, "other", [60, 100])
    add(session, "甲", "point", "P")
    add(session, "乙", "zone", "S1", role="sanitation")
    (row,) = role_holes.key_grounds(session, DAY)
    assert (row.code, row.held["sanitation"][0].direct) == ("P", False)
    assert set(row.holes) == {"traffic_police", "urban_management", "market_regulation", "community_cadre"}


def test_roles_are_added_renamed_and_removed_only_while_nobody_holds_them(session, ground):
    add_leader(session, "甲")
    organisation.add_role(session, "fire_service", "消防", "", by=None)
    add(session, "甲", "zone", "S1", role="fire_service")
    organisation.rename_role(session, "fire_service", "消防救援", "Fire service", by=None)
    assert ("fire_service", "消防救援", "Fire service", 1) in {
        (row.code, row.name_zh, row.name_en, row.contracts) for row in organisation.list_roles(session)
    }
    for code, refusal in (
        ("fire_service", "role_in_use"),
        ("leader", "role_of_leaders_stays"),
        ("x", "role_not_there"),
    ):
        with pytest.raises((Conflict, NotFound), match=refusal):
            organisation.remove_role(session, code, by=None)
    session.execute(text("DELETE FROM contract"))
    organisation.remove_role(session, "fire_service", by=None)
    with pytest.raises(BadRequest, match="role_code_unreadable"):
        organisation.add_role(session, "消防", "消防", "", by=None)


def test_departments_hold_leaders_and_their_telephone_numbers(session):
    department = organisation.add_department(session, "D9", "城管局", by=None)
    leader = organisation.add_leader(
        session, {"code": "L9", "name": "甲", "department_id": "D9", "phone": "0755 123"}, by=None
    )
    add_leader(session, "乙")
    organisation.rename_department(session, department, "城市管理局", by=None)
    first, rest = organisation.list_departments(session)
    assert (first.name, [each.name for each in first.leaders]) == ("城市管理局", ["甲"])
    assert (rest.id, [each.name for each in rest.leaders]) == (None, ["乙"])
    organisation.change_leader(session, leader, {"department_id": "", "phone": ""}, by=None)
    assert len(organisation.list_departments(session)[-1].leaders) == 2
    for words, code in (
        ({"phone": "call me"}, "phone_unreadable"),
        ({"department_id": "D8"}, "department_unknown"),
    ):
        with pytest.raises((BadRequest, NotFound), match=code):
            organisation.change_leader(session, leader, words, by=None)
    with pytest.raises(Conflict, match="department_code_taken"):
        organisation.add_department(session, "D9", "x", by=None)
