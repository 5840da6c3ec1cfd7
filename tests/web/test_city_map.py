"""What the city's map is made of: tiles, rates, points and cards agree with what is stored, and show nobody more than his ground."""

from __future__ import annotations

import numpy as np
import pyogrio
from sqlalchemy import text

from geoservice.domain.clustering import on_square
from geoservice.domain.windows import Window
from geoservice.services import city_points
from geoservice.services.areas import Reader
from geoservice.services.city_points import MOST_IN_TILE, point_field
from geoservice.store.base import make_engine, transaction
from geoservice.store.tile_rows import TilePlace
from tests.factories import CELL_LAT, CELL_LON, MINE, OTHERS, SOUTH, WEST
from tests.web.conftest import NOON

TODAY = NOON.date().isoformat()


def tiles_of(zoom: int) -> list[TilePlace]:
    """Every tile that the small city touches, and those around it."""
    lon = np.array([WEST - 0.01, WEST + 8 * CELL_LON + 0.01])
    lat = np.array([SOUTH + 4 * CELL_LAT + 0.01, SOUTH - 0.01])
    (west, east), (north, south) = ((along * 2**zoom).astype(int).tolist() for along in on_square(lon, lat))
    return [TilePlace(zoom, x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def read(client, what: str, place: TilePlace, query: str = ""):
    return client.get(f"/dispatch/map/{what}/{place.zoom}/{place.column}/{place.row}{query}")


def test_tiles_hold_each_zone_of_the_level_by_its_own_id(as_user, web_settings, tmp_path):
    """Read by GDAL, which knows nothing of us."""
    client, found = as_user("dispatcher"), {}
    for number, place in enumerate(tiles_of(13)):
        answer = read(client, f"zones/grid/{TODAY}", place, "?names=1")
        if answer.status_code == 204:
            continue
        path = tmp_path / f"{number}.mvt"
        path.write_bytes(answer.data)
        meta, _, _, columns = pyogrio.raw.read(str(path), layer="map_zones")
        names = list(meta["fields"])
        ids, titles = columns[names.index("mvt_id")], columns[names.index("name")]
        found.update(dict(zip(ids.tolist(), titles.tolist(), strict=True)))
    grids = "SELECT zone_id, name FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE z.level = 'grid'"
    with transaction(make_engine(web_settings.database_url)) as session:
        stored = {row.zone_id: row.name for row in session.execute(text(grids))}
    assert found == stored


def test_a_tile_is_not_sent_twice_and_not_to_another_scope(as_user):
    client, place = as_user("dispatcher"), tiles_of(12)[0]
    first = read(client, f"zones/grid/{TODAY}", place, "?names=1")
    again = client.get(first.request.path + "?names=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    part = read(as_user("part"), f"zones/grid/{TODAY}", place, "?names=1").data
    assert MINE.encode() in first.data
    assert OTHERS.encode() in part
    assert MINE.encode() not in part


def test_rates_name_every_zone_with_the_light_of_the_table(as_user, city):
    client = as_user("dispatcher")
    rates = client.get("/dispatch/map/rates?days=7&level=grid").json
    ids = [sum(rates["ids"][: at + 1]) for at in range(len(rates["ids"]))]
    assert ids == sorted(one for side in city.grid_ids for one in side)
    assert len(rates["classes"]) == len(rates["labels"]) == len(ids)
    labels = dict(zip(ids, (rates["words"][label] for label in rates["labels"]), strict=True))
    card = client.get(f"/dispatch/map/card/zone?days=7&level=grid&id={ids[0]}").json
    assert labels[ids[0]] in card["rows"][0]
    for zone_id in ids:
        light = rates["classes"][ids.index(zone_id)]
        share = float(labels[zone_id].rstrip("%"))
        assert light == str(min(int(share // 20), 4)), (zone_id, share)
    unchanged = client.get("/dispatch/map/rates?days=7&level=grid")
    assert client.get("/dispatch/map/rates?days=7&level=grid", headers={"If-None-Match": unchanged.headers["ETag"]}).status_code == 304  # fmt: skip


def test_a_tap_finds_the_zone_below_it_and_only_in_ones_scope(as_user, city):
    at = f"{WEST + 0.5 * CELL_LON},{SOUTH + 0.5 * CELL_LAT}"
    found = as_user("dispatcher").get(f"/dispatch/map/card/zone?level=grid&at={at}").json
    assert found["ids"][0] in city.grid_ids[0] + city.grid_ids[1]
    assert found["polygons"][0]
    assert as_user("dispatcher").get("/dispatch/map/card/zone?level=grid&at=0,0").status_code == 204
    assert as_user("dispatcher").get("/dispatch/map/card/zone?level=grid&at=here").status_code == 400
    assert (
        as_user("part").get(f"/dispatch/map/card/zone?level=grid&id={city.grid_ids[0][0]}").status_code == 404
    )


def test_points_are_counted_once_at_every_zoom_and_filtered(as_user):
    client = as_user("dispatcher")
    whole = client.get("/dispatch/map/points/0/0/0?days=7").json
    total = len(whole["ids"]) + sum(count for _, _, count, _ in whole["groups"])
    assert total > 0
    for zoom in (5, 12, 15):
        tiles = [read(client, "points", place, "?days=7").json for place in tiles_of(zoom)]
        ids = [one for tile in tiles for one in tile["ids"]]
        assert len(ids) == len(set(ids))
        assert len(ids) + sum(count for tile in tiles for _, _, count, _ in tile["groups"]) == total
        assert all(len(tile["ids"]) <= MOST_IN_TILE for tile in tiles)
    late = client.get("/dispatch/map/points/0/0/0?days=7&late=1").json
    assert all(late["late"])
    assert client.get("/dispatch/map/points/0/0/0?days=7&category=none-such").json["ids"] == []
    card = client.get(f"/dispatch/map/card/point/{whole['ids'][0]}?days=7").json
    assert card["titles"] and card["ids"] == whole["ids"][:1]


def test_crowded_points_are_put_together(monkeypatch, web_settings, city):
    monkeypatch.setattr(city_points, "MOST_IN_TILE", 1)
    with transaction(make_engine(web_settings.database_url)) as session:
        reader = Reader(NOON.date(), NOON, "en", lambda _: ("", ""))
        field = point_field(session, web_settings, Window.ending(NOON.date(), 7), reader)
    tile = city_points.point_tile(field, TilePlace(0, 0, 0))
    assert tile.counts.sum() + len(tile.alone) == len(field.ids)
    assert tile.counts.min() > 1
    assert tile.late.sum() + field.late[tile.alone].sum() == field.late.sum()
    near = field.lon.min() <= tile.lon.min() <= tile.lon.max() <= field.lon.max()
    assert near


def test_positions_are_for_those_who_run_patrols(as_user):
    assert '"devices"' in as_user("dispatcher").get("/dispatch/map/frame").text
    frame = as_user("gis").get("/dispatch/map/frame").text
    assert "shapes-devices" not in frame
    assert as_user("gis").get("/dispatch/map/devices").status_code == 403


def test_the_frame_holds_no_shape_however_large_the_city_is(as_user):
    frame = as_user("dispatcher").get("/dispatch/map/frame?level=grid").text
    assert MINE not in frame
    assert OTHERS not in frame
    assert len(frame) < 40_000


def test_a_kiosk_has_no_bar_and_its_link_keeps_what_is_shown(as_user):
    client = as_user("dispatcher")
    address = "/dispatch/map?show=points&days=7&at=114.05,22.53,15&on=zones,points"
    usual, kiosk = client.get(address).text, client.get(address + "&kiosk=1").text
    assert 'class="bar"' in usual
    assert 'class="bar"' not in kiosk
    assert "#at=114.05%2C22.53%2C15&amp;on=zones%2Cpoints" in usual
    assert "data-pause" in kiosk
    assert '"><script>' not in client.get('/dispatch/map?at="><script>&on="><script>').text


def test_every_page_with_the_city_s_map_fetches_for_it_and_lists_lead_back_to_it(as_user):
    client = as_user("dispatcher")
    for page in ("map", "points", "streets"):
        shown = client.get(f"/dispatch/{page}").text
        frame = shown[shown.index('<iframe id="city-map"') :].partition("</iframe>")[0]
        assert "/dispatch/map/rates" in frame, page
        assert "js/city.js" in shown, page
    gaps = client.get("/dispatch/gaps").text
    assert "/dispatch/map?at=" in gaps
