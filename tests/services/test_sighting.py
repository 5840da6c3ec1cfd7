"""What device days show of streets, points and tiny zones is a function of their fixes and of the ground alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.domain.windows import Period, Window
from geoservice.services import sighting, tracking
from tests.services.ground_kit import (
    EPSG,
    ORIGIN,
    add_point,
    add_street,
    add_zone,
    cover,
    facts,
    fixes,
    fresh,
    part,
    place,
    receive,
    stored,
)

MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)  # 09:00 in Shanghai
BEFORE_MIDNIGHT = datetime(2026, 6, 1, 15, 55, tzinfo=UTC)  # 23:55 in Shanghai
JUNE = Window(date(2026, 6, 1), date(2026, 6, 30))
FAR = 6_000.0  # from the ground laid here: tiles apart
few = hypothesis_settings(
    max_examples=7, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def lay_ground(session, settings):
    """Streets along and across, one beside another, a tunnel; points; a zone of some cells, one smaller than a cell."""
    add_street(session, settings, "along", [(-50, 0), (110, 0)])
    add_street(session, settings, "beside", [(-50, 18), (600, 18)])
    add_street(session, settings, "across", [(200, -300), (200, 300)])
    add_street(session, settings, "below", [(400, -200), (400, 200)], tunnel="yes", layer="-1")
    add_point(session, settings, "market", (200, 10))
    add_point(session, settings, "park", (300, 40), "park")
    add_zone(session, settings, "big", shapely.box(-100, -100, 700, 100))
    add_zone(session, settings, "tiny", shapely.box(100, 20, 103, 23), level="community")
    add_zone(session, settings, "strip", shapely.box(150, 25, 161, 45), level="community")


def stroll(device, start, rng, *, mode=1, shift=0.0, noise=3.0):
    """Fixes every 10 s of somebody who walks along a street, waits at a point for a while, and turns into another."""
    there = np.column_stack((np.arange(0, 200, 13.0), np.zeros(16)))
    waits = np.tile([(200.0, 4.0)], (int(rng.integers(4, 12)), 1))
    up = np.column_stack((np.full(12, 200.0), np.arange(0, 156, 13.0)))
    path = np.concatenate((there, waits, up)) + rng.normal(0, noise, (16 + len(waits) + 12, 2)) + (shift, 0)
    return fixes(device, start, np.arange(len(path)) * 10, path, mode=mode)


def joined(*batches):
    names = tracking.Fixes.__dataclass_fields__
    return tracking.Fixes(*(np.concatenate([getattr(batch, name) for batch in batches]) for name in names))


@st.composite
def days_of_two(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start = draw(st.sampled_from([MORNING, BEFORE_MIDNIGHT]))
    batch = joined(stroll("a", start, rng), stroll("b", start, rng, mode=2))
    batch.accuracy_m[rng.random(len(batch.time_us)) < 0.05] = 500
    return batch, rng


def split(batch, rng):
    """Cut the fixes into batches in any order, some of them sent twice."""
    order = rng.permutation(len(batch.time_us))
    cuts = np.sort(rng.integers(0, len(order) + 1, size=rng.integers(0, 4)))
    parts = [piece for piece in np.split(order, cuts) if len(piece)]
    return [*parts, *(piece for piece in parts if rng.random() < 0.3)]


@given(days_of_two())
@few
def test_order_repetition_and_batches_do_not_matter_to_facts(session, settings, days):
    batch, rng = days
    with session.begin_nested() as savepoint:
        lay_ground(session, settings)
        for piece in split(batch, rng):
            receive(session, settings, part(batch, piece))
            if rng.random() < 0.6:
                cover(session, settings)
        cover(session, settings)
        piecemeal = stored(session)
        assert piecemeal == fresh(session, settings)
        assert all(piecemeal[1].values())
        savepoint.rollback()


@given(days_of_two())
@few
def test_a_deleted_or_cut_track_leaves_the_facts_of_the_rest(session, settings, days):
    batch, rng = days
    with session.begin_nested() as savepoint:
        lay_ground(session, settings)
        tracks: list[int] = []
        for piece in split(batch, rng):
            tracks += receive(session, settings, part(batch, piece)).track_ids
        cover(session, settings)
        chosen = int(rng.choice(tracks))
        if rng.random() < 0.5:
            tracking.delete_track(session, settings, chosen)
        else:
            began, ended = session.execute(
                text("SELECT started_at, ended_at FROM track WHERE id = :id"), {"id": chosen}
            ).one()
            since = began + (ended - began) * float(rng.random()) * 0.5
            before = ended - (ended - since) * float(rng.random()) * 0.5 + timedelta(seconds=1)
            if session.scalar(
                text(
                    "SELECT EXISTS (SELECT FROM fix WHERE track_id = :id AND recorded_at >= :a AND recorded_at < :b)"
                ),
                {"id": chosen, "a": since, "b": before},
            ):
                tracking.cut_track(session, settings, chosen, since, before)
        cover(session, settings)
        assert stored(session) == fresh(session, settings)
        savepoint.rollback()


@pytest.fixture
def walked(session, settings):
    """The ground with two device days on it, and one device day far away from it; all computed."""
    lay_ground(session, settings)
    rng = np.random.default_rng(3)
    receive(session, settings, stroll("a", MORNING, rng))
    receive(session, settings, stroll("b", MORNING + timedelta(days=1), rng, mode=3))
    receive(session, settings, stroll("c", MORNING, rng, shift=FAR))
    cover(session, settings)
    return session


def move(session, table, code, metres):
    session.execute(
        text(f"UPDATE {table} SET geom = ST_GeomFromWKB(:wkb, 4326) WHERE code = :code"),
        {"code": code, "wkb": shapely.to_wkb(metres)},
    )


GROUND = {
    "a street on the way": lambda s, e: add_street(s, e, "new", [(110, 0), (600, 0)]),
    "a street moved": lambda s, e: move(s, "street", "beside", shapely.LineString(place([(110, 0), (600, 0)]))),
    "a street gone": lambda s, e: s.execute(text("DELETE FROM street WHERE code = 'across'")),
    "a street found to be a tunnel": lambda s, e: s.execute(
        text("""UPDATE street SET attributes = '{"tunnel": "yes"}' WHERE code = 'along'""")
    ),
    "a new point": lambda s, e: add_point(s, e, "new", (200, 100)),
    "a point moved": lambda s, e: move(s, "point", "market", shapely.Point(place((250, 10))[0])),
    "a point no longer active": lambda s, e: s.execute(text("UPDATE point SET active = false")),
    "a category's dwell": lambda s, e: s.execute(
        text("UPDATE point_category SET visit_dwell_s = 500 WHERE code = 'market'")
    ),
    "a new tiny zone": lambda s, e: add_zone(s, e, "new", shapely.box(50, 28, 54, 33), level="community"),
    "a tiny zone's border": lambda s, e: s.execute(
        text(
            "UPDATE zone_version SET geom = ST_Multi(ST_Expand(geom, 0.00002)) WHERE name = 'zone strip'"
        )
    ),
    "a tiny zone grown": lambda s, e: s.execute(
        text("UPDATE zone_version SET geom = ST_Multi(ST_Expand(geom, 0.001)) WHERE name = 'zone tiny'")
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", GROUND)
def test_after_a_change_on_the_ground_only_days_near_it_are_looked_at_again(walked, settings, change):
    before = stored(walked)
    GROUND[change](walked, settings)
    done = cover(walked, settings)
    assert (done.devices, done.tiles, done.rebuilt) == (2, 0, 0)
    assert stored(walked) == fresh(walked, settings)
    assert stored(walked)[1] != before[1]
    assert cover(walked, settings).devices == 0


# setting → another value, how many device days hang on it
SETTINGS = {
    "reach_car_m": (60.0, 1),
    "reach_foot_m": (20.0, 2),
    "street_reach_m": (3.0, 3),
    "street_heading_deg": (1.0, 3),
    "street_piece_m": (40.0, 3),
    "visit_dwell_s": (300.0, 3),
    "visit_radius_m": (60.0, 3),
    "visit_join_s": (5.0, 3),
    "max_speed_mps": (1.3, 3),
    "max_gap_m": (12.0, 3),
    "cell_m": (3.0, 3),
    "metric_epsg": (4548, 3),
    "timezone": ("America/Los_Angeles", 3),
    "morning_from": (time(9, 3), 3),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_changed_setting_has_what_hangs_on_it_done_again_and_nothing_else(walked, settings, name):
    value, days = SETTINGS[name]
    settings = replace(settings, metric_epsg=EPSG)
    facts_only = name.startswith(("street", "visit"))
    before = stored(walked)
    walked.execute(
        text(
            "INSERT INTO gap_report (from_on, to_on, computed_at) VALUES ('2026-05-01', '2026-06-30', now())"
        )
    )
    changed = replace(settings, **{name: value})
    done = cover(walked, changed)
    assert done.devices == days
    assert (done.tiles + done.rebuilt == 0) == facts_only
    assert walked.scalar(text("SELECT count(*) FROM gap_report WHERE NOT stale")) == facts_only
    after = stored(walked)
    assert after == fresh(walked, changed)
    assert after != before or name == "visit_join_s"
    assert cover(walked, changed).devices == 0
    cover(walked, settings)
    assert stored(walked) == before


def test_days_begin_elsewhere_in_another_time_zone(session, settings):
    lay_ground(session, settings)
    receive(session, settings, stroll("a", BEFORE_MIDNIGHT, np.random.default_rng(1)))
    cover(session, settings)
    assert {row[0] for row in facts(session)["street"]} == {date(2026, 6, 1), date(2026, 6, 2)}
    cover(session, replace(settings, timezone="UTC"))
    assert {row[0] for row in facts(session)["street"]} == {date(2026, 6, 1)}


def test_a_device_that_is_computed_alone_shows_the_same_as_among_others(walked, settings):
    together = facts(walked)
    walked.execute(
        text(
            "UPDATE device_day SET rematch = true WHERE device_id = (SELECT id FROM device WHERE code = 'a')"
        )
    )
    assert cover(walked, settings).devices == 1
    assert facts(walked) == together


def test_bad_input_is_cleaned_counted_by_reason_and_never_fatal(session, settings):
    lay_ground(session, settings)
    good = stroll("a", MORNING, np.random.default_rng(2), noise=0)
    receive(session, settings, good)
    cover(session, settings)
    clean = stored(session)
    count = len(good.time_us)
    bad = joined(part(good, np.arange(count)[::-1]), part(good, [3, 3, 5]))
    zero, jump = part(good, [4, 5]), part(good, [6])
    zero.lon[:], zero.lat[:] = 0.0, 0.0
    jump.time_us[:] += 3_000_000
    jump.lon[:] += 0.5
    got = receive(session, settings, joined(bad, zero, jump))
    assert (got.new, got.repeated, got.refused) == (1, count + 3, {"null_island": 2})
    cover(session, settings)
    # The jump breaks the line between two fixes and shows nothing.
    assert sighting.refusals(session, JUNE) == {"gap_in_distance": 2, "null_island": 2}
    assert stored(session) == fresh(session, settings) != clean
    tracking.delete_track(session, settings, got.track_ids[0])
    cover(session, settings)
    assert stored(session) == clean


def test_metres_that_no_street_was_credited_with_say_why(walked):
    metres = sighting.street_refusals(walked, JUNE)
    assert metres
    assert all(value > 0 for value in metres.values())
    assert sighting.street_refusals(walked, Window(date(2025, 1, 1), date(2025, 1, 2))) == {}


def version_of(session, name):
    return session.scalar(text("SELECT id FROM zone_version WHERE name = :name"), {"name": f"zone {name}"})


@given(
    st.lists(st.tuples(st.integers(60, 260), st.integers(-40, 90)), min_size=2, max_size=6),
    st.integers(1, 3),
)
@few
def test_a_tiny_zone_is_measured_as_exact_geometry_does(session, settings, corners, mode):
    corners = np.array(corners, dtype=float)
    with session.begin_nested() as savepoint:
        lay_ground(session, settings)
        strip = shapely.box(150, 25, 161, 45)
        receive(session, settings, fixes("a", MORNING, np.arange(len(corners)) * 60, corners, mode=mode))
        cover(session, settings)
        ids = [version_of(session, name) for name in ("strip", "tiny")]
        counts = sighting.tiny_zones(session, settings, JUNE, ids)
        reach = {1: 30.0, 2: 40.0, 3: 50.0}[mode]
        exact = shapely.LineString(corners).buffer(reach, quad_segs=512)
        for version, box in zip(ids, (strip, shapely.box(100, 20, 103, 23)), strict=True):
            assert counts[version].area_m2 == pytest.approx(box.area, abs=1e-3)
            assert counts[version].covered_m2 == pytest.approx(
                box.intersection(exact).area, rel=1e-3, abs=0.15
            )
            assert 0 <= counts[version].covered_m2 <= counts[version].area_m2
        savepoint.rollback()


def test_what_is_excluded_of_a_tiny_zone_is_not_seen_and_periods_stand_apart(session, settings):
    lay_ground(session, settings)
    strip = version_of(session, "strip")
    receive(session, settings, fixes("a", MORNING, [0, 30], [(150, 0), (160, 0)]))
    night = MORNING + timedelta(hours=14)
    receive(session, settings, fixes("b", night, [0, 30], [(150, 70), (160, 70)]))
    cover(session, settings)
    whole = sighting.tiny_zones(session, settings, JUNE, [strip])[strip]
    day = sighting.tiny_zones(session, settings, replace(JUNE, period=Period.DAY), [strip])[strip]
    dark = sighting.tiny_zones(session, settings, replace(JUNE, period=Period.NIGHT), [strip])[strip]
    assert day.covered_m2 == pytest.approx(11 * 5, abs=0.6)
    assert dark.covered_m2 == pytest.approx(11 * 5, abs=0.6)
    assert whole.covered_m2 == pytest.approx(day.covered_m2 + dark.covered_m2, abs=1e-3)
    session.execute(
        text(
            "INSERT INTO exclusion (code, kind, geom, valid_from) VALUES ('pond', 'water', "
            "ST_Multi(ST_GeomFromWKB(:wkb, 4326)), '2026-06-01')"
        ),
        {"wkb": shapely.to_wkb(shapely.Polygon(place([(140, 20), (170, 20), (170, 30), (140, 30)])))},
    )
    less = sighting.tiny_zones(session, settings, JUNE, [strip])[strip]
    assert less.excluded_m2 == pytest.approx(55, abs=0.01)
    assert less.covered_m2 == pytest.approx(dark.covered_m2, abs=0.01)
    earlier = Window(date(2026, 5, 1), date(2026, 5, 31))
    assert sighting.tiny_zones(session, settings, earlier, [strip])[strip].excluded_m2 == 0


def test_the_ground_seen_lies_in_its_zone(walked):
    rows = walked.execute(
        text(
            "SELECT ST_AsBinary(t.geom) AS seen, ST_AsBinary(v.geom) AS zone FROM tiny_zone_seen t JOIN zone_version v ON v.id = t.zone_version_id"
        )
    ).all()
    assert rows
    for row in rows:
        seen, zone = (to_metric(EPSG, shapely.from_wkb(bytes(each))) for each in row)
        assert shapely.difference(seen, zone).area < 1e-6
        assert zone.bounds[0] >= ORIGIN[0]
