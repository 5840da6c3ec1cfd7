"""Whatever way positions come in from phones, each is stored once, and what cannot be believed is kept apart."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.positions import Position
from geoservice.errors import BadRequest, Conflict, NotAllowed, NotFound, TooLarge
from geoservice.formats.positions import read_gpslogger, read_osmand, read_owntracks, read_traccar
from geoservice.services import devices, tracking
from geoservice.services.devices import Owner
from geoservice.services.positions import MOST_POSITIONS, WrongToken, receive_positions
from geoservice.store.base import make_engine, transaction
from geoservice.store.people import Member, Team
from tests.services.ground_kit import NOW, bits, cover, fixes, place, receive

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
BEFORE_MIDNIGHT = datetime(2026, 6, 1, 15, 58, tzinfo=UTC)  # 23:58 in Shanghai
LAST_OF_MONTH = datetime(2026, 6, 30, 23, 58, tzinfo=UTC)  # the month ends in UTC, not in Shanghai


def device_with_token(session, code="phone", owner: Owner | None = None) -> str:
    row = devices.add_device(session, code, owner or Owner(), by=None)
    return devices.make_token(session, row.id, now=NOW, by=None)


def walk_positions(start: datetime, seconds, metres) -> list[Position]:
    lonlat = place(metres)
    return [
        Position(int((start.timestamp() + float(second)) * 1e6), float(lon), float(lat), 5.0, math.nan, 90.0)
        for second, (lon, lat) in zip(seconds, lonlat, strict=True)
    ]


def stored(session) -> dict[str, list]:
    """Everything that positions leave behind, without when it came and under which number."""
    fix = "SELECT d.code, f.recorded_at, lon, lat, accuracy_m, speed_mps::text, heading_deg, f.mode, t.source, t.started_at FROM fix f"
    track = "SELECT d.code, t.mode, source, started_at, ended_at, fix_count, refused FROM track t"
    joined = " JOIN device d ON d.id = {}.device_id"
    return {
        "fix": _rows(session, fix + " JOIN track t ON t.id = f.track_id" + joined.format("f")),
        "track": _rows(session, track + joined.format("t")),
        "apart": _rows(
            session, "SELECT d.code, recorded_at, lon, lat FROM quarantined_fix q" + joined.format("q")
        ),
    }


def _rows(session, query: str) -> list:
    return sorted(map(repr, session.execute(text(query))))


@st.composite
def journeys(draw):
    """A day of one phone: silences, jumps, midnight, a clock that is now and then years ahead or back."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start = draw(st.sampled_from([MORNING, BEFORE_MIDNIGHT, LAST_OF_MONTH]))
    count = draw(st.integers(2, 24))
    seconds = np.cumsum(rng.choice([5, 20, 60, 250], size=count)).astype(float)
    skewed = rng.random(count) < 0.15
    seconds[skewed] += rng.choice([-86_400.0, 3e7, 3e8, -3e8], size=count)[skewed]
    return walk_positions(start, seconds, np.cumsum(rng.normal(0, 60, (count, 2)), axis=0)), rng


def in_any_way(all_of_them: list[Position], rng) -> list[list[Position]]:
    """Cut into bodies in any order, out of order inside, some of them sent twice."""
    order = rng.permutation(len(all_of_them))
    cuts = np.sort(rng.integers(0, len(order) + 1, size=rng.integers(0, 5)))
    parts = [[all_of_them[index] for index in piece] for piece in np.split(order, cuts) if len(piece)]
    return [*parts, *(piece[::-1] for piece in parts if rng.random() < 0.4)]


@given(journeys())
@hypothesis_settings(
    max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_late_repeated_unordered_and_skewed_positions_give_the_same_state(session, settings, journey):
    positions, rng = journey
    with session.begin_nested() as savepoint:
        token = device_with_token(session)
        for part in in_any_way(positions, rng):
            receive_positions(session, settings, token, part, source="osmand", now=NOW)
            if rng.random() < 0.4:
                cover(session, settings)
        cover(session, settings)
        piecemeal, seen = stored(session), bits(session)
        savepoint.rollback()
    with session.begin_nested() as savepoint:
        token = device_with_token(session)
        taken = receive_positions(session, settings, token, positions, source="osmand", now=NOW)
        cover(session, settings)
        assert (piecemeal, seen) == (stored(session), bits(session))
        assert (
            len(piecemeal["fix"])
            == taken.new
            == len({each.time_us for each in positions}) - len(piecemeal["apart"])
        )
        savepoint.rollback()


def test_what_comes_live_is_what_a_file_of_it_would_give(session, settings):
    seconds = np.arange(0, 600, 20)
    metres = np.column_stack((seconds * 1.3, seconds * 0.4))
    with session.begin_nested() as savepoint:
        token = device_with_token(session)
        for one in walk_positions(MORNING, seconds, metres):
            receive_positions(session, settings, token, [one], source="osmand", now=NOW)
        cover(session, settings)
        live = bits(session)
        savepoint.rollback()
    with session.begin_nested() as savepoint:
        receive(session, settings, fixes("phone", MORNING, seconds, metres))
        cover(session, settings)
        assert live == bits(session)
        assert live
        savepoint.rollback()


def test_a_live_track_follows_what_is_stored_on_it(session, settings):
    """A day has one track a protocol; fixes that another track had are not counted on it, an empty one is none."""
    token = device_with_token(session)
    positions = walk_positions(MORNING, [0, 20, 40, 60], [[0, 0], [20, 0], [40, 0], [60, 0]])
    receive(session, settings, fixes("phone", MORNING, [0, 20], [[0, 0], [20, 0]]))
    first = receive_positions(session, settings, token, positions[:2], source="osmand", now=NOW)
    assert (first.new, first.repeated) == (0, 2)
    assert [track.source for track in tracking.list_tracks(session, settings, (None, None))] == ["test"]
    second = receive_positions(session, settings, token, positions[::-1], source="osmand", now=NOW)
    assert (second.new, second.repeated) == (2, 2)
    _, live = tracking.list_tracks(session, settings, (None, None))
    assert (live.source, live.fix_count) == ("osmand", 2)
    assert (live.started_at, live.ended_at) == (
        MORNING + timedelta(seconds=40),
        MORNING + timedelta(seconds=60),
    )
    tracking.delete_track(session, settings, live.id)
    again = receive_positions(session, settings, token, positions, source="osmand", now=NOW)
    assert (again.new, again.repeated) == (2, 2)


def test_a_phone_that_reports_over_several_lines_at_once_is_counted_right(new_database, settings):
    """Bodies of one device overlap in time and in what they hold, each in a transaction of its own."""
    engine = make_engine(new_database())
    with transaction(engine) as session:
        token = device_with_token(session)
    positions = walk_positions(BEFORE_MIDNIGHT, range(0, 480, 4), [(step, 0) for step in range(120)])
    bodies = [positions[first : first + 15] for first in range(0, 120, 5)] * 2

    def send(body: list[Position]) -> int:
        with transaction(engine, scope=None) as session:
            return receive_positions(session, settings, token, body, source="osmand", now=NOW).new

    with ThreadPoolExecutor(6) as lines:
        assert sum(lines.map(send, bodies)) == 120
    with transaction(engine) as session:
        tracks = tracking.list_tracks(session, settings, (None, None))
        assert sum(track.fix_count for track in tracks) == len(stored(session)["fix"]) == 120
        assert [track.started_at for track in tracks] == [
            BEFORE_MIDNIGHT, BEFORE_MIDNIGHT + timedelta(seconds=120),
        ]  # fmt: skip
    engine.dispose()


def test_a_clock_far_ahead_is_kept_apart_once_and_covers_nothing(session, settings):
    token = device_with_token(session)
    ahead = walk_positions(
        NOW + timedelta(seconds=settings.max_clock_ahead_s + 1), [0, 20], [[0, 0], [20, 0]]
    )
    for _ in range(2):
        taken = receive_positions(session, settings, token, ahead, source="osmand", now=NOW)
        assert (taken.new, taken.quarantined) == (0, 2)
    (row,) = devices.list_devices(session)
    assert (row.kept_apart, row.last_at) == (2, None)
    assert [each.lon for each in devices.list_kept_apart(session, row.id)] == [
        each.lon for each in ahead[::-1]
    ]
    cover(session, settings)
    assert bits(session) == {}


def test_positions_that_never_were_are_refused_by_reason_and_hold_up_nothing(session, settings):
    token = device_with_token(session)
    good = walk_positions(MORNING, [0], [[0, 0]])
    never = [Position(good[0].time_us, 0.0, 0.0), Position(0, 114.0, 22.0)]
    taken = receive_positions(session, settings, token, [*never, *good], source="osmand", now=NOW)
    assert (taken.new, taken.refused) == (1, {"null_island": 1, "before_1990": 1})


def test_how_a_device_moves_is_how_its_team_moves(session, settings):
    session.add_all([Team(code="T1", name="one", mode=2), Team(code="T2", name="two", mode=3)])
    session.flush()
    session.execute(
        text("INSERT INTO member (code, name, team_id) SELECT 'M1', 'm', id FROM team WHERE code = 'T2'")
    )
    owners = {"own": Owner(team="T1"), "member's": Owner(member="M1"), "nobody's": Owner()}
    for code, owner in owners.items():
        token = device_with_token(session, code, owner)
        receive_positions(
            session, settings, token, walk_positions(MORNING, [0], [[0, 0]]), source="osmand", now=NOW
        )
    modes = session.execute(text("SELECT d.code, f.mode FROM fix f JOIN device d ON d.id = f.device_id"))
    assert dict(modes.all()) == {"own": 2, "member's": 3, "nobody's": 1}


def test_only_the_newest_token_of_a_device_in_use_is_taken(session, settings):
    positions = walk_positions(MORNING, [0], [[0, 0]])

    def send(token: str) -> int:
        return receive_positions(session, settings, token, positions, source="osmand", now=NOW).new

    first = device_with_token(session)
    device_id = devices.find_device(session, code="phone").id
    second = devices.make_token(session, device_id, now=NOW, by=None)
    with pytest.raises(WrongToken):
        send(first)
    devices.give_device(session, device_id, Owner(), active=False, by=None)
    with pytest.raises(NotAllowed, match="device_inactive"):
        send(second)
    devices.give_device(session, device_id, Owner(), active=True, by=None)
    assert send(second) == 1
    devices.revoke_token(session, device_id, by=None)
    with pytest.raises(WrongToken):
        send(second)
    with pytest.raises(NotFound):
        devices.revoke_token(session, device_id, by=None)
    with pytest.raises(TooLarge):
        receive_positions(
            session, settings, second, positions * (MOST_POSITIONS + 1), source="osmand", now=NOW
        )


def test_devices_are_refused_with_what_is_wrong_about_them(session):
    devices.add_device(session, " van 7 ", Owner(), by=None)
    for code, owner, error in (
        ("van 7", Owner(), Conflict), ("", Owner(), BadRequest), ("x" * 65, Owner(), BadRequest),
        ("van 8", Owner(member="nobody"), NotFound), ("van 8", Owner(team="none"), NotFound),
    ):  # fmt: skip
        with pytest.raises(error):
            devices.add_device(session, code, owner, by=None)
    assert [row.code for row in devices.list_devices(session)] == ["van 7"]


def test_a_member_without_a_device_gets_one_in_his_name(session):
    member = Member(code="M9", name="nine")
    session.add(member)
    session.flush()
    assert devices.own_device(session, member.id) == devices.own_device(session, member.id) == "M9 GPX"
    devices.add_device(session, "his phone", Owner(member="M9"), by=None)
    assert devices.own_device(session, member.id) == "M9 GPX"


INSTANT = datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC)
SECONDS = int(INSTANT.timestamp())


@pytest.mark.parametrize(
    "written",
    [SECONDS, str(SECONDS), SECONDS * 1000, f"{SECONDS}.0", "2026-03-01T02:03:04Z", "2026-03-01 02:03:04",
     "2026-03-01T10:03:04+08:00", "2026-03-01T02:03:04.000Z", SECONDS * 1_000_000],
)  # fmt: skip
def test_a_time_is_read_however_an_app_writes_it(written):
    assert read_osmand({"lat": "22.5", "lon": "114", "timestamp": written}).time_us == SECONDS * 1_000_000


def test_speeds_come_in_the_unit_of_their_protocol():
    """10 m/s is 19.4384 knots and 36 km/h; headings and accuracies are what they are."""
    where = {"lat": "22.5", "lon": "114", "timestamp": SECONDS}
    read = [
        read_osmand({**where, "speed": "19.4384449", "bearing": "90", "accuracy": "4"}),
        read_osmand({**where, "speed": "1", "speed_mps": "10", "bearing": "90", "accuracy": "4"}),
        read_gpslogger({**where, "spd": "10", "dir": "90", "acc": "4"}),
        read_owntracks({"lat": 22.5, "lon": 114, "tst": SECONDS, "vel": 36, "cog": 90, "acc": 4}),
        read_traccar(
            {
                "timestamp": "2026-03-01T02:03:04.000Z",
                "coords": {"latitude": 22.5, "longitude": 114, "speed": 10, "heading": 90, "accuracy": 4},
            }
        ),
    ]
    for position in read:
        assert position == pytest.approx((SECONDS * 1_000_000, 114, 22.5, 4, 10, 90), rel=1e-6)


def test_what_a_device_does_not_know_is_not_a_number():
    position = read_traccar(
        {"timestamp": SECONDS, "coords": {"latitude": 22.5, "longitude": 114, "speed": -1, "heading": -1}}
    )
    assert all(map(math.isnan, (position.accuracy_m, position.speed_mps, position.heading_deg)))


BROKEN = st.sampled_from(["", "abc", "NaN", "inf", "1e999", None, True, [], {}, "12,5", "١٢x", "1 2"])


@given(field=st.sampled_from(["lat", "lon", "timestamp", "speed", "accuracy", "bearing"]), value=BROKEN)
def test_a_bad_number_is_named_with_its_field_or_left_out_where_it_may_be(field, value):
    fields = {"lat": "22.5", "lon": "114", "timestamp": SECONDS, field: value}
    if field in {"speed", "accuracy", "bearing"} and value in ("", None):
        assert math.isnan(read_osmand(fields)[{"accuracy": 3, "speed": 4, "bearing": 5}[field]])
        return
    with pytest.raises(BadRequest) as caught:
        read_osmand(fields, 7)
    assert (caught.value.values["field"], caught.value.values["number"]) == (field, 7)
    if value not in ("", None):
        assert caught.value.values["value"] == str(value)


@pytest.mark.parametrize(("field", "value"), [("lat", 90.001), ("lat", -91), ("lon", 180.5), ("lon", -1e9)])
def test_degrees_off_the_earth_are_named(field, value):
    with pytest.raises(BadRequest, match="position_range"):
        read_osmand({"lat": 0, "lon": 0, "timestamp": SECONDS, field: value})
