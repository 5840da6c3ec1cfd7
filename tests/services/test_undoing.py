"""Undoing an import leaves the ground exactly as it was before, or refuses and changes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.errors import Conflict, NotFound
from geoservice.messages import sentence
from geoservice.services import importing, undoing
from geoservice.services.importing import (
    CheckInOptions,
    ContractOptions,
    ExclusionOptions,
    Input,
    PointOptions,
    Run,
    StreetOptions,
    TrackOptions,
    ZoneOptions,
)
from tests.services.importing_samples import (
    NOON,
    SOUTH,
    STEP,
    WEST,
    cells,
    feature,
    geojson,
    line,
    point,
    polygon,
    rows,
    square,
    table,
)

GROUND = {
    "zone": "SELECT to_jsonb(t) FROM zone t",
    "zone_version": "SELECT to_jsonb(t) - 'row_version' - 'geom' || jsonb_build_object('g', encode(ST_AsEWKB(geom), 'hex')) "
    "FROM zone_version t",
    "point": "SELECT to_jsonb(t) - 'row_version' - 'geom' || jsonb_build_object('g', encode(ST_AsEWKB(geom), 'hex')) FROM point t",
    "street": "SELECT to_jsonb(t) - 'row_version' - 'geom' || jsonb_build_object('g', encode(ST_AsEWKB(geom), 'hex')) FROM street t",
    "exclusion": "SELECT to_jsonb(t) - 'geom' || jsonb_build_object('g', encode(ST_AsEWKB(geom), 'hex')) FROM exclusion t",
    "contract": "SELECT to_jsonb(t) FROM contract t",
    "leader": "SELECT to_jsonb(t) FROM leader t",
    "check_in": "SELECT to_jsonb(t) FROM check_in t",
    "zone_mask": "SELECT jsonb_build_array(zone_version_id, tx, ty, md5(bits::text)) FROM zone_mask",
    "exclusion_mask": "SELECT jsonb_build_array(exclusion_id, tx, ty, md5(bits::text)) FROM exclusion_mask",
    "zone_street": "SELECT to_jsonb(t) FROM zone_street t",
}


def state(session) -> dict[str, list[str]]:
    return {
        name: sorted(str(row) for (row,) in session.execute(text(query))) for name, query in GROUND.items()
    }


def zones(session, settings, path, run, **options):
    options = {"level": "grid", "code": "code", "name": "name", **options}
    return importing.import_zones(session, settings, Input((path,)), ZoneOptions(**options), run)


def points(session, settings, path, run):
    return importing.import_points(session, settings, Input((path,)), PointOptions(code="code"), run)


def streets(session, settings, path, run):
    return importing.import_streets(session, settings, Input((path,)), StreetOptions(code="code"), run)


def exclusions(session, settings, path, run, **options):
    told = ExclusionOptions(code="code", kind="kind", **options)
    return importing.import_exclusions(session, settings, Input((path,)), told, run)


def undo(session, settings, batch, at=NOON):
    return undoing.undo_batch(session, settings, batch, by=None, now=at)


def district(session, settings, tmp_path):
    """A district that is widest, and the streets' ground in it."""
    whole = geojson(tmp_path / "district.geojson", feature(polygon(square(-1, -1, 12)), code="D1", name="区"))
    return zones(session, settings, whole, Run(NOON), level="district")


# One import of a layer: which of four things it holds, and how each of them looks this time.
LAYER = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 2), min_size=1)
STEP_OF_WORK = st.tuples(
    st.sampled_from(["zones", "zones", "zones", "exclusions", "points", "streets"]),
    LAYER,
    st.booleans(),  # the file is the whole layer
    st.booleans(),  # what is stored was wrong all along
    st.sampled_from([None, -3, 0]),  # valid from so many days ago
    st.integers(0, 2),  # days since the import before
)


def carry_out(session, settings, folder, step, at):
    kind, layer, full, correct, days, _ = step
    shapes = {
        "zones": lambda n, look: polygon(square(n, 0, 0.5 + look / 4)),
        "exclusions": lambda n, look: polygon(square(n, 0, 0.1 + look / 10)),
        "points": lambda n, look: point(WEST + (n + 0.3) * STEP, SOUTH + (0.2 + look / 5) * STEP),
        "streets": lambda n, look: line((WEST + n * STEP, SOUTH + 0.001), (WEST + (n + 1 + look) * STEP, SOUTH + 0.001)),
    }  # fmt: skip
    names = {
        "zones": lambda look: f"网格{look // 2}",
        "points": lambda look: f"点{look}",
        "streets": lambda look: "路",
    }
    features = [
        feature(
            shapes[kind]("ABCD".index(code), look),
            code=code,
            name=names.get(kind, lambda _: "水")(look),
            kind="water",
            look=look,
        )
        for code, look in sorted(layer.items())
    ]
    path = geojson(folder / "layer.geojson", *features)
    run = Run(at)
    versioned = {"full": full, "correct": correct}
    if days is not None and not correct:
        versioned["valid_from"] = (at + timedelta(days=days)).date()
    if kind == "zones":
        return zones(session, settings, path, run, parent_by_place=True, **versioned)
    if kind == "exclusions":
        return exclusions(session, settings, path, run, **versioned)
    return {"points": points, "streets": streets}[kind](session, settings, path, run)


@given(st.lists(STEP_OF_WORK, min_size=1, max_size=4))
@hypothesis_settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_undoing_imports_backwards_passes_through_every_state_that_was(session, settings, tmp_path, steps):
    with session.begin_nested() as savepoint:
        district(session, settings, tmp_path)
        at, done = NOON, []
        for step in steps:
            at += timedelta(days=step[-1])
            before = state(session)
            report = carry_out(session, settings, tmp_path, step, at)
            done.append((report.batch, before, at))
        for batch, before, on in reversed(done):
            undo(session, settings, batch, on)
            assert state(session) == before
        savepoint.rollback()


@given(st.lists(STEP_OF_WORK, min_size=2, max_size=3), st.integers(0, 1))
@hypothesis_settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_older_import_is_undone_only_if_that_leaves_the_newer_ones_as_if_it_had_never_been_touched(
    session, settings, tmp_path, steps, which
):
    """Whatever the order: a refusal changes nothing; else the rows of newer imports stay as they are."""
    with session.begin_nested() as savepoint:
        district(session, settings, tmp_path)
        at, batches = NOON, []
        for step in steps:
            at += timedelta(days=step[-1])
            batches.append(carry_out(session, settings, tmp_path, step, at).batch)
        batch = batches[min(which, len(batches) - 2)]
        before, newer = state(session), newer_rows(session, batch)
        try:
            undo(session, settings, batch, at)
        except Conflict as refusal:
            assert refusal.code in ("changed_since_import", "used_since_import")
            assert state(session) == before
        else:
            assert newer_rows(session, batch) == newer
        savepoint.rollback()


def newer_rows(session, batch):
    told = "SELECT 'z', id, zone_id, name, parent_id, valid_from, valid_to, encode(ST_AsEWKB(geom), 'hex') FROM zone_version"
    more = "SELECT 'x', id, 0, name, 0, valid_from, valid_to, encode(ST_AsEWKB(geom), 'hex') FROM exclusion"
    return rows(
        session,
        f"{told} WHERE batch_id > :batch UNION ALL {more} WHERE batch_id > :batch ORDER BY 1, 2",
        batch=batch,
    )


def test_every_kind_of_import_is_undone(session, settings, tmp_path):
    district(session, settings, tmp_path)
    grid = cells(tmp_path / "cells.geojson", 3)
    zones(session, settings, grid, Run(NOON), parent_by_place=True)
    spot = (WEST + STEP / 2, SOUTH + STEP / 2)
    points(session, settings, geojson(tmp_path / "p.geojson", feature(point(*spot), code="P1")), Run(NOON))
    road = line((WEST, SOUTH + 0.001), (WEST + STEP, SOUTH + 0.001))
    streets(
        session, settings, geojson(tmp_path / "s.geojson", feature(road, code="S1", name="路")), Run(NOON)
    )
    session.execute(
        text(
            "INSERT INTO check_in (point_id, at, received_at, has_findings, note) SELECT id, :at, :later, true, '脏' FROM point"
        ),
        {"at": NOON - timedelta(hours=2), "later": NOON - timedelta(hours=1)},
    )
    sheet = table(tmp_path / "c.csv", "领导,类别,编码", "王建国,片区,C01", "王建国,点位,P1")
    check_ins = table(
        tmp_path / "i.csv",
        "点位编码,时间,结果",
        "P1,2026-03-02 10:00,无问题",
        "P1,2026-03-01 10:00,有问题",
    )
    pond = geojson(
        tmp_path / "x.geojson", feature(polygon(square(0, 0, 0.3)), code="X", name="湖", kind="water")
    )
    works = [
        lambda: importing.import_contracts(session, (sheet,), ContractOptions(), Run(NOON)),
        lambda: exclusions(session, settings, pond, Run(NOON)),
        lambda: importing.import_check_ins(session, settings, (check_ins,), CheckInOptions(), Run(NOON)),
        lambda: streets(
            session,
            settings,
            geojson(tmp_path / "s.geojson", feature(road, code="S1", name="新路"), feature(road, code="S2")),
            Run(NOON),
        ),
        lambda: zones(session, settings, cells(tmp_path / "two.geojson", 2), Run(NOON), full=True),
    ]
    for work in works:
        before = state(session)
        report = work()
        assert report.written and state(session) != before
        done = undo(session, settings, report.batch, NOON + timedelta(hours=1))
        assert state(session) == before
        assert sum(done.removed.values()) + sum(done.restored.values()) >= report.written


def test_tracks_go_with_their_fixes(session, settings, tmp_path):
    zones(session, settings, cells(tmp_path / "cells.geojson", 1), Run(NOON))
    sheet = table(
        tmp_path / "t.csv",
        "device,time,lon,lat",
        *(f"A,2026-03-01 09:00:{second:02d},{WEST + second * 1e-5},{SOUTH}" for second in range(30)),
    )
    report = importing.import_tracks(session, settings, [sheet], TrackOptions(), Run(NOON))
    assert report.new == 30
    assert undo(session, settings, report.batch).removed == {"track": 1, "fix": 30}
    assert rows(session, "SELECT (SELECT count(*) FROM fix), (SELECT count(*) FROM track)") == [(0, 0)]
    assert rows(session, "SELECT dirty FROM device_day") == [(True,)]


def test_a_second_undo_and_an_unknown_import_are_told(session, settings, tmp_path):
    report = zones(session, settings, cells(tmp_path / "cells.geojson", 1), Run(NOON))
    undo(session, settings, report.batch)
    with pytest.raises(Conflict, match="undone_already"):
        undo(session, settings, report.batch)
    with pytest.raises(NotFound, match="batch_not_found"):
        undo(session, settings, 999_999)
    assert rows(session, "SELECT undone_at FROM import_batch WHERE id = :id", id=report.batch) == [(NOON,)]
    assert rows(session, "SELECT object_id FROM audit_entry WHERE action = 'import.undo_zones'") == [
        (str(report.batch),)
    ]


def test_what_a_newer_import_changed_is_not_undone_before_it(session, settings, tmp_path):
    first = zones(session, settings, cells(tmp_path / "cells.geojson", 3), Run(NOON))
    moved = geojson(tmp_path / "moved.geojson", feature(polygon(square(1, 0, 0.7)), code="C02", name="网格2"))
    second = zones(session, settings, moved, Run(NOON + timedelta(days=1)))
    before = state(session)
    with pytest.raises(Conflict, match="changed_since_import") as refusal:
        undo(session, settings, first.batch)
    assert (refusal.value.values["count"], refusal.value.values["codes"]) == (1, "C02")
    assert state(session) == before
    undo(session, settings, second.batch)
    undo(session, settings, first.batch)
    assert rows(session, "SELECT count(*) FROM zone") == [(0,)]


@pytest.mark.parametrize("user", ["contract", "check_in", "child"])
def test_what_is_used_since_stays(session, settings, tmp_path, user):
    report = zones(session, settings, cells(tmp_path / "cells.geojson", 2), Run(NOON))
    spot = geojson(tmp_path / "p.geojson", feature(point(WEST + 0.001, SOUTH + 0.001), code="P1"))
    if user == "contract":
        sheet = table(tmp_path / "c.csv", "领导,编码", "王建国,C02")
        importing.import_contracts(session, (sheet,), ContractOptions(), Run(NOON))
    elif user == "check_in":
        report = points(session, settings, spot, Run(NOON))
        sheet = table(tmp_path / "i.csv", "点位编码,时间,结果", "P1,2026-03-01 10:00,有问题")
        importing.import_check_ins(session, settings, (sheet,), CheckInOptions(), Run(NOON))
    else:
        report = district(session, settings, tmp_path)
        zones(
            session,
            settings,
            cells(tmp_path / "cells.geojson", 2, parent="D1"),
            Run(NOON),
            parent_code="parent",
        )
    before = state(session)
    with pytest.raises(Conflict, match="used_since_import") as refusal:
        undo(session, settings, report.batch)
    told = sentence("used_since_import", refusal.value.values, "zh_Hans_CN")
    assert {"contract": "包抓责任", "check_in": "签到", "child": "网格"}[user] in told
    assert state(session) == before


def test_row_versions_only_grow_so_that_an_editor_who_saw_the_import_is_told(session, settings, tmp_path):
    path = tmp_path / "p.geojson"
    points(session, settings, geojson(path, feature(point(WEST, SOUTH), code="P1", name="一")), Run(NOON))
    report = points(
        session, settings, geojson(path, feature(point(WEST, SOUTH), code="P1", name="二")), Run(NOON)
    )
    seen = rows(session, "SELECT row_version FROM point")[0][0]
    undo(session, settings, report.batch)
    assert rows(session, "SELECT name, row_version > :seen FROM point", seen=seen) == [("一", True)]


def test_a_zone_that_comes_back_is_not_taken_for_the_version_the_import_made(session, settings, tmp_path):
    zones(session, settings, cells(tmp_path / "cells.geojson", 1), Run(NOON))
    moved = geojson(tmp_path / "moved.geojson", feature(polygon(square(1)), code="C01", name="网格1"))
    report = zones(session, settings, moved, Run(NOON + timedelta(days=1)))
    versions = rows(session, "SELECT row_version FROM zone_version ORDER BY id")
    undo(session, settings, report.batch)
    (now,) = rows(session, "SELECT row_version FROM zone_version")
    assert len(versions) == 2 and versions[0] < versions[1] < now
