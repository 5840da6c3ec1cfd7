"""A plan is made, published and walked: what is shown as done is what was walked, and the rest is due again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import text

from geoservice.domain.windows import Window
from geoservice.services import patrols, planning
from geoservice.services.tracking import Fixes
from geoservice.store.people import Device
from tests.services.ground_kit import cover, receive
from tests.services.planning.conftest import MONDAY, town  # noqa: F401 - the fixture

TUESDAY = MONDAY + timedelta(days=1)
TUESDAY_MORNING = datetime(2026, 6, 8, 22, tzinfo=UTC)  # six o'clock in Shanghai
NIGHT = datetime(2026, 6, 8, 13, tzinfo=UTC)  # nine in the evening of the day of the plan


def walk_as_planned(town, patrol, view, left_out):  # noqa: F811
    """Record a track that is at every stop from its planned arrival to its planned departure, but for one."""
    device = Device(code=f"phone-{patrol['team']}", team_id=view.team_id)
    town.session.add(device)
    town.session.flush()
    stops = [stop for stop in patrol["stops"] if stop["key"] != left_out]
    moments, places = [0.0], [patrol["start"]]
    for stop in stops:
        for name in ("arrive_s", "leave_s"):
            moments.append(stop[name] - patrol["starts_s"])
            places.append((stop["lon"], stop["lat"]))
    seconds = np.arange(0, moments[-1] + 1, 10)
    lon, lat = (np.interp(seconds, moments, [place[axis] for place in places]) for axis in (0, 1))
    count, nan = len(seconds), np.full(len(seconds), np.nan, np.float32)
    batch = Fixes(
        np.full(count, device.code, dtype=object), (view.starts_at.timestamp() * 1e6 + seconds * 1e6).astype(np.int64),
        lon, lat, np.full(count, 5, np.float32), nan, nan, np.full(count, 1, np.int16),
    )  # fmt: skip
    receive(town.session, town.settings, batch, view.starts_at + timedelta(seconds=float(seconds[-1])))


def listed(town):  # noqa: F811
    return patrols.list_patrols(town.session, town.settings, Window(MONDAY, MONDAY), now=NIGHT)


def due_on(town, day, now):  # noqa: F811
    wish = planning.Wish(day, day, include=planning.Include(gaps=False))
    return {stop.key for stop in planning.due(town.session, town.settings, wish, now=now).stops}


def test_a_plan_that_is_walked_as_planned_is_done_in_order_and_on_time(town):  # noqa: F811
    view = town.plan()
    town.publish(view)
    by_team = {patrol["team"]: patrol for patrol in view.content["patrols"]}
    rows = {one.team_code: one for one in listed(town)}
    assert set(rows) == set(by_team)
    left_out = by_team["A"]["stops"][1]["key"]
    for team, patrol in by_team.items():
        walk_as_planned(town, patrol, rows[team], left_out)
    cover(town.session, town.settings)
    told = {one.team_code: one for one in listed(town)}
    for team, patrol in by_team.items():
        got = told[team]
        assert [f"point:{stop.point_id}" for stop in got.stops] == [stop["key"] for stop in patrol["stops"]]
        assert got.tally.out_of_order == 0
        assert got.tally.on_time == got.tally.timed == got.tally.done
        assert got.tally.missed == (team == "A")
        for stop, planned in zip(got.stops, patrol["stops"], strict=True):
            if planned["key"] != left_out:
                assert abs(stop.late_s) < 90  # of walking, the radius comes before the point
                assert abs(stop.dwell_s - planned["service_s"]) < 150
    # Every seven days: what was walked is not due on the next day, what was left out is, from when its patrol's time is over.
    assert due_on(town, TUESDAY, TUESDAY_MORNING) == {left_out}
    assert due_on(town, TUESDAY, NIGHT) == {left_out}
    town.session.execute(text("UPDATE patrol SET status = 'done', finished_at = :at"), {"at": NIGHT})
    assert due_on(town, TUESDAY, NIGHT) == {left_out}
