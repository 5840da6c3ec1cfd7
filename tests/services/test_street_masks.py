"""Streets cut into pieces, and their pieces in zones and exclusions: exact, complete, the same as made from nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.config import Settings
from geoservice.domain.crs import to_lonlat
from geoservice.services import ground
from geoservice.services.streets_loading import load_lines
from geoservice.store.base import make_engine, transaction
from tests.services.ground_kit import EPSG, ORIGIN, add_zone, lay_raster, place
from tests.services.street_kit import add_exclusion, add_street, earth, pieces_of, see

# A cross of borders in a square of 300 m; streets along it, through it, along its edge and out of it.
QUARTERS = [shapely.box(x, y, x + 150, y + 150) for x in (0, 150) for y in (0, 150)]
STREETS = {
    "along": [(0, 150), (300, 150)],
    "up": [(150, 300), (150, 0)],
    "through": [(10, 20), (140, 160), (290, 280)],
    "edge": [(0, 0), (300, 0), (300, 300)],
    "out": [(200, 200), (500, 210)],
    "long": [(5 + 97 * k % 290, 5 + 193 * k % 290) for k in range(12)],
}


@pytest.fixture
def city(session, settings):
    parent = add_zone(session, settings, "P", shapely.box(0, 0, 300, 300), level="community")
    for number, quarter in enumerate(QUARTERS):
        add_zone(session, settings, f"Q{number}", quarter, parent=parent)
    ids = {code: add_street(session, settings, code, line) for code, line in STREETS.items()}
    ground.refresh_masks(session, settings)
    return ids


def version_of(session, code: str) -> int:
    sql = "SELECT v.id FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE z.code = :code"
    return session.scalar(text(sql), {"code": code})


def everything(session) -> tuple:
    """All that is derived of streets and borders."""
    cuts = session.execute(text("SELECT id, length_m, piece_count FROM street ORDER BY id")).all()
    cells = session.execute(text("SELECT id, cell_count, streets_cut FROM zone_version ORDER BY id")).all()
    return (
        cuts, cells, pieces_of(session, "zone_street", "zone_version_id"),
        pieces_of(session, "exclusion_street", "exclusion_id"),
        session.execute(text("SELECT zone_version_id, tx, ty, md5(bits::text) FROM zone_mask ORDER BY 1, 2, 3")).all(),
    )  # fmt: skip


def from_nothing(session, settings) -> tuple:
    with session.begin_nested() as savepoint:
        for table in ("zone_street", "exclusion_street", "zone_mask", "exclusion_mask"):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("UPDATE street SET length_m = NULL, piece_count = NULL"))
        for table in ("zone_version", "exclusion"):
            session.execute(text(f"UPDATE {table} SET cell_count = NULL, streets_cut = false"))
        ground.refresh_masks(session, settings)
        made = everything(session)
        savepoint.rollback()
    return made


def test_a_street_is_cut_into_equal_pieces_of_about_15_m(session, settings, city):
    rows = session.execute(text("SELECT code, length_m, piece_count FROM street")).all()
    for row in rows:
        assert row.length_m == pytest.approx(shapely.LineString(STREETS[row.code]).length, abs=1e-3)
        assert row.piece_count == round(row.length_m / 15)
    assert {row.code: row.piece_count for row in rows}["along"] == 20


def test_siblings_share_the_pieces_of_their_parent_each_piece_once(session, settings, city):
    """Two streets run exactly along the borders, one along the outer edge, one leaves the ground."""
    found = pieces_of(session, "zone_street", "zone_version_id")
    parent = found[version_of(session, "P")]
    quarters = [found[version_of(session, f"Q{number}")] for number in range(4)]
    for street, pieces in parent.items():
        shared = sorted(piece for quarter in quarters for piece in quarter.get(street, ()))
        assert shared == sorted(pieces)
    assert len(parent[city["along"]]) == len(parent[city["up"]]) == 20
    assert len(parent[city["out"]]) == 7  # 100 of its 300 m
    counts = dict(session.execute(text("SELECT id, piece_count FROM street")).all())
    assert len(parent[city["long"]]) == counts[city["long"]] > 64


def test_streets_that_come_after_the_zones_get_the_same_pieces(session, settings, city):
    assert everything(session) == from_nothing(session, settings)
    add_street(session, settings, "late", [(20, 280), (280, 20)])
    add_zone(session, settings, "Z", shapely.box(100, 100, 220, 220), level="street")
    add_exclusion(session, "x", shapely.box(0, 100, 90, 300))
    ground.refresh_masks(session, settings)
    assert everything(session) == from_nothing(session, settings)


def test_a_street_that_moves_is_cut_again_and_what_was_seen_of_it_goes(session, settings, city):
    see(session, city["along"], range(20))
    see(session, city["up"], [3])
    session.execute(
        text("UPDATE street SET geom = ST_GeomFromWKB(:wkb, 4326) WHERE id = :id"),
        {"wkb": earth(shapely.LineString([(0, 50), (90, 50)])), "id": city["along"]},
    )
    assert (
        session.scalar(text("SELECT piece_count FROM street WHERE id = :id"), {"id": city["along"]}) is None
    )
    ground.refresh_masks(session, settings)
    assert session.scalar(text("SELECT piece_count FROM street WHERE id = :id"), {"id": city["along"]}) == 6
    assert session.scalars(text("SELECT DISTINCT street_id FROM street_seen")).all() == [city["up"]]
    assert everything(session) == from_nothing(session, settings)


def test_another_length_of_pieces_cuts_every_street_again(session, settings, city):
    finer = replace(settings, street_piece_m=10.0)
    ground.refresh_masks(session, finer)
    assert session.scalar(text("SELECT piece_count FROM street WHERE id = :id"), {"id": city["along"]}) == 30
    assert everything(session) == from_nothing(session, finer)


def test_a_border_that_changes_has_its_mask_and_streets_made_anew(session, settings, city):
    wkb = earth(shapely.MultiPolygon([shapely.box(0, 0, 100, 100)]))
    session.execute(
        text("UPDATE zone_version SET geom = ST_GeomFromWKB(:wkb, 4326) WHERE id = :id"),
        {"wkb": wkb, "id": version_of(session, "Q0")},
    )
    ground.refresh_masks(session, settings)
    cells = text("SELECT cell_count FROM zone_version WHERE id = :id")
    assert session.scalar(cells, {"id": version_of(session, "Q0")}) == 400
    assert everything(session) == from_nothing(session, settings)


def test_a_later_version_of_a_zone_keeps_the_former_ones_pieces(session, settings, city):
    add_zone(session, settings, "N", shapely.box(0, 0, 300, 140), valid=(None, date(2026, 6, 10)))
    add_zone(session, settings, "N", shapely.box(0, 0, 140, 300), valid=(date(2026, 6, 10), None))
    found = pieces_of(session, "zone_street", "zone_version_id")
    sql = "SELECT v.id FROM zone_version v JOIN zone z ON z.id = v.zone_id WHERE z.code = 'N' ORDER BY v.id"
    before, after = session.scalars(text(sql)).all()
    assert city["along"] not in found[before]
    assert len(found[after][city["along"]]) == 9  # midpoints 7.5, 22.5 … 127.5


def test_water_leaves_the_bridge_and_a_hill_takes_the_street(session, settings, city):
    water = add_exclusion(session, "w", shapely.box(0, 0, 300, 300), kind="water")
    hill = add_exclusion(session, "h", shapely.box(0, 100, 45, 200), kind="hill")
    ground.refresh_masks(session, settings)
    found = pieces_of(session, "exclusion_street", "exclusion_id")
    assert water not in found
    assert found[hill][city["along"]] == {0, 1, 2}
    assert session.scalar(text("SELECT bool_and(streets_cut AND cell_count > 0) FROM exclusion"))


def test_nothing_is_made_twice_not_even_of_a_zone_without_a_cell(session, settings):
    add_zone(session, settings, "big", shapely.box(0, 0, 50, 50))
    add_zone(session, settings, "dot", shapely.box(0.2, 0.2, 1.2, 1.2))
    assert ground.refresh_masks(session, settings) == 0
    cells = "SELECT z.code, v.cell_count FROM zone z JOIN zone_version v ON v.zone_id = z.id"
    assert dict(session.execute(text(cells)).all()) == {"big": 100, "dot": 0}


def test_another_raster_measures_everything_anew(session, settings, city):
    before = everything(session)
    coarse = replace(settings, cell_m=10.0)
    assert ground.refresh_masks(session, coarse) == 5
    assert session.scalar(text("SELECT sum(cell_count) FROM zone_version")) == 2 * 30 * 30
    assert pieces_of(session, "zone_street", "zone_version_id") == before[2]
    elsewhere = replace(
        settings, cell_m=10.0, metric_epsg=4549
    )  # six degrees from its meridian: metres are longer
    ground.refresh_masks(session, elsewhere)
    lengths = session.scalar(text("SELECT sum(length_m) FROM street"))
    assert lengths > 1.003 * sum(row.length_m for row in before[0])


def test_two_at_once_make_everything_once(new_database):
    url = new_database()
    settings, engine = Settings(database_url=url, demo_mode=True), make_engine(url)
    with transaction(engine) as session:
        lay_raster(session, settings)
        for number, quarter in enumerate(QUARTERS):
            zone_id = session.scalar(
                text("INSERT INTO zone (level, code) VALUES ('grid', :code) RETURNING id"),
                {"code": f"Q{number}"},
            )
            session.execute(
                text(
                    "INSERT INTO zone_version (zone_id, name, path, geom) VALUES (:id, 'q', ARRAY[CAST(:id AS int)], "
                    "ST_Multi(ST_GeomFromWKB(:wkb, 4326)))"
                ),
                {"id": zone_id, "wkb": earth(quarter)},
            )
        for code, line in STREETS.items():
            add_street(session, settings, code, line)
    start, made, errors = threading.Barrier(3), [], []

    def refresh() -> None:
        try:
            start.wait(10)
            with transaction(engine) as session:
                made.append(ground.refresh_masks(session, settings))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=refresh) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(made) == [0, 0, 4]
    with transaction(engine) as session:
        assert everything(session) == from_nothing(session, settings)
    engine.dispose()


def test_lines_come_in_metres_with_levels_and_only_where_asked(session, settings, city):
    tunnel = add_street(session, settings, "t", [(0, 1000), (100, 1000)], tunnel="yes")
    bridge = add_street(session, settings, "b", [(0, 1010), (100, 1010)], other_tags='"layer"=>"2"')
    uncut = load_lines(session, EPSG, None)
    assert len(uncut.street_id) == len(STREETS)
    ground.refresh_masks(session, settings)
    lines = load_lines(session, EPSG, None)
    at = {street_id: number for number, street_id in enumerate(lines.street_id.tolist())}
    assert (lines.level[at[tunnel]], lines.tunnel[at[tunnel]]) == (-1, True)
    assert (lines.level[at[bridge]], lines.tunnel[at[bridge]]) == (2, False)
    assert lines.tunnel.sum() == 1
    for code, line in STREETS.items():
        number = at[city[code]]
        xy = lines.xy[lines.starts[number] : lines.starts[number + 1]] - ORIGIN
        assert np.allclose(xy, line, atol=1e-3)
        assert lines.piece_count[number] == round(shapely.LineString(line).length / 15)
    west, south = place([-50, 990])[0]
    east, north = place([150, 1020])[0]
    near = load_lines(session, EPSG, (west, south, east, north))
    assert near.street_id.tolist() == [tunnel, bridge]
    far = to_lonlat(EPSG, ORIGIN + np.array([[9000.0, 9000.0], [9100.0, 9100.0]])).ravel()
    assert len(load_lines(session, EPSG, tuple(far)).street_id) == 0
