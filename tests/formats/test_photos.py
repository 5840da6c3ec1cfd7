"""Photos as they come: what cameras write is read, what nobody should send is refused with its reason."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from geoservice.errors import InvalidFile
from geoservice.formats.photos import PhotoReader, ReadPhoto
from tests.photo_kit import SCRIPT, encode, jpeg, png_header, scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2026, 3, 18, 12, tzinfo=CHINA)
HERE = (114.0523, 22.5318)


@pytest.fixture(scope="module")
def reader() -> Iterator[PhotoReader]:
    with PhotoReader() as reader:
        yield reader


@pytest.fixture
def read(reader: PhotoReader, tmp_path: Path) -> Callable[[bytes], ReadPhoto]:
    def read_bytes(content: bytes) -> ReadPhoto:
        path = tmp_path / "photo"
        path.write_bytes(content)
        return reader.read(path, timezone="Asia/Shanghai", name="IMG_1.jpg")

    return read_bytes


def _code(read, content: bytes) -> InvalidFile:
    with pytest.raises(InvalidFile) as refused:
        read(content)
    return refused.value


def test_what_a_camera_writes_is_read(read):
    photo = read(jpeg(taken=NOON, place=HERE, software="GIMP 2.10"))
    assert photo.taken_at == NOON.astimezone(UTC)
    assert (photo.lon, photo.lat) == pytest.approx(HERE, abs=1e-6)
    assert (photo.camera, photo.software, photo.media_type) == ("HUAWEI P60", "GIMP 2.10", "image/jpeg")
    assert (photo.width, photo.height) == (640, 480)


def test_a_camera_without_a_zone_is_one_of_this_city_and_southwest_is_negative(read):
    photo = read(jpeg(taken=NOON, zone_told=False, place=(-70.6, -33.4)))
    assert photo.taken_at == NOON.astimezone(UTC)
    assert (photo.lon, photo.lat) == pytest.approx((-70.6, -33.4), abs=1e-6)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_every_kind_becomes_two_bare_copies(read, kind):
    photo = read(encode(scene(3, 1700, 850), kind))
    for content, side in ((photo.large, 1600), (photo.small, 320)):
        with Image.open(io.BytesIO(content)) as copy:
            assert (copy.format, max(copy.size)) == ("JPEG", side)
            assert not copy.getexif()
            assert set(copy.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_photo_held_upright_is_shown_upright(read):
    with Image.open(io.BytesIO(read(jpeg(orientation=6)).large)) as copy:
        assert copy.size == (480, 640)


def test_nothing_that_was_hidden_in_a_photo_is_in_its_copies(read):
    hostile = (
        jpeg(make=SCRIPT, model=SCRIPT, software=SCRIPT, place=HERE) + b"PK\x03\x04<?php " + SCRIPT.encode()
    )
    photo = read(hostile)
    for content in (photo.large, photo.small):
        assert b"script" not in content
        assert b"PK\x03\x04" not in content
    assert photo.software == SCRIPT  # a text as any other, escaped where it is shown


def test_a_picture_of_200_megapixels_is_refused_with_its_size(read):
    refused = _code(read, png_header(20_000, 10_000))
    assert refused.code == "photo_too_many_pixels"
    assert (refused.values["megapixels"], refused.values["most"]) == (200, 40)


def test_as_many_pixels_as_are_allowed_are_read(read):
    photo = read(png_header(8_000, 5_000))
    assert (photo.width, photo.height, photo.phash) == (8_000, 5_000, None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (jpeg(2)[:9_000], "photo_damaged"),
        (jpeg(2)[:30], "photo_damaged"),
        (encode(scene(2), "PNG")[:5_000], "photo_damaged"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 500, "photo_damaged"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "photo_heic"),
        (b"\0\0\0\x18ftypavif" + b"\0" * 100, "photo_heic"),
        (encode(scene(2), "GIF"), "photo_kind_unknown"),
        (encode(scene(2), "TIFF"), "photo_kind_unknown"),
        (b"%PDF-1.7 " + jpeg(2), "photo_kind_unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_kind_unknown"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_reason(read, content, code):
    assert _code(read, content).code == code


def test_bytes_changed_anywhere_give_a_photo_or_a_reason(read):
    """Flips and cuts through a JPEG and a PNG: never an unknown fault, and the child lives on."""
    for source in (jpeg(1, size=(160, 120), taken=NOON, place=HERE), encode(scene(1, 160, 120), "PNG")):
        for number in range(0, len(source), max(1, len(source) // 60)):
            mutant = bytearray(source)
            mutant[number] ^= 0xFF
            try:
                assert read(bytes(mutant)).large
            except InvalidFile as refused:
                assert refused.code in {"photo_damaged", "photo_kind_unknown", "photo_too_many_pixels"}


def test_a_copy_that_was_made_smaller_is_known_again_and_another_scene_is_not(read):
    def bits(one: int | None, other: int | None) -> int:
        assert one is not None
        assert other is not None
        return ((one ^ other) & (2**64 - 1)).bit_count()

    known = read(jpeg(7, size=(1280, 960))).phash
    smaller = encode(scene(7, 1280, 960).resize((500, 375)), "JPEG", quality=40)
    assert bits(known, read(smaller).phash) <= 7
    assert bits(known, read(jpeg(8, size=(1280, 960))).phash) > 7
