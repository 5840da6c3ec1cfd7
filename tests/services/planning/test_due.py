"""What is due: points by interval and last visit, gaps, wishes; each with why, the most urgent first."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geoservice.domain.windows import Window
from geoservice.errors import BadRequest, NotFound
from geoservice.services import gap_reports, planning
from geoservice.store.scope import Scope
from tests.services.ground_kit import add_point, cover, fixes, place, receive
from tests.services.planning.conftest import MONDAY, NOW, SIDE, add_team, check_in


def reasons(found) -> dict[str, tuple]:
    return {stop.code: stop.why for stop in found.stops}


def test_points_are_due_by_their_interval_and_the_more_overdue_the_more_they_weigh(town):
    check_in(town.session, town.points["P0"], datetime(2026, 6, 7, 1, tzinfo=UTC))
    town.session.execute(
        text("UPDATE check_in SET at = at - interval '5 days' WHERE point_id = :id"),
        {"id": town.points["P1"]},
    )
    add_point(town.session, town.settings, "NEW", (10, 10))
    found = town.due()
    assert reasons(found) == {
        "P1": ("overdue", 5),
        "NEW": ("never", None),
        **{f"P{number}": ("due", "2026-06-08") for number in range(2, 9)},
    }
    weights = {stop.code: stop.weight for stop in found.stops}
    assert weights["P1"] > weights["P2"] > 0
    assert [stop.weight for stop in found.stops] == sorted(weights.values(), reverse=True)
    assert found.counts == {"overdue": 1, "never": 1, "due": 7}
    assert found.team_hours == 18
    assert found.load_hours > 8 * 10 / 60


def test_what_is_not_asked_for_and_what_lies_elsewhere_is_not_listed(town):
    assert reasons(town.due(include=planning.Include(due=False))) == {}
    east = town.due(zone_codes=("EAST",))
    assert set(reasons(east)) == {"P2", "P5", "P8"}
    few = town.due(most_stops=4)
    assert (len(few.stops), few.left_out) == (4, 5)
    later = town.due(from_on=date(2026, 6, 5), to_on=date(2026, 6, 7))
    assert reasons(later) == {}
    with pytest.raises(NotFound, match="zone_unknown"):
        town.due(zone_codes=("NOWHERE",))


def test_a_dispatcher_of_one_zone_plans_on_his_ground_only(town, engine):
    zone = town.session.scalar(text("SELECT id FROM zone WHERE code = 'EAST'"))
    with Session(
        town.session.connection(),
        join_transaction_mode="create_savepoint",
        info={"scope": Scope(zone_ids=frozenset({zone}))},
    ) as his:
        found = planning.due(his, town.settings, town.wish(), now=NOW)
    town.session.execute(text("SELECT set_config('app.everything', 'on', true)"))
    assert set(reasons(found)) == {"P2", "P5", "P8"}


def test_what_a_published_patrol_visits_before_is_not_due_again_until_it_is_missed(town):
    town.publish(town.plan())
    tuesday = {"from_on": MONDAY + timedelta(1), "to_on": MONDAY + timedelta(1)}
    found = town.due(**tuesday)
    assert (reasons(found), found.already_planned) == ({}, 9)
    missed = planning.due(
        town.session, town.settings, town.wish(**tuesday), now=datetime(2026, 6, 9, 1, tzinfo=UTC)
    )
    assert set(reasons(missed)) == set(town.points)
    assert set(reasons(missed).values()) == {("overdue", 1)}
    # The same teams on the same day are planned anew; others leave it to them.
    assert len(town.due().stops) == 9
    add_team(town.session, "C", (0, 0))
    assert town.due(team_codes=("C",)).stops == ()


def test_the_worst_gaps_are_places_to_go_to_unless_somebody_wants_them_anyway(town):
    day = date(2026, 6, 7)
    receive(
        town.session,
        town.settings,
        fixes("a", datetime(2026, 6, 7, 1, tzinfo=UTC), [0, 200], [(0, 0), (0, SIDE)]),
    )
    cover(town.session, town.settings)
    gap_reports.build(town.session, town.settings, Window(day, day), now=NOW)
    found = town.due(include=planning.Include(due=False))
    assert {stop.kind for stop in found.stops} == {"gap"}
    assert {stop.code for stop in found.stops} == {"WEST", "EAST"}
    assert found.gaps_of == (day, day)
    rows = town.session.execute(text("SELECT id, ST_AsBinary(geom) AS wkb FROM gap"))
    shapes = {f"gap:{row.id}": shapely.from_wkb(bytes(row.wkb)) for row in rows}
    for stop in found.stops:
        assert shapes[stop.key].intersects(shapely.Point(stop.lon, stop.lat).buffer(1e-9))
        assert 180 <= stop.service_s <= 1800
    first = found.stops[0]
    planning.want(
        town.session, kind="gap", lonlat=(first.lon, first.lat), from_on=MONDAY, by=None, now=NOW, label="gap"
    )
    again = town.due(include=planning.Include(due=False))
    assert first.key not in {stop.key for stop in again.stops}
    assert ("wanted", "2026-06-08") in {stop.why for stop in again.stops}


def test_a_dispatcher_of_one_zone_sees_his_plans_only(town):
    zone = town.session.scalar(text("SELECT id FROM zone WHERE code = 'EAST'"))
    by = town.session.scalar(
        text(
            "INSERT INTO app_user (login, name, password_hash, role, scope_zone_id) VALUES ('east', 'east', 'x', "
            "'dispatcher', :zone) RETURNING id"
        ),
        {"zone": zone},
    )
    everywhere, his_plan = town.ask(), town.ask(by=by)
    assert planning.ground_of(town.session, his_plan.id) == Scope(zone_ids=frozenset({zone}))
    scope = Scope(zone_ids=frozenset({zone}))
    with Session(
        town.session.connection(), join_transaction_mode="create_savepoint", info={"scope": scope}
    ) as his:
        assert [plan.id for plan in planning.recent(his)] == [his_plan.id]
        assert planning.read(his, his_plan.id).wish["within"] == zone
        with pytest.raises(NotFound, match="plan_not_found"):
            planning.read(his, everywhere.id)
        with pytest.raises(BadRequest, match="wanted_outside"):
            planning.want(
                his, kind="place", lonlat=tuple(place((100, 100))[0].tolist()), from_on=MONDAY, by=by, now=NOW
            )
        draft = planning.prepare(his, town.settings, his_plan.id, now=NOW)
        # His points only, but ways may lead over others' streets.
        assert {stop.code for stop in draft.stops} == {"P2", "P5", "P8"}
        assert len(planning.streets_of(his, draft).rows) == 14
        assert his.scalar(text("SELECT count(*) FROM street")) == 0
    town.session.execute(text("SELECT set_config('app.everything', 'on', true)"))


def test_what_is_wanted_is_asked_for_once_and_done_when_somebody_was_there(town):
    def want(**more):
        return planning.want(town.session, **more, from_on=MONDAY, by=None, now=NOW)

    lonlat = tuple(place((300, 310))[0].tolist())
    first = want(kind="point", point_id=town.points["P0"])
    assert want(kind="point", point_id=town.points["P0"]) == first
    bench = want(kind="place", lonlat=lonlat, label="bench")
    assert want(kind="place", lonlat=(lonlat[0] + 1e-5, lonlat[1])) == bench
    street = town.session.scalar(text("SELECT id FROM street WHERE code = 'H3'"))
    want(kind="street", street_id=street)
    found = town.due()
    wanted = {stop.key: stop for stop in found.stops if stop.wanted_id is not None}
    assert set(wanted) == {f"point:{town.points['P0']}", f"wanted:{bench}", f"street:{street}"}
    assert [stop.key for stop in found.stops[:3]] == sorted(
        wanted, key=lambda key: (-wanted[key].weight, wanted[key].kind)
    )
    assert wanted[f"street:{street}"].service_s == pytest.approx(SIDE / 1.2, rel=0.02)
    check_in(town.session, town.points["P0"], NOW + timedelta(hours=1))
    assert {one.id for one in planning.wanted(town.session, town.settings, now=NOW)} == {bench, bench + 1}
    # Who wants it again after somebody was there wants something new.
    again = want(kind="point", point_id=town.points["P0"])
    assert again > bench
    planning.drop_wanted(town.session, again, by=None, now=NOW)
    want(kind="point", point_id=town.points["P1"])
    check_in(town.session, town.points["P1"], NOW + timedelta(hours=1))
    assert len(planning.settle_wanted(town.session, town.settings, now=NOW)) == 1
    planning.drop_wanted(town.session, bench, by=None, now=NOW)
    assert [one.kind for one in planning.wanted(town.session, town.settings, now=NOW)] == ["street"]
    assert want(kind="place", lonlat=lonlat) > bench
    with pytest.raises(NotFound):
        planning.drop_wanted(town.session, bench, by=None, now=NOW)
