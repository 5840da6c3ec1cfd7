from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.errors import BadRequest, InvalidFile
from geoservice.services.importing import Report, Run, TrackOptions, import_tracks
from tests.services.importing_samples import NOON, counts, rows, table

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from geoservice.config import Settings


@pytest.fixture
def take(session: Session, settings: Settings):
    def take(*paths: Path, options: TrackOptions | None = None, **run: Any) -> Report:
        return import_tracks(session, settings, list(paths), options or TrackOptions(), Run(now=NOON, **run))

    return take


def _walk(path: Path, device: str = "D1", start: int = 0, count: int = 10) -> Path:
    times = [datetime(2026, 3, 1, 9, 0) + timedelta(seconds=10 * n) for n in range(start, start + count)]  # noqa: DTZ001
    return table(
        path,
        "device,time,lon,lat",
        *(f"{device},{time},{114.05 + n / 1e4},22.54" for n, time in enumerate(times)),
    )


def test_fixes_are_counted_once_however_often_they_come(take, session, tmp_path) -> None:
    first, second = _walk(tmp_path / "a.csv"), _walk(tmp_path / "b.csv", start=5)
    report = take(first, second)
    assert (report.new, report.unchanged, report.more["devices"]) == (15, 5, 1)
    assert (take(second, first).new, take(first).unchanged) == (0, 10)
    assert rows(session, "SELECT count(*), min(recorded_at) FROM fix") == [
        (15, datetime(2026, 3, 1, 1, 0, tzinfo=UTC))
    ]


def test_a_folder_is_searched_and_one_bad_file_does_not_lose_the_others(take, session, tmp_path) -> None:
    inner = tmp_path / "logs" / "deep"
    inner.mkdir(parents=True)
    _walk(inner / "a.csv")
    (inner / "b.gpx").write_text("not xml", "utf-8")
    (inner / "notes.md").write_text("nothing", "utf-8")
    report = take(tmp_path / "logs")
    assert (report.new, report.more["files"]) == (10, 1)
    assert [(each.file, each.row, each.code) for each in report.rejected] == [
        ("b.gpx", None, "kind_mismatch")
    ]
    before = counts(session)
    with pytest.raises(InvalidFile, match="rows_rejected"):
        take(tmp_path / "logs", strict=True)
    assert counts(session) == before


def test_device_mode_and_shifted_coordinates_can_be_told(take, session, tmp_path) -> None:
    take(_walk(tmp_path / "a.csv"), options=TrackOptions(device="车1", mode="car", crs="gcj02"))
    assert rows(session, "SELECT DISTINCT d.code, f.mode FROM fix f JOIN device d ON d.id = f.device_id") == [
        ("车1", 3)
    ]
    ((lon, lat),) = rows(session, "SELECT lon, lat FROM fix ORDER BY recorded_at LIMIT 1")
    assert (lon, lat) == pytest.approx((114.0449, 22.5428), abs=2e-4)


def test_times_have_the_zone_that_is_told(take, session, tmp_path) -> None:
    take(_walk(tmp_path / "a.csv"), options=TrackOptions(timezone="UTC"))
    assert rows(session, "SELECT min(recorded_at) FROM fix") == [(datetime(2026, 3, 1, 9, 0, tzinfo=UTC),)]
    with pytest.raises(BadRequest, match="timezone_unknown"):
        take(_walk(tmp_path / "a.csv"), options=TrackOptions(timezone="Mars/Base"))


def test_columns_are_named_and_bad_rows_are_listed(take, session, tmp_path) -> None:
    path = table(
        tmp_path / "a.csv",
        "车,当时,甲,乙",
        "V1,2026-03-01 09:00:00,114.05,22.54",
        "V1,someday,114.05,22.54",
        "V1,2026-03-01 09:01:00,x,22.54",
    )
    columns = {"device": "车", "time": "当时", "lon": "甲", "lat": "乙"}
    report = take(path, options=TrackOptions(columns=columns))
    assert report.new == 1
    assert [(each.row, each.column, each.value, each.code) for each in report.rejected] == [
        (3, "当时", "someday", "fix_time"),
        (4, "甲", "x", "fix_coordinates"),
    ]


def test_fixes_from_the_future_are_refused_and_counted(take, session, tmp_path) -> None:
    ahead = table(tmp_path / "a.csv", "time,lon,lat", "2099-01-01 00:00:00,114,22.5")
    before = counts(session)
    with pytest.raises(InvalidFile, match="nothing_taken") as caught:
        take(ahead)
    assert [(each.file, each.value, each.code) for each in caught.value.problems] == [
        ("a.csv", "in_the_future", "fixes_refused")
    ]
    assert counts(session) == before


def test_a_device_that_can_not_be_stored_is_refused(take, tmp_path) -> None:
    report = take(_walk(tmp_path / "a.csv"), _walk(tmp_path / "b.csv", device="x" * 5000))
    assert (report.new, [each.code for each in report.rejected]) == (10, ["device_invalid"])


def test_a_folder_without_tracks_and_a_dry_run_leave_nothing(take, session, tmp_path) -> None:
    before = counts(session)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidFile, match="folder_holds_no_tracks"):
        take(tmp_path / "empty")
    assert take(_walk(tmp_path / "a.csv"), dry_run=True).new == 10
    assert counts(session) == before
