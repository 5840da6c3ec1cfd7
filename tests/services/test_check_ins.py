"""A check-in is stored once, as it was said first; what can't be true is refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from pyproj import Geod
from sqlalchemy import text

from geoservice.errors import BadRequest, GeoServiceError, NotFound
from geoservice.messages import SENTENCES
from geoservice.services.check_ins import NewCheckIn, record
from geoservice.store.scope import Scope, scope_settings
from tests.services.ground_kit import add_point, place

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
AT = NOW - timedelta(minutes=3)
NAME = UUID("9c2f6a52-6c53-4d5e-9c7d-0f7a3c1b2a10")


@pytest.fixture
def point_id(session, settings) -> int:
    return add_point(session, settings, "P1", (100, 100))


def stored(session) -> int:
    return session.execute(text("SELECT count(*) FROM check_in")).scalar_one()


def test_a_check_in_is_stored_with_how_far_the_phone_was(session, settings, point_id):
    member = session.execute(
        text("INSERT INTO member (code, name) VALUES ('M1', '王芳') RETURNING id")
    ).scalar_one()
    lon, lat = place((130, 60))[0].tolist()
    new = NewCheckIn(AT, True, point_code="P1", member_id=member, note=" 占道经营 ", lon=lon, lat=lat)
    found = record(session, settings, new, now=NOW)
    assert (found.point_id, found.member_id, found.at, found.received_at) == (point_id, member, AT, NOW)
    assert (found.has_findings, found.note) == (True, "占道经营")
    _, _, metres = Geod(ellps="WGS84").inv(lon, lat, *place((100, 100))[0].tolist())
    assert found.distance_m == pytest.approx(metres, abs=0.01)
    assert metres == pytest.approx(50, abs=0.1)
    nowhere = record(session, settings, NewCheckIn(AT, False, point_id=point_id), now=NOW)
    assert (nowhere.distance_m, nowhere.note, nowhere.lon) == (None, "", None)


def test_sent_again_it_is_the_first_one_whatever_it_says_now(session, settings, point_id):
    new = NewCheckIn(AT, True, point_id=point_id, note="first", client_uuid=NAME)
    first = record(session, settings, new, now=NOW)
    later = NOW + timedelta(hours=5)
    assert record(session, settings, new, now=later) == first
    assert record(session, settings, replace(new, note="second", point_id=None), now=later) == first
    assert stored(session) == 1
    record(session, settings, replace(new, client_uuid=None), now=NOW)
    record(session, settings, replace(new, client_uuid=None), now=NOW)
    assert stored(session) == 3


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"at": NOW + timedelta(seconds=601)}, "check_in_in_future"),
        ({"at": datetime(1989, 12, 31, tzinfo=UTC)}, "check_in_too_old"),
        ({"at": datetime(2026, 6, 30, 4)}, "check_in_time_without_zone"),  # noqa: DTZ001 - that is the fault
        ({"note": "长" * 501}, "check_in_note_too_long"),
        ({"note": "a\x00b"}, "unreadable_text"),
        ({"lon": 114.0}, "check_in_place_invalid"),
        ({"lat": 30.0}, "check_in_place_invalid"),
        ({"lon": 181.0, "lat": 0.5}, "check_in_place_invalid"),
        ({"lon": 30.0, "lat": -90.5}, "check_in_place_invalid"),
        ({"lon": float("nan"), "lat": 30.0}, "check_in_place_invalid"),
        ({"lon": 0.0, "lat": 0.0}, "check_in_place_invalid"),
        ({"point_code": "GONE"}, "point_inactive"),
    ],
)
def test_what_cant_be_true_is_refused_with_its_reason(session, settings, point_id, change, code):
    add_point(session, settings, "GONE", (0, 0))
    session.execute(text("UPDATE point SET active = false WHERE code = 'GONE'"))
    with pytest.raises(BadRequest) as caught:
        record(session, settings, replace(NewCheckIn(AT, False, point_code="P1"), **change), now=NOW)
    assert caught.value.code == code
    assert code in SENTENCES
    assert stored(session) == 0


def test_ten_minutes_ahead_and_five_hundred_characters_are_taken(session, settings, point_id):
    ahead = NOW + timedelta(seconds=600)
    found = record(session, settings, NewCheckIn(ahead, False, point_id=point_id, note="长" * 500), now=NOW)
    assert (found.at, len(found.note)) == (ahead, 500)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"point_code": "P9"}, "point_unknown"),
        ({"point_code": "P\x001"}, "point_unknown"),
        ({"point_code": None}, "point_unknown"),
        ({"point_code": None, "point_id": 10**12}, "point_unknown"),
        ({"member_id": 987_654}, "member_id_unknown"),
    ],
)
def test_whom_or_what_nobody_knows_is_not_found(session, settings, point_id, change, code):
    with pytest.raises(NotFound) as caught:
        record(session, settings, replace(NewCheckIn(AT, False, point_code="P1"), **change), now=NOW)
    assert caught.value.code == code
    assert code in SENTENCES


def test_who_may_not_see_a_point_cannot_check_in_there_nor_see_who_did(session, settings, point_id):
    other = add_point(session, settings, "P2", (0, 0))
    record(session, settings, NewCheckIn(AT, False, point_id=other, client_uuid=NAME), now=NOW)
    for name, value in scope_settings(Scope(point_ids=frozenset({point_id}))).items():
        session.execute(text(f"SELECT set_config('app.{name}', :value, true)"), {"value": value})
    assert record(session, settings, NewCheckIn(AT, False, point_id=point_id), now=NOW).point_id == point_id
    for new in (
        NewCheckIn(AT, False, point_id=other),
        NewCheckIn(AT, False, point_id=other, client_uuid=NAME),
    ):
        with pytest.raises(GeoServiceError):
            record(session, settings, new, now=NOW)
    assert stored(session) == 1
