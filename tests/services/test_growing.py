"""How coverage grew: until each step it is what the window until then says, and the image shows when each place was first seen."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from PIL import Image

from geoservice.domain.ages import NO_BAND, cells_set, cells_under, lay_pixels
from geoservice.domain.windows import Window
from geoservice.maps.growth import number_image
from geoservice.services.coverage import zone_coverage
from geoservice.services.growing import MOST_STEPS, grow
from geoservice.store import bitmaps
from tests.services.ground_kit import EPSG
from tests.services.test_ages import ON, lay_city


@pytest.mark.parametrize(("seed", "days"), [(1, 1), (2, 9), (3, MOST_STEPS + 1), (4, 7 * MOST_STEPS)])
def test_until_each_step_it_is_what_the_window_says(session, settings, seed, days):
    lay_city(session, settings, np.random.default_rng(seed))
    window = Window.ending(ON, days)
    rows = {row.zone_id: row for row in zone_coverage(session, settings, window)}
    found = grow(session, settings, window, list(rows))
    assert {zone.zone_id for zone in found.zones} == set(rows)
    assert found.steps[0].from_on == window.from_on
    assert found.steps[-1].to_on == window.to_on
    assert all(one.to_on + timedelta(1) == other.from_on for one, other in zip(found.steps, found.steps[1:], strict=False))  # fmt: skip
    for number in {0, len(found.steps) // 2, len(found.steps) - 1}:
        until = replace(window, to_on=found.steps[number].to_on)
        expected = {row.zone_id: row.rate for row in zone_coverage(session, settings, until)}
        for zone in found.zones:
            assert zone.rates[number] == pytest.approx(expected[zone.zone_id]), (zone, until)


def test_the_image_numbers_the_first_step_in_which_a_pixels_cell_was_seen(session, settings):
    lay_city(session, settings, np.random.default_rng(3))
    window = Window.ending(ON, 31)
    found = grow(session, settings, window, [row.zone_id for row in zone_coverage(session, settings, window)])
    assert len(found.steps) == 31
    pixels = lay_pixels(found.bounds, 5.0, 10 * found.first.size)
    if (pixels.height, pixels.width) != found.first.shape:
        pixels = replace(pixels, height=found.first.shape[0], width=found.first.shape[1])
    row, column = cells_under(pixels, EPSG, 5.0)
    seen = np.stack([cells_set(bitmaps.seen_in(session, one), row, column) for one in found.steps])
    inside = found.first != NO_BAND
    expected = np.where(seen.any(axis=0), seen.argmax(axis=0), len(found.steps))
    assert (found.first[inside] == expected[inside]).all()
    assert 0 < (found.first[inside] < len(found.steps)).mean() < 1
    assert sum(found.added_m2) > 0


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (64, 50)])
def test_a_browser_reads_back_the_numbers(shape):
    numbers = np.random.default_rng(5).integers(0, 256, shape, np.uint8)
    with Image.open(io.BytesIO(number_image(numbers))) as image:
        assert image.mode == "L"
        assert (np.asarray(image) == numbers).all()


def test_without_ground_there_is_nothing_to_show(session, settings):
    assert grow(session, settings, Window.ending(ON, 7), []) is None
