"""Coordinates mean what we think: against an independent converter, and against every way a file can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geocoordinates_ffi as oracle
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoservice.domain import shifts
from geoservice.domain.crs import (
    central_meridian,
    far_from_meridian,
    metric_epsg_for,
    resolve_crs,
    to_lonlat,
    to_metric,
)
from geoservice.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

METRES_PER_DEGREE = 111_320.0
CLOSE_M = 0.05
SHENZHEN = np.array([[114.05, 22.54], [113.9, 22.7]])

places_in_china = st.tuples(st.floats(73.5, 135.1), st.floats(3.9, 53.6))
places_anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def one(place: tuple[float, float]) -> NDArray[np.float64]:
    return np.array([place], dtype=np.float64)


def apart_m(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.abs(a - b).max() * METRES_PER_DEGREE)


def by_oracle(convert: Callable[[Any], Any], kind: type, place: tuple[float, float]) -> NDArray[np.float64]:
    found = convert(kind(lon=place[0], lat=place[1]))
    return np.array([[found.lon, found.lat]])


@given(places_anywhere)
def test_gcj02_is_what_an_independent_converter_says_and_wgs84_outside_china(
    place: tuple[float, float],
) -> None:
    assert (
        apart_m(shifts.wgs84_to_gcj02(one(place)), by_oracle(oracle.wgs84_to_gcj02, oracle.Wgs84, place))
        < CLOSE_M
    )


@given(places_in_china)
def test_bd09_is_what_an_independent_converter_says(place: tuple[float, float]) -> None:
    assert (
        apart_m(shifts.gcj02_to_bd09(one(place)), by_oracle(oracle.gcj02_to_bd09, oracle.Gcj02, place))
        < CLOSE_M
    )
    assert (
        apart_m(shifts.wgs84_to_bd09(one(place)), by_oracle(oracle.wgs84_to_bd09, oracle.Wgs84, place))
        < CLOSE_M
    )


@given(places_in_china)
def test_the_way_back_leads_home(place: tuple[float, float]) -> None:
    assert apart_m(shifts.gcj02_to_wgs84(shifts.wgs84_to_gcj02(one(place))), one(place)) < 0.001
    assert apart_m(shifts.bd09_to_gcj02(shifts.gcj02_to_bd09(one(place))), one(place)) < 0.001
    assert apart_m(shifts.bd09_to_wgs84(shifts.wgs84_to_bd09(one(place))), one(place)) < 0.001


def test_every_half_degree_of_china_agrees_with_the_converter_and_comes_home() -> None:
    lattice = np.stack(np.meshgrid(np.arange(73.5, 135.2, 0.5), np.arange(3.9, 53.7, 0.5)), axis=-1).reshape(
        -1, 2
    )
    gcj02, bd09 = shifts.wgs84_to_gcj02(lattice), shifts.wgs84_to_bd09(lattice)
    told = [oracle.wgs84_to_gcj02(oracle.Wgs84(lon=lon, lat=lat)) for lon, lat in lattice.tolist()]
    assert apart_m(gcj02, np.array([[place.lon, place.lat] for place in told])) < CLOSE_M
    told = [oracle.wgs84_to_bd09(oracle.Wgs84(lon=lon, lat=lat)) for lon, lat in lattice.tolist()]
    assert apart_m(bd09, np.array([[place.lon, place.lat] for place in told])) < CLOSE_M
    assert apart_m(shifts.gcj02_to_wgs84(gcj02), lattice) < CLOSE_M
    assert apart_m(shifts.bd09_to_wgs84(bd09), lattice) < CLOSE_M


@pytest.mark.parametrize("zone", range(25, 46))
def test_every_3_degree_zone_before_the_easting_is_known_and_swapped_refused(zone: int) -> None:
    place = np.array([[3.0 * zone, 40.0], [3.0 * zone + 0.5, 41.0]])
    xy = to_metric(4513 + zone - 25, place)
    assert resolve_crs("auto", None, xy).crs == f"EPSG:{4513 + zone - 25}"
    with pytest.raises(InvalidFile, match="axes_swapped"):
        resolve_crs("auto", None, xy[:, ::-1])
    wkt = pyproj.CRS.from_epsg(4534 + zone - 25).to_wkt("WKT1_ESRI")
    without = to_metric(4534 + zone - 25, place)
    assert apart_m(resolve_crs("auto", wkt, without).to_lonlat(without), place) < CLOSE_M


@pytest.mark.parametrize("zone", range(13, 24))
def test_every_6_degree_zone_before_the_easting_is_known(zone: int) -> None:
    xy = to_metric(4491 + zone - 13, np.array([[6.0 * zone - 3, 40.0], [6.0 * zone - 2, 41.0]]))
    assert resolve_crs("auto", None, xy).crs == f"EPSG:{4491 + zone - 13}"


@given(st.lists(places_anywhere, max_size=20))
def test_many_places_move_as_each_alone(places: list[tuple[float, float]]) -> None:
    together = np.array(places, dtype=np.float64).reshape(-1, 2)
    before = together.copy()
    for convert in (shifts.wgs84_to_gcj02, shifts.gcj02_to_wgs84, shifts.gcj02_to_bd09):
        alone = [convert(one(place)) for place in places]
        assert np.array_equal(convert(together), np.concatenate(alone) if alone else before)
    assert np.array_equal(together, before), "the caller's array was changed"


def test_the_shift_in_a_city_is_some_hundred_metres() -> None:
    moved = to_metric(4547, shifts.wgs84_to_gcj02(SHENZHEN)) - to_metric(4547, SHENZHEN)
    assert ((np.hypot(*moved.T) > 300) & (np.hypot(*moved.T) < 800)).all()


@given(places_anywhere)
def test_a_metric_crs_exists_for_every_place_and_is_near(place: tuple[float, float]) -> None:
    epsg = metric_epsg_for(*place)
    assert pyproj.CRS.from_epsg(epsg).is_projected
    assert abs(central_meridian(epsg) - place[0]) <= (1.5 if 4534 <= epsg <= 4554 else 3.0) + 1e-9


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (114.05, 22.5, 4547),
        (116.4, 39.9, 4548),
        (73.5, 40, 4534),
        (136.5, 45, 4554),
        (136.6, 45, 32653),
        (13.4, 52.5, 32633),
        (-58.4, -34.6, 32721),
        (180, 0, 32660),
    ],
)
def test_the_metric_crs_is_gauss_kruger_in_china_and_utm_elsewhere(lon: float, lat: float, epsg: int) -> None:
    assert metric_epsg_for(lon, lat) == epsg


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (float("nan"), 0)])
def test_what_is_not_on_earth_has_no_metric_crs(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match="not a place on Earth"):
        metric_epsg_for(lon, lat)


def test_metres_and_back_for_arrays_geometries_and_arrays_of_geometries() -> None:
    metres = to_metric(4547, SHENZHEN)
    assert np.allclose(to_lonlat(4547, metres), SHENZHEN, atol=1e-9)
    assert 400_000 < metres[0, 0] < 600_000, "easting comes first"
    point = to_metric(4547, shapely.Point(SHENZHEN[0]))
    assert np.allclose(shapely.get_coordinates(point), metres[:1])
    many = to_metric(4547, np.array([shapely.Point(place) for place in SHENZHEN], dtype=object))
    assert np.allclose(shapely.get_coordinates(many), metres)


def test_a_kilometre_is_a_kilometre() -> None:
    metres = to_metric(4547, SHENZHEN)
    geodesic = pyproj.Geod(ellps="GRS80").inv(*SHENZHEN[0], *SHENZHEN[1])[2]
    assert np.hypot(*(metres[1] - metres[0])) == pytest.approx(geodesic, rel=2e-4)


def projected(epsg: int) -> NDArray[np.float64]:
    transformer = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    return np.column_stack(transformer.transform(*SHENZHEN.T))


@pytest.mark.parametrize(
    ("spec", "file_crs", "sample", "crs"),
    [
        ("auto", None, SHENZHEN, "EPSG:4326"),
        ("auto", "EPSG:4490", SHENZHEN, "EPSG:4490"),
        ("auto", None, projected(4526), "EPSG:4526"),  # 3-degree zone 38
        ("auto", None, projected(4497), "EPSG:4497"),  # 6-degree zone 19
        ("EPSG:4547", None, projected(4547), "EPSG:4547"),
        ("epsg:4547", "EPSG:4326", projected(4547), "EPSG:4547"),
        ("auto", pyproj.CRS.from_epsg(4547).to_wkt("WKT1_ESRI"), projected(4547), "EPSG:4547"),
        ("auto", pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI"), SHENZHEN, "EPSG:4490"),
        ("auto", "EPSG:3857", projected(3857), "EPSG:3857"),
    ],
)
def test_coordinates_are_understood_and_brought_to_lonlat(
    spec: str, file_crs: str | None, sample: NDArray[np.float64], crs: str
) -> None:
    source = resolve_crs(spec, file_crs, sample)
    assert source.crs == crs
    assert apart_m(source.to_lonlat(sample), SHENZHEN) < CLOSE_M


def test_shifted_coordinates_are_brought_home() -> None:
    assert (
        apart_m(resolve_crs("gcj02", None, SHENZHEN).to_lonlat(shifts.wgs84_to_gcj02(SHENZHEN)), SHENZHEN)
        < CLOSE_M
    )
    bd09 = shifts.wgs84_to_bd09(SHENZHEN)
    assert apart_m(resolve_crs("BD09", "EPSG:4326", bd09).to_lonlat(bd09), SHENZHEN) < CLOSE_M


def test_cgcs2000_is_left_exactly_as_it_is() -> None:
    assert np.array_equal(resolve_crs("EPSG:4490", None, SHENZHEN).to_lonlat(SHENZHEN), SHENZHEN)


@pytest.mark.parametrize("spec", ["auto", "EPSG:4326", "gcj02"])
def test_swapped_axes_are_refused_until_they_are_told(spec: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        resolve_crs(spec, None, SHENZHEN[:, ::-1])
    assert (caught.value.code, caught.value.values["x"]) == ("axes_swapped", 22.54)
    told = resolve_crs(spec, None, SHENZHEN[:, ::-1], swapped=True)
    assert np.allclose(
        told.to_lonlat(SHENZHEN[:, ::-1]), resolve_crs(spec, None, SHENZHEN).to_lonlat(SHENZHEN)
    )


@pytest.mark.parametrize(
    ("spec", "file_crs", "sample", "code"),
    [
        ("auto", None, projected(4526)[:, ::-1], "axes_swapped"),
        ("auto", None, [[40.0, 80.0]], "axes_swapped"),  # Kashgar, latitude first
        ("auto", None, projected(4547), "crs_needed"),
        ("auto", None, [[1e8, 1e8]], "unknown_crs"),
        ("auto", None, [[float("nan"), 1.0]], "coordinates_not_finite"),
        ("auto", "EPSG:4326", [[500_000.0, 2_500_000.0]], "crs_does_not_fit"),
        ("EPSG:4326", None, [[200.0, 10.0]], "crs_does_not_fit"),
        ("EPSG:4547", None, [[float("inf"), 10.0]], "coordinates_not_finite"),
        ("EPSG:999999", None, SHENZHEN, "crs_unreadable"),
        ("EPSG:4978", None, SHENZHEN, "crs_unreadable"),  # geocentric
        ("wgs84", None, SHENZHEN, "crs_unreadable"),
        ("", None, SHENZHEN, "crs_unreadable"),
        ("auto", "LOCAL_CS[x]", SHENZHEN, "crs_unreadable"),
        ("auto", "x" * 30_000, SHENZHEN, "crs_unreadable"),
    ],
)
def test_coordinates_that_make_no_sense_are_refused(
    spec: str, file_crs: str | None, sample: Any, code: str
) -> None:
    with pytest.raises(InvalidFile) as caught:
        resolve_crs(spec, file_crs, np.array(sample, dtype=np.float64))
    assert caught.value.code == code


def test_one_row_without_numbers_does_not_decide_for_the_file() -> None:
    assert resolve_crs("auto", None, np.vstack([SHENZHEN, [np.nan, np.inf]])).crs == "EPSG:4326"


def test_europe_is_not_taken_for_a_swapped_china() -> None:
    assert resolve_crs("auto", None, np.array([[13.4, 52.5], [-3.7, 40.4]])).crs == "EPSG:4326"


@pytest.mark.parametrize(
    ("crs", "datum"),
    [
        ("EPSG:4214", "Beijing 1954"),
        ("EPSG:4610", "Xian 1980"),
        ("EPSG:2383", "Xian 1980"),
        ("EPSG:2435", "Beijing 1954"),
    ],
)
def test_rough_datums_are_warned_of(crs: str, datum: str) -> None:
    sample = projected(int(crs[5:]))
    notes = resolve_crs(crs, None, sample).notes
    assert [(note.code, note.values["datum"]) for note in notes] == [("datum_rough", datum)]


def test_a_guess_is_told_and_so_is_a_far_meridian() -> None:
    source = resolve_crs("auto", None, SHENZHEN, metric_epsg=4550)
    assert [note.code for note in source.notes] == ["crs_assumed", "far_from_meridian"]
    assert far_from_meridian(4547, SHENZHEN) is None
    assert far_from_meridian(4547, np.empty((0, 2))) is None
    assert resolve_crs("auto", None, np.empty((0, 2))).crs == "EPSG:4326"
