"""Whose ground is whose, against plain definitions counted day by day and step by step."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain.contracts import Holding, Term, find_breaks, nearest

START = date(2026, 1, 1)
ROLES = ("leader", "sanitation", "traffic_police")


def day(number: int | None) -> date | None:
    return None if number is None else START + timedelta(days=number)


@st.composite
def chains(draw):
    """Terms of one role on one ground, any number open at either end, and a window."""
    terms = []
    for number in range(draw(st.integers(0, 5))):
        first = draw(st.one_of(st.none(), st.integers(0, 30)))
        last = draw(st.one_of(st.none(), st.integers(1, 12)))
        end = None if last is None else (first or 0) + last
        terms.append(Term(f"leader {number}", day(first), day(end)))
    from_day = draw(st.integers(-5, 40))
    return (
        terms,
        START + timedelta(days=from_day),
        START + timedelta(days=from_day + draw(st.integers(0, 45))),
    )


def holders(terms, on):
    return sum((term.from_on or date.min) <= on < (term.to_on or date.max) for term in terms)


@given(chains())
def test_breaks_are_the_days_with_nobody_in_between_and_the_days_with_two(chain):
    terms, from_on, to_on = chain
    found = list(find_breaks(terms, from_on, to_on))
    first = min((term.from_on or date.min for term in terms), default=date.max)
    end = max((term.to_on or date.max for term in terms), default=date.min)
    empty, doubled = set(), set()
    for each in found:
        days = {each.from_on + timedelta(days=n) for n in range((each.to_on - each.from_on).days + 1)}
        assert days
        assert from_on <= each.from_on <= each.to_on <= to_on
        (empty if each.is_hole else doubled).update(days)
    for number in range((to_on - from_on).days + 1):
        on = from_on + timedelta(days=number)
        assert (on in empty) == (first <= on < end and holders(terms, on) == 0)
        assert (on in doubled) == (holders(terms, on) > 1)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(ROLES), st.integers(1, 4)), max_size=10, unique=True
    ),
    st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True),
)
def test_each_role_is_answered_from_the_nearest_ground_that_has_it(rows, path):
    holdings = {}
    for zone, role, leader in rows:
        holding = Holding(("zone", zone), f"Z{zone}", "", role, leader, f"leader {leader}")
        holdings.setdefault(holding.ground, []).append(holding)
    found = nearest([("zone", zone) for zone in path], holdings)
    for role in ROLES:
        near = next((zone for zone in path if any(z == zone and r == role for z, r, _ in rows)), None)
        expected = {(near, leader) for zone, r, leader in rows if zone == near and r == role}
        assert {(each.ground[1], each.leader_id) for each in found if each.role == role} == expected
    roles = [each.role for each in found]
    assert roles == sorted(roles, key=lambda role: (role != "leader", role))
