from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from geoservice.domain import shifts
from geoservice.errors import BadRequest, InvalidFile
from geoservice.services.importing import (
    ExclusionOptions,
    Input,
    PointOptions,
    Report,
    Run,
    StreetOptions,
    import_exclusions,
    import_points,
    import_streets,
)
from tests.services.importing_samples import (
    NOON,
    counts,
    feature,
    geojson,
    line,
    point,
    polygon,
    rows,
    square,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

POINTS = "SELECT code, category, name, address, required_interval_days, service_minutes, weight FROM point ORDER BY code"


@pytest.fixture
def take(session: Session, settings: Settings):
    def take(
        path: Path, options: PointOptions | None = None, source: dict[str, Any] | None = None, **run: Any
    ) -> Report:
        given = Input(paths=(path,), **(source or {}))
        return import_points(session, settings, given, options or PointOptions(), Run(now=NOON, **run))

    return take


def _points(path: Path, *lines: str) -> Path:
    return table(path, "编码,名称,类别,地址,经度,纬度,巡查间隔,weight", *lines)


def test_chinese_headers_are_guessed_and_named(take, session, tmp_path) -> None:
    report = take(
        _points(
            tmp_path / "p.csv",
            "A1,中心市场,农贸市场,中心路1号,114.05,22.54,2,1.5",
            "A2,公厕,public_toilet,,114.06,22.54,,",
        )
    )
    assert (report.new, report.rejected) == (2, [])
    assert report.detected["guessed"]["point_code"] == "编码"
    assert rows(session, POINTS) == [
        ("A1", "market", "中心市场", "中心路1号", 2.0, None, 1.5),
        ("A2", "public_toilet", "公厕", "", None, None, None),
    ]


def test_a_column_that_the_file_lacks_keeps_what_is_stored(take, session, tmp_path) -> None:
    take(_points(tmp_path / "p.csv", "A1,中心市场,农贸市场,中心路1号,114.05,22.54,2,1.5"))
    report = take(table(tmp_path / "q.csv", "code,lon,lat", "A1,114.05,22.541"))
    assert (report.new, report.changed) == (0, 1)
    assert rows(session, POINTS) == [("A1", "market", "中心市场", "中心路1号", 2.0, None, 1.5)]
    assert rows(session, "SELECT round(ST_Y(geom)::numeric, 4)::float FROM point") == [(22.541,)]


def test_any_order_and_any_repetition_give_the_same_points(take, session, tmp_path) -> None:
    lines = [f"A{n},点{n},park,,{114 + n / 1000},22.5,,{n}" for n in range(50)]
    take(_points(tmp_path / "p.csv", *lines))
    before = rows(session, "SELECT * FROM point ORDER BY id")
    random.Random(4).shuffle(lines)
    report = take(_points(tmp_path / "p.csv", *lines))
    assert (report.new, report.changed, report.unchanged) == (0, 0, 50)
    assert rows(session, "SELECT * FROM point ORDER BY id") == before


def test_points_without_codes_get_codes_that_stay(take, session, tmp_path) -> None:
    path = table(
        tmp_path / "p.csv", "name,lon,lat", "公厕,114.05,22.54", "公厕,114.06,22.54", "公厕,114.06,22.54"
    )
    report = take(path)
    assert (report.new, [each.code for each in report.rejected]) == (2, ["duplicate_code"])
    assert report.detected["code_from"] == "name, address, lon, lat"
    assert take(path).unchanged == 2


def test_values_that_make_no_sense_name_row_column_and_value(take, session, tmp_path) -> None:
    report = take(
        _points(
            tmp_path / "p.csv",
            "A1,好,other,,114.05,22.54,,",
            "A2,坏,harbour,,114.05,22.54,,",
            "A3,坏,other,,114.05,22.54,soon,",
            "A4,坏,other,,114.05,22.54,0,",
            "A5,坏,other,,0,0,,",
            ",坏,other,,114.05,22.54,,",
            "A1,坏,other,,114.05,22.54,,",
            "A8,坏,other,,22.54,114.05,,",
            "A9,坏,other,,x,22.5,,",
            "A10,坏,other,,,22.5,,",
        )
    )
    assert [(each.row, each.column, each.value, each.code) for each in report.rejected] == [
        (3, "类别", "harbour", "unknown_category"),
        (4, "巡查间隔", "soon", "number_invalid"),
        (5, "巡查间隔", "0", "number_out_of_range"),
        (6, "geometry", "0 0", "at_null_island"),
        (7, "编码", None, "code_missing"),
        (8, "编码", "A1", "duplicate_code"),
        (9, "geometry", "22.54 114.05", "axes_swapped_row"),
        (10, "经度", "x", "coordinate_unreadable"),
        (11, "经度", None, "coordinate_blank"),
    ]
    assert rows(session, "SELECT code FROM point") == [("A1",)]


def test_shifted_points_move_back(take, session, tmp_path) -> None:
    take(table(tmp_path / "p.csv", "code,lon,lat", "A,114.0579,22.5431"), source={"crs": "gcj02"})
    ((lon, lat),) = rows(session, "SELECT ST_X(geom), ST_Y(geom) FROM point")
    moved = shifts.wgs84_to_gcj02(np.array([[lon, lat]]))[0]
    assert moved == pytest.approx((114.0579, 22.5431), abs=1e-8)
    assert 300 < np.hypot(*(moved - (lon, lat))) * 111_000 < 800


def test_a_fixed_category_must_exist(take, tmp_path) -> None:
    with pytest.raises(BadRequest, match="unknown_category"):
        take(table(tmp_path / "p.csv", "code,lon,lat", "A,114,22"), PointOptions(category_value="harbour"))


def test_a_dry_run_and_a_strict_failure_leave_every_table_alone(take, session, tmp_path) -> None:
    good = _points(tmp_path / "p.csv", "A1,好,other,,114.05,22.54,,")
    bad = _points(tmp_path / "q.csv", "A1,好,other,,114.05,22.54,,", "A2,坏,harbour,,114.05,22.54,,")
    before = counts(session)
    assert take(good, dry_run=True).new == 1
    with pytest.raises(InvalidFile, match="rows_rejected"):
        take(bad, strict=True)
    assert counts(session) == before


# --- streets -----------------------------------------------------------------------------------------------------

STREETS = "SELECT code, name, street_class, one_way, ST_AsText(geom) FROM street ORDER BY code"


@pytest.fixture
def take_streets(session: Session, settings: Settings):
    def take(path: Path, options: StreetOptions | None = None) -> Report:
        return import_streets(
            session, settings, Input(paths=(path,)), options or StreetOptions(), Run(now=NOON)
        )

    return take


def test_streets_know_their_class_and_direction(take_streets, session, tmp_path) -> None:
    way = ((114.0, 22.5), (114.01, 22.5))
    path = geojson(
        tmp_path / "s.geojson",
        feature(line(*way), osm_id="1", name="深南大道", highway="primary", oneway="yes"),
        feature(line(*way), osm_id="2", name=None, highway="residential", oneway="-1"),
        feature(line(*way), osm_id="3", name="匝道", highway="motorway_link"),
        feature(line(*way), osm_id="4", highway="service", junction="roundabout"),
        feature(line(*way), osm_id="5", highway="service", oneway="no", junction="roundabout"),
    )
    assert take_streets(path).new == 5
    forward, backward = "LINESTRING(114 22.5,114.01 22.5)", "LINESTRING(114.01 22.5,114 22.5)"
    assert rows(session, STREETS) == [
        ("1", "深南大道", "primary", True, forward),
        ("2", "", "residential", True, backward),
        ("3", "匝道", "motorway_link", True, forward),
        ("4", "", "service", True, forward),
        ("5", "", "service", False, forward),
    ]
    assert take_streets(path).unchanged == 5


def test_a_street_of_several_lines_is_numbered_and_a_bad_one_is_named(
    take_streets, session, tmp_path
) -> None:
    two = {
        "type": "MultiLineString",
        "coordinates": [[[114, 22.5], [114.1, 22.5]], [[114.2, 22.5], [114.3, 22.5]]],
    }
    path = geojson(
        tmp_path / "s.geojson",
        feature(two, code="A"),
        feature(line((114, 22.5), (114, 22.5)), code="B"),
        feature(point(114, 22.5), code="C"),
    )
    report = take_streets(path)
    assert [row[0] for row in rows(session, STREETS)] == ["A-1", "A-2"]
    assert [(each.row, each.code) for each in report.rejected] == [(2, "zero_length"), (3, "not_a_line")]


# --- exclusions --------------------------------------------------------------------------------------------------


def test_exclusions_are_versioned_and_masked(session, settings, tmp_path) -> None:
    def take(path: Path, day: int = 0, **options: Any) -> Report:
        when = Run(now=NOON.replace(day=NOON.day + day))
        return import_exclusions(session, settings, Input(paths=(path,)), ExclusionOptions(**options), when)

    lake = geojson(
        tmp_path / "a.geojson", feature(polygon(square(0)), code="X1", kind="water", name="湖", 原因="水面")
    )
    assert take(lake).new == 1
    assert take(lake, 1).unchanged == 1
    smaller = geojson(
        tmp_path / "a.geojson",
        feature(polygon(square(0, size=0.5)), code="X1", kind="water", name="湖", 原因="水面"),
    )
    assert take(smaller, 2).changed == 1
    only_shapes = geojson(tmp_path / "c.geojson", feature(polygon(square(0, size=0.5)), code="X1"))
    assert take(only_shapes, 2).unchanged == 1  # what a file does not tell stays
    assert (
        take(geojson(tmp_path / "b.geojson", feature(polygon(square(3)), code="X2")), 2, full=True).removed
        == 1
    )
    stored = rows(
        session,
        "SELECT code, kind, name, reason, valid_from IS NULL, valid_to IS NULL FROM exclusion ORDER BY id",
    )
    assert stored == [("X1", "water", "湖", "水面", True, False), ("X2", "other", "", "", True, True)]
    assert rows(session, "SELECT count(DISTINCT exclusion_id) FROM exclusion_mask") == [(2,)]
