from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from geoservice.cli import main
from geoservice.config import Settings
from geoservice.services.importing import Input, PointOptions, Run, import_points
from geoservice.store.base import make_engine, transaction
from tests.services.importing_samples import NOON, cells, counts, feature, geojson, polygon, square, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLEARED = [
    "contract",
    "point",
    "street",
    "zone_version",
    "zone",
    "leader",
    "device_day",
    "fix",
    "track",
    "device",
    "exclusion",
    "deployment",
    "import_batch",
]
KEYS = ["batch", "new", "changed", "unchanged", "removed", "rejected", "repaired", "warnings", "detected"]


@pytest.fixture(scope="module")
def own_url(new_database: Callable[[], str]) -> str:
    """A database that these tests commit to."""
    return new_database()


@pytest.fixture
def run(own_url: str, redis_url: str, tmp_path: Path):
    environment = {
        "DATABASE_URL": own_url,
        "REDIS_URL": redis_url,
        "DEMO_MODE": "1",
        "VAR_DIR": str(tmp_path),
    }

    def run(*arguments: Any) -> Result:
        return CliRunner(env=environment).invoke(
            main, [str(each) for each in arguments], catch_exceptions=False
        )

    yield run
    with transaction(make_engine(own_url)) as session:
        for name in CLEARED:
            session.execute(text(f"DELETE FROM {name}"))


def _state(own_url: str) -> dict[str, int]:
    with transaction(make_engine(own_url)) as session:
        return counts(session)


def test_the_answer_is_json_alone_and_as_the_manual_says(run, tmp_path) -> None:
    result = run("import", "zones", cells(tmp_path / "a.geojson", 2), "--level", "grid", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert list(answer) == KEYS
    assert (answer["new"], answer["rejected"]) == (2, [])
    assert answer["detected"]["guessed"] == {"zone_code": "code", "zone_name": "name"}


def test_repaired_shapes_are_taken_only_when_somebody_said_so(run, tmp_path, own_url) -> None:
    west, south = square(0)[0][0]
    bow = [
        (west, south),
        (west + 0.002, south + 0.002),
        (west + 0.002, south),
        (west, south + 0.002),
        (west, south),
    ]
    path = geojson(
        tmp_path / "a.geojson", feature(polygon(square(1)), code="A"), feature(polygon([bow]), code="B")
    )
    before = _state(own_url)
    asked = run("import", "zones", path, "--level", "grid", "--json")
    assert asked.exit_code == 1 and json.loads(asked.stdout)["error"]["code"] == "repairs_unanswered"
    assert _state(own_url) == before
    shown = run("import", "zones", path, "--level", "grid", "--dry-run")
    assert shown.exit_code == 0 and " %" in shown.stderr
    left = json.loads(run("import", "zones", path, "--level", "grid", "--repairs", "leave", "--json").stdout)
    assert (left["new"], len(left["rejected"]), left["repaired"]) == (1, 1, [])
    taken = json.loads(run("import", "zones", path, "--level", "grid", "--repairs", "take", "--json").stdout)
    assert (taken["new"], taken["unchanged"], bool(taken["repaired"])) == (1, 1, True)


def test_rejected_rows_are_listed_on_stderr_and_do_not_fail_the_rest(run, tmp_path) -> None:
    bad = geojson(
        tmp_path / "a.geojson", feature(polygon(square(0)), code="A"), feature(polygon(square(1)), code="A")
    )
    result = run("import", "zones", bad, "--level", "grid", "--json")
    assert result.exit_code == 0
    rejected = json.loads(result.stdout)["rejected"]
    assert rejected == [
        {
            "file": "a.geojson",
            "row": 2,
            "column": "code",
            "value": "A",
            "code": "duplicate_code",
            "message": "Row 2 of a.geojson repeats the code A, which a.geojson:1 has already. Give it a code of its own.",
        }
    ]
    assert "duplicate_code" in result.stderr


@pytest.mark.parametrize("strict", [True, False])
def test_a_failure_is_json_too_and_leaves_nothing(run, own_url, tmp_path, strict) -> None:
    before = _state(own_url)
    if strict:
        path = geojson(tmp_path / "a.geojson", feature(polygon(square(0)), code="A"), feature(None, code="B"))
        result = run("import", "zones", path, "--level", "grid", "--json", "--strict")
        code = "rows_rejected"
    else:
        result = run(
            "import",
            "zones",
            table(tmp_path / "a.csv", "code,lon,lat", "A,114,22"),
            "--level",
            "grid",
            "--json",
        )
        code = "nothing_taken"
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["error"]["code"] == code
    assert answer["rejected"][0]["file"].startswith("a.")
    assert _state(own_url) == before


def test_an_unreadable_file_is_named_in_the_error(run, tmp_path) -> None:
    (tmp_path / "a.shp").write_bytes(b"no shapefile")
    result = run("import", "zones", tmp_path / "a.shp", "--level", "grid", "--code", "x", "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"], error["file"]) == (1, "kind_mismatch", "a.shp")
    plain = run("import", "zones", tmp_path / "a.shp", "--level", "grid", "--code", "x")
    assert plain.exit_code == 1
    assert (plain.stdout, "a.shp" in plain.stderr) == ("", True)


def test_a_dry_run_has_no_batch_and_leaves_every_table_alone(run, own_url, tmp_path) -> None:
    before = _state(own_url)
    result = run(
        "import", "zones", cells(tmp_path / "a.geojson", 2), "--level", "grid", "--dry-run", "--json"
    )
    answer = json.loads(result.stdout)
    assert (answer["batch"], answer["new"]) == (None, 2)
    assert _state(own_url) == before


def test_a_city_from_the_command_line(run, tmp_path) -> None:
    district = geojson(tmp_path / "d.geojson", feature(polygon(square(0, size=4)), code="D1", name="福田区"))
    assert run("import", "zones", district, "--level", "district").exit_code == 0
    assert run("zones", "cut", "--parent", "D1", "--size", "500").exit_code == 0
    listed = json.loads(run("zones", "list", "--level", "grid", "--json").stdout)
    assert listed[0]["code"] == "D101"
    assert {each["parent_code"] for each in listed} == {"D1"}
    assert (
        run(
            "import",
            "points",
            table(tmp_path / "p.csv", "code,lon,lat", "P1,114.051,22.521"),
            "--category-value",
            "park",
        ).exit_code
        == 0
    )
    track = table(
        tmp_path / "t.csv",
        "dev,at,lon,lat",
        "V1,2026-01-01 08:00:00,114.051,22.521",
        "V1,2026-01-01 08:00:10,114.0512,22.521",
    )
    moved = run("import", "tracks", track, "--columns", "device=dev,time=at", "--mode", "car", "--json")
    assert {key: json.loads(moved.stdout)[key] for key in ("new", "tracks", "devices")} == {
        "new": 2,
        "tracks": 1,
        "devices": 1,
    }
    contracts = table(tmp_path / "k.csv", "leader,kind,code", "张三,zone,D101", "张三,point,P1")
    assert json.loads(run("import", "contracts", contracts, "--json").stdout)["new"] == 2
    assert run("zones", "cut", "--parent", "D9", "--size", "500", "--json").exit_code == 1
    assert run("zones", "list", "--level", "moon").exit_code == 1


def test_options_that_make_no_sense_are_usage_errors(run, tmp_path) -> None:
    path = cells(tmp_path / "a.geojson", 1)
    assert run("import", "zones", path, "--level", "grid", "--valid-from", "tomorrow").exit_code == 2
    assert run("import", "tracks", path, "--columns", "device").exit_code == 2
    assert run("import", "zones", path, "--level", "grid", "--by", "nobody", "--json").exit_code == 1


def test_messages_come_in_the_language_asked_for(run, tmp_path) -> None:
    result = run(
        "--lang", "zh_Hans_CN", "import", "zones", tmp_path / "none.shp", "--level", "grid", "--json"
    )
    assert json.loads(result.stdout)["error"]["code"] == "file_missing"


def test_two_importers_at_once_leave_one_of_each(run, own_url, redis_url, tmp_path) -> None:
    settings = Settings(
        database_url=own_url, redis_url=redis_url, secret_key="a test key of more than thirty-two characters"
    )
    path = table(tmp_path / "p.csv", "code,lon,lat", *(f"P{n},{114 + n / 1000},22.5" for n in range(200)))
    reports: list[tuple[int, int]] = []

    def work() -> None:
        with transaction(make_engine(own_url)) as session:
            report = import_points(session, settings, Input((path,)), PointOptions(), Run(now=NOON))
            reports.append((report.new, report.unchanged))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(reports) == [(0, 200), (0, 200), (200, 0)]
