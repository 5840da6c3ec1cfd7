"""Planned stops beside real tracks, check-ins and words, on real PostGIS."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geoservice.domain.actual import Outcome
from geoservice.domain.windows import Window
from geoservice.errors import NotFound
from geoservice.services import patrols
from geoservice.services.patrols.own_time import MARGIN
from geoservice.store.base import make_engine, transaction
from geoservice.store.scope import Scope
from tests.services.ground_kit import add_point, add_street, cover, receive
from tests.services.ground_kit import fixes as batch
from tests.services.patrols.kit import EVENING, NINE, Planned, add_crew, add_patrol, check_in, report, walk

A, B, C, D = (0, 0), (600, 0), (1200, 0), (1800, 0)


@pytest.fixture
def crew(session):
    return add_crew(session)


@pytest.fixture
def points(session, settings):
    return {
        name: add_point(session, settings, name, at) for name, at in zip("ABCD", (A, B, C, D), strict=True)
    }


def at_points(points, *wanted):
    return [({"point_id": points[name]}, minutes) for name, minutes in wanted]


def follow(session, settings, patrol, now=EVENING):
    return patrols.find_patrol(session, settings, patrol.id, now=now)


def told(view):
    return [(stop.outcome.value, stop.in_order) for stop in view.stops]


def test_done_missed_out_of_order_and_extra(session, settings, crew, points):
    plan = Planned(at_points(points, ("A", 0), ("C", 20), ("B", 40), ("D", 70)), line=[A, C, B, D], hours=2)
    extra = add_point(session, settings, "X", (900, 300), "park")
    patrol = add_patrol(session, settings, crew, plan)
    # A, B, then C (planned the other way about), a park nobody planned, and home; never at D.
    walk(
        session,
        settings,
        crew,
        [(0, A), (5, A), (15, B), (20, B), (30, C), (35, C), (42, (900, 300)), (48, (900, 300)), (60, A)],
    )
    view = follow(session, settings, patrol)
    by_code = {stop.code: stop for stop in view.stops}
    assert [by_code[code].outcome for code in "ABCD"] == [
        Outcome.DONE,
        Outcome.DONE,
        Outcome.DONE,
        Outcome.MISSED,
    ]
    assert [stop.code for stop in view.stops if not stop.in_order] in (["C"], ["B"])
    assert [one.point_id for one in view.extras] == [extra]
    assert (view.tally.planned, view.tally.done, view.tally.missed, view.tally.extra) == (4, 3, 1, 1)
    assert view.tally.rate == 0.75
    assert view.tally.judged == 4
    assert by_code["B"].dwell_s == pytest.approx(5 * 60, abs=120)
    assert by_code["A"].late_s == pytest.approx(0, abs=1)
    assert by_code["B"].late_s == pytest.approx(-26 * 60, abs=90)
    assert (view.tally.timed, view.tally.on_time) == (3, 2)
    assert view.planned_m == pytest.approx(1200 + 600 + 1200, rel=1e-3)
    assert view.actual_m == pytest.approx(1200 + 300 * 2**0.5 + (900**2 + 300**2) ** 0.5, abs=60)
    # Planned A, C and back to B, then towards D; gone from A to C: all that lies between A and C, none of what lies beyond.
    assert view.followed_m == pytest.approx(1200 + 600 + 600, abs=45)
    assert view.under_way_s == pytest.approx(55 * 60, abs=120)
    assert not view.waiting
    assert view.late_count == 0


def test_a_check_in_without_a_track_and_a_skipped_stop_with_its_reason(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 10), ("B", 20), ("C", 30))))
    check_in(session, crew, points["A"], 31, findings=True, note="垃圾")
    report(session, patrol, 2, "skipped", 40, reason="closed", note="关门")
    view = follow(session, settings, patrol)
    first, second, third = view.stops
    assert (first.outcome, first.said, first.seen, first.has_findings, first.note) == (
        Outcome.DONE, True, False, True, "垃圾",
    )  # fmt: skip
    assert first.late_s == 21 * 60
    assert first.on_time is False
    assert (second.outcome, second.reason, second.note) == (Outcome.SKIPPED, "closed", "关门")
    assert third.outcome is Outcome.MISSED
    assert (view.tally.missed, view.tally.skipped) == (2, 1)
    assert view.actual_m is None


def test_a_check_in_during_a_stay_is_one_presence_and_a_word_of_skipping_yields_to_it(
    session, settings, crew, points
):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0))))
    walk(session, settings, crew, [(0, A), (10, A), (20, B)])
    check_in(session, crew, points["A"], 4)
    report(session, patrol, 1, "skipped", 2, reason="other")
    (stop,) = follow(session, settings, patrol).stops
    assert (stop.outcome, stop.seen, stop.said, stop.times_there) == (Outcome.DONE, True, True, 1)
    assert stop.dwell_s == pytest.approx(600, abs=60)


def test_nothing_heard_is_unknown_and_not_missed(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0), ("B", 10))))
    view = follow(session, settings, patrol)
    assert told(view) == [("unknown", True)] * 2
    assert view.tally.rate is None
    assert (view.tally.judged, view.tally.unknown) == (0, 2)


def test_before_it_is_over_nothing_is_missed(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0), ("B", 10)), hours=2))
    walk(session, settings, crew, [(0, A), (5, A), (6, (60, 0))])
    assert told(follow(session, settings, patrol, NINE + timedelta(hours=2.9))) == [
        ("done", True),
        ("open", True),
    ]
    assert told(follow(session, settings, patrol, NINE + timedelta(hours=3))) == [
        ("done", True),
        ("missed", True),
    ]
    patrol.finished_at = NINE + timedelta(minutes=30)
    session.flush()
    assert told(follow(session, settings, patrol, NINE + timedelta(minutes=31)))[1] == ("missed", True)


def test_a_place_counts_by_the_cleaned_track_and_a_crossing_does_not(session, settings, crew):
    plan = Planned([({"at": B, "label": "盲点 7"}, 10), ({"at": C}, 20), ({"at": D}, 30)])
    patrol = add_patrol(session, settings, crew, plan)
    walk(session, settings, crew, [(0, A), (5, B), (9, B), (10, C), (14, (5000, 0))])
    view = follow(session, settings, patrol)
    assert [stop.outcome for stop in view.stops] == [Outcome.DONE, Outcome.MISSED, Outcome.MISSED]
    assert view.stops[0].label == "盲点 7"
    report(session, patrol, 3, "done", 30)
    last = follow(session, settings, patrol).stops[2]
    assert (last.outcome, last.said, last.seen) == (Outcome.DONE, True, False)


def test_a_street_is_done_from_four_fifths_of_its_length_on(session, settings, crew):
    long = add_street(session, settings, "long", [(0, 0), (600, 0)])
    short = add_street(session, settings, "short", [(0, 800), (600, 800)])
    patrol = add_patrol(
        session, settings, crew, Planned([({"street_id": long}, 0), ({"street_id": short}, 10)])
    )
    walk(
        session,
        settings,
        crew,
        [(0, (0, 0)), (6, (600, 0)), (14, (600, 800)), (17, (300, 800)), (19, (300, 1000))],
    )
    view = follow(session, settings, patrol)
    assert [stop.outcome for stop in view.stops] == [Outcome.DONE, Outcome.MISSED]
    assert view.stops[0].share >= 0.8
    assert 0.3 < view.stops[1].share < 0.8
    assert view.stops[0].arrived_at < NINE + timedelta(minutes=1)


def test_late_tracks_change_the_result_and_are_said(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0), ("B", 15))))
    walk(session, settings, crew, [(0, A), (5, A)], now=NINE + timedelta(minutes=10))
    before = follow(session, settings, patrol)
    assert told(before) == [("done", True), ("missed", True)]
    assert before.late_count == 0
    later = EVENING + timedelta(days=1)
    receive(session, settings, batch(crew.device.code, NINE, range(900, 1300, 20), [B] * 20), later)
    waiting = follow(session, settings, patrol, later)
    assert waiting.waiting
    cover(session, settings)
    after = follow(session, settings, patrol, later)
    assert told(after) == [("done", True), ("done", True)]
    assert (after.late_count, after.late_at, after.waiting, after.as_of) == (20, later, False, later)


def test_two_patrols_of_a_team_on_a_day_share_the_time_between_them(session, settings, crew, points):
    morning = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0)), hours=2))
    noon = add_patrol(
        session,
        settings,
        crew,
        Planned(at_points(points, ("A", 0)), starts=NINE + timedelta(hours=2.5), hours=2),
    )
    # Only the second was at A: ten minutes before it was to begin, within an hour after the first was to end.
    walk(session, settings, crew, [(0, D), (100, D), (140, A), (160, A)])
    assert timedelta(minutes=20) < MARGIN
    assert told(follow(session, settings, morning)) == [("missed", True)]
    assert told(follow(session, settings, noon)) == [("done", True)]


def test_others_do_not_do_a_patrols_stops(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0))))
    other = add_crew(session, "T2")
    walk(session, settings, other, [(0, A), (10, A)])
    check_in(session, other, points["A"], 5)
    assert told(follow(session, settings, patrol)) == [("unknown", True)]


def test_lists_are_by_day_and_team_without_drafts_and_cancelled(session, settings, crew, points):
    other = add_crew(session, "T2")
    shown = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0))))
    add_patrol(session, settings, crew, Planned(status="draft"))
    add_patrol(session, settings, crew, Planned(status="cancelled"))
    theirs = add_patrol(session, settings, other, Planned(starts=NINE + timedelta(days=1)))
    window = Window(shown.on_day, theirs.on_day)

    def listed(**more):
        return [
            view.patrol_id for view in patrols.list_patrols(session, settings, window, now=EVENING, **more)
        ]

    assert listed() == [shown.id, theirs.id]
    assert listed(team="T2") == [theirs.id]
    with pytest.raises(NotFound, match="patrol_team_unknown"):
        listed(team="T9")
    with pytest.raises(NotFound, match="patrol_unknown"):
        patrols.find_patrol(session, settings, 10**6, now=EVENING)


def test_lines_for_the_replay_break_where_nothing_is_known(session, settings, crew, points):
    patrol = add_patrol(session, settings, crew, Planned(at_points(points, ("A", 0)), line=[A, B], hours=3))
    walk(session, settings, crew, [(0, A), (10, B)])
    walk(session, settings, crew, [(60, C), (70, D)])
    lines = patrols.patrol_lines(session, settings, patrol.id)
    (gone,) = lines.gone
    assert len(gone.line.geoms) == 2
    assert [gone.seconds[index] for index, starts in enumerate(gone.starts) if starts] == [0, 3600]
    assert gone.seconds == sorted(gone.seconds)
    assert gone.seconds[-1] == (lines.until - lines.since).total_seconds() == 4200
    assert all(speed == pytest.approx(1, rel=0.01) for speed in gone.speed_mps)


def test_a_reader_of_some_ground_sees_no_stop_elsewhere(new_database, settings):
    engine = make_engine(new_database())
    with transaction(engine) as session:
        crew = add_crew(session)
        ids = {name: add_point(session, settings, name, at) for name, at in (("A", A), ("B", B))}
        plan = Planned([*at_points(ids, ("A", 0), ("B", 10)), ({"at": C, "label": "CANARY"}, 20)])
        patrol_id = add_patrol(session, settings, crew, plan).id
        walk(session, settings, crew, [(0, A), (5, A), (15, B), (20, B)])
    with transaction(engine, Scope(point_ids=frozenset({ids["A"]}))) as session:
        view = patrols.find_patrol(session, settings, patrol_id, now=EVENING)
        assert [stop.code for stop in view.stops] == ["A"]
        assert "CANARY" not in repr(view)
        assert view.extras == ()
    engine.dispose()
