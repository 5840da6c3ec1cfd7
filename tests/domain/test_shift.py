"""Shifted coordinates are known by what lies there already; what is not shifted is left in peace."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoservice.domain import shifts
from geoservice.domain.candidates import candidates_of
from geoservice.domain.crs import to_metric
from geoservice.domain.shift import find_shift

SHARED = Path(__file__).parents[3] / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"{SHARED} is absent: real borders in two systems"
)
GEOD = pyproj.Geod(ellps="WGS84")
SYSTEMS = {
    "gcj02": (shifts.wgs84_to_gcj02, shifts.gcj02_to_wgs84),
    "bd09": (shifts.wgs84_to_bd09, shifts.bd09_to_wgs84),
}


def crooked_city(seed: int, lon: float, lat: float, side: int = 8) -> np.ndarray:
    """Zones of about 1 km with crooked borders, as polygons in lon/lat."""
    rng = np.random.default_rng(seed)
    nodes = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), axis=-1)
    nodes += rng.uniform(-0.4, 0.4, nodes.shape)
    nodes = nodes * 0.01 + [lon, lat]
    return np.array(
        [
            shapely.Polygon([nodes[i, j], nodes[i + 1, j], nodes[i + 1, j + 1], nodes[i, j + 1]])
            for i in range(side)
            for j in range(side)
        ],
        dtype=object,
    )


cities = st.tuples(st.integers(0, 2**32 - 1), st.floats(80, 125), st.floats(20, 48))


@pytest.mark.parametrize("system", SYSTEMS)
@given(cities)
@settings(max_examples=6, deadline=None)
def test_a_part_of_a_city_in_a_shifted_system_is_known_anywhere_in_china(system: str, city: tuple) -> None:
    zones = crooked_city(*city)
    true = shapely.get_coordinates(zones[10:40])
    rough = true + np.random.default_rng(city[0]).normal(0, 1e-4, true.shape)  # another survey: some 10 m off
    found = find_shift(SYSTEMS[system][0](rough), [zones], zones)
    assert found is not None
    assert found.system == system
    moved = SYSTEMS[system][0](true)
    real = np.median(GEOD.inv(*true.T, *moved.T)[2])
    assert found.metres == pytest.approx(real, rel=0.01)
    assert found.better_by > 2
    assert find_shift(rough, [zones], zones) is None


@given(cities, st.integers(0, 2**32 - 1))
@settings(max_examples=6, deadline=None)
def test_other_borders_in_the_same_place_are_not_taken_for_shifted(city: tuple, other: int) -> None:
    zones = crooked_city(*city)
    assert find_shift(shapely.get_coordinates(crooked_city(other + 1, *city[1:])), [zones], zones) is None


def test_points_that_fall_out_of_the_city_on_one_side_are_shifted() -> None:
    city = np.array([shapely.box(114.0, 22.5, 114.2, 22.7)], dtype=object)
    points = np.random.default_rng(3).uniform([114.0, 22.5], [114.2, 22.7], (2000, 2))
    found = find_shift(shifts.wgs84_to_gcj02(points), [], city)
    assert found is not None
    assert found.system == "gcj02"
    assert find_shift(points, [], city) is None


@pytest.mark.parametrize(
    "places",
    [
        np.empty((0, 2)),
        np.full((50, 2), np.nan),
        np.array([[13.4, 52.5]] * 50),
        np.array([[114.0, 22.5]] * 5),
    ],
)
def test_too_little_or_elsewhere_says_nothing(places: np.ndarray) -> None:
    assert find_shift(places, [crooked_city(1, 114, 22.5)]) is None


def borders(path: Path) -> np.ndarray:
    return shapely.from_wkb(pyogrio.raw.read(path, columns=[])[2])


@needs_shared
@pytest.mark.parametrize(
    ("zones", "county"), [("shenzhen/sz.shp", "4403"), ("chongqing_gbk/区县界_area.shp", "5")]
)
def test_real_county_borders_in_gcj02_are_known_by_real_borders_of_another_source(
    zones: str, county: str
) -> None:
    stored = borders(SHARED / zones)
    files = sorted((SHARED / "admin/fences_gcj02").glob(f"{county}*.json"))
    shifted = np.concatenate([shapely.get_coordinates(borders(file)) for file in files])
    found = find_shift(shifted, [stored])
    assert found is not None
    assert found.system == "gcj02"
    assert 300 < found.metres < 700
    assert find_shift(shifts.gcj02_to_wgs84(shifted), [stored]) is None


@needs_shared
def test_real_points_in_gcj02_are_known_by_the_city_s_border() -> None:
    with (SHARED / "shenzhen/charging_stations_gcj02.csv").open(encoding="utf-8") as file:
        points = np.array([[float(row["longitude"]), float(row["latitude"])] for row in csv.DictReader(file)])
    city = borders(SHARED / "shenzhen/sz.shp")
    found = find_shift(points, [], city)
    assert found is not None
    assert found.system == "gcj02"
    assert find_shift(shifts.gcj02_to_wgs84(points), [], city) is None


@pytest.mark.parametrize("six", [False, True])
@pytest.mark.parametrize(
    ("lon", "lat"), [(76.0, 39.5), (104.1, 30.7), (114.05, 22.5), (116.4, 39.9), (126.6, 45.8)]
)
def test_the_zone_of_untold_coordinates_is_among_those_that_fit_the_city(
    lon: float, lat: float, six: bool
) -> None:
    epsg = 4502 + round((lon - 75) / 6) if six else 4534 + round((lon - 75) / 3)
    xy = to_metric(epsg, np.array([[lon, lat], [lon + 0.01, lat + 0.01]]))
    found = candidates_of(xy, (lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1))
    best = found[0]
    assert best.metres == 0
    again = to_metric(best.epsg, np.array([[lon, lat], [lon + 0.01, lat + 0.01]]))
    assert np.abs(again - xy).max() < 0.01
    assert len(found) <= 3, "zones three degrees apart put it 200 km and more away"


def test_what_cannot_be_metres_without_a_zone_has_no_candidates() -> None:
    city = (114.0, 22.5, 114.2, 22.7)
    for xy in ([[38_500_000.0, 2_500_000.0]], [[2_500_000.0, 500_000.0]], [[114.0, 22.5]], [[np.nan, 1.0]]):
        found = candidates_of(np.array(xy), city)
        assert found == []
