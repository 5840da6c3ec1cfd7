"""Zones of a few cells, measured exactly."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from geoservice.domain.tiny import QUARTER_SIDES, TinyZones, see_exactly
from geoservice.domain.tracks import Segments

REACH = {1: 30.0, 2: 40.0, 3: 50.0}
SAGITTA_M = 50.0 * (1 - np.cos(np.pi / 4 / QUARTER_SIDES))
ZONES = [
    shapely.box(0, 0, 3, 4),
    shapely.box(20, 0, 30, 12).difference(shapely.box(23, 3, 26, 6)),
    shapely.MultiPolygon([shapely.box(-60, 0, -50, 2), shapely.box(70, 0, 72, 30)]),
]


def zones(shapes=ZONES):
    polygons = np.empty(len(shapes), dtype=object)
    polygons[:] = shapes
    return TinyZones(np.arange(len(shapes)) + 7, polygons)


@st.composite
def segments(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(1, 30))
    ends = rng.uniform(-120, 120, (count, 4))
    still = rng.random(count) < 0.2
    ends[still, 2:] = ends[still, :2]
    device = np.sort(rng.integers(0, 3, count))
    start = np.arange(count)
    mode = rng.integers(1, 4, count).astype(np.int16)
    return Segments(device, start, start + 1, *ends.T.copy(), mode), rng.integers(1, 3, count)


def shown(seen):
    keys = zip(seen.device.tolist(), seen.slot.tolist(), seen.version_id.tolist(), strict=True)
    return dict(zip(keys, shapely.to_wkb(seen.polygon).tolist(), strict=True))


@given(segments())
@hypothesis_settings(deadline=None)
def test_it_is_what_buffers_of_each_segment_cover(case):
    walked, slot = case
    seen = shown(see_exactly(walked, slot, zones(), REACH))
    assert list(seen) == sorted(seen)
    for device in range(3):
        for part in (1, 2):
            mine = (walked.device == device) & (slot == part)
            capsules = [
                shapely.LineString([(ax, ay), (bx, by)]).buffer(REACH[mode], quad_segs=256)
                for ax, ay, bx, by, mode in zip(
                    *(column[mine] for column in (walked.ax, walked.ay, walked.bx, walked.by, walked.mode)),
                    strict=True,
                )
            ]
            for number, zone in enumerate(ZONES):
                exact = shapely.union_all(capsules).intersection(zone)
                found = seen.get((device, part, number + 7))
                area = shapely.from_wkb(found).area if found else 0.0
                # An arc of 50 m drawn in so many corners lies at most SAGITTA_M inside the circle.
                assert area == pytest.approx(exact.area, abs=SAGITTA_M * zone.length)
                if found:
                    assert shapely.from_wkb(found).difference(zone.buffer(1e-9)).area == pytest.approx(
                        0, abs=1e-9
                    )


@given(segments())
@hypothesis_settings(deadline=None)
def test_what_other_devices_did_does_not_matter_to_a_bit(case):
    walked, slot = case
    together = shown(see_exactly(walked, slot, zones(), REACH))
    apart = {}
    for device in range(3):
        mine = walked.device == device
        apart.update(shown(see_exactly(walked.take(mine), slot[mine], zones(), REACH)))
    assert apart == together


@given(segments())
@hypothesis_settings(deadline=None)
def test_more_segments_never_show_less(case):
    walked, _ = case
    one = np.ones(len(walked.start_us), np.int64)
    alike = Segments(
        0 * walked.device, *(getattr(walked, name) for name in list(Segments.__dataclass_fields__)[1:])
    )
    fewer = alike.take(np.arange(len(one)) % 2 == 0)
    less, more = (see_exactly(each, one[: len(each.start_us)], zones(), REACH) for each in (fewer, alike))
    area = dict(zip(more.version_id.tolist(), shapely.area(more.polygon).tolist(), strict=True))
    for version, polygon in zip(less.version_id.tolist(), less.polygon, strict=True):
        assert area[version] >= polygon.area - 1e-9


def test_standing_still_is_seen_too_and_far_away_shows_nothing():
    def stand(x):
        at = np.array([float(x)])
        return Segments(
            np.array([1]), np.array([0]), np.array([1]), at, at * 0, at, at * 0, np.array([1], np.int16)
        )

    one = np.ones(1, np.int64)
    near = see_exactly(stand(10), one, zones(), REACH)
    assert near.version_id.tolist() == [7, 8]
    assert near.polygon[0].equals(ZONES[0])
    assert len(see_exactly(stand(1000), one, zones(), REACH).version_id) == 0
    assert len(see_exactly(stand(0), one, zones([]), REACH).version_id) == 0
