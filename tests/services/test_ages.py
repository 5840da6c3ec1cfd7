"""Days since last seen: bands that add up to the zone, and an image that shows the right cell at every pixel."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyproj import Transformer
from sqlalchemy import text

from geoservice.domain.ages import NO_BAND, band_days, cells_under, lay_pixels, median_band
from geoservice.domain.windows import Window
from geoservice.services import ground
from geoservice.services.ages import age_raster, zone_ages
from geoservice.store import bitmaps
from tests.services.ground_kit import EPSG, add_zone, cover, fixes, place, receive

ON = date(2026, 6, 28)
NOON = datetime(2026, 6, 28, 4, tzinfo=UTC)
NOW = datetime(2026, 6, 29, tzinfo=UTC)
MANY = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
AGES = (0, 3, 6, 7, 20, 29, 30, 89, 90, 364, 365, 500)


def lay_city(session, settings, rng):
    """A parent of two overlapping zones, a kiosk, a lake, and walks of different ages."""
    top = add_zone(session, settings, "P", shapely.box(0, 0, 400, 200), level="street")
    add_zone(session, settings, "L", shapely.box(0, 0, 250, 200), parent=top)
    add_zone(session, settings, "R", shapely.box(200, 0, 400, 200), parent=top)
    add_zone(session, settings, "kiosk", shapely.box(50, 210, 56, 216))
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom) SELECT 'lake', 'water', ST_Multi(ST_Buffer(ST_Centroid(geom), 0.0003)) "
            "FROM zone_version WHERE name = 'zone R'"
        )
    )
    ground.refresh_masks(session, settings)
    for number, age in enumerate(rng.choice(AGES, 4, replace=False).tolist()):
        steps = rng.uniform((0, 0), (400, 220), (4, 2))
        start = NOON - timedelta(days=age)
        receive(session, settings, fixes(f"d{number}", start, np.arange(4) * 60, steps), now=NOW)
    cover(session, settings)


@given(st.integers(0, 2**32 - 1))
@hypothesis_settings(max_examples=6, **MANY)
def test_bands_add_up_to_the_zone_and_to_what_windows_say(session, settings, seed):
    with session.begin_nested() as savepoint:
        lay_city(session, settings, np.random.default_rng(seed))
        ages = {zone.zone_id: zone for zone in zone_ages(session, settings, ON)}
        for place_, days in enumerate(band_days(settings.history_days)):
            for count in bitmaps.count_zones(session, Window.ending(ON, days)):
                zone = ages[count.zone_id]
                if count.cells >= 16:
                    assert sum(zone.areas_m2) == (count.cells - count.excluded) * 25
                    assert sum(zone.areas_m2[: place_ + 1]) == count.covered * 25
                else:
                    assert sum(zone.areas_m2) == pytest.approx(36, abs=1e-3)
        raster = age_raster(session, settings, ON)
        assert raster.days == band_days(settings.history_days)
        savepoint.rollback()


@given(
    st.integers(0, 2**32 - 1), st.sampled_from([None, "L", "R"]), st.sampled_from([500, 20_000, 2_000_000])
)
@hypothesis_settings(max_examples=8, **MANY)
def test_a_pixel_shows_the_age_of_the_cell_under_its_middle(session, settings, seed, code, most):
    with session.begin_nested() as savepoint:
        lay_city(session, settings, np.random.default_rng(seed))
        zones = None
        if code:
            zones = [session.scalar(text("SELECT id FROM zone WHERE code = :code"), {"code": code})]
        raster = age_raster(session, settings, ON, zone_ids=zones, max_pixels=most)
        height, width = raster.bands.shape
        assert height * width <= most
        west, south, east, north = raster.bounds
        to_mercator = Transformer.from_crs(4326, 3857, always_xy=True)
        (x0, x1), (y0, y1) = to_mercator.transform((west, east), (south, north))
        x = x0 + (np.arange(width) + 0.5) * (x1 - x0) / width
        y = y1 - (np.arange(height) + 0.5) * (y1 - y0) / height
        mx, my = Transformer.from_crs(3857, EPSG, always_xy=True).transform(*np.meshgrid(x, y))
        expected = expected_bands(session, zones, np.floor(my / 5), np.floor(mx / 5))
        # A pixel whose middle lies within a centimetre of a cell's edge may fall to either side.
        clear = (np.abs((mx + 2.5) % 5 - 2.5) > 0.01) & (np.abs((my + 2.5) % 5 - 2.5) > 0.01)
        assert clear.mean() > 0.9
        assert np.array_equal(raster.bands[clear], expected[clear])
        assert (raster.bands != NO_BAND).any()
        savepoint.rollback()


def expected_bands(session, zones, row, column):
    """The band of world cells by the bitmaps of windows, laid out in a plain array."""
    versions = session.scalars(
        text(
            "SELECT v.id FROM zone_version v WHERE (CAST(:zones AS int[]) IS NULL OR v.path && CAST(:zones AS int[])) "
            "AND NOT EXISTS (SELECT FROM zone_version c WHERE c.parent_id = v.zone_id)"
        ),
        {"zones": zones},
    ).all()
    y0, x0 = int(row.min()) // 256 * 256, int(column.min()) // 256 * 256
    shape = (int(row.max()) - y0 + 257, int(column.max()) - x0 + 257)

    def laid_out(tiles):
        out = np.zeros(shape, bool)
        for at, cells in enumerate(tiles.cells()):
            r, c = int(tiles.ty[at]) * 256 - y0, int(tiles.tx[at]) * 256 - x0
            if 0 <= r <= shape[0] - 256 and 0 <= c <= shape[1] - 256:
                out[r : r + 256, c : c + 256] |= cells
        return out

    inside = laid_out(bitmaps.zone_masks(session, versions)) & ~laid_out(bitmaps.excluded_on(session, ON))
    days = band_days(365)
    bands = np.where(inside, len(days), NO_BAND)
    for band in reversed(range(len(days))):
        seen = laid_out(bitmaps.seen_in(session, Window.ending(ON, days[band])))
        bands[inside & seen] = band
    return bands[row.astype(int) - y0, column.astype(int) - x0]


@pytest.mark.parametrize(
    ("epsg", "bounds"), [(4547, (113.7, 22.4, 114.65, 22.9)), (4527, (104.9, 30.4, 106.4, 31.6))]
)
def test_pixels_are_placed_within_a_hundredth_of_one(epsg, bounds):
    grid = lay_pixels(bounds, 5.0, 400_000)
    row, column = cells_under(grid, epsg, 0.1)  # cells of a decimetre: where the middle itself falls
    x = grid.west + (np.arange(grid.width) + 0.5) * grid.pixel
    y = grid.north - (np.arange(grid.height) + 0.5) * grid.pixel
    mx, my = Transformer.from_crs(3857, epsg, always_xy=True).transform(*np.meshgrid(x, y))
    apart = np.hypot(column - np.floor(mx / 0.1), row - np.floor(my / 0.1)) * 0.1
    assert apart.max() < 0.01 * grid.pixel


def test_bounds_cut_the_image_and_far_ones_leave_nothing(session, settings):
    lay_city(session, settings, np.random.default_rng(1))
    whole = age_raster(session, settings, ON)
    (west, south), (east, north) = place([[0, 0], [100, 100]]).tolist()
    part = age_raster(session, settings, ON, bounds=(west, south, east, north))
    assert part.bands.shape < whole.bands.shape
    assert part.bounds[0] == pytest.approx(west)
    assert part.bounds[3] == pytest.approx(north)
    assert age_raster(session, settings, ON, bounds=(0, 0, 1, 1)) is None
    assert age_raster(session, settings, ON, zone_ids=[]) is None
    # More of the world than there is ground shows the ground.
    assert np.array_equal(age_raster(session, settings, ON, bounds=(-180, -80, 180, 80)).bands, whole.bands)


def test_a_city_nobody_looked_at_has_no_median_and_the_median_is_weighted_by_area(session, settings):
    add_zone(session, settings, "Z", shapely.box(0, 0, 100, 100))
    (zone,) = zone_ages(session, settings, ON)
    assert (zone.areas_m2[-1], zone.median) == (10_000, None)
    assert median_band([0, 10, 0, 9, 0, 0]) == 1
    assert median_band([0, 10, 0, 9, 0, 2]) == 3
    assert median_band([0, 0, 0]) is None
    assert band_days(20) == (1, 7, 20)
    assert band_days(365) == (1, 7, 30, 90, 365)
