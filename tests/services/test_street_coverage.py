"""Rates of streets by length against sets of pieces, and the stretches nobody saw."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from geoservice.domain.crs import to_metric
from geoservice.domain.windows import Period, Window
from geoservice.services import ground, streets
from geoservice.store.scope import Scope, scope_settings
from tests.services.ground_kit import EPSG, ORIGIN, add_zone, cover, fixes, receive
from tests.services.street_kit import DAY, add_exclusion, add_street, pieces_of, see, somebody_was_out

TODAY = Window(DAY, DAY)


def days_before(days: int) -> date:
    return DAY - timedelta(days=days)


@pytest.fixture
def city(session, settings):
    """A community of two cells side by side, a third cell apart; streets in one, in both, in none, a tunnel, a hill."""
    ids = {"community": add_zone(session, settings, "C", shapely.box(0, 0, 300, 150), level="community")}
    ids["west"] = add_zone(session, settings, "W", shapely.box(0, 0, 150, 150), parent=ids["community"])
    ids["east"] = add_zone(session, settings, "E", shapely.box(150, 0, 300, 150), parent=ids["community"])
    ids["apart"] = add_zone(session, settings, "A", shapely.box(1000, 0, 1600, 150))
    for code, line, told in (
        ("both", [(0, 75), (300, 75)], {"street_class": "primary"}),
        ("border", [(150, 0), (150, 150)], {}),
        ("outside", [(0, 500), (150, 500)], {}),
        ("tunnel", [(0, 100), (150, 100)], {"tunnel": "yes"}),
        ("long", [(1000, 20), (1600, 20), (1600, 130), (1000, 130)], {"street_class": "primary"}),
        ("short", [(10, 10), (20, 10)], {}),
    ):
        ids[code] = add_street(session, settings, code, line, **told)
    add_exclusion(session, "hill", shapely.box(240, 0, 300, 150))
    add_exclusion(session, "lake", shapely.box(0, 0, 60, 150), kind="water")
    ground.refresh_masks(session, settings)
    return ids


def pieces(row: streets.Length) -> list[int]:
    """Metres as pieces of 15 m: every street but the short one is cut so."""
    return [round(metres / 15) for metres in (row.length_m, row.tunnel_m, row.excluded_m, row.covered_m)]


def test_rates_by_street_zone_and_class(session, settings, city):
    see(session, city["both"], range(5, 18))
    see(session, city["tunnel"], range(10))
    see(session, city["outside"], [0, 1])
    found = streets.street_coverage(session, settings, TODAY)
    by_code = {row.code: row for row in found.streets}
    assert pieces(by_code["both"]) == [20, 0, 4, 11]  # seen 5–17, of which 16 and 17 lie on the hill
    assert by_code["both"].rate == pytest.approx(11 / 16)
    assert by_code["both"].zone_ids == (city["east"], city["west"])  # in order of code: E, W
    assert (pieces(by_code["tunnel"]), by_code["tunnel"].rate) == ([10, 10, 0, 0], None)
    assert (by_code["border"].rate, by_code["outside"].zone_ids) == (0.0, ())
    zones = {row.code: row for row in found.zones}
    assert (
        pieces(zones["W"])[0] + pieces(zones["E"])[0] == pieces(zones["C"])[0] == 41
    )  # with the short street
    assert [pieces(zones[code])[3] for code in "WEC"] == [5, 6, 11]
    assert (zones["A"].rate, pieces(zones["A"])[0]) == (0.0, 87)
    classes = {row.street_class: row for row in found.classes}
    assert (classes["primary"].street_count, classes["residential"].street_count) == (2, 4)
    assert classes["primary"].covered_m == by_code["both"].covered_m
    assert found.totals.covered_m == pytest.approx(sum(row.covered_m for row in found.classes))
    assert found.totals.length_m == pytest.approx(sum(row.length_m for row in found.streets))


def test_without_any_data_nothing_is_known(session, settings, city):
    found = streets.street_coverage(session, settings, TODAY)
    rates = [row.rate for row in (*found.zones, *found.streets, *found.classes, found.totals)]
    assert not found.has_data
    assert set(rates) == {None}
    assert streets.street_gaps(session, settings, TODAY) == []
    somebody_was_out(session)
    known = streets.street_coverage(session, settings, TODAY)
    assert known.totals.rate == 0.0
    assert {row.code for row in known.streets if row.rate is None} == {"tunnel"}


def test_all_that_is_asked_being_seen_is_a_rate_of_exactly_1(session, settings, city):
    for code in ("both", "border", "outside", "long", "short"):
        see(session, city[code], range(200))  # also pieces there are none of
    found = streets.street_coverage(session, settings, TODAY)
    assert {row.rate for row in (*found.zones, *found.classes, found.totals)} == {1.0}
    assert streets.street_gaps(session, settings, TODAY) == []


def seed_random(session, city, seed: int) -> dict[tuple[date, int], dict[int, set[int]]]:
    """See anything on eight days in three periods → (day, period) → street → pieces."""
    chance = random.Random(seed)
    told: dict[tuple[date, int], dict[int, set[int]]] = {}
    counts = dict(session.execute(text("SELECT id, piece_count FROM street")).all())
    for _ in range(60):
        key = (days_before(chance.randrange(8)), chance.choice((1, 1, 2, 3)))
        street_id = chance.choice(list(counts))
        start = chance.randrange(counts[street_id])
        numbers = set(range(start, min(start + chance.randrange(1, 9), counts[street_id])))
        see(session, street_id, numbers, key[0], period=key[1], device=chance.randrange(3))
        told.setdefault(key, {}).setdefault(street_id, set()).update(numbers)
    return told


@pytest.mark.parametrize("seed", range(5))
def test_every_rate_is_what_sets_of_pieces_give(session, settings, city, seed):
    """Covered + gap + excluded + tunnel are all pieces; a parent is the union of its children; every window and period."""
    overlap = add_zone(session, settings, "O", shapely.box(100, 40, 200, 110), parent=city["community"])
    told = seed_random(session, city, seed)
    rows = session.execute(text("SELECT id, length_m, piece_count FROM street")).all()
    metres = {row.id: row.length_m / row.piece_count for row in rows}
    whole = {(row.id, piece) for row in rows for piece in range(row.piece_count)}
    masks = pieces_of(session, "zone_street", "zone_version_id")
    versions = dict(session.execute(text("SELECT zone_id, id FROM zone_version")).all())

    def mask(*zone_ids):
        return {
            (street, piece)
            for zone_id in zone_ids
            for street, numbers in masks.get(versions[zone_id], {}).items()
            for piece in numbers
        }

    leaves = {name: mask(city[name]) for name in ("west", "east", "apart")} | {"overlap": mask(overlap)}
    grounds = {city[name]: leaves[name] for name in ("west", "east", "apart")} | {overlap: leaves["overlap"]}
    grounds[city["community"]] = leaves["west"] | leaves["east"] | leaves["overlap"]
    hill = {
        (street, piece)
        for found in pieces_of(session, "exclusion_street", "exclusion_id").values()
        for street, numbers in found.items()
        for piece in numbers
    }
    tunnel = {each for each in whole if each[0] == city["tunnel"]}

    def check(row, ground_, seen):
        asked = ground_ - tunnel - hill
        parts = (ground_, ground_ & tunnel, (ground_ & hill) - tunnel, asked & seen)
        sums = [sum(metres[street] for street, _ in part) for part in parts]
        assert [row.length_m, row.tunnel_m, row.excluded_m, row.covered_m] == pytest.approx(sums)
        share = sums[3] / sum(metres[street] for street, _ in asked) if asked and seen else None
        assert row.rate == (None if share is None else pytest.approx(share))

    for window in (
        TODAY,
        Window.ending(DAY, 3),
        Window.ending(DAY, 8),
        Window(days_before(5), DAY, Period.NIGHT),
    ):
        seen = {
            (street, piece)
            for (day, period), found in told.items()
            for street, numbers in found.items()
            for piece in numbers
            if window.from_on <= day <= window.to_on and window.period in (None, period)
        }
        answer = streets.street_coverage(session, settings, window)
        gaps = streets.street_gaps(session, settings, window)
        assert answer.has_data == bool(seen)

        for zone in answer.zones:
            check(zone, grounds[zone.zone_id], seen)
        for street in answer.streets:
            check(street, {each for each in whole if each[0] == street.street_id}, seen)
        check(answer.totals, whole, seen)
        ask = {7: ([city["west"], overlap], [city["long"]]), 8: ([], [])}
        union = streets.unions_by_length(session, settings, window, ask)
        long = {each for each in whole if each[0] == city["long"]}
        check(union[7], leaves["west"] | leaves["overlap"] | long, seen)
        check(union[8], set(), seen)
        unseen = (whole - tunnel - hill - seen) if seen else set()
        assert sum(gap.length_m for gap in gaps) == pytest.approx(
            sum(metres[street] for street, piece in unseen if _in_a_run(street, piece, unseen, whole))
        )


def _in_a_run(street, piece, unseen, whole) -> bool:
    beside = {(street, piece - 1), (street, piece + 1)}
    return bool(beside & unseen) or not beside & whole


def test_a_wider_window_and_more_tracks_never_lower_a_rate(session, settings, city):
    seed_random(session, city, 7)
    windows = [Window.ending(DAY, days) for days in range(1, 9)]
    answers = [streets.street_coverage(session, settings, window) for window in windows]
    for narrow, wide in pairwise(answers):
        for before, after in zip([*narrow.zones, *narrow.streets], [*wide.zones, *wide.streets], strict=True):
            assert (before.rate or 0.0) <= (after.rate or 0.0)
    see(session, city["both"], range(20), days_before(2))
    more = streets.street_coverage(session, settings, windows[2])
    for before, after in zip(answers[2].streets, more.streets, strict=True):
        assert (before.rate or 0.0) <= (after.rate or 0.0)


def test_borders_and_exclusions_are_those_of_the_windows_last_day(session, settings, city):
    add_zone(session, settings, "V", shapely.box(0, 400, 60, 600), valid=(None, DAY))
    moved = add_zone(session, settings, "V", shapely.box(60, 400, 150, 600), valid=(DAY, None))
    add_exclusion(session, "late", shapely.box(90, 400, 150, 600), valid=(DAY, None))
    ground.refresh_masks(session, settings)
    see(session, city["outside"], range(4), days_before(1))
    before = Window.ending(days_before(1), 1)
    (row,) = streets.zones_by_length(session, settings, before, zone_ids=[moved])
    assert (pieces(row), row.rate) == ([4, 0, 0, 4], 1.0)
    (row,) = streets.zones_by_length(session, settings, Window.ending(DAY, 2), zone_ids=[moved])
    assert (pieces(row), row.rate) == ([6, 0, 4, 0], 0.0)


def test_only_what_lies_in_the_zones_or_on_the_streets_asked_for(session, settings, city):
    see(session, city["both"], range(20))
    rows = streets.street_rows(session, settings, TODAY, zone_ids=[city["west"]])
    assert {row.code: pieces(row)[0] for row in rows}["both"] == 10
    assert "long" not in {row.code for row in rows}
    (row,) = streets.street_rows(session, settings, TODAY, street_ids=[city["both"]])
    assert pieces(row) == [20, 0, 4, 16]
    classes = streets.classes_by_length(session, settings, TODAY, zone_ids=[city["apart"]])
    assert [(row.street_class, row.street_count) for row in classes] == [("primary", 1)]
    assert streets.street_rows(session, settings, TODAY, zone_ids=[]) == []


def test_unseen_stretches_with_their_age_zone_and_rank(session, settings, city):
    see(session, city["both"], [*range(5), 6, *range(9, 15)])
    see(session, city["long"], range(80))
    see(session, city["both"], [7, 8], days_before(10))
    see(session, city["both"], [7], days_before(30))
    see(session, city["long"], [80], days_before(200))
    see(session, city["outside"], [0], days_before(400))
    gaps = streets.street_gaps(session, settings, TODAY)
    found = {(gap.code, round(gap.length_m)): gap for gap in gaps}
    # Piece 5 of "both" alone is none; 15 is alone too, for 16 to 19 are a hill; the short street is one piece, but whole.
    assert set(found) == {("both", 30), ("border", 150), ("outside", 150), ("long", 105), ("short", 10)}
    both, long, outside = found["both", 30], found["long", 105], found["outside", 150]
    assert (both.last_seen_on, both.days_unseen, both.zone_id) == (days_before(10), 10, city["west"])
    assert (long.last_seen_on, long.days_unseen, long.zone_id) == (days_before(200), 200, city["apart"])
    assert (outside.last_seen_on, outside.days_unseen, outside.zone_id) == (None, None, None)
    assert both.score == pytest.approx(0.30 * 10)
    assert outside.score == pytest.approx(1.5 * settings.history_days)
    assert [gap.score for gap in gaps] == sorted((gap.score for gap in gaps), reverse=True)
    top = streets.street_gaps(session, settings, TODAY, limit=2)
    assert [gap.code for gap in top] == [gap.code for gap in gaps[:2]]
    xy = shapely.get_coordinates(to_metric(EPSG, both.geometry)) - ORIGIN
    assert np.allclose(xy, [(105, 75), (135, 75)], atol=1e-3)
    inside = streets.street_gaps(session, settings, TODAY, zone_ids=[city["apart"]])
    assert [(gap.code, gap.zone_id) for gap in inside] == [("long", city["apart"])]


def test_a_stretch_across_a_border_is_cut_where_zones_are_asked_for(session, settings, city):
    see(session, city["both"], [0])
    whole = {gap.code: gap for gap in streets.street_gaps(session, settings, TODAY)}["both"]
    parts = [
        {gap.code: gap for gap in streets.street_gaps(session, settings, TODAY, zone_ids=[city[name]])}[
            "both"
        ]
        for name in ("west", "east")
    ]
    assert [round(gap.length_m / 15) for gap in (whole, *parts)] == [15, 9, 6]
    assert [gap.zone_id for gap in parts] == [city["west"], city["east"]]


def test_by_night_only_what_was_seen_by_night_counts(session, settings, city):
    night = Window(DAY, DAY, Period.NIGHT)
    see(session, city["both"], range(20), period=Period.DAY)
    assert streets.street_coverage(session, settings, night).totals.rate is None
    see(session, city["both"], range(10), period=Period.NIGHT)
    see(session, city["both"], range(20), days_before(1), period=Period.DAY)
    see(session, city["both"], range(20), days_before(3), period=Period.NIGHT)
    rows = {row.code: row for row in streets.street_rows(session, settings, night)}
    assert rows["both"].rate == pytest.approx(10 / 16)
    gaps = {gap.code: gap for gap in streets.street_gaps(session, settings, night)}
    assert gaps["both"].last_seen_on == days_before(3)


def test_a_leaders_session_measures_his_ground_only(session, settings, city):
    see(session, city["both"], range(20))
    see(session, city["long"], range(10))
    mine = Scope(zone_ids=frozenset({city["west"]}), street_ids=frozenset({city["outside"]}))
    for name, value in scope_settings(mine).items():
        session.execute(
            text("SELECT set_config(:name, :value, true)"), {"name": f"app.{name}", "value": value}
        )
    found = streets.street_coverage(session, settings, TODAY)
    assert {row.code for row in found.streets} <= {"both", "border", "outside", "tunnel", "short"}
    assert {"both", "outside"} <= {row.code for row in found.streets}
    assert [(row.code, pieces(row)[3]) for row in found.zones] == [("W", 10)]
    assert {gap.code for gap in streets.street_gaps(session, settings, TODAY)} <= {
        "border",
        "outside",
        "short",
    }


def walk(start: datetime, line, speed=1.4):
    """Fixes every 5 s along a line in metres."""
    path = shapely.LineString(line)
    steps = np.arange(0, path.length, 5 * speed)
    places = shapely.get_coordinates(shapely.line_interpolate_point(path, steps))
    return fixes("walker", start, steps / speed, places)


def test_a_street_that_was_walked_is_covered_on_its_local_day_and_its_neighbours_are_not(
    session, settings, city
):
    """23:30 in Shanghai is still that day, though it is the afternoon in UTC; the next day knows nothing of it."""
    receive(session, settings, walk(datetime(2026, 6, 1, 15, 30, tzinfo=UTC), [(0, 75), (240, 75)]))
    cover(session, settings)
    rows = {row.code: row for row in streets.street_rows(session, settings, TODAY)}
    assert rows["both"].rate >= 15 / 16
    assert rows["long"].rate == rows["outside"].rate == 0.0
    assert rows["border"].covered_m <= 30  # crossed, not walked
    night = Window(DAY, DAY, Period.NIGHT)
    assert {row.code: row.rate for row in streets.street_rows(session, settings, night)}["both"] >= 15 / 16
    tomorrow = Window.ending(DAY + timedelta(days=1), 1)
    assert {row.rate for row in streets.street_rows(session, settings, tomorrow)} == {None}


def test_fixes_too_far_apart_or_too_rough_cover_no_street(session, settings, city):
    start = datetime(2026, 6, 1, 2, tzinfo=UTC)
    receive(session, settings, fixes("leaps", start, [0, 400], [(0, 75), (300, 75)]))
    receive(
        session,
        settings,
        fixes("rough", start, [0, 100, 200], [(0, 75), (150, 75), (300, 75)], accuracy=500.0),
    )
    receive(session, settings, walk(start, [(2000, 2000), (2100, 2000)]))
    cover(session, settings)
    rows = {row.code: row for row in streets.street_rows(session, settings, TODAY)}
    assert rows["both"].rate == 0.0
