"""Taking tracks away: what goes, what stays, what is said about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from geoservice.errors import BadRequest, NotFound
from geoservice.services import tracking
from geoservice.store.audit import AuditEntry
from tests.services.ground_kit import NOW, cover, fixes, fresh, receive, stored

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
MINUTE = timedelta(minutes=1)


def track_of(session, settings, device="a", start=MORNING):
    metres = [(0, 0), (60, 0), (120, 40), (180, 40), (240, 0)]
    return receive(session, settings, fixes(device, start, [0, 60, 120, 180, 240], metres)).track_ids[0]


def span(session, track_id):
    return session.execute(
        text("SELECT started_at, ended_at, fix_count FROM track WHERE id = :id"), {"id": track_id}
    ).one_or_none()


def test_a_cut_takes_the_span_and_leaves_the_rest(session, settings):
    track_id = track_of(session, settings)
    track_of(session, settings, "b")
    cover(session, settings)
    done = tracking.cut_track(session, settings, track_id, MORNING + MINUTE, MORNING + 3 * MINUTE)
    assert (done.fixes, done.days) == (2, (date(2026, 6, 1),))
    assert span(session, track_id) == (MORNING, MORNING + 4 * MINUTE, 3)
    assert cover(session, settings).devices == 1
    assert stored(session) == fresh(session, settings)


def test_a_cut_at_an_end_shortens_the_track_and_a_cut_of_all_removes_it(session, settings):
    track_id = track_of(session, settings)
    tracking.cut_track(session, settings, track_id, MORNING - MINUTE, MORNING + MINUTE)
    assert span(session, track_id) == (MORNING + MINUTE, MORNING + 4 * MINUTE, 4)
    tracking.cut_track(session, settings, track_id, MORNING, MORNING + 5 * MINUTE)
    assert span(session, track_id) is None
    cover(session, settings)
    assert (
        stored(session)
        == fresh(session, settings)
        == ({}, {"street": [], "visit": [], "tiny": [], "day": []})
    )


def test_what_was_cut_may_come_again(session, settings):
    track_id = track_of(session, settings)
    cover(session, settings)
    before = stored(session)
    tracking.cut_track(session, settings, track_id, MORNING + MINUTE, MORNING + 2 * MINUTE)
    cover(session, settings)
    assert stored(session) != before
    track_of(session, settings)
    cover(session, settings)
    assert stored(session) == before


def test_what_cannot_be_cut_is_said_and_nothing_is_changed(session, settings):
    track_id = track_of(session, settings)
    cover(session, settings)
    with pytest.raises(NotFound, match="track_unknown"):
        tracking.cut_track(session, settings, track_id + 1, MORNING, NOW)
    with pytest.raises(NotFound, match="track_unknown"):
        tracking.delete_track(session, settings, track_id + 1)
    with pytest.raises(BadRequest, match="span_reversed"):
        tracking.cut_track(session, settings, track_id, NOW, MORNING)
    with pytest.raises(NotFound, match="span_without_fixes"):
        tracking.cut_track(session, settings, track_id, MORNING + timedelta(seconds=1), MORNING + MINUTE)
    assert span(session, track_id).fix_count == 5
    assert cover(session, settings).devices == 0


def test_corrections_are_in_the_audit_trail(session, settings):
    track_id = track_of(session, settings)
    tracking.cut_track(session, settings, track_id, MORNING, MORNING + MINUTE)
    tracking.delete_track(session, settings, track_id)
    cut, deleted = session.query(AuditEntry).order_by(AuditEntry.id.desc()).limit(2).all()[::-1]
    assert (cut.action, cut.object_id, cut.detail["fixes"]) == ("track.cut", str(track_id), 1)
    assert (deleted.action, deleted.object_id, deleted.detail) == (
        "track.delete",
        str(track_id),
        {"fixes": 4},
    )


def test_tracks_are_listed_by_local_day_and_device(session, settings):
    late = datetime(2026, 6, 1, 15, 58, tzinfo=UTC)  # over midnight in Shanghai
    ids = [
        track_of(session, settings),
        track_of(session, settings, "b", late),
        track_of(session, settings, "a", NOW - MINUTE * 9),
    ]

    def listed(*window, **given):
        return [track.id for track in tracking.list_tracks(session, settings, window, **given)]

    assert listed(None, None) == ids
    assert listed(None, date(2026, 6, 1)) == ids[:2]
    assert listed(date(2026, 6, 2), date(2026, 6, 2)) == ids[1:2]
    assert listed(None, None, device="a") == [ids[0], ids[2]]
    assert listed(None, None, limit=1) == ids[2:]
    with pytest.raises(NotFound, match="device_unknown"):
        listed(None, None, device="nobody")
    with pytest.raises(BadRequest, match="window_reversed"):
        listed(date(2026, 6, 2), date(2026, 6, 1))
