"""A week by team, what was missed in it, and that what was missed comes back by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.services import patrols, planning
from tests.services.ground_kit import add_point, add_street, place
from tests.services.patrols.kit import NINE, Planned, add_crew, add_patrol, check_in, report, walk

SUNDAY_NIGHT = datetime(2026, 6, 7, 15, tzinfo=UTC)
A, B, C = (0, 0), (600, 0), (1200, 0)


@pytest.fixture
def week(session, settings):
    """Team 1: Monday A done, B missed; Tuesday B done. Team 2: nothing heard of on Monday, on Sunday C skipped."""
    one, two = add_crew(session, "T1"), add_crew(session, "T2")
    ids = {name: add_point(session, settings, name, at) for name, at in zip("ABC", (A, B, C), strict=True)}
    monday = add_patrol(
        session,
        settings,
        one,
        Planned([({"point_id": ids["A"]}, 0), ({"point_id": ids["B"]}, 20)], line=[A, B]),
    )
    walk(session, settings, one, [(0, A), (5, A), (8, (200, 0))])
    tuesday = NINE + timedelta(days=1)
    add_patrol(session, settings, one, Planned([({"point_id": ids["B"]}, 0)], line=[A, B], starts=tuesday))
    walk(session, settings, one, [(0, B), (5, B), (10, A)], start=tuesday)
    unheard = add_patrol(session, settings, two, Planned([({"point_id": ids["A"]}, 0)], line=[A, B]))
    sunday = add_patrol(
        session, settings, two, Planned([({"point_id": ids["C"]}, 0)], starts=NINE + timedelta(days=6))
    )
    report(session, sunday, 1, "skipped", 6 * 24 * 60 + 5, reason="no_time")
    return {"monday": monday.id, "unheard": unheard.id, "sunday": sunday.id}


@pytest.mark.parametrize("on", [date(2026, 6, 1), date(2026, 6, 4), date(2026, 6, 7)])
def test_a_week_is_counted_by_team_with_numerator_and_denominator(session, settings, week, on):
    found = patrols.week_of(session, settings, on, now=SUNDAY_NIGHT)
    assert (found.window.from_on, found.window.to_on) == (date(2026, 6, 1), date(2026, 6, 7))
    one, two = found.teams
    assert (one.patrols, one.heard, one.tally.planned, one.tally.done, one.tally.missed) == (2, 2, 3, 2, 1)
    assert (one.tally.judged, one.tally.timed, one.tally.on_time) == (3, 2, 2)
    assert (two.patrols, two.heard, two.tally.unknown, two.tally.missed, two.tally.skipped) == (2, 1, 1, 1, 1)
    assert (two.tally.done, two.tally.judged, two.tally.rate) == (0, 1, 0.0)
    assert one.actual_m == pytest.approx(200 + 600, abs=40)
    assert one.planned_m == pytest.approx(1200, rel=1e-3)
    total = found.totals
    assert (total.patrols, total.tally.planned, total.tally.done) == (4, 5, 2)
    assert [view.patrol_id for view in found.unheard] == [week["unheard"]]


def test_missed_stops_are_named_with_what_became_of_them(session, settings, week):
    found = patrols.week_of(session, settings, date(2026, 6, 1), now=SUNDAY_NIGHT)
    told = [(one.patrol_id, one.stop.code, one.stop.reason, one.made_up_on) for one in found.missed]
    assert told == [
        (week["monday"], "B", None, date(2026, 6, 2)), (week["sunday"], "C", "no_time", None),
    ]  # fmt: skip
    alone = patrols.week_of(session, settings, date(2026, 6, 1), now=SUNDAY_NIGHT, team="T2")
    assert [one.stop.code for one in alone.missed] == ["C"]
    assert [one.team_code for one in alone.teams] == ["T2"]


def due_on_tuesday(session, settings):
    day = date(2026, 6, 2)
    wish = planning.Wish(day, day, include=planning.Include(due=True, overdue=True, gaps=False, wanted=True))
    found = planning.due(session, settings, wish, now=datetime(2026, 6, 1, 14, tzinfo=UTC))
    return {stop.code or stop.label for stop in found.stops}


def test_a_missed_point_is_due_again_and_a_done_one_is_not(session, settings):
    crew = add_crew(session)
    session.execute(text("UPDATE point_category SET required_interval_days = 30"))
    done, missed = (add_point(session, settings, name, at) for name, at in (("done", A), ("missed", B)))
    patrol = add_patrol(
        session, settings, crew, Planned([({"point_id": done}, 0), ({"point_id": missed}, 30)])
    )
    walk(session, settings, crew, [(0, A), (5, A), (8, (200, 0))])
    check_in(session, crew, done, 3)
    view = patrols.find_patrol(session, settings, patrol.id, now=datetime(2026, 6, 1, 14, tzinfo=UTC))
    assert [stop.outcome.value for stop in view.stops] == ["done", "missed"]
    assert due_on_tuesday(session, settings) == {"missed"}


def test_a_wish_stays_open_until_a_patrol_was_there(session, settings):
    crew = add_crew(session)
    street = add_street(session, settings, "S", [(0, 500), (400, 500)])
    before = NINE - timedelta(days=1)

    def want(label, at):
        return planning.want(
            session, kind="place", from_on=date(2026, 6, 1), by=None, now=before, label=label,
            lonlat=tuple(place(at)[0].tolist()),
        )  # fmt: skip

    seen, missed = want("seen", A), want("missed", C)
    walked = planning.want(
        session, kind="street", street_id=street, from_on=date(2026, 6, 1), by=None, now=before
    )
    stops = [
        ({"at": A, "wanted_id": seen}, 0), ({"at": C, "wanted_id": missed}, 10), ({"street_id": street, "wanted_id": walked}, 20),
    ]  # fmt: skip
    add_patrol(session, settings, crew, Planned(stops))
    walk(session, settings, crew, [(0, A), (5, A), (14, (0, 500)), (20, (400, 500))])
    monday = Window(date(2026, 6, 1), date(2026, 6, 1))

    def open_ones():
        return {one.id for one in planning.wanted(session, settings, now=SUNDAY_NIGHT)}

    assert open_ones() == {seen, missed, walked}
    assert set(patrols.settle_wanted(session, settings, monday, now=SUNDAY_NIGHT)) == {seen, walked}
    assert open_ones() == {missed}
    assert patrols.settle_wanted(session, settings, monday, now=SUNDAY_NIGHT) == []
