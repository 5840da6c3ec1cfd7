"""Files made to do harm are refused with a code; the house stays up, keeps its secrets and calls nobody."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from geoservice.errors import InvalidFile
from geoservice.formats import Limits, Reader, read_features
from geoservice.formats.drivers import ALLOWED, gdal_environment
from geoservice.messages import SENTENCES
from tests.formats.samples import (
    SQUARES,
    feature,
    shapefile_parts,
    square,
    write_collection,
    write_layer,
    write_zip,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def refusal(reader: Reader, path: Path, **options: str) -> str:
    with pytest.raises(InvalidFile) as caught:
        reader.read_features(path, **options)
    assert caught.value.values["file"]
    return caught.value.code


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on this machine that notes who calls."""
    calls: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                calls.append(b"called")
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], calls
        stop.set()
        thread.join()


def test_only_the_drivers_on_the_list_are_loaded() -> None:
    code = "import pyogrio; print(*sorted(pyogrio.list_drivers()), sep='|')"
    environment = {**os.environ, **gdal_environment("/nowhere")}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert set(found.stdout.strip().split("|")) == ALLOWED


@pytest.mark.parametrize(
    "suffix", ["geojson", "kml", "gpx", "csv", "gpkg", "shp", "fgb", "dxf", "json", "pbf"]
)
def test_a_vrt_under_any_name_reads_no_other_file_and_calls_nobody(
    tmp_path: Path, reader: Reader, listener: tuple[int, list[bytes]], suffix: str
) -> None:
    port, calls = listener
    secret = write_collection(tmp_path / "secret.geojson", feature(square(), password="x"))
    path = tmp_path / f"x.{suffix}"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{secret}</SrcDataSource><SrcLayer>secret</SrcLayer>'
        f'</OGRVRTLayer><OGRVRTLayer name="y"><SrcDataSource>/vsicurl/http://127.0.0.1:{port}/y.geojson</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    code = refusal(reader, path)
    assert code == ("coordinates_missing" if suffix == "csv" else "kind_mismatch")
    assert not calls


def test_a_link_in_a_kml_is_not_followed(
    tmp_path: Path, reader: Reader, listener: tuple[int, list[bytes]]
) -> None:
    port, calls = listener
    path = tmp_path / "x.kml"
    path.write_text(
        f"<kml><Document><NetworkLink><Link><href>http://127.0.0.1:{port}/x.kml</href></Link></NetworkLink><Placemark>"
        "<Point><coordinates>1,2</coordinates></Point></Placemark></Document></kml>"
    )
    assert len(reader.read_features(path)) == 1
    assert not calls


def test_xml_with_entities_is_refused_before_they_grow(tmp_path: Path, reader: Reader) -> None:
    levels = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    for suffix in ("kml", "gpx"):
        path = tmp_path / f"x.{suffix}"
        path.write_text(f'<!DOCTYPE x [<!ENTITY e0 "lol">{levels}]><{suffix}>&e9;</{suffix}>')
        assert refusal(reader, path) == "xml_doctype"
        path.write_text(f'<!DOCTYPE x SYSTEM "file:///etc/passwd"><{suffix}/>')
        assert refusal(reader, path) == "xml_doctype"


@pytest.mark.parametrize("suffix", ["kml", "gpx", "geojson"])
def test_deep_nesting_is_refused(tmp_path: Path, reader: Reader, suffix: str) -> None:
    path = tmp_path / f"x.{suffix}"
    if suffix == "geojson":
        path.write_text('{"type": "Feature", "geometry": ' + "[" * 100_000)
    else:
        path.write_text(f"<{suffix}>" + "<MultiGeometry>" * 100_000)
    assert refusal(reader, path) == "nesting_too_deep"


def test_a_collection_within_collections_is_one_bad_feature(tmp_path: Path, reader: Reader) -> None:
    shape: dict[str, object] = square()
    for _ in range(50):
        shape = {"type": "GeometryCollection", "geometries": [shape]}
    table = reader.read_features(write_collection(tmp_path / "x.json", feature(shape), feature(square())))
    assert (len(table), [problem.row for problem in table.problems]) == (1, [1])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"type": "FeatureCollection", "features": [NaN]}', "json_constant"),
        (b'{"type": "FeatureCollection", "features": [-Infinity]}', "json_constant"),
        (b'{"a": ' + b"1" * 10_000 + b"}", "json_number"),
        ('{"type": "FeatureCollection", "x": "深圳"}'.encode("gbk"), "json_not_utf8"),
        ('{"type": "FeatureCollection", "features": []}'.encode("utf-16"), "json_not_utf8"),
        (b'{"type": "FeatureCollection", "features": []} x', "json_invalid"),
        (b'{"type": "FeatureCollection", "features": [}', "json_invalid"),
        (b'{"type": "FeatureCollection", "features": {}}', "geojson_no_features"),
        (b'{"type": "Topology"}', "geojson_not"),
        (b"[1, 2]", "geojson_not"),
        (b"7", "geojson_not"),
        (b" \n ", "file_empty"),
        (
            b'{"type": "Point", "coordinates": [1, 2], "crs": {"properties": {"name": "file:///x"}}}',
            "crs_unreadable",
        ),
    ],
)
def test_json_that_is_no_map_says_why(tmp_path: Path, reader: Reader, content: bytes, code: str) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(content)
    assert refusal(reader, path) == code


def test_a_byte_order_mark_before_json_is_read_over(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(square()).encode())
    assert len(reader.read_features(path)) == 1


def test_infinite_numbers_are_bad_rows(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "x.geojson"
    point = (
        '{"type": "Feature", "properties": {"a": %s}, "geometry": {"type": "Point", "coordinates": [%s, 2]}}'
    )
    rows = ",".join([point % ("1", "1e999"), point % ("1e999", "1"), point % ("1", "1")])
    path.write_text(f'{{"type": "FeatureCollection", "features": [{rows}]}}')
    table = reader.read_features(path)
    assert [problem.code for problem in table.problems] == ["coordinates_not_finite", "number_not_finite"]
    assert len(table) == 1


def test_zip_bombs_are_stopped_by_what_they_inflate_to(tmp_path: Path) -> None:
    bomb = write_zip(tmp_path / "x.zip", {"x.geojson": b" " * 30_000_000})
    assert bomb.stat().st_size < 100_000
    with Reader(Limits(inflated_bytes=10_000_000)) as reader:
        assert refusal(reader, bomb) == "archive_too_large"
        lying = bytearray(bomb.read_bytes())
        for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # the size each header claims
            start = lying.index(mark) + place
            lying[start : start + 4] = struct.pack("<I", 10)
        bomb.write_bytes(bytes(lying))
        assert refusal(reader, bomb) in {"archive_too_large", "archive_broken", "file_empty"}
        workbook = write_zip(tmp_path / "x.xlsx", {"xl/workbook.xml": b" " * 30_000_000})
        assert refusal(reader, workbook) == "archive_too_large"


def test_unsafe_archives_are_refused(tmp_path: Path, reader: Reader) -> None:
    good = {"x.geojson": json.dumps(square()).encode()}
    for name in ("../x.shp", "/etc/x.shp", "a/../../x.shp", "..\\x.shp"):
        assert refusal(reader, write_zip(tmp_path / "x.zip", {name: b"?", **good})) == "archive_unsafe"
    assert not (tmp_path.parent / "x.shp").exists()
    many = write_zip(tmp_path / "x.zip", {**good, **{f"{i}.txt": b"" for i in range(60)}})
    assert refusal(reader, many) == "archive_too_many_files"
    assert refusal(reader, write_zip(tmp_path / "x.zip", {"x.exe": b"MZ"})) == "archive_holds_nothing"
    assert refusal(reader, write_zip(tmp_path / "x.zip", {"x.zip": b"PK"})) == "archive_holds_nothing"
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04" + b"\x00" * 100)
    assert refusal(reader, tmp_path / "x.zip") == "archive_broken"


def test_a_link_in_a_zip_is_refused(tmp_path: Path, reader: Reader) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        entry = zipfile.ZipInfo("x.geojson")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    assert refusal(reader, tmp_path / "x.zip") == "archive_unsafe"


def test_what_a_zip_holds_must_be_what_it_is_called(tmp_path: Path, reader: Reader) -> None:
    for name in ("x.shp", "x.gpkg", "x.kml", "x.xlsx"):
        path = write_zip(
            tmp_path / "x.zip", {name: b"<OGRVRTDataSource/>" if name != "x.kml" else b"PK\x03\x04"}
        )
        assert refusal(reader, path) == "kind_mismatch"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIRTUAL TABLE v USING VirtualOGR('/etc/passwd')",
        "create/**/virtual table v using VirtualOGR('/etc/passwd', 'using rtree(')",
        "CREATE VIRTUAL TABLE \"a using rtree(\" USING VirtualOGR('/etc/passwd')",
    ],
)
def test_a_geopackage_with_tables_that_reach_outside_is_refused(
    tmp_path: Path, reader: Reader, statement: str
) -> None:
    path = write_layer(tmp_path / "x.gpkg", layer="x")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("INSERT INTO sqlite_master VALUES ('table', 'v', 'v', 0, ?)", (statement,))
        connection.commit()
    assert refusal(reader, path) in {"database_unsafe", "file_damaged"}


def test_a_damaged_file_is_refused_and_the_next_one_read(tmp_path: Path, reader: Reader) -> None:
    good = write_layer(tmp_path / "good.fgb")
    for name, start in (
        ("x.gpkg", b"SQLite format 3\x00"),
        ("x.fgb", b"fgb\x03fgb\x01"),
        ("x.shp", b"\x00\x00\x27\x0a"),
    ):
        path = tmp_path / name
        path.write_bytes(start + os.urandom(3000))
        assert refusal(reader, path) in {"file_damaged", "reader_died", "reader_out_of_memory", "file_empty"}
    cut = tmp_path / "cut.fgb"
    cut.write_bytes(good.read_bytes()[:-40])
    assert refusal(reader, cut) == "file_damaged"
    assert len(reader.read_features(good)) == len(SQUARES)


def test_a_file_that_takes_too_long_is_stopped_and_the_next_one_read(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "x.fgb")
    with Reader(Limits(wall_seconds=0.01)) as reader:
        began = time.monotonic()
        assert refusal(reader, path) == "reader_too_slow"
        assert time.monotonic() - began < 5
        reader.limits = Limits()
        assert len(reader.read_features(path)) == 3


def test_a_file_that_needs_too_much_memory_is_stopped_and_the_next_one_read(tmp_path: Path) -> None:
    path = tmp_path / "x.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [' + ",".join(["[[[[]]]]"] * 1_000_000) + "]}")
    good = write_collection(tmp_path / "good.geojson", feature(square()))
    with Reader(Limits(memory_bytes=100_000_000)) as reader:
        assert refusal(reader, path) in {"reader_out_of_memory", "reader_died"}
        assert len(reader.read_features(good)) == 1


def test_the_child_sees_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    with Reader() as reader:
        reader.read_features(write_collection(tmp_path / "x.json", feature(square())))
        assert reader._child is not None
        pid = reader._child._process.pid
        with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: PTH123 - a file of the kernel
            assert b"secret" not in environment.read()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    path = write_zip(tmp_path / "x.zip", shapefile_parts(write_layer(tmp_path / "x.shp", encoding="UTF-8")))
    assert len(read_features(path)) == 3
    with pytest.raises(InvalidFile):
        read_features(path, layer="x", encoding="no-such")
    assert list((tmp_path / "temp").iterdir()) == []


MUTANTS = 12


@pytest.mark.parametrize("suffix", ["gpkg", "fgb", "kml", "geojson", "shp"])
def test_damaged_copies_of_good_files_are_read_or_refused_with_a_sentence(
    tmp_path: Path, reader: Reader, suffix: str
) -> None:
    driver = {"driver": "LIBKML"} if suffix == "kml" else {}
    good = write_layer(tmp_path / f"good.{suffix}", **driver).read_bytes()
    for seed in range(MUTANTS):
        chance = random.Random(seed)
        raw = bytearray(good)
        for _ in range(chance.choice([1, 3, 20])):
            place = chance.randrange(len(raw))
            raw[place : place + chance.randrange(4)] = chance.randbytes(chance.randrange(4))
        path = tmp_path / f"mutant.{suffix}"
        path.write_bytes(bytes(raw[: chance.randrange(len(raw) // 2, len(raw) + 1)]))
        try:
            reader.read_features(path)
        except InvalidFile as refused:
            assert refused.code in SENTENCES
            assert not refused.code.startswith("reader_")


def test_what_is_no_file_of_ours_is_refused_by_name(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "x.exe").write_bytes(b"MZ")
    assert refusal(reader, tmp_path / "x.exe") == "kind_unknown"
    (tmp_path / "x.geojson.gz").write_bytes(gzip.compress(b"{}"))
    assert refusal(reader, tmp_path / "x.geojson.gz") == "kind_unknown"
    assert refusal(reader, tmp_path / "absent.csv") == "file_missing"
    assert refusal(reader, tmp_path) == "file_missing"
    os.mkfifo(tmp_path / "pipe.csv")
    assert refusal(reader, tmp_path / "pipe.csv") == "file_missing"
    (tmp_path / "empty.csv").touch()
    assert refusal(reader, tmp_path / "empty.csv") == "file_empty"
    (tmp_path / "long.csv").write_bytes(b"x" * 100)
    with Reader(Limits(file_bytes=99)) as small:
        assert refusal(small, tmp_path / "long.csv") == "file_too_large"
