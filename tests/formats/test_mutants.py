"""Two thousand damaged copies of good files of seven formats: each is read or refused with a sentence, none breaks its reader."""

from __future__ import annotations

import io
import random
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from geoservice.errors import InvalidFile
from geoservice.formats import Limits, Reader
from geoservice.messages import SENTENCES
from tests.formats.samples import CODES, NAMES, SQUARES, shapefile_parts, write_layer, write_zip

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COPIES = 286  # of each format: 2 002 in all
SECONDS = 30
LIMITS = Limits(memory_bytes=1024**3, cpu_seconds=SECONDS, wall_seconds=float(SECONDS))
# Text of formats grows teeth where its own signs are doubled, dropped or made huge; bytes where lengths are.
TEETH = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"<",
    b'"',
    b"[[[[",
    b"}",
    b"1e999",
    b"NaN",
    b"-1",
    b"\xed\xa0\x80",
    b"=",
    b",,,",
    b"\n",
)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(LIMITS) as reader:
        yield reader


def _workbook(_folder: Path) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("点位")
        sheet.write_row(0, 0, ["编码", "名称", "经度", "纬度"])
        for row, (code, name) in enumerate(zip(CODES, NAMES, strict=True), start=1):
            sheet.write_row(row, 0, [code, name, 114.0 + row, 22.5])
    return buffer.getvalue()


def _table(_folder: Path) -> bytes:
    rows = [
        f"{code},{name},{114 + place},22.5"
        for place, (code, name) in enumerate(zip(CODES, NAMES, strict=True))
    ]
    return "\n".join(["编码,名称,经度,纬度", *rows]).encode("gb18030")


def _gpx(_folder: Path) -> bytes:
    points = "".join(
        f'<trkpt lat="22.5{place}" lon="114.{place}"><time>2026-06-01T08:00:{place:02d}Z</time></trkpt>'
        for place in range(20)
    )
    return f'<?xml version="1.0"?><gpx version="1.1" creator="a"><trk><name>路</name><trkseg>{points}</trkseg></trk></gpx>'.encode()


def _zipped(folder: Path) -> bytes:
    parts = shapefile_parts(write_layer(folder / "区划.shp", encoding="GBK"))
    return write_zip(folder / "good.zip", parts).read_bytes()


def _layer(suffix: str, **options: str):
    def make(folder: Path) -> bytes:
        return write_layer(folder / f"good.{suffix}", SQUARES, **options).read_bytes()

    return make


FORMATS = {
    "gpkg": _layer("gpkg"),
    "geojson": _layer("geojson"),
    "kml": _layer("kml", driver="LIBKML"),
    "fgb": _layer("fgb"),
    "zip": _zipped,
    "xlsx": _workbook,
    "csv": _table,
}


def _mutant(good: bytes, seed: int) -> bytes:
    """Return a copy with bytes changed, doubled, dropped or cut off; of every other archive, an entry's inside."""
    chance = random.Random(seed)
    if good.startswith(b"PK") and seed % 2:
        return _with_a_bad_entry(good, chance)
    raw = bytearray(good)
    for _ in range(chance.choice([1, 2, 5, 30])):
        place = chance.randrange(len(raw))
        length = chance.choice([0, 1, 4, 40])
        raw[place : place + length] = chance.choice(
            [chance.randbytes(length), chance.choice(TEETH), raw[: 4 * length]]
        )
    return bytes(raw if chance.random() < 0.7 else raw[: chance.randrange(1, len(raw) + 1)])


def _with_a_bad_entry(good: bytes, chance: random.Random) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        entries = source.infolist()
        bad = chance.randrange(len(entries))
        for place, entry in enumerate(entries):
            content = bytearray(source.read(entry))
            if place == bad and content:
                where = chance.randrange(len(content))
                content[where : where + chance.choice([0, 1, 8])] = chance.choice(TEETH)
            target.writestr(entry, bytes(content))
    return out.getvalue()


@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_copies_are_read_or_refused_with_a_sentence(
    tmp_path: Path, reader: Reader, suffix: str
) -> None:
    good = FORMATS[suffix](tmp_path)
    read = 0
    for seed in range(COPIES):
        path = tmp_path / f"mutant.{suffix}"
        path.write_bytes(_mutant(good, seed))
        try:
            read += reader.read_features(path) is not None
        except InvalidFile as refused:
            assert refused.code in SENTENCES, f"seed {seed}"
            assert not refused.code.startswith("reader_"), f"seed {seed}: {refused.code}"
    assert 0 < read < COPIES
