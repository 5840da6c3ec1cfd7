"""Who answers for a place on a day, and the ground where nobody or two do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, NotFound
from geoservice.services import coverage
from geoservice.services import responsibility as service
from tests.services.contract_kit import add_leader, add_point, add_street, contract
from tests.services.ground_kit import add_zone, place

DAY = date(2026, 6, 1)
HANDOVER = date(2026, 6, 10)


@pytest.fixture
def city(session, settings):
    """A subdistrict S of two grids, S1 (west) and S2 (east), and a grid U alone."""
    whole = add_zone(session, settings, "S", shapely.box(0, 0, 400, 200), level="street")
    return {
        "S": whole,
        "S1": add_zone(session, settings, "S1", shapely.box(0, 0, 200, 200), parent=whole),
        "S2": add_zone(session, settings, "S2", shapely.box(200, 0, 400, 200), parent=whole),
        "U": add_zone(session, settings, "U", shapely.box(1000, 0, 1200, 200)),
    }


def one(session, kind, code, on=DAY):
    (found,) = service.who_answers(session, on, kind=kind, code=code)
    return found


def said(answered):
    return [
        (answer.role, answer.name, answer.via_kind, answer.via_code, answer.direct)
        for answer in answered.answers
    ]


def test_the_nearest_contract_answers_role_by_role_and_says_through_what(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    contract(session, add_leader(session, "乙"), zone=city["S1"])
    contract(session, add_leader(session, "丙"), zone=city["S"], role="sanitation")
    assert said(one(session, "zone", "S")) == [
        ("leader", "甲", "zone", "S", True), ("sanitation", "丙", "zone", "S", True)
    ]  # fmt: skip
    assert said(one(session, "zone", "S1")) == [
        ("leader", "乙", "zone", "S1", True), ("sanitation", "丙", "zone", "S", False)
    ]  # fmt: skip
    assert said(one(session, "zone", "S2")) == [
        ("leader", "甲", "zone", "S", False), ("sanitation", "丙", "zone", "S", False)
    ]  # fmt: skip
    assert said(one(session, "zone", "U")) == []


def test_a_point_s_own_contract_wins_over_its_zone_s(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    contract(session, add_leader(session, "丙"), zone=city["S1"], role="sanitation")
    own = add_point(session, "P1", [50, 50])
    add_point(session, "P2", [250, 50])
    add_point(session, "far", [5000, 5000])
    contract(session, add_leader(session, "丁"), point=own)
    assert said(one(session, "point", "P1")) == [
        ("leader", "丁", "point", "P1", True), ("sanitation", "丙", "zone", "S1", False)
    ]  # fmt: skip
    assert said(one(session, "point", "P2")) == [("leader", "甲", "zone", "S", False)]
    assert said(one(session, "point", "far")) == []


def test_a_street_is_answered_for_by_the_zones_its_pieces_lie_in_unless_it_has_its_own_contract(
    session, settings, city
):
    contract(session, add_leader(session, "甲"), zone=city["S1"])
    contract(session, add_leader(session, "乙"), zone=city["S2"])
    add_street(session, settings, "both", [(20, 100), (380, 100)])
    add_street(session, settings, "west", [(20, 50), (180, 50)])
    own = add_street(session, settings, "own", [(20, 150), (380, 150)])
    contract(session, add_leader(session, "丁"), street=own)
    assert {answer.name for answer in one(session, "street", "both").answers} == {"甲", "乙"}
    assert set(one(session, "street", "both").zone_ids) == {city["S1"], city["S2"]}
    assert said(one(session, "street", "west")) == [("leader", "甲", "zone", "S1", False)]
    assert said(one(session, "street", "own")) == [("leader", "丁", "street", "own", True)]


def test_the_day_of_the_hand_over_belongs_to_the_successor(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S1"], days=(None, HANDOVER))
    contract(session, add_leader(session, "乙"), zone=city["S1"], days=(HANDOVER, None))
    names = [
        [answer.name for answer in one(session, "zone", "S1", HANDOVER + timedelta(days=days)).answers]
        for days in (-1, 0, 1)
    ]
    assert names == [["甲"], ["乙"], ["乙"]]


def test_what_is_contracted_later_does_not_change_who_answered_before(session, settings, city):
    add_point(session, "P", [50, 50])
    add_street(session, settings, "R", [(20, 100), (380, 100)])
    contract(session, add_leader(session, "甲"), zone=city["S"])
    before = service.resolve(session, DAY)
    window = Window(DAY, DAY)
    odd = service.oddities(session, window)
    late = add_leader(session, "乙")
    contract(session, late, zone=city["S1"], days=(DAY + timedelta(days=1), None))
    contract(session, late, zone=city["U"], days=(DAY + timedelta(days=1), None))
    # A border of tomorrow does not matter either.
    session.execute(
        text("UPDATE zone_version SET valid_to = :day WHERE zone_id = :id"),
        {"day": DAY + timedelta(days=1), "id": city["S2"]},
    )
    assert service.resolve(session, DAY) == before
    after = service.oddities(session, window)
    assert (after.nobody, after.two, after.breaks) == (odd.nobody, odd.two, odd.breaks)
    assert [leader.name for leader in after.idle] == ["乙"]
    assert service.resolve(session, DAY + timedelta(days=1)) != before


def test_ground_with_nobody_with_two_and_leaders_with_nothing_are_listed(session, settings, city):
    first, second = add_leader(session, "甲"), add_leader(session, "乙")
    gone = add_leader(session, "己")
    contract(session, first, zone=city["S"])
    contract(session, second, zone=city["S"])
    contract(session, gone, zone=city["S"], days=(None, DAY))
    # Somebody for the rubbish is no leader.
    contract(session, add_leader(session, "丙"), zone=city["U"], role="sanitation")
    add_leader(session, "庚")
    alone = add_point(session, "P", [1100, 100])
    contract(session, first, point=add_point(session, "Q", [1150, 100]))
    add_street(session, settings, "R", [(1020, 50), (1180, 50)])
    odd = service.oddities(session, Window(DAY, DAY))
    assert {(each.kind, each.code) for each in odd.nobody} == {("zone", "U"), ("street", "R"), ("point", "P")}
    # The grids below share S's two leaders; S alone is said to have two.
    assert [(each.code, [leader.name for leader in each.leaders]) for each in odd.two] == [
        ("S", ["乙", "甲"])
    ]
    assert [(each.name, each.until_on) for each in odd.idle] == [("己", DAY), ("庚", None)]
    shapes = service.shapes_of(session, [*odd.nobody, *odd.two], DAY)
    assert shapes["point", alone].geom_type == "Point"
    assert shapes["zone", city["S"]].geom_type == "MultiPolygon"
    assert len(shapes) == 4


def test_days_between_two_contracts_and_days_with_both_are_breaks_of_the_chain(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S1"], days=(None, date(2026, 6, 5)))
    contract(session, add_leader(session, "乙"), zone=city["S1"], days=(date(2026, 6, 8), date(2026, 6, 20)))
    contract(session, add_leader(session, "丁"), zone=city["S1"], days=(date(2026, 6, 18), None))
    contract(session, add_leader(session, "丙"), zone=city["S1"], role="sanitation")
    found = service.chain_breaks(session, Window(date(2026, 6, 1), date(2026, 6, 30)))
    assert [
        (each.code, each.role, each.days.is_hole, each.days.from_on.day, each.days.to_on.day)
        for each in found
    ] == [("S1", "leader", True, 5, 7), ("S1", "leader", False, 18, 19)]
    assert (found[0].days.before, found[0].days.after) == ("甲", "乙")
    cut = service.chain_breaks(session, Window(date(2026, 6, 7), date(2026, 6, 18)))
    assert [(each.days.from_on.day, each.days.to_on.day) for each in cut] == [(7, 7), (18, 18)]


def test_a_place_lies_on_a_leaf_and_its_people_answer(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    lon, lat = place([300, 100])[0].tolist()
    found = service.who_answers_at(session, DAY, lon, lat)
    assert (found.code, said(found)) == ("S2", [("leader", "甲", "zone", "S", False)])
    lon, lat = place([9000, 9000])[0].tolist()
    assert service.who_answers_at(session, DAY, lon, lat) is None


def test_zones_of_coverage_name_the_same_leaders(session, settings, city):
    contract(session, add_leader(session, "甲"), zone=city["S"])
    contract(session, add_leader(session, "乙"), zone=city["S1"])
    rows = coverage.zone_coverage(session, settings, Window(DAY, DAY))
    held = service.answers(session, DAY)
    for row in rows:
        leaders = "、".join(answer.name for answer in held.for_zone(row.path) if answer.role == "leader")
        assert row.leader == (leaders or None)


def test_what_is_not_there_is_not_found(session, settings, city):
    with pytest.raises(NotFound):
        service.who_answers(session, DAY, kind="zone", code="no such")
    with pytest.raises(BadRequest):
        service.who_answers(session, DAY, kind="planet", code="S")
