"""Points in a window, held against a plain count of the same visits and check-ins; what zones and past windows make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.windows import Period, Window
from geoservice.services.check_ins import NewCheckIn, record
from geoservice.services.points import (
    PointState,
    has_point_data,
    point_rows,
    point_totals,
    zone_points,
)
from geoservice.store.point_visits import zones_of_points
from geoservice.store.scope import Scope, scope_settings
from tests.services.ground_kit import add_point, add_zone, cover, fixes, receive

SHANGHAI = ZoneInfo("Asia/Shanghai")
WINDOW = Window(date(2026, 6, 8), date(2026, 6, 14))
NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
few = hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def period_of(moment: datetime) -> Period:
    at = moment.astimezone(SHANGHAI).time()
    if time(6) <= at < time(18):
        return Period.DAY
    return Period.EVENING if time(18) <= at < time(22) else Period.NIGHT


def add_visit(session, point_id: int, arrived: datetime, minutes: int = 5, device: int = 1) -> None:
    session.execute(
        text(
            "INSERT INTO visit (day, device_id, point_id, arrived_at, left_at, dwell_s, nearest_m, period) "
            "VALUES (:day, :device, :point, :arrived, :left, :dwell, 3, :period) ON CONFLICT DO NOTHING"
        ),
        {
            "day": arrived.astimezone(SHANGHAI).date(), "device": device, "point": point_id, "arrived": arrived,
            "left": arrived + timedelta(minutes=minutes), "dwell": 60 * minutes, "period": int(period_of(arrived)),
        },
    )  # fmt: skip


def add_check_in(session, settings, point_id: int, at: datetime, findings: bool = False) -> None:
    record(session, settings, NewCheckIn(at, findings, point_id=point_id), now=NOW)


def require(session, days: dict[int, float]) -> None:
    for point_id, interval in days.items():
        session.execute(
            text("UPDATE point SET required_interval_days = :days WHERE id = :id"),
            {"days": interval, "id": point_id},
        )


@pytest.fixture
def block(session, settings):
    """A community of two grid cells of 400 m with three points in the first, two in the second, and one outside."""
    community = add_zone(session, settings, "C", shapely.box(0, 0, 800, 400), level="community")
    cells = [
        add_zone(session, settings, f"G{n}", shapely.box(400 * n, 0, 400 * n + 400, 400), parent=community)
        for n in (0, 1)
    ]
    at = [(100, 100), (200, 200), (300, 300), (500, 100), (700, 300), (2000, 2000)]
    points = [add_point(session, settings, f"P{n}", place) for n, place in enumerate(at)]
    return community, cells, points


moments = st.builds(
    lambda day, hour, minute: local(day, hour, minute),
    st.integers(2, 20),
    st.integers(0, 23),
    st.sampled_from([0, 30]),
)


def lists_of(when):
    kinds = st.sampled_from(["visit", "clean", "findings"])
    return st.lists(st.tuples(st.integers(0, 3), when, kinds, st.integers(1, 90)), max_size=14)


happenings = lists_of(moments)


def expected(happened, point: int, window: Window, now: datetime, probable: bool, required: float):
    """What a row must say, counted the long way round from a list of (point, moment, kind, minutes)."""
    start = datetime.combine(window.from_on, time(), SHANGHAI)
    end = datetime.combine(window.to_on + timedelta(1), time(), SHANGHAI)
    mine = [
        (moment, moment + timedelta(minutes=lasts if kind == "visit" else 0), kind)
        for at, moment, kind, lasts in happened
        if at == point and (window.period is None or period_of(moment) == window.period)
    ]
    inside = [each for each in mine if start <= each[0] < end]
    counting = [each for each in mine if probable or each[2] != "visit"]
    until = min(now, end)
    begun = [left for arrived, left, _ in counting if arrived < start]
    clock, longest = max(begun, default=start), timedelta()
    for arrived, left, _ in sorted(each for each in counting if start <= each[0] < end):
        longest = max(longest, min(arrived, until) - clock)
        clock = max(clock, min(left, until))
    longest = max(longest, until - clock, timedelta())
    kinds = [kind for *_, kind in inside]
    state = next(
        (
            state
            for kind, state in (
                ("findings", PointState.VISITED_FINDINGS),
                ("clean", PointState.VISITED_CLEAN),
                ("visit", PointState.PROBABLE),
            )
            if kind in kinds
        ),
        PointState.NOT_VISITED,
    )
    last = max((left for arrived, left, _ in counting if arrived < end), default=None)
    overdue = None if last is None else max((until - last) / timedelta(1) - required, 0.0)
    return (
        state,
        kinds.count("visit"),
        len(kinds) - kinds.count("visit"),
        kinds.count("findings"),
        longest,
        last,
        overdue,
    )


@few
@given(
    happenings,
    st.sampled_from([None, *Period]),
    st.booleans(),
    st.sampled_from([NOW, local(12, 13, 20)]),
    st.sampled_from([1.0, 2.5, 7.0]),
)
def test_a_row_says_what_a_plain_count_says(
    session, settings, block, happened, period, probable, now, required
):
    points = block[2]
    window = replace(WINDOW, period=period)
    chosen = replace(settings, probable_visits_count=probable)
    # One device stays at one point once at a time, as a device does.
    happened = list(
        {
            (at, moment, kind != "visit"): (at, moment, kind, lasts) for at, moment, kind, lasts in happened
        }.values()
    )
    with session.begin_nested() as savepoint:
        require(session, dict.fromkeys(points, required))
        for at, moment, kind, lasts in happened:
            if kind == "visit":
                add_visit(session, points[at], moment, lasts, device=at)
            else:
                add_check_in(session, settings, points[at], moment, kind == "findings")
        rows = {row.point_id: row for row in point_rows(session, chosen, window, now=now)}
        known = has_point_data(session, chosen, window)
        savepoint.rollback()
    for number, point_id in enumerate(points):
        row = rows[point_id]
        state, visits, check_ins, findings, longest, last, overdue = expected(
            happened, number, window, now, probable, required
        )
        assert (row.visit_count, row.check_in_count, row.finding_count) == (visits, check_ins, findings)
        assert row.last_visit_at == last
        assert (row.due == "never") == (last is None)
        assert row.overdue_days == (None if last is None else pytest.approx(overdue, abs=1e-9))
        assert (row.due == "overdue") == bool(overdue)
        if not known:
            assert (row.state, row.longest_unvisited_days, row.compliant) == (PointState.UNKNOWN, None, None)
            continue
        assert row.state == state
        assert row.longest_unvisited_days == pytest.approx(longest / timedelta(1), abs=1e-9)
        if last is None:
            assert row.compliant is not True
        else:
            assert row.compliant == (row.longest_unvisited_days <= required)


@few
@given(happenings, st.sampled_from([None, *Period]))
def test_parts_add_up_and_a_parent_is_the_union_of_its_children(session, settings, block, happened, period):
    community, cells, points = block
    window = replace(WINDOW, period=period)
    with session.begin_nested() as savepoint:
        add_check_in(session, settings, points[5], local(10, 12))
        add_check_in(session, settings, points[5], local(10, 20))
        add_check_in(session, settings, points[5], local(10, 23))
        for at, moment, kind, lasts in happened:
            if kind == "visit":
                add_visit(session, points[at], moment, lasts, device=at)
            else:
                add_check_in(session, settings, points[at], moment, kind == "findings")
        rows = point_rows(session, settings, window, now=NOW)
        zones = {zone.zone_id: zone for zone in zone_points(session, settings, window, now=NOW)}
        below = point_rows(session, settings, window, now=NOW, zone_ids=[community])
        savepoint.rollback()
    parent, children = zones[community], [zones[cell] for cell in cells]
    assert [child.total for child in children] == [3, 2]
    names = "total visited_findings visited_clean probable not_visited kept judged overdue due_today due_tomorrow never"
    for name in names.split():
        assert getattr(parent, name) == sum(getattr(child, name) for child in children), name
    assert parent.longest_unvisited_days == max(child.longest_unvisited_days for child in children)
    for zone in zones.values():
        assert zone.visited + zone.not_visited == zone.total
        assert zone.rate == zone.visited / zone.total
        assert zone.compliance_rate == (zone.kept / zone.judged if zone.judged else None)
    assert [row.code for row in below] == ["P0", "P1", "P2", "P3", "P4"]
    assert point_totals(below).visited == parent.visited
    assert point_totals(rows).total == 6


@few
@given(happenings, lists_of(moments.filter(lambda moment: moment >= local(8, 0))))
def test_more_visits_and_longer_windows_never_take_a_visit_away(session, settings, block, some, more):
    points = block[2]
    seen = []
    with session.begin_nested() as savepoint:
        add_check_in(session, settings, points[5], local(10, 12))
        for part in (some, more):
            for at, moment, kind, lasts in part:
                if kind == "visit":
                    add_visit(session, points[at], moment, lasts, device=at)
                else:
                    add_check_in(session, settings, points[at], moment, kind == "findings")
            seen.append(point_rows(session, settings, WINDOW, now=NOW))
        wider = point_rows(session, settings, Window(date(2026, 6, 5), date(2026, 6, 16)), now=NOW)
        savepoint.rollback()
    for few_rows, many_rows in ((seen[0], seen[1]), (seen[1], wider)):
        for before, after in zip(few_rows, many_rows, strict=True):
            assert after.visit_count >= before.visit_count
            assert after.check_in_count >= before.check_in_count
            assert before.state == PointState.NOT_VISITED or after.state != PointState.NOT_VISITED
    for before, after in zip(*seen, strict=True):
        assert after.longest_unvisited_days <= before.longest_unvisited_days


def test_a_window_without_any_data_says_so(session, settings, block):
    _, _, points = block
    add_check_in(session, settings, points[0], local(1, 12))
    assert not has_point_data(session, settings, WINDOW)
    rows = point_rows(session, settings, WINDOW, now=NOW)
    assert {row.state for row in rows} == {PointState.UNKNOWN}
    assert {(row.longest_unvisited_days, row.compliant) for row in rows} == {(None, None)}
    counts = point_totals(rows)
    assert (counts.rate, counts.compliance_rate, counts.unknown, counts.visited) == (None, None, 6, 0)
    for zone in zone_points(session, settings, WINDOW, now=NOW):
        assert (zone.rate, zone.compliance_rate, zone.longest_unvisited_days) == (None, None, None)


def test_a_zone_without_points_has_no_rate_and_one_nobody_came_to_has_zero(session, settings, block):
    community, cells, points = block
    empty = add_zone(session, settings, "G9", shapely.box(800, 0, 1200, 400))
    add_check_in(session, settings, points[0], local(9, 12))
    zones = {zone.zone_id: zone for zone in zone_points(session, settings, WINDOW, now=NOW)}
    assert (zones[empty].total, zones[empty].rate, zones[empty].compliance_rate) == (0, None, None)
    assert (zones[cells[1]].visited, zones[cells[1]].rate) == (0, 0.0)
    assert zones[community].rate == 1 / 5
    only = zone_points(session, settings, WINDOW, now=NOW, zone_ids=[cells[0]])
    assert [zone.code for zone in only] == ["G0"]
    assert only[0].rate == 1 / 3


def test_from_fixes_to_the_four_states(session, settings, block):
    """A track that stays makes a visit probable, whoever checks in makes it sure; a passer-by makes none."""
    _, _, points = block
    require(session, dict.fromkeys(points, 7.0))
    seconds = [0, 60, 120, 180, 190, 200]
    places = [(100, 100), (105, 100), (100, 102), (200, 200), (400, 200), (600, 200)]
    receive(session, settings, fixes("a", local(9, 10), seconds, places), now=NOW)
    cover(session, settings)
    rows = point_rows(session, settings, WINDOW, now=NOW)
    assert [row.state for row in rows] == ["probable", *["not_visited"] * 5]
    assert rows[0].visit_count == 1
    assert rows[0].last_visit_at < local(9, 10, 4)
    add_check_in(session, settings, points[0], local(9, 10, 1))
    add_check_in(session, settings, points[1], local(9, 11), findings=True)
    add_check_in(session, settings, points[1], local(10, 11))
    rows = point_rows(session, settings, WINDOW, now=NOW)
    assert [row.state for row in rows[:3]] == ["visited_clean", "visited_findings", "not_visited"]
    strict = replace(settings, probable_visits_count=False)
    assert point_rows(session, strict, WINDOW, now=NOW)[0].last_visit_at == local(9, 10, 1)


def test_the_same_fixes_in_any_batches_give_the_same_visits(session, settings, block):
    seconds = list(range(0, 600, 30))
    places = [(100 + n, 100) for n in range(10)] + [(200 + n, 200) for n in range(10)]
    whole = fixes("a", local(9, 10), seconds, places)

    def rows_after(*parts):
        with session.begin_nested() as savepoint:
            for part in parts:
                receive(session, settings, part, now=NOW)
                cover(session, settings)
            rows = point_rows(session, settings, WINDOW, now=NOW)
            savepoint.rollback()
        return rows

    def cut(index):
        return type(whole)(*(getattr(whole, name)[index] for name in whole.__dataclass_fields__))

    at_once = rows_after(whole)
    assert [row.visit_count for row in at_once] == [1, 1, 0, 0, 0, 0]
    assert rows_after(cut(slice(10, None)), cut(slice(0, 10)), whole) == at_once
    assert rows_after(cut(slice(1, None, 2)), cut(slice(0, None, 2))) == at_once


def test_a_day_is_a_local_day_and_a_night_its_own_period(session, settings, block):
    _, _, points = block
    add_check_in(session, settings, points[0], local(8, 0))
    add_check_in(session, settings, points[1], local(14, 23, 59))
    add_check_in(session, settings, points[2], local(7, 23, 59))
    add_check_in(session, settings, points[3], local(15, 0))
    add_visit(session, points[4], local(10, 18))
    inside = [
        row.code for row in point_rows(session, settings, WINDOW, now=NOW) if row.state != "not_visited"
    ]
    assert inside == ["P0", "P1", "P4"]
    night = point_rows(session, settings, replace(WINDOW, period=Period.NIGHT), now=NOW)
    assert [row.code for row in night if row.state != "not_visited"] == ["P0", "P1"]
    evening = point_rows(session, settings, replace(WINDOW, period=Period.EVENING), now=NOW)
    assert [row.code for row in evening if row.state != "not_visited"] == ["P4"]
    assert {
        row.state for row in point_rows(session, settings, replace(WINDOW, period=Period.DAY), now=NOW)
    } == {"unknown"}


def test_a_past_window_keeps_its_borders(session, settings, block):
    community, cells, points = block
    add_check_in(session, settings, points[0], local(9, 12))
    before_rows = point_rows(session, settings, WINDOW, now=NOW)
    before_zones = zone_points(session, settings, WINDOW, now=NOW)
    session.execute(
        text("UPDATE zone_version SET valid_to = '2026-06-20' WHERE zone_id = ANY(:ids)"), {"ids": cells}
    )
    add_zone(
        session,
        settings,
        "G0",
        shapely.box(0, 0, 150, 400),
        parent=community,
        valid=(date(2026, 6, 20), None),
    )
    add_zone(
        session,
        settings,
        "G1",
        shapely.box(150, 0, 800, 400),
        parent=community,
        valid=(date(2026, 6, 20), None),
    )
    assert point_rows(session, settings, WINDOW, now=NOW + timedelta(days=3)) == before_rows
    assert zone_points(session, settings, WINDOW, now=NOW + timedelta(days=3)) == before_zones
    later = {
        zone.code: zone
        for zone in zone_points(session, settings, Window(date(2026, 6, 1), date(2026, 6, 21)), now=NOW)
    }
    assert (later["G0"].total, later["G1"].total, later["C"].total) == (1, 4, 5)


def test_the_deepest_zone_wins_and_a_point_on_a_border_has_one(session, settings, block):
    _, cells, points = block
    on_border = add_point(session, settings, "PB", (400, 100))
    only_above = add_zone(session, settings, "C2", shapely.box(1500, 1500, 2500, 2500), level="community")
    places = zones_of_points(session, date(2026, 6, 14))
    assert [places[point_id] for point_id in points] == [cells[0]] * 3 + [cells[1]] * 2 + [only_above]
    assert places[on_border] == cells[0]
    session.execute(text("UPDATE point SET active = false WHERE id = :id"), {"id": points[0]})
    assert points[0] not in zones_of_points(session, date(2026, 6, 14))
    assert zones_of_points(session, date(2026, 6, 14))[points[1]] == cells[0]


def test_a_point_nobody_ever_came_to_is_late_once_data_is_older_than_its_interval(session, settings, block):
    _, _, points = block
    require(session, {points[0]: 6.0, points[1]: 10.0, points[2]: 40.0})
    add_check_in(session, settings, points[5], local(1, 12))
    add_check_in(session, settings, points[5], local(9, 12))
    never = {row.code: row for row in point_rows(session, settings, WINDOW, now=NOW) if row.due == "never"}
    assert [never[code].longest_unvisited_days for code in ("P0", "P1", "P2")] == [7.0, 7.0, 7.0]
    assert [never[code].compliant for code in ("P0", "P1", "P2")] == [False, False, None]
    assert never["P0"].overdue_days is None


def test_a_visit_older_than_the_history_is_forgotten(session, settings, block):
    _, _, points = block
    add_check_in(session, settings, points[5], local(9, 12))
    add_check_in(session, settings, points[0], local(8, 0) - timedelta(days=20))
    short, long = (
        point_rows(session, replace(settings, history_days=days), WINDOW, now=NOW)[0] for days in (19, 20)
    )
    assert (short.last_visit_at, short.longest_unvisited_days) == (None, 7.0)
    assert (long.last_visit_at, long.longest_unvisited_days) == (local(8, 0) - timedelta(days=20), 27.0)


def test_whoever_may_see_one_point_sees_nothing_of_the_others(session, settings, block):
    _, _, points = block
    for point_id in points:
        add_check_in(session, settings, point_id, local(9, 12))
        add_visit(session, point_id, local(9, 13), device=point_id)
    for name, value in scope_settings(Scope(point_ids=frozenset({points[1]}))).items():
        session.execute(text(f"SELECT set_config('app.{name}', :value, true)"), {"value": value})
    rows = point_rows(session, settings, WINDOW, now=NOW)
    assert [(row.code, row.visit_count, row.check_in_count) for row in rows] == [("P1", 1, 1)]
    assert session.execute(text("SELECT count(*) FROM visit")).scalar_one() == 1
