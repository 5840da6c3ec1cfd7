"""Files that nobody on the project made: odd and malformed ones from other projects, and real cities."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from geoservice.errors import InvalidFile
from geoservice.formats import Limits, Reader
from geoservice.formats.kinds import KIND_OF_SUFFIX
from geoservice.messages import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Callable

    from geoservice.formats import FeatureTable, TrackTable

DATA = Path(__file__).parents[3] / "shared" / "data"
ZONE = "Asia/Shanghai"
LONGEST_SECONDS = 30
BROKEN = {"reader_died", "reader_too_slow", "reader_out_of_memory"}


def need(folder: str) -> Path:
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"no shared data in {path}")
    return path


def attempts(reader: Reader, path: Path) -> list[Callable[[], FeatureTable | TrackTable]]:
    return [
        lambda: reader.read_features(path),
        lambda: reader.read_table(path),
        lambda: reader.read_tracks(path, timezone=ZONE),
    ]


@pytest.mark.parametrize("folder", ["geojsonhint", "gpsbabel", "json", "jts", "postgis_loader", "pyshp"])
def test_no_hostile_file_breaks_the_reader(folder: str) -> None:
    files = [path for path in sorted(need(f"hostile/{folder}").rglob("*")) if path.is_file()]
    answers: Counter[str] = Counter()
    with Reader(Limits(wall_seconds=LONGEST_SECONDS)) as reader:
        for path in files:
            for attempt in attempts(reader, path):
                began = time.monotonic()
                answers[outcome(attempt)] += 1
                assert time.monotonic() - began < LONGEST_SECONDS
    assert not BROKEN & set(answers), answers
    assert set(answers) - {"read"} <= set(SENTENCES), "a refusal has no sentence"
    if any(path.suffix in KIND_OF_SUFFIX for path in files) and folder != "json":
        assert answers["read"]


def outcome(attempt: Callable[[], FeatureTable | TrackTable]) -> str:
    try:
        table = attempt()
    except InvalidFile as error:
        return error.code
    assert all(problem.code in SENTENCES for problem in table.problems)
    if isinstance(table.row_numbers, list):
        assert len(table.rows) == len(table.geometry) == len(table.row_numbers)
        shapely.from_wkb([shape for shape in table.geometry if shape], on_invalid="fix")
    return "read"


def test_a_grid_of_thousands_of_cells_is_read_in_under_three_seconds() -> None:
    began = time.monotonic()
    with Reader() as reader:
        table = reader.read_features(need("shenzhen") / "grid.shp")
    assert len(table) == 9005
    assert time.monotonic() - began < 3


def test_a_gbk_shapefile_without_cpg_gives_chinese() -> None:
    (path,) = need("chongqing_gbk").glob("*.shp")
    with Reader() as reader:
        table = reader.read_features(path)
    assert {"奉节县", "渝中区", "万州区"} <= {row["NAME"] for row in table.rows}
    assert (len(table), table.encoding) == (38, "gb18030")


def test_streets_come_out_of_osm_with_the_tags_that_routing_needs() -> None:
    with Reader() as reader:
        table = reader.read_features(need("shenzhen") / "shenzhen_futian.osm.pbf")
    assert len(table) == 2603
    assert {"name", "highway", "oneway", "maxspeed"} <= set(table.fields)
    assert "景田路" in {row["name"] for row in table.rows}


def test_geolife_logs_give_every_fix_of_every_person() -> None:
    folder = need("beijing/geolife")
    with Reader() as reader:
        tables = [reader.read_tracks(path, timezone=ZONE) for path in sorted(folder.rglob("*.plt"))]
    assert sum(len(table) + len(table.problems) for table in tables) == 80_989
    assert {str(device) for table in tables for device in table.device} == {
        f"{person:03d}" for person in range(6)
    }
    assert all((np.diff(table.time) >= 0).all() for table in tables)
