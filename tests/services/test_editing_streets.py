"""Streets edited by hand: cut, joined, turned and removed; what coverage needs of them is as if made from nothing."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import LineString, box
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict, InvalidGeometry
from geoservice.services import ground
from geoservice.services.editing import street_cutting, streets, zones
from geoservice.services.editing.history import history
from geoservice.services.editing.splitting import NewPart
from geoservice.services.editing.streets import NewStreet
from geoservice.services.editing.zones import NewZone
from tests.services.importing_samples import NOON, SOUTH, STEP, WEST, rows

MIDDLE = SOUTH + STEP / 2
WHO = {"by": None, "now": NOON}


def along(*columns: float, height: float = MIDDLE) -> LineString:
    """A street that goes east or west along the row of cells."""
    return LineString([(WEST + column * STEP, height) for column in columns])


def across(column: float) -> LineString:
    return LineString([(WEST + column * STEP, SOUTH), (WEST + column * STEP, SOUTH + STEP)])


def add(session, settings, code, line, **more) -> int:
    return streets.add_street(session, settings, NewStreet(code, f"路{code}", line, **more), **WHO)


def add_cells(session, settings, count=2) -> None:
    for column in range(count):
        cell = box(WEST + column * STEP, SOUTH, WEST + (column + 1) * STEP, SOUTH + STEP)
        zones.add_zone(session, settings, NewZone("grid", f"Z{column}", "", None, cell), **WHO)


def seen(session, street_id) -> int:
    return rows(session, "SELECT row_version FROM street WHERE id = :id", id=street_id)[0][0]


def line_of(session, street_id) -> LineString:
    return shapely.from_wkb(
        bytes(rows(session, "SELECT ST_AsBinary(geom) FROM street WHERE id = :id", id=street_id)[0][0])
    )


def split(session, settings, street_id, column, *codes) -> list[int]:
    parts = [NewPart(code, f"路{code}") for code in codes]
    return street_cutting.split_street(
        session, settings, street_id, across(column), parts, row_version=seen(session, street_id), **WHO
    )


def join(session, settings, *ids, code="S", name="合") -> int:
    told = [(street_id, seen(session, street_id)) for street_id in ids]
    return street_cutting.join_streets(session, settings, told, code=code, name=name, **WHO)


def contract(session, street_id) -> None:
    session.execute(text("INSERT INTO leader (code, name) VALUES ('L', '王')"))
    session.execute(
        text("INSERT INTO contract (leader_id, street_id) SELECT id, :id FROM leader"), {"id": street_id}
    )


def derived(session) -> tuple[list, ...]:
    """What coverage reads of streets: how each is cut, and which pieces lie in which zone."""
    return (
        rows(session, "SELECT code, piece_count, round(length_m::numeric, 6), zone_id FROM street ORDER BY code"),
        rows(session, "SELECT zone_version_id, street_id, word, pieces FROM zone_street ORDER BY 1, 2, 3"),
    )  # fmt: skip


@given(st.lists(st.sampled_from(["split", "join", "turn", "move", "remove", "add"]), min_size=1, max_size=5))
@hypothesis_settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_after_any_edits_coverage_reads_what_it_would_read_of_streets_made_from_nothing(
    session, settings, works
):
    with session.begin_nested() as savepoint:
        add_cells(session, settings)
        ids = [add(session, settings, "S", along(0.1, 1.0, 1.9))]
        for number, work in enumerate(works):
            first, code = ids[0], rows(session, "SELECT code FROM street WHERE id = :id", id=ids[0])[0][0]
            line = line_of(session, first)
            change = {"row_version": seen(session, first), **WHO}
            if work == "split":
                middle = shapely.Point(line.interpolate(0.4, normalized=True)).x
                ids = [*split(session, settings, first, (middle - WEST) / STEP, code, f"N{number}"), *ids[1:]]
            elif (
                work == "join" and len(ids) > 1 and ids[1] != first and line.touches(line_of(session, ids[1]))
            ):
                ids = [join(session, settings, *ids[:2], code=code), *ids[2:]]
            elif work == "turn":
                streets.change_street(session, settings, first, {"geom": line.reverse()}, **change)
            elif work == "move":
                shifted = shapely.transform(line, lambda xy: xy + np.array([0, STEP * 0.03]))
                streets.change_street(session, settings, first, {"geom": shifted}, **change)
            elif work == "remove" and len(ids) > 1:
                streets.remove_street(session, settings, first, **change)
                ids = ids[1:]
            elif work == "add":
                ids.append(
                    add(session, settings, f"A{number}", along(0.5, 2.5, height=MIDDLE + number * 1e-4))
                )
        kept = derived(session)
        session.execute(text("DELETE FROM zone_street"))
        session.execute(text("UPDATE street SET piece_count = NULL, length_m = NULL"))
        ground.refresh_masks(session, settings)
        assert derived(session) == kept
        savepoint.rollback()


def test_the_part_with_the_streets_own_code_keeps_its_contract(session, settings):
    add_cells(session, settings)
    street_id = add(session, settings, "S", along(0.1, 1.9), street_class="primary", one_way=True)
    contract(session, street_id)
    first, second = split(session, settings, street_id, 1.0, "S1", "S")
    assert second == street_id
    assert line_of(session, first).coords[-1] == line_of(session, second).coords[0]
    kept = rows(session, "SELECT code, street_class, one_way, z.code FROM street s JOIN zone z ON z.id = s.zone_id".replace("code, street", "s.code, street") + " ORDER BY 1")  # fmt: skip
    assert kept == [("S", "primary", True, "Z1"), ("S1", "primary", True, "Z0")]
    with pytest.raises(Conflict, match="still_used"):
        join(session, settings, first, second, code="S1")
    joined = join(session, settings, first, second, code="S")
    assert joined == street_id and line_of(session, joined).length == pytest.approx(1.8 * STEP)
    assert rows(session, "SELECT count(*) FROM street") == [(1,)]
    told = [(change.action, {each.field for each in change.differences}) for change in history(session, "street", street_id)]  # fmt: skip
    assert [action for action, _ in told] == ["update", "update", "insert"] and "geom" in told[0][1]


def test_a_street_that_gets_no_part_of_its_own_goes_on_as_the_first(session, settings):
    street_id = add(session, settings, "S", along(0.1, 1.9))
    assert split(session, settings, street_id, 1.0, "A", "B")[0] == street_id
    assert rows(session, "SELECT code FROM street ORDER BY code") == [("A",), ("B",)]


def test_what_patrols_saw_of_a_changed_street_is_looked_at_again(session, settings):
    street_id = add(session, settings, "S", along(0.1, 1.9))
    session.execute(text("INSERT INTO device (code) VALUES ('D')"))
    session.execute(
        text(
            "INSERT INTO street_seen (day, device_id, street_id, word, period, pieces) SELECT '2026-06-01', id, :id, 0, 1, 1 FROM device"
        ),
        {"id": street_id},
    )
    split(session, settings, street_id, 1.0, "S", "B")
    assert rows(session, "SELECT count(*) FROM street_seen") == [(0,)]


def three_arms(session, settings):
    return [
        add(session, settings, "S", along(0.1, 1.0)),
        add(session, settings, "T", along(1.0, 1.9)),
        add(session, settings, "U", across(1.0)),
    ]


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda s, t, ids: split(s, t, ids[0], 3.0, "S", "B"), "street_not_crossed"),
        (lambda s, t, ids: split(s, t, ids[0], 0.5, "S"), "split_parts"),
        (lambda s, t, ids: split(s, t, ids[0], 0.5, "S", "S"), "split_parts"),
        (lambda s, t, ids: split(s, t, ids[0], 0.5, "S", "T"), "code_taken"),
        (lambda s, t, ids: join(s, t, ids[0]), "join_few"),
        (lambda s, t, ids: join(s, t, ids[0], ids[2]), "join_apart"),
        (lambda s, t, ids: join(s, t, ids[0], ids[1], code="U"), "code_taken"),
        (lambda s, t, ids: join(s, t, ids[0], add(s, t, "W", along(1.9, 1.0), one_way=True)), "join_one_way"),
        (
            lambda s, t, ids: join(
                s, t, *(add(s, t, each, line, one_way=True) for each, line in (("V", along(3, 4)), ("W", along(5, 4))))
            ),
            "join_one_way",
        ),
        (
            lambda s, t, ids: join(s, t, ids[0], add(s, t, "W", along(1.0, 2.0), attributes={"tunnel": "yes"})),
            "join_levels",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_street_is_refused_with_its_reason(session, settings, work, code):
    ids = three_arms(session, settings)
    with pytest.raises((BadRequest, Conflict, InvalidGeometry), match=code):
        work(session, settings, ids)
    assert rows(session, "SELECT count(*) FROM street WHERE code IN ('S', 'T', 'U')") == [(3,)]


def test_the_second_editor_of_a_street_is_told(session, settings):
    street_id = add(session, settings, "S", along(0.1, 1.9))
    split(session, settings, street_id, 1.0, "S", "B")
    with pytest.raises(Conflict, match="changed_meanwhile"):
        street_cutting.split_street(
            session, settings, street_id, across(0.5), [NewPart("S", ""), NewPart("C", "")], row_version=1, **WHO
        )  # fmt: skip
