"""Files taken in and choices made: nothing that comes with a file is a path, and nothing senseless is kept."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from geoservice.errors import BadRequest, Conflict, NotFound, StorageFull
from geoservice.services import desk
from geoservice.services.desk import receiving
from geoservice.services.desk.guessing import guess_kind
from geoservice.services.desk.receiving import safe_name
from geoservice.store import drafts as stored

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from geoservice.config import Settings

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


def put(session: Session, settings: Settings, uploads: Path, *names: str, content: bytes = b"x") -> int:
    received = []
    for index, name in enumerate(names):
        path = uploads / f"upload-{index}"
        path.write_bytes(content)
        received.append(desk.Received(name, path))
    return desk.receive(session, settings, received, by=None, now=NOW)


def choose(session: Session, settings: Settings, draft: int, **choices: str) -> None:
    told = {key.replace("__", "."): value for key, value in choices.items()}
    version = desk.read_draft(session, draft).row_version
    desk.choose(session, settings, draft, told, by=None, row_version=version)


@hypothesis_settings(deadline=None)
@given(st.text(max_size=300))
@example("../../etc/passwd")
@example("..\\..\\boot.ini")
@example("\x00.shp")
@example(".")
@example("..")
@example("a" * 500 + ".geojson")
@example("区域（新）.SHP")
def test_a_name_becomes_one_part_of_a_path_and_nothing_else(name: str) -> None:
    stem, suffix = safe_name(name)
    whole = f"{stem}{suffix}"
    assert PurePosixPath(whole).name == whole
    assert whole not in {".", ".."}
    assert not whole.startswith(".")
    assert not set(whole) & set("/\\\0")
    assert len(whole.encode()) <= 255
    assert suffix == suffix.lower()


def test_names_that_people_use_stay_as_they_are() -> None:
    assert safe_name("C:\\图\\南山区 网格（2026）.SHP") == ("南山区 网格（2026）", ".shp")
    assert safe_name("深圳.osm.pbf") == ("深圳.osm", ".pbf")


@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=9, deadline=None
)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_whatever_files_are_called_they_lie_in_the_folder_of_their_draft(
    session: Session, settings: Settings, uploads: Path, names: list[str]
) -> None:
    try:
        draft = put(session, settings, uploads, *(f"{name}.csv" for name in names))
    except BadRequest as error:
        assert error.code == "upload_empty"
        return
    read = desk.read_draft(session, draft)
    folder = (settings.var_dir / "uploads" / str(draft)).resolve()
    paths = desk.file_paths(settings, read)
    assert len(paths) == len(names)
    assert all(path.resolve().is_relative_to(folder) and path.read_bytes() == b"x" for path in paths)
    assert not list(uploads.iterdir()), "moved, not copied"


def test_parts_of_a_shapefile_lie_together_and_litter_is_left_out(
    session: Session, settings: Settings, uploads: Path
) -> None:
    names = ("a.cpg", "b.csv", "A.DBF", "a.shp", "a.shx", "a.shp.xml", "a.sbn")
    read = desk.read_draft(session, put(session, settings, uploads, *names))
    assert [file["name"] for file in read.files] == ["a.shp", "a.cpg", "A.DBF", "a.shx", "b.csv"]
    shape, sheet = desk.file_paths(settings, read)
    assert (shape.name, sheet.name) == ("a.shp", "b.csv")
    assert {path.suffix for path in shape.parent.iterdir()} == {".shp", ".shx", ".dbf", ".cpg"}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ((), "upload_empty"),
        (("a.shp.xml",), "upload_empty"),
        (("a.dbf",), "shapefile_part_alone"),
        (("a.shp", "a.SHP"), "upload_twice"),
        (tuple(f"{n}.csv" for n in range(51)), "upload_too_many"),
    ],
)
def test_uploads_that_can_be_no_import_are_refused(
    session: Session, settings: Settings, uploads: Path, names: tuple[str, ...], code: str
) -> None:
    with pytest.raises(BadRequest, match=code):
        put(session, settings, uploads, *names)


def test_a_full_disk_keeps_nothing(
    session: Session, settings: Settings, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "SPARE_BYTES", shutil.disk_usage(uploads).total)
    with pytest.raises(StorageFull):
        put(session, settings, uploads, "a.csv")
    assert not list((settings.var_dir / "uploads").iterdir())


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("a\tb\n1\t2", "pasted.tsv"),
        ("a,b\n1,2", "pasted.csv"),
        ('\ufeff{"type": "FeatureCollection", "features": []}', "pasted.geojson"),
        ("POINT (1 2)\n\nSRID=4326;MULTIPOLYGON Z (((0 0 1,1 0 1,1 1 1,0 0 1)))", "pasted.csv"),
    ],
)
def test_a_pasted_list_is_the_file_it_looks_like(
    session: Session, settings: Settings, words: str, name: str
) -> None:
    read = desk.read_draft(session, desk.receive_text(session, settings, words, by=None, now=NOW))
    assert [file["name"] for file in read.files] == [name]


@pytest.mark.parametrize(("words", "code"), [(" \n", "paste_empty"), ("a\0b", "paste_unreadable")])
def test_a_pasted_nothing_is_refused(session: Session, settings: Settings, words: str, code: str) -> None:
    with pytest.raises(BadRequest, match=code):
        desk.receive_text(session, settings, words, by=None, now=NOW)


def test_choices_that_make_no_sense_are_named(session: Session, settings: Settings, uploads: Path) -> None:
    draft = put(session, settings, uploads, "a.csv")
    stored.set_draft(session, draft, seen={"fields": [{"name": "编码"}, {"name": "街道"}], "layers": []})
    choose(session, settings, draft, kind="zones", level="grid", column__code="{编码}-{街道}", lon="编码")
    senseless: dict[str, dict[str, str]] = {
        "kind": {"kind": "cats"},
        "nonsense": {"nonsense": "1"},
        "level": {"level": "moon"},
        "column.code": {"column.code": "不在"},
        "column.name": {"column.name": "{不在}"},
        "wkt": {"wkt": "不在"},
        "valid_from": {"valid_from": "2026-02-30"},
        "crs": {"crs": "WGS84"},
        "encoding": {"encoding": "klingon"},
        "full": {"full": "maybe"},
        "timezone": {"timezone": "Asia/Shanghai"},
    }
    version = desk.read_draft(session, draft).row_version
    for key, told in senseless.items():
        with pytest.raises(BadRequest) as caught:
            desk.choose(session, settings, draft, told, by=None, row_version=version)
        assert caught.value.values["choice"] == key
    assert desk.read_draft(session, draft).row_version == version
    sensible = {
        "crs": "epsg:4547",
        "encoding": "GBK",
        "valid_from": "2026-02-28",
        "column.name": "@file",
        "full": "yes",
    }
    desk.choose(session, settings, draft, sensible, by=None, row_version=version)
    assert desk.read_draft(session, draft).choices["crs"] == "epsg:4547"


def test_another_kind_forgets_what_it_does_not_know(
    session: Session, settings: Settings, uploads: Path
) -> None:
    draft = put(session, settings, uploads, "a.csv")
    choose(session, settings, draft, kind="zones", level="grid", encoding="gbk", column__code="c")
    choose(session, settings, draft, kind="points", category_value="market")
    assert desk.read_draft(session, draft).choices == {
        "kind": "points", "encoding": "gbk", "category_value": "market",
    }  # fmt: skip
    choose(session, settings, draft, category_value="")
    assert "category_value" not in desk.read_draft(session, draft).choices


def test_a_step_comes_after_the_one_before(session: Session, settings: Settings, uploads: Path) -> None:
    draft = put(session, settings, uploads, "a.csv")
    for step in ("check", "apply"):
        with pytest.raises(Conflict, match="draft_not_ready"):
            desk.ask(session, draft, step, by=None)
    stored.set_draft(session, draft, state="looked")
    with pytest.raises(BadRequest, match="choice_needed"):
        desk.ask(session, draft, "check", by=None)
    choose(session, settings, draft, kind="zones")
    with pytest.raises(BadRequest) as caught:
        desk.ask(session, draft, "check", by=None)
    assert caught.value.values == {"choice": "level"}
    choose(session, settings, draft, level="grid")
    with pytest.raises(Conflict, match="draft_changed"):
        desk.ask(session, draft, "check", by=None, row_version=1)
    job = desk.ask(session, draft, "check", by=None)
    assert desk.read_draft(session, draft).job_id == job


def test_a_mapping_is_remembered_by_kind_and_header(
    session: Session, settings: Settings, uploads: Path
) -> None:
    fields = ["编码", "名称"]
    for _ in range(2):
        draft = put(session, settings, uploads, "a.csv")
        stored.set_draft(session, draft, seen={"fields": [{"name": name} for name in fields]})
        choose(session, settings, draft, kind="points", column__name="编码", lat="名称")
    assert desk.saved_columns(session, "points", [" 编码", "名称"]) == {"name": "编码", "lat": "名称"}
    assert desk.saved_columns(session, "zones", fields) is None
    assert desk.saved_columns(session, "points", fields[::-1]) is None


def test_what_is_dropped_or_old_is_gone_with_its_files(
    session: Session, settings: Settings, uploads: Path
) -> None:
    kept, dropped, old = (put(session, settings, uploads, "a.csv") for _ in range(3))
    folder = settings.var_dir / "uploads"
    (folder / "987654").mkdir()
    desk.drop(session, settings, dropped, by=None)
    with pytest.raises(NotFound):
        desk.read_draft(session, dropped)
    stored.set_draft(session, old, created_at=NOW - timedelta(days=31))
    assert desk.sweep(session, settings, NOW) == 1
    assert {path.name for path in folder.iterdir()} == {str(kept), "987654"}, (
        "what has just come may have no row yet"
    )
    assert desk.sweep(session, settings, datetime.now(UTC) + timedelta(days=2)) in {0, 1}
    assert not (folder / "987654").exists()
    assert [row.id for row in desk.drafts(session, only_by=None)] in ([kept], [])


def test_a_draft_is_its_makers(session: Session, settings: Settings, uploads: Path) -> None:
    user = session.scalar(
        text(
            "INSERT INTO app_user (login, name, password_hash, role) VALUES ('gis', '小王', '', 'gis') RETURNING id"
        )
    )
    draft = put(session, settings, uploads, "a.csv")
    stored.set_draft(session, draft, created_by=user)
    assert desk.read_draft(session, draft, only_by=user).created_by_name == "小王"
    assert [row.id for row in desk.drafts(session, only_by=user)] == [draft]
    assert not desk.drafts(session, only_by=user + 1)
    with pytest.raises(NotFound):
        desk.read_draft(session, draft, only_by=user + 1)


@pytest.mark.parametrize(
    ("fields", "geometry", "kind", "name", "expected"),
    [
        (["编码"], "Polygon", "GeoJSON", "a", "zones"),
        (["编码", "kind"], "Polygon", "Shapefile", "水域.shp", "exclusions"),
        (["name"], "LineString", "OSM", "a", "streets"),
        (["编码"], "Point", "CSV", "a", "points"),
        (["设备号", "定位时间", "lon", "lat"], "Point", "CSV", "a", "tracks"),
        ([], "LineString", "GPX", "a", "tracks"),
        (["领导姓名", "片区编码", "角色"], None, "workbook", "a", "contracts"),
        (["对象编码", "交警", "城管", "环卫"], None, "workbook", "a", "contracts"),
        (["编码", "电话"], None, "workbook", "a", None),
        (["点位编码", "打卡时间", "检查结果"], None, "CSV", "a", "check_ins"),
        (["foo"], None, "CSV", "a", None),
    ],
)
def test_a_kind_is_guessed_by_shapes_and_headers(
    fields: list[str], geometry: str | None, kind: str, name: str, expected: Any
) -> None:
    assert guess_kind(fields, geometry, kind, name) == expected


def test_every_role_and_option_has_a_name_of_its_own() -> None:
    for kind in desk.KINDS:
        roles = [role.role for role in desk.roles_of(kind)]
        options = [option.name for option in desk.options_of(kind)]
        assert len({*roles}) == len(roles)
        assert len({*options}) == len(options)
        assert not set(desk.guess_columns(kind, ["code", "编码", "time", "lon", "lat"])) - set(roles)
