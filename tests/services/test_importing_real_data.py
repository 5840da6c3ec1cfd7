"""Real files that nobody on the project made; they lie beside a checkout, if at all, and are only ever read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from geoservice.errors import GeoServiceError
from geoservice.services import importing
from geoservice.services.importing import Input, Run
from geoservice.services.importing.cutting import CutOptions, cut_zone
from tests.services.importing_samples import NOON, counts, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data (../shared/data) is not here")

HOSTILE_KINDS: dict[str, tuple[str, ...]] = {
    ".geojson": ("zones", "points"),
    ".json": ("exclusions",),
    ".shp": ("zones", "streets"),
    ".kml": ("points", "streets"),
    ".zip": ("zones",),
    ".gpx": ("tracks", "points"),
    ".csv": ("points", "contracts"),
}
EVERY = 40  # the whole collection takes ten minutes


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a file with the parts that belong to it."""

    def copy(name: str) -> Path:
        source = DATA / name
        for part in source.parent.glob(f"{source.stem}.*"):
            if part.is_file():
                shutil.copyfile(part, tmp_path / part.name)
        return tmp_path / source.name

    return copy


@pytest.fixture
def take(session: Session, settings: Settings):
    def take(kind: str, path: Path, source: dict[str, Any] | None = None, **options: Any) -> importing.Report:
        given, run = Input((path,), **(source or {})), Run(now=NOON)
        match kind:
            case "zones":
                chosen = importing.ZoneOptions(**{"level": "district", **options})
                return importing.import_zones(session, settings, given, chosen, run)
            case "points":
                return importing.import_points(
                    session, settings, given, importing.PointOptions(**options), run
                )
            case "streets":
                return importing.import_streets(
                    session, settings, given, importing.StreetOptions(**options), run
                )
            case "exclusions":
                return importing.import_exclusions(
                    session, settings, given, importing.ExclusionOptions(**options), run
                )
            case "contracts":
                return importing.import_contracts(session, (path,), importing.ContractOptions(**options), run)
        return importing.import_tracks(session, settings, [path], importing.TrackOptions(**options), run)

    return take


def test_shenzhen_districts_stations_and_streets(take, session, copied) -> None:
    assert take("zones", copied("shenzhen/sz.shp"), code="qh", name="qh").new == 10
    stations = take(
        "points", copied("shenzhen/charging_stations_gcj02.csv"), {"crs": "gcj02"}, code="station_id"
    )
    assert (stations.new, stations.rejected) == (1362, [])
    outside = "SELECT count(*) FROM point WHERE zone_id IS NULL"
    assert rows(session, outside)[0][0] < 10  # shifted the wrong way, dozens would lie in the sea
    assert take("streets", copied("shenzhen/shenzhen_futian.osm.pbf")).new > 2000
    futian = "SELECT z.code, count(*) FROM street s JOIN zone z ON z.id = s.zone_id GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    assert rows(session, futian)[0][0] == "福田"


def test_nine_thousand_cells_belong_to_their_districts_and_come_again_unchanged(
    take, session, copied
) -> None:
    take("zones", copied("shenzhen/sz.shp"), code="qh", name="qh")
    cells = {"level": "grid", "code": "{LONCOL}-{LATCOL}", "parent_by_place": True}
    path = copied("shenzhen/grid.shp")
    assert take("zones", path, **cells).new == 9005
    again = take("zones", path, **cells)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 9005)
    ((depth,),) = rows(
        session,
        "SELECT max(cardinality(path)) FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE level = 'grid'",
    )
    assert depth == 2


def test_chongqing_reads_as_chinese(take, session, copied) -> None:
    report = take("zones", copied("chongqing_gbk/区县界_area.shp"))
    assert (report.new, report.detected["encoding"]) == (38, "gb18030")
    assert rows(
        session, "SELECT name FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE code = '500103'"
    ) == [("渝中区",)]


def test_a_person_of_geolife_over_a_grid_that_is_cut(take, session, settings) -> None:
    take("zones", DATA / "admin/fences_gcj02/110108.json", {"crs": "gcj02"}, code="@file")
    assert cut_zone(session, settings, CutOptions("110108", 1000.0), Run(now=NOON)).new > 400
    folder = DATA / "beijing/geolife/005"
    first, second = take("tracks", folder), take("tracks", folder)
    assert first.new > 1000
    assert (second.new, second.unchanged) == (0, first.new)


def test_hostile_files_are_taken_or_refused_whole(take, session, copied) -> None:
    folder = DATA / "hostile"
    files = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in HOSTILE_KINDS][::EVERY]
    assert files
    before = counts(session)
    for path in files:
        for kind in HOSTILE_KINDS[path.suffix.lower()]:
            options = {"code": "@file"} if kind in {"zones", "exclusions"} else {}
            try:
                take(kind, copied(str(path.relative_to(DATA))), **options)
            except GeoServiceError:
                assert counts(session) == before, f"{path.name} left something behind"
            else:
                before = counts(session)
