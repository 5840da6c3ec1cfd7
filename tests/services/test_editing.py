"""Edits by hand: versions, who was faster, repairs that ask, splitting, merging, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, InvalidGeometry, NotAllowed, NotFound
from geoservice.services import accounts
from geoservice.services.accounts import NewUser
from geoservice.services.editing import points, splitting, streets, zones
from geoservice.services.editing.points import NewPoint
from geoservice.services.editing.splitting import NewPart
from geoservice.services.editing.streets import NewStreet
from geoservice.services.editing.zones import BorderChange, NewZone, ZoneChanges
from geoservice.store.scope import EVERYTHING, Scope
from tests.services.importing_samples import NOON, SOUTH, STEP, WEST, rows

LATER = NOON + timedelta(days=1)
SECOND_LATER = NOON + timedelta(days=2)


def cell(column: float, width: float = 1.0) -> Polygon:
    return box(WEST + column * STEP, SOUTH, WEST + (column + width) * STEP, SOUTH + STEP)


def add(session, settings, code, shape, level="grid", parent=None) -> int:
    return zones.add_zone(
        session, settings, NewZone(level, code, f"名{code}", parent, shape), by=None, now=NOON
    )


def version_of(session, zone_id) -> int:
    return rows(
        session, "SELECT row_version FROM zone_version WHERE zone_id = :id AND valid_to IS NULL", id=zone_id
    )[0][0]


def border_of(session, zone_id, day=None):
    sql = (
        "SELECT ST_AsBinary(geom) FROM zone_version WHERE zone_id = :id AND (valid_from IS NULL OR valid_from <= :day) "
        "AND (valid_to IS NULL OR valid_to > :day)"
    )
    found = rows(session, sql, id=zone_id, day=day or SECOND_LATER.date())
    return shapely.from_wkb(bytes(found[0][0])) if found else None


def editor(session, login="zhao", name="赵编辑") -> int:
    return accounts.add_user(session, NewUser(login, name, Role.GIS), "right-horse-battery").id


def test_a_border_that_moves_leaves_yesterdays_as_it_was(session, settings):
    zone_id = add(session, settings, "A", cell(0))
    again = zones.change_zone(
        session, settings, zone_id, ZoneChanges(geom=cell(0, 1.5)), row_version=version_of(session, zone_id), by=None, now=LATER
    )  # fmt: skip
    assert border_of(session, zone_id, NOON.date()).equals(cell(0))
    assert border_of(session, zone_id).equals(cell(0, 1.5))
    assert again == version_of(session, zone_id)
    assert rows(session, "SELECT count(*) FROM zone_version WHERE cell_count > 0") == [(2,)]


def test_a_correction_holds_for_the_past_too(session, settings):
    zone_id = add(session, settings, "A", cell(0))
    changes = ZoneChanges(geom=cell(0, 1.5), name="新名")
    zones.change_zone(session, settings, zone_id, changes, row_version=1, by=None, now=LATER, correct=True)
    assert border_of(session, zone_id, NOON.date()).equals(cell(0, 1.5))
    assert rows(session, "SELECT name FROM zone_version") == [("新名",)]


def test_the_second_editor_is_told_who_was_faster_and_what_it_is_now(session, settings):
    by = editor(session)
    zone_id = add(session, settings, "A", cell(0))
    seen = version_of(session, zone_id)
    zones.change_zone(
        session, settings, zone_id, ZoneChanges(name="他的"), row_version=seen, by=by, now=LATER
    )
    with pytest.raises(Conflict, match="changed_meanwhile") as refusal:
        zones.change_zone(
            session, settings, zone_id, ZoneChanges(name="我的"), row_version=seen, by=None, now=LATER
        )
    told = refusal.value.values
    assert (told["code"], told["by"], told["now"]["name"]) == ("A", "赵编辑", "他的")
    assert rows(session, "SELECT name FROM zone_version WHERE valid_to IS NULL") == [("他的",)]


@given(st.lists(st.sampled_from(["rename", "move", "correct", "keep"]), min_size=1, max_size=5))
@hypothesis_settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_row_version_that_was_once_seen_fits_another_state(session, settings, works):
    """Whatever was done to a zone since, and on whichever day: a version seen before a change is never the one after it."""
    with session.begin_nested() as savepoint:
        zone_id = add(session, settings, "A", cell(0))
        at, seen = NOON, {version_of(session, zone_id)}
        for number, work in enumerate(works):
            at += timedelta(days=number % 2)
            changes = {
                "rename": ZoneChanges(name=f"名{number}"),
                "move": ZoneChanges(geom=cell(0, 1.1 + number / 10)),
                "correct": ZoneChanges(geom=cell(0, 1.15 + number / 10)),
                "keep": ZoneChanges(),
            }[work]
            now = zones.change_zone(
                session, settings, zone_id, changes, row_version=max(seen), by=None, now=at, correct=work == "correct"
            )  # fmt: skip
            assert now == version_of(session, zone_id)
            assert (now == max(seen)) if work == "keep" else (now > max(seen))
            seen.add(now)
        savepoint.rollback()


def test_a_repair_asks_first(session, settings):
    bow = Polygon([(WEST, SOUTH), (WEST + STEP, SOUTH + STEP), (WEST + STEP, SOUTH), (WEST, SOUTH + STEP)])
    with pytest.raises(InvalidGeometry, match="repair_needed") as question:
        add(session, settings, "A", bow)
    assert "rings_repaired" in question.value.values["repairs"]
    assert shapely.from_wkt(question.value.values["repaired"]).is_valid
    assert rows(session, "SELECT count(*) FROM zone") == [(0,)]
    new = NewZone("grid", "A", "甲", None, bow)
    zone_id = zones.add_zone(session, settings, new, by=None, now=NOON, accept_repairs=True)
    assert border_of(session, zone_id).is_valid


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s, t, z: zones.add_zone(s, t, NewZone("grid", "A", "", None, cell(3)), by=None, now=NOON), "code_taken"),
        (lambda s, t, z: add(s, t, " ", cell(3)), "code_needed"),
        (lambda s, t, z: add(s, t, "B", cell(3), level="nowhere"), "level_unknown"),
        (lambda s, t, z: add(s, t, "B", cell(3), parent=z), "parent_unusable"),
        (lambda s, t, z: add(s, t, "B", box(200, 0, 201, 1)), "shape_off_earth"),
        (lambda s, t, z: add(s, t, "B", box(0, 0, 60, 60)), "shape_too_large"),
        (lambda s, t, z: add(s, t, "B", LineString([(0, 0), (1, 1)])), "shape_unusable"),
        (lambda s, t, z: splitting.merge_zones(s, t, [(z, 1)], code="A", name="", by=None, now=NOON), "merge_few"),
        (
            lambda s, t, z: splitting.split_zone(
                s, t, z, LineString([(0, 0), (1, 1)]), [NewPart("A", ""), NewPart("B", "")], row_version=1, by=None, now=NOON
            ),
            "split_misses",
        ),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_its_reason(session, settings, change, code):
    zone_id = add(session, settings, "A", cell(0))
    before = rows(session, "SELECT count(*) FROM zone_version")
    with pytest.raises((BadRequest, Conflict, InvalidGeometry), match=code):
        change(session, settings, zone_id)
    assert rows(session, "SELECT count(*) FROM zone_version") == before


def test_neighbours_get_their_borders_together_or_not_at_all(session, settings):
    left, right = add(session, settings, "A", cell(0)), add(session, settings, "B", cell(1))
    moved = [BorderChange(left, cell(0, 1.2), 1), BorderChange(right, cell(1.2, 0.8), 7)]
    with session.begin_nested() as savepoint:
        with pytest.raises(Conflict, match="changed_meanwhile"):
            zones.replace_borders(session, settings, moved, by=None, now=LATER)
        savepoint.rollback()
    assert border_of(session, left).equals(cell(0))
    moved[1] = BorderChange(right, cell(1.2, 0.8), 1)
    versions = zones.replace_borders(session, settings, moved, by=None, now=LATER)
    assert versions == [version_of(session, left), version_of(session, right)]
    assert border_of(session, right).equals(cell(1.2, 0.8))


def test_ending_leaves_the_past_and_asks_for_the_children_first(session, settings):
    parent = add(session, settings, "D", cell(0, 4), level="district")
    child = add(session, settings, "A", cell(0), parent=parent)
    with pytest.raises(Conflict, match="has_children"):
        zones.end_zone(session, settings, parent, row_version=1, by=None, now=LATER)
    zones.end_zone(session, settings, child, row_version=version_of(session, child), by=None, now=LATER)
    assert border_of(session, child) is None and border_of(session, child, NOON.date()).equals(cell(0))
    with pytest.raises(Conflict, match="gone_meanwhile"):
        zones.end_zone(session, settings, child, row_version=1, by=None, now=SECOND_LATER)


def test_a_split_loses_no_ground_and_its_children_follow(session, settings):
    parent = add(session, settings, "D", cell(0, 4), level="district")
    east = add(session, settings, "E", cell(3), parent=parent)
    west = add(session, settings, "W", cell(0), parent=parent)
    line = LineString([(WEST + 2.5 * STEP, SOUTH - 1), (WEST + 2.5 * STEP, SOUTH + 1)])
    ids = splitting.split_zone(
        session, settings, parent, line, [NewPart("D", "西"), NewPart("D2", "东")], row_version=1, by=None, now=LATER
    )  # fmt: skip
    assert ids[0] == parent
    halves = [border_of(session, zone_id) for zone_id in ids]
    assert halves[0].area > halves[1].area
    assert shapely.union_all(halves).symmetric_difference(cell(0, 4)).area == pytest.approx(0, abs=1e-15)
    assert halves[0].intersection(halves[1]).area == 0
    assert border_of(session, parent, NOON.date()).equals(cell(0, 4))
    current = "SELECT parent_id, path FROM zone_version WHERE zone_id = :id AND valid_to IS NULL"
    assert rows(session, current, id=east) == [(ids[1], [ids[1], east])]
    assert rows(session, current, id=west) == [(parent, [parent, west])]
    past = "SELECT path FROM zone_version WHERE zone_id = :id AND valid_to IS NOT NULL"
    assert rows(session, past, id=east) == [([parent, east],)]


def test_a_merge_keeps_the_zone_whose_code_it_has(session, settings):
    left, right = add(session, settings, "A", cell(0)), add(session, settings, "B", cell(1))
    far = add(session, settings, "C", cell(3))
    with pytest.raises(BadRequest, match="merge_apart"):
        splitting.merge_zones(session, settings, [(left, 1), (far, 1)], code="A", name="", by=None, now=LATER)
    merged = splitting.merge_zones(
        session, settings, [(left, 1), (right, 1)], code="B", name="大", by=None, now=LATER
    )
    assert merged == right and border_of(session, right).equals(cell(0, 2))
    assert border_of(session, left) is None
    assert border_of(session, left, NOON.date()).equals(cell(0))


def test_points_and_streets_follow_the_ground_and_are_noted(session, settings):
    by = editor(session)
    zone_id = add(session, settings, "A", cell(0))
    new = NewPoint("P1", "market", "市场", Point(WEST + 1.5 * STEP, SOUTH + STEP / 2))
    point_id = points.add_point(session, settings, new, by=by, now=NOON)
    line = LineString([(WEST, SOUTH + STEP / 2), (WEST + STEP, SOUTH + STEP / 2)])
    street_id = streets.add_street(session, settings, NewStreet("S1", "路", line), by=by, now=NOON)
    place = "SELECT p.zone_id, s.zone_id, s.piece_count > 0 FROM point p, street s"
    assert rows(session, place) == [(None, zone_id, True)]
    version = points.change_point(
        session, settings, point_id, {"geom": Point(WEST + STEP / 2, SOUTH + STEP / 2), "weight": 5}, row_version=1,
        by=by, now=NOON,
    )  # fmt: skip
    assert rows(session, "SELECT zone_id, weight, row_version FROM point") == [(zone_id, 5.0, version)]
    with pytest.raises(Conflict, match="changed_meanwhile") as refusal:
        points.remove_point(session, settings, point_id, row_version=1, by=None, now=NOON)
    assert refusal.value.values["by"] == "赵编辑"
    points.remove_point(session, settings, point_id, row_version=version, by=by, now=NOON)
    assert rows(session, "SELECT active FROM point") == [(False,)]
    session.execute(text("INSERT INTO leader (code, name) VALUES ('L', '王')"))
    session.execute(
        text("INSERT INTO contract (leader_id, street_id) SELECT l.id, s.id FROM leader l, street s")
    )
    with pytest.raises(Conflict, match="still_used"):
        streets.remove_street(session, settings, street_id, row_version=1, by=by, now=NOON)
    session.execute(text("DELETE FROM contract"))
    streets.remove_street(session, settings, street_id, row_version=1, by=by, now=NOON)
    noted = rows(
        session, "SELECT noun, action, user_id FROM row_change WHERE noun IN ('point', 'street') ORDER BY id"
    )
    assert noted == [
        ("point", "insert", by), ("street", "insert", by), ("point", "update", by), ("point", "update", by), ("street", "delete", by),
    ]  # fmt: skip
    actions = [action for (action,) in rows(session, "SELECT action FROM audit_entry ORDER BY id")]
    assert actions[-5:] == ["point.add", "street.add", "point.change", "point.change", "street.remove"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"category": "castle"}, "category_unknown"), ({"weight": -1}, "field_invalid"), ({"colour": "red"}, "field_unknown"),
        ({"weight": True}, "field_invalid"), ({"active": "no"}, "field_invalid"), ({"name": "x" * 501}, "name_too_long"),
        ({"attributes": {"a": float("nan")}}, "field_invalid"), ({"attributes": {"a": "\x00"}}, "field_invalid"), ({"name": "\ud800"}, "field_invalid"), ({"required_interval_days": 0}, "field_invalid"),
    ],
)  # fmt: skip
def test_a_value_that_no_point_can_have_is_refused(session, settings, changes, code):
    point_id = points.add_point(
        session, settings, NewPoint("P", "market", "", Point(WEST, SOUTH)), by=None, now=NOON
    )
    with pytest.raises(BadRequest, match=code):
        points.change_point(session, settings, point_id, changes, row_version=1, by=None, now=NOON)


def test_who_looks_after_a_part_edits_only_there(session, settings):
    parent = add(session, settings, "D", cell(0, 2), level="district")
    mine, others = (
        add(session, settings, "A", cell(0), parent=parent),
        add(session, settings, "B", cell(1), parent=parent),
    )
    point_id = points.add_point(
        session,
        settings,
        NewPoint("P", "market", "", Point(WEST + 1.5 * STEP, SOUTH + STEP / 2)),
        by=None,
        now=NOON,
    )

    def see(scope):
        session.info["scope"] = scope
        values = {
            "e": "on" if scope.everything else "off",
            "z": "{" + ",".join(map(str, scope.zone_ids)) + "}",
        }
        session.execute(
            text("SELECT set_config('app.everything', :e, true), set_config('app.zones', :z, true)"), values
        )

    see(Scope(zone_ids=frozenset({mine})))
    try:
        with pytest.raises(NotFound):
            zones.change_zone(
                session, settings, others, ZoneChanges(name="x"), row_version=1, by=None, now=LATER
            )
        with pytest.raises(NotFound):
            points.remove_point(session, settings, point_id, row_version=1, by=None, now=LATER)
        with pytest.raises(NotAllowed, match="outside_your_ground"):
            changes = ZoneChanges(geom=cell(0, 1.5))
            zones.change_zone(session, settings, mine, changes, row_version=1, by=None, now=LATER)
        with pytest.raises(NotAllowed, match="outside_your_ground"):
            new = NewPoint("Q", "market", "", Point(WEST + 1.5 * STEP, SOUTH + STEP / 2))
            points.add_point(session, settings, new, by=None, now=LATER)
        zones.change_zone(
            session, settings, mine, ZoneChanges(geom=cell(0, 0.5)), row_version=1, by=None, now=LATER
        )
        assert rows(session, "SELECT count(DISTINCT zone_id) FROM zone_version") == [(1,)]
    finally:
        see(EVERYTHING)
    assert border_of(session, mine).equals(cell(0, 0.5))
