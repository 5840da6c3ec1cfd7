"""Vector tiles: what GDAL reads in them is what is stored, kept while nothing changes and never longer."""

from __future__ import annotations

import math

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from geoservice.store.base import make_engine, transaction
from tests.factories import CELL_LAT, CELL_LON, SIDE, SOUTH, WEST

TILES = "/ogc/collections/zones/tiles/WebMercatorQuad"
WORLD_M = 2 * math.pi * 6378137


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a place."""
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return int((lon + 180) / 360 * 2**zoom), int(row * 2**zoom)


def mercator(shape: shapely.Geometry) -> shapely.Geometry:
    """By the definition of the projection, not by PROJ."""

    def place(xy: np.ndarray) -> np.ndarray:
        return np.column_stack(
            (np.radians(xy[:, 0]), np.log(np.tan(np.pi / 4 + np.radians(xy[:, 1]) / 2)))
        ) * (WORLD_M / (2 * math.pi))

    return shapely.transform(shape, place)


def read_tile(path, data: bytes, zoom: int, column: int, row: int):
    """What GDAL's MVT driver finds: (properties by column, geometries in Web Mercator)."""
    file = path / "tile.pbf"
    file.write_bytes(data)
    meta, _, wkb, fields = pyogrio.raw.read(f"MVT:{file}", layer="zones", X=column, Y=row, Z=zoom)
    assert meta["crs"] == "EPSG:3857"
    return dict(zip(meta["fields"], fields, strict=True)), shapely.from_wkb(wkb)


@pytest.mark.parametrize("zoom", [9, 12, 13, 15, 17])
def test_gdal_finds_the_stored_borders_within_what_a_tile_can_tell(as_user, web_settings, tmp_path, zoom):
    column, row = tile_at(WEST + 4 * CELL_LON, SOUTH + 2 * CELL_LAT, zoom)
    answer = as_user("gis").get(f"{TILES}/{zoom}/{row}/{column}")
    assert (answer.status_code, answer.content_type) == (200, "application/vnd.mapbox-vector-tile")
    fields, shapes = read_tile(tmp_path, answer.data, zoom, column, row)
    side = WORLD_M / 2**zoom
    west, north = column * side - WORLD_M / 2, WORLD_M / 2 - row * side
    box = shapely.box(west, north - side, west + side, north)
    with transaction(make_engine(web_settings.database_url)) as session:
        rows = session.execute(
            text(
                "SELECT z.code, s.name, ST_AsBinary(s.geom) AS wkb FROM zone_version s JOIN zone z ON z.id = s.zone_id"
            )
        ).all()
    stored = {one.code: mercator(shapely.from_wkb(bytes(one.wkb))) for one in rows}
    names = {one.code: one.name for one in rows}
    unit = side / 4096
    inside = {code for code, shape in stored.items() if shape.intersection(box).area > (3 * unit) ** 2}
    assert inside <= set(fields["code"])
    assert len(inside) > 1
    for code, name, shape in zip(fields["code"], fields["name"], shapes, strict=True):
        assert name == names[code]
        expected = stored[code].intersection(box)
        if not expected.is_empty:
            assert shapely.hausdorff_distance(shape.intersection(box), expected) < 2.5 * unit, code


def test_where_nothing_lies_the_answer_is_empty(as_user):
    answer = as_user("gis").get(f"{TILES}/12/0/0")
    assert (answer.status_code, answer.data) == (204, b"")


def test_the_tilejson_is_enough_to_find_every_zone(as_user, tmp_path):
    client = as_user("gis")
    about = client.get(f"{TILES}/tilejson.json").json
    west, south, east, north = about["bounds"]
    assert west == pytest.approx(WEST) and north == pytest.approx(SOUTH + SIDE * CELL_LAT)
    found = set()
    zoom = 14
    first, last = tile_at(west, north, zoom), tile_at(east, south, zoom)
    for column in range(first[0], last[0] + 1):
        for row in range(first[1], last[1] + 1):
            path = about["tiles"][0].format(z=zoom, x=column, y=row).removeprefix("http://localhost")
            answer = client.get(path)
            assert answer.status_code in {200, 204}
            if answer.data:
                found |= set(read_tile(tmp_path, answer.data, zoom, column, row)[0]["code"])
    assert len(found) == 35
    assert set(about["vector_layers"][0]["fields"]) >= {"code", "name", "level"}


def test_filters_and_days_hold_for_tiles_too(as_user, tmp_path):
    client = as_user("gis")
    for query, count in (
        ("level=street", 2),
        ("filter=level='grid' AND zone_id < 20", 16),
        ("datetime=2026-01-01", 35),
    ):
        data = client.get(f"{TILES}/13/3569/6691?{query}").data
        column, row = tile_at(WEST, SOUTH, 13)
        assert (column, row) == (6691, 3569)
        assert len(read_tile(tmp_path, data, 13, column, row)[0]["code"]) == count, query


def test_a_tile_is_kept_until_a_row_changes_and_no_longer(as_user, web_settings, city):
    client, path = as_user("gis"), f"{TILES}/13/3569/6691"
    engine = make_engine(web_settings.database_url)
    first = client.get(path)
    etag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    same = client.get(path, headers={"If-None-Match": etag})
    assert (same.status_code, same.data) == (304, b"")
    assert client.get(path).data == first.data
    rename = text("UPDATE zone_version SET name = :name WHERE zone_id = :id")
    before = {"id": city.district_id, "name": "明湖区"}
    try:
        with transaction(engine) as session:
            session.execute(rename, {**before, "name": "RENAMED"})
            assert client.get(path, headers={"If-None-Match": etag}).status_code == 304, (
                "nobody else sees it yet"
            )
        changed = client.get(path, headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert b"RENAMED" in changed.data
        with pytest.raises(ZeroDivisionError), transaction(engine) as session:
            session.execute(rename, {**before, "name": "NEVER"})
            raise ZeroDivisionError
        assert client.get(path, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 304
    finally:
        with transaction(engine) as session:
            session.execute(rename, before)
    back = client.get(path)
    assert back.headers["ETag"] not in {etag, changed.headers["ETag"]}, "a state that came back is a new one"
    assert "明湖区".encode() in back.data


def test_two_that_write_at_once_are_both_noticed(web_settings, city):
    """Their stamps cross: the later to begin commits first. A highest number would miss the earlier one."""
    from geoservice.store.table_changes import stamp_of

    engine = make_engine(web_settings.database_url)
    touch = text("UPDATE point SET row_version = row_version + 1 WHERE code = :code")
    seen = [stamp_of(engine, ["point"])]
    with engine.connect() as early, engine.connect() as late:
        for connection in (early, late):
            connection.execute(text("SELECT set_config('app.everything', 'on', true)"))
        early.execute(touch, {"code": "P0"})
        late.execute(touch, {"code": "P1"})
        seen.append(stamp_of(engine, ["point"]))
        assert seen[0] == seen[1]
        late.commit()
        seen.append(stamp_of(engine, ["point"]))
        early.commit()
        seen.append(stamp_of(engine, ["point"]))
    assert len(set(seen)) == 3
    assert stamp_of(engine, ["street"]) == stamp_of(engine, ["street"])


def test_the_shelf_holds_no_more_than_it_may(tmp_path, monkeypatch):
    from geoservice.services.collections import keeping

    monkeypatch.setattr(keeping, "MOST_BYTES", 100_000)
    shelf = keeping.Shelf(tmp_path / "shelf")
    keys = [keeping.key_of([number]) for number in range(60)]
    for number, key in enumerate(keys):
        assert shelf.fetch(key, lambda number=number: bytes([number]) * 3000) == bytes([number]) * 3000
    shelf.sweep()
    kept = sum(file.stat().st_size for file in (tmp_path / "shelf").glob("*/*"))
    assert kept <= 100_000
    assert shelf.fetch(keys[0], lambda: b"new") in {b"new", bytes(3000)}
    (tmp_path / "shelf").joinpath("x").write_text("in the way")
    blocked = keeping.Shelf(tmp_path / "shelf" / "x")
    assert blocked.fetch(keys[0], lambda: b"made") == b"made", (
        "a folder that can't be written only costs time"
    )


def test_what_the_stamp_watches_is_all_that_is_read(web_settings, city):
    """Every table in a collection's SQL has the trigger, or else what changed there would be served old."""
    from geoservice.store.feature_sources import SOURCES

    with transaction(make_engine(web_settings.database_url)) as session:
        watched = set(
            session.scalars(
                text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'note_table_change'")
            )
        )
    for name, source in SOURCES.items():
        assert set(source.tables) <= watched, name
        assert source.rows.split()[0] in source.tables, name
