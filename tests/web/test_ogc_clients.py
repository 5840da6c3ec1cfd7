"""GDAL comes as QGIS does: over HTTP, with an app password, through its drivers for OGC API – Features."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from geoservice.app import create_app
from geoservice.config import Settings
from geoservice.domain.roles import Role
from geoservice.services import accounts, importing
from geoservice.services.accounts import NewUser
from geoservice.services.importing import Input, Run, ZoneOptions
from geoservice.store.base import make_engine, transaction
from tests.factories import PASSWORD, SCRIPT_NAME
from tests.web.ogc_kit import GdalFailed, app_password, gdal, served

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "shenzhen" / "grid.shp"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def layer(password: str, url: str, name: str, login: str = "gis", **options):
    """(fields by name, geometries, CRS) of a collection as GDAL reads it."""
    fields, wkb, crs = gdal(login, password, url, name, **options)
    return fields, np.array([shapely.from_wkb(one) for one in wkb]), crs


def test_gdal_lists_the_collections_and_reads_every_zone(live_url, web_settings, city):
    password = app_password(web_settings, "gis")
    listed = gdal("gis", password, live_url)
    assert {"zones", "points", "streets", "routes", "gaps", "tracks"} <= set(listed)
    fields, shapes, crs = layer(password, live_url, "zones", PAGE_SIZE=7)
    assert len(shapes) == 35
    assert "CRS84" in crs or "4326" in crs
    with transaction(make_engine(web_settings.database_url)) as session:
        rows = session.execute(
            text(
                "SELECT z.code, s.name, z.level, ST_AsBinary(s.geom) AS wkb FROM zone_version s JOIN zone z ON z.id = s.zone_id"
            )
        ).all()
    stored = {one.code: one for one in rows}
    assert set(fields["code"]) == stored.keys()
    assert SCRIPT_NAME in set(fields["name"])
    for code, name, level, shape in zip(fields["code"], fields["name"], fields["level"], shapes, strict=True):
        assert (name, level) == (stored[code].name, stored[code].level)
        assert shapely.hausdorff_distance(shape, shapely.from_wkb(bytes(stored[code].wkb))) < 1e-8


def test_gdal_sends_its_filters_to_the_server(live_url, web_settings, city):
    password = app_password(web_settings, "gis")
    fields, shapes, _ = layer(password, live_url, "zones", where="level = 'grid' AND zone_id < 20")
    assert len(shapes) == 16 and set(fields["level"]) == {"grid"}
    box = (114.0501, 22.5301, 114.0519, 22.5317)
    fields, _, _ = layer(password, live_url, "zones", bbox=box, where="level = 'grid'")
    assert list(fields["code"]) == ["440399001001"]


def test_gdal_without_a_password_gets_nothing_and_a_leader_his_own(live_url, web_settings, city):
    with pytest.raises(GdalFailed):
        layer("gs_wrong", live_url, "zones")
    fields, shapes, _ = layer(app_password(web_settings, "leader"), live_url, "zones", login="leader")
    assert len(shapes) == 17
    assert not [name for name in fields["name"] if "CANARY" in name]


@pytest.fixture(scope="module")
def shenzhen(new_database, redis_url, tmp_path_factory) -> Settings:
    """A deployment of its own with the 9 005 cells of Shenzhen."""
    if not DATA.is_file():
        pytest.skip("the real data (../shared/data) is not here")
    settings = Settings(
        database_url=new_database(),
        redis_url=redis_url,
        secret_key="a test key of more than thirty-two characters",
        var_dir=tmp_path_factory.mktemp("shenzhen"),
    )
    with transaction(make_engine(settings.database_url)) as session:
        chosen = ZoneOptions(level="grid", code="{LONCOL}-{LATCOL}", name="{LONCOL}-{LATCOL}")
        report = importing.import_zones(
            session, settings, Input((DATA,), crs="EPSG:4326"), chosen, Run(now=NOON)
        )
        assert report.new == 9005, report
        accounts.add_user(session, NewUser("gis", "gis", Role.GIS), PASSWORD)
    return settings


@pytest.mark.parametrize("epsg", [None, 4490, 3857])
def test_all_cells_of_shenzhen_arrive_where_they_are(shenzhen, epsg):
    source_meta, _, source_wkb, source_fields = pyogrio.raw.read(DATA)
    columns = dict(zip(source_meta["fields"], source_fields, strict=True))
    codes = [f"{lon}-{lat}" for lon, lat in zip(columns["LONCOL"], columns["LATCOL"], strict=True)]
    source = dict(zip(codes, shapely.from_wkb(source_wkb), strict=True))
    options = {"CRS": f"EPSG:{epsg}"} if epsg else {}
    with served(create_app(shenzhen, clock=lambda: NOON)) as url:
        fields, shapes, crs = layer(app_password(shenzhen, "gis"), url, "zones", **options)
    assert len(shapes) == 9005
    assert set(fields["code"]) == source.keys()
    assert set(fields["name"]) == source.keys()
    if epsg == 3857:
        assert "3857" in crs
        radius = 6378137.0
        x, y = shapely.get_coordinates(shapely.centroid(shapes)).T
        found = np.column_stack(
            (np.degrees(x / radius), np.degrees(2 * np.arctan(np.exp(y / radius)) - np.pi / 2))
        )
    else:
        assert ("4490" if epsg else "84") in crs
        found = shapely.get_coordinates(shapely.centroid(shapes))
    expected = shapely.get_coordinates(shapely.centroid(np.array([source[code] for code in fields["code"]])))
    assert np.abs(found - expected).max() < 1e-6, (
        "lon before lat in GDAL's traditional order, whatever the server's order"
    )
