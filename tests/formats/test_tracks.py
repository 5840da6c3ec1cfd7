"""Tracks: every format gives the same fixes; a bad fix is named, never fatal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoservice.errors import InvalidFile
from geoservice.formats.times import UNREADABLE, Clock

if TYPE_CHECKING:
    from pathlib import Path

    from geoservice.formats import Reader, TrackTable

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 1, 31, 4, 0, tzinfo=UTC)  # twelve o'clock in Shanghai
NOON_US = int(NOON.timestamp()) * 1_000_000
PLT_HEADER = (
    "Geolife trajectory\nWGS 84\nAltitude is in Feet\nReserved 3\n0,2,255,My Track,0,0,2,8421376\n0\n"
)


def codes(table: TrackTable) -> list[tuple[int | None, str]]:
    return [(problem.row, problem.code) for problem in table.problems]


def test_a_geolife_log_is_its_folders_person_in_gmt(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "017" / "Trajectory" / "20081023.plt"
    path.parent.mkdir(parents=True)
    path.write_text(
        PLT_HEADER + "39.9,116.3,0,492,39744.1,2026-01-31,04:00:00\r\n39.9,x,0,1,1,2026-01-31,04:00:01\n\n"
        "91.0,116.3,0,1,1,2026-01-31,04:00:02\n0,0,0,1,1,2026-01-31,04:00:03\n39.9,116.3,0,1,1,2026-01-32,04:00:03\n39.9\n"
    )
    table = reader.read_tracks(path, timezone=ZONE)
    assert table.time.tolist() == [NOON_US]
    assert (table.lon[0], table.lat[0], table.device[0]) == (116.3, 39.9, "017")
    assert np.isnan(table.accuracy_m[0])
    assert table.row_numbers.tolist() == [7]
    assert sorted(codes(table)) == [
        (8, "fix_coordinates"),
        (10, "fix_out_of_range"),
        (11, "fix_at_null_island"),
        (12, "fix_time"),
        (13, "row_too_short"),
    ]
    assert reader.read_tracks(path, timezone=ZONE, device="手环1").device[0] == "手环1"
    assert reader.read_tracks(path, timezone=ZONE, name="x/999/Trajectory/a.plt").device[0] == "999"


def test_a_gpx_track_brings_speed_course_and_accuracy(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "队员3.gpx"
    path.write_text(
        '<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" xmlns:t="urn:x"><wpt lat="1" lon="1"/><trk><name>x</name>'
        '<trkseg><trkpt lat="22.5" lon="114.0"><ele>3</ele><time>2026-01-31T12:00:00+08:00</time><extensions><t:speed>1.5</t:speed>'
        '<t:course>90</t:course><t:accuracy>8</t:accuracy></extensions></trkpt><trkpt lat="22.5" lon="114.0"><time>2026-01-31T04:00:01Z</time>'
        '<speed>-1</speed></trkpt><trkpt lat="22.5" lon="114"/><trkpt lat="22.5"><time>2026-01-31T04:00:01Z</time></trkpt></trkseg></trk></gpx>'
    )
    table = reader.read_tracks(path, timezone=ZONE)
    assert table.time.tolist() == [NOON_US, NOON_US + 1_000_000]
    assert (table.speed_mps[0], table.heading_deg[0], table.accuracy_m[0]) == (1.5, 90.0, 8.0)
    assert np.isnan(table.speed_mps[1])
    assert set(table.device) == {"队员3"}
    assert codes(table) == [(3, "fix_time"), (4, "fix_coordinates")]


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-31 12:00:00",
        "2026/1/31 12:00",
        "2026年1月31日 12时0分",
        "2026-01-31T12:00:00+08:00",
        "2026-01-31T04:00:00Z",
        "1769832000",
        "1769832000000",
        "46053.5",
    ],
)
def test_a_table_reads_times_in_every_form(tmp_path: Path, reader: Reader, cell: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"设备号,时间,经度,纬度,精度\n1001.0,{cell},114,22.5,12\n")
    table = reader.read_tracks(path, timezone=ZONE)
    assert table.time.tolist() == [NOON_US]
    assert (table.device[0], table.accuracy_m[0], table.mode[0]) == ("1001", 12.0, None)


def test_a_tables_columns_can_be_told(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        "who,when,a,b,how\n甲,2026-01-31 12:00:00,114,22,foot\n乙,?,114,22,\n丙,2026-01-31 12:00:00,,22,\n"
    )
    columns = {"device": "who", "time": "when", "lon": "a", "lat": "b", "mode": "how"}
    table = reader.read_tracks(path, columns=columns, timezone=ZONE)
    assert (table.device.tolist(), table.mode.tolist()) == (["甲"], ["foot"])
    assert codes(table) == [(3, "fix_time"), (4, "fix_coordinates")]
    with pytest.raises(InvalidFile) as caught:
        reader.read_tracks(path, timezone=ZONE)
    assert (caught.value.code, caught.value.values["missing"]) == ("track_columns_missing", "time, lon, lat")
    with pytest.raises(InvalidFile, match="column_unknown"):
        reader.read_tracks(path, columns={**columns, "lon": "no"}, timezone=ZONE)
    with pytest.raises(InvalidFile, match="column_role_unknown"):
        reader.read_tracks(path, columns={**columns, "colour": "a"}, timezone=ZONE)


def test_geojson_lines_with_times_and_points_with_a_time(tmp_path: Path, reader: Reader) -> None:
    line: dict[str, Any] = {"type": "LineString", "coordinates": [[114, 22, 5], [114.1, 22]]}
    many = {"type": "MultiLineString", "coordinates": [[[114, 22], [114.1, 22]], [[114.2, 22]]]}
    iso = ["2026-01-31T12:00:00", "2026-01-31T04:00:01Z"]

    def feature(shape: Any, **properties: Any) -> dict[str, Any]:
        return {"type": "Feature", "geometry": shape, "properties": properties}

    features = [
        feature(line, coordTimes=iso, device=7),
        feature(many, coordinateProperties={"times": [iso, ["2026-01-31T04:00:02Z"]]}),
        feature({"type": "Point", "coordinates": [114, 22]}, time=NOON_US / 1e6, imei="a"),
        feature(line, times=iso[:1]),
        feature(line),
        feature({"type": "Polygon", "coordinates": []}),
        feature({"type": "Point", "coordinates": ["x", 1]}, time=1),
        feature(None),
    ]
    path = tmp_path / "x.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    table = reader.read_tracks(path, timezone=ZONE)
    assert table.device.tolist() == ["7", "7", "x", "x", "x", "a"]
    assert (table.time - NOON_US).tolist() == [0, 1_000_000, 0, 1_000_000, 2_000_000, 0]
    assert codes(table) == [
        (4, "fix_times_differ"),
        (5, "fix_times_differ"),
        (6, "fix_not_a_line_or_point"),
        (7, "fix_coordinates"),
        (8, "geojson_not_a_feature"),
    ]


def test_thousands_of_bad_fixes_are_told_by_the_first_and_a_count(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.csv"
    path.write_text("time,lon,lat\n" + "x,1,1\n" * 2_500 + "2026-01-31T04:00:00Z,1,1\n")
    table = reader.read_tracks(path, timezone=ZONE)
    assert len(table) == 1
    assert (len(table.problems), table.problems[-1].code, table.problems[-1].values) == (
        1001,
        "more_rows_refused",
        {"count": 1500},
    )


def test_a_file_without_fixes_or_of_another_kind_is_refused(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "x.gpx").write_text("<gpx/>")
    (tmp_path / "x.plt").write_text("1,2\n3,4\n")
    (tmp_path / "x.kml").write_text("<kml/>")
    for name, code in (("x.gpx", "no_fixes"), ("x.plt", "plt_header"), ("x.kml", "not_a_track_file")):
        with pytest.raises(InvalidFile, match=code):
            reader.read_tracks(tmp_path / name, timezone=ZONE)


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC", "Asia/Kathmandu"])


@given(st.datetimes(datetime.fromisoformat("1981-01-01"), datetime.fromisoformat("2099-01-01")), ZONES)
def test_wall_time_is_read_in_the_deployments_zone(wall: datetime, zone: str) -> None:
    expected = wall.replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone))
    found = Clock(zone).microseconds(wall.isoformat(sep=" "))
    assert (
        abs(found - (expected.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6) < 100
    )


@given(st.integers(min_value=315_532_800, max_value=4_102_444_799))
def test_an_epoch_is_told_by_its_size(seconds: int) -> None:
    clock = Clock(ZONE)
    forms: list[Any] = [
        seconds,
        str(seconds),
        seconds * 1000,
        str(seconds * 1000),
        seconds * 1_000_000,
        float(seconds),
    ]
    assert {clock.microseconds(form) for form in forms} == {seconds * 1_000_000}


@pytest.mark.parametrize(
    "cell",
    [
        None,
        "",
        "x",
        True,
        float("nan"),
        -5,
        10**25,
        "1970-01-01",
        "2150-01-01T00:00:00Z",
        "2026-01-31T25:00:00",
        [],
        "0001-01-01T00:00:00+23:59",
    ],
)
def test_what_is_no_time_of_a_fix_is_refused(cell: Any) -> None:
    with pytest.raises((ValueError, OverflowError)):
        Clock(ZONE).microseconds(cell)


def test_an_unknown_zone_is_a_programmers_error() -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        Clock("Mars/Olympus")


@given(
    st.lists(
        st.datetimes(datetime.fromisoformat("1981-01-01"), datetime.fromisoformat("2099-01-01")), max_size=30
    ),
    ZONES,
)
def test_a_column_of_times_reads_as_each_alone(walls: list[datetime], zone: str) -> None:
    cells = [wall.replace(microsecond=0).isoformat(sep=" ") for wall in walls]
    clock = Clock(zone)
    expected = [clock.microseconds(cell) for cell in cells]
    assert clock.column(cells).tolist() == expected
    assert clock.column([*cells, "x", None]).tolist() == [*expected, UNREADABLE, UNREADABLE]


def test_a_column_with_an_odd_time_loses_only_that() -> None:
    cells = ["2026-01-31 12:00:00", "2026-01-32 12:00:00", "1970-01-01 00:00:00"]
    assert Clock(ZONE).column(cells).tolist() == [NOON_US, UNREADABLE, UNREADABLE]
    assert Clock(ZONE).column(cells[::2]).tolist() == [NOON_US, UNREADABLE]
