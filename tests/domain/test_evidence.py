"""Flags of photos: each has its reason, none is raised without one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain import evidence
from geoservice.domain.evidence import (
    CLOCK_TOLERANCE,
    DESK_TOLERANCE,
    NEAR_SAME_BITS,
    PLACE_TOLERANCE_M,
    SPOT_TOLERANCE,
    TRACK_TOLERANCE_M,
    TRACK_WITHIN,
    Fix,
    Flag,
    Likeness,
    Shot,
)

NOON = datetime(2026, 3, 18, 4, tzinfo=UTC)
HERE = (114.05, 22.53)
METRES_A_DEGREE = 111_195.08
GOOD = Shot(NOON, "other", True, HERE, NOON - timedelta(minutes=2), HERE, camera="HUAWEI P60")

hashes = st.integers(-(2**63), 2**63 - 1)


def _north(metres: float) -> tuple[float, float]:
    return HERE[0], HERE[1] + metres / METRES_A_DEGREE


def _flags(shot: Shot) -> set[Flag]:
    return {raised.flag for raised in evidence.flags_of(shot)}


def test_a_photo_taken_here_and_now_by_a_phone_has_no_flag():
    assert _flags(GOOD) == set()


@given(away=st.floats(0, 20_000))
def test_a_photo_is_taken_elsewhere_beyond_the_tolerance_and_says_how_far(away):
    if abs(away - PLACE_TOLERANCE_M) < 1:
        return
    raised = evidence.flags_of(replace(GOOD, taken_place=_north(away)))
    assert [one.flag for one in raised] == ([Flag.TAKEN_ELSEWHERE] if away > PLACE_TOLERANCE_M else [])
    for one in raised:
        assert one.values["metres"] == pytest.approx(away, rel=2e-3, abs=1)


@given(minutes=st.integers(-5_000, 5_000), on_the_spot=st.booleans())
def test_a_photo_is_of_another_time_when_it_is_older_than_allowed_or_from_the_future(minutes, on_the_spot):
    early = timedelta(minutes=minutes)
    shot = replace(GOOD, on_the_spot=on_the_spot, taken_at=NOON - early)
    allowed = SPOT_TOLERANCE if on_the_spot else DESK_TOLERANCE
    assert (Flag.OTHER_TIME in _flags(shot)) == (early > allowed or -early > CLOCK_TOLERANCE)


def test_an_after_photo_from_before_the_report_is_said_however_young_it_is():
    shot = replace(GOOD, on_the_spot=False, stage="after", taken_at=NOON - timedelta(hours=3))
    assert _flags(shot) == set()
    assert _flags(replace(shot, due_from=NOON - timedelta(hours=2))) == {Flag.OTHER_TIME}


@pytest.mark.parametrize("software", ["Adobe Photoshop 25.1", "Snapseed 2.0", "美图秀秀", "今日水印相机"])
def test_editing_software_is_named(software):
    (raised,) = evidence.flags_of(replace(GOOD, software=software))
    assert (raised.flag, raised.values) == (Flag.EDITED, {"software": software})


@pytest.mark.parametrize("software", ["", "16.5.1", "P60-AL00 4.2.0.110(C00E110R5P1)", "MIUI Camera"])
def test_a_phones_own_software_is_nothing_odd(software):
    assert _flags(replace(GOOD, software=software)) == set()


def test_a_photo_that_tells_nothing_has_no_camera_data():
    assert _flags(replace(GOOD, camera="", taken_at=None, taken_place=None)) == {Flag.NO_CAMERA}


def test_a_photo_far_from_every_fix_around_its_time_is_off_track():
    assert GOOD.taken_at is not None
    near_in_time = Fix(GOOD.taken_at, *_north(TRACK_TOLERANCE_M + 120), accuracy_m=20)
    raised = evidence.off_track(GOOD, [near_in_time])
    assert raised is not None
    assert raised.values["metres"] == pytest.approx(TRACK_TOLERANCE_M + 100, abs=2)
    assert evidence.off_track(GOOD, [near_in_time, Fix(GOOD.taken_at, *HERE, accuracy_m=20)]) is None
    assert evidence.off_track(GOOD, [replace(near_in_time, accuracy_m=150.0)]) is None
    assert evidence.off_track(GOOD, [replace(near_in_time, at=GOOD.taken_at - TRACK_WITHIN * 2)]) is None
    assert evidence.off_track(GOOD, []) is None


@given(phash=hashes, flipped=st.sets(st.integers(0, 63), max_size=NEAR_SAME_BITS))
def test_every_hash_within_reach_shares_a_probed_band(phash, flipped):
    """Against the plain definition: bits are turned one by one, and the other's own bands are looked up in the probes."""
    other = phash & (2**64 - 1)
    for bit in flipped:
        other ^= 1 << bit
    assert evidence.bits_between(phash, other) == len(flipped)
    bands = [(other >> shift) & 0xFFFF for shift in (48, 32, 16, 0)]
    assert any(band in probes for band, probes in zip(bands, evidence.band_probes(phash), strict=True))


def test_the_same_file_is_said_before_a_near_one_and_what_differs_is_nothing():
    assert evidence.used_before(None) is None
    assert evidence.used_before(Likeness(5, 0, same_file=True)).flag is Flag.SAME_PHOTO
    assert evidence.used_before(Likeness(5, NEAR_SAME_BITS, same_file=False)).flag is Flag.NEAR_SAME
    assert evidence.used_before(Likeness(5, NEAR_SAME_BITS + 1, same_file=False)) is None
    assert evidence.alike(Likeness(5, 12, same_file=False)) is None
    assert evidence.alike(Likeness(5, 12, same_file=True)).flag is Flag.ALIKE
