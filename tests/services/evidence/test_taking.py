"""Photos are kept once, as they came, with what is odd about them; nothing is kept by half."""

from __future__ import annotations

import io
import shutil
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import text

from geoservice.domain.roles import Role
from geoservice.errors import BadRequest, Conflict, InvalidFile, NotFound, StorageFull
from geoservice.formats.photos import PhotoReader
from geoservice.services import evidence
from geoservice.services.check_ins import NewCheckIn, record
from geoservice.services.evidence import Subject, taking
from geoservice.store.people import Device, Member, Team
from tests.factories import add_user
from tests.photo_kit import encode, jpeg, scene
from tests.services.ground_kit import add_point, place

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
NAME = UUID("9c2f6a52-6c53-4d5e-9c7d-0f7a3c1b2a11")


@pytest.fixture(scope="module")
def reader():
    with PhotoReader() as reader:
        yield reader


@pytest.fixture(autouse=True)
def _one_child_for_all(reader, monkeypatch):
    """Starting a process for each photo is what takes long."""
    monkeypatch.setattr(taking, "PhotoReader", lambda: nullcontext(reader))


@pytest.fixture
def point_id(session, settings) -> int:
    return add_point(session, settings, "P1", (100, 100))


@pytest.fixture
def here(point_id) -> tuple[float, float]:
    lon, lat = place((100, 100))[0].tolist()
    return lon, lat


@pytest.fixture
def check_in(session, settings, point_id) -> Subject:
    return _check_in(session, settings, point_id)


def _check_in(session, settings, point_id: int, at: datetime = NOW) -> Subject:
    return Subject(
        "check_in", record(session, settings, NewCheckIn(at, False, point_id=point_id), now=NOW).id
    )


def _take(
    session, settings, content: bytes, subject: Subject, stage="other", at=NOW, by=None, client_uuid=None
):
    return evidence.take(
        session, settings, io.BytesIO(content), subject=subject, stage=stage, by=by, at=at, now=NOW, client_uuid=client_uuid
    )  # fmt: skip


def _count(session, table: str = "evidence") -> int:
    return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


def _case(session, at: tuple[float, float], **more) -> int:
    values = {"check_in_id": None, "reported_at": NOW - timedelta(hours=5), **more}
    number = f"T-{_count(session, 'patrol_case') + 1}"
    return session.execute(
        text(
            "INSERT INTO patrol_case (number, kind, state, source, title, geom, reported_at, check_in_id) VALUES "
            "(:number, (SELECT code FROM case_kind ORDER BY code LIMIT 1), 'assigned', 'desk', '占道', "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :reported_at, :check_in_id) RETURNING id"
        ),
        {"number": number, "lon": at[0], "lat": at[1], **values},
    ).scalar_one()


def test_a_photo_taken_on_the_spot_is_kept_as_it_came_and_has_no_flag(session, settings, check_in, here):
    content = jpeg(1, taken=NOW - timedelta(minutes=1), place=here)
    photo = _take(session, settings, content, check_in)
    assert (photo.flags, photo.verdict, photo.subject) == ((), None, check_in)
    detail = evidence.read_photo(session, photo.id)
    folder = evidence.photo_folder(settings, bytes.fromhex(detail.sha256))
    assert (folder / "original").read_bytes() == content
    with Image.open(folder / evidence.LARGE) as copy:
        assert not copy.getexif()
    assert evidence.photos_of(session, "check_in", check_in.id) == [photo]
    assert evidence.sha256_of(session, photo.name).hex() == detail.sha256
    assert sorted(path.name for path in folder.iterdir()) == ["large.jpg", "original", "small.jpg"]


def test_sent_again_it_is_the_same_photo_and_another_under_its_name_is_refused(
    session, settings, check_in, point_id
):
    first = _take(session, settings, jpeg(1), check_in, client_uuid=NAME)
    assert _take(session, settings, jpeg(1), check_in, client_uuid=NAME) == first
    other = _check_in(session, settings, point_id)
    for content, subject in ((jpeg(2), check_in), (jpeg(1), other)):
        with pytest.raises(Conflict, match="photo_sent_already"):
            _take(session, settings, content, subject, client_uuid=NAME)
    assert _count(session) == 1


def test_a_photo_used_before_is_said_with_the_other_one_but_not_within_one_subject(
    session, settings, point_id
):
    first, second, third = (_check_in(session, settings, point_id) for _ in range(3))
    one = _take(session, settings, jpeg(1), first)
    assert "same_photo" not in _take(session, settings, jpeg(1), first).flags
    again = _take(session, settings, jpeg(1), second)
    assert "same_photo" in again.flags
    smaller = encode(scene(1).resize((400, 300)), "JPEG", quality=50)
    near = _take(session, settings, smaller, third)
    assert "near_same" in near.flags
    flags = {flag.code: flag for flag in evidence.read_photo(session, near.id).flags}
    assert flags["near_same"].other.id == one.id
    assert flags["near_same"].values["bits"] <= 7
    fresh = _take(session, settings, jpeg(99), third)
    assert not {"same_photo", "near_same"} & set(fresh.flags)


def test_the_search_finds_what_comparing_with_every_photo_finds(session, settings, check_in):
    """Prints at known distances, against the plain definition of the number of differing bits."""
    _take(session, settings, jpeg(1), check_in)
    anchor = session.execute(text("SELECT evidence_id, phash FROM evidence_print")).one()
    ids = {}
    for bits, mask in (
        (3, 0b111),
        (6, 0b11 | 0b11 << 20 | 0b11 << 45),
        (7, 0x8000_0001_0003_0007),
        (8, 0xFF),
    ):
        other = session.execute(
            text(
                "INSERT INTO evidence (check_in_id, stage, sha256, served, media_type, size, width, height, at) SELECT check_in_id, "
                "stage, sha256, gen_random_uuid(), media_type, size, width, height, at FROM evidence WHERE id = :id RETURNING id"
            ),
            {"id": anchor.evidence_id},
        ).scalar_one()
        session.execute(
            text(
                "INSERT INTO evidence_print (evidence_id, subject, sha256, phash) VALUES (:id, 'other', '\\x00', :phash)"
            ),
            {"id": other, "phash": int.from_bytes(((anchor.phash & (2**64 - 1)) ^ mask).to_bytes(8, "big"), "big", signed=True)},
        )  # fmt: skip
        ids[bits] = other
    from geoservice.domain.evidence import band_probes
    from geoservice.store.evidence_rows import nearest

    for bits in (3, 6, 7):
        assert nearest(session, anchor.phash, band_probes(anchor.phash), 7, [f"check_in:{check_in.id}"]) == (
            ids[bits],
            bits,
        )
        session.execute(text("DELETE FROM evidence_print WHERE evidence_id = :id"), {"id": ids[bits]})
    assert nearest(session, anchor.phash, band_probes(anchor.phash), 7, [f"check_in:{check_in.id}"]) is None


def test_before_and_after_that_look_alike_are_said_and_a_cases_own_check_in_is_no_other(
    session, settings, check_in, here
):
    case = Subject("case", _case(session, here, check_in_id=check_in.id))
    seen = _take(session, settings, jpeg(1), check_in)
    assert "same_photo" not in _take(session, settings, jpeg(1), case, "before").flags
    assert {"alike"} <= set(
        _take(session, settings, encode(scene(1), "JPEG", quality=60), case, "after").flags
    )
    assert "alike" not in _take(session, settings, jpeg(2), case, "after").flags
    assert seen.flags == ("other_time",) or "other_time" not in seen.flags
    # What is known of how it was may be the check-in's photo alone.
    bare = Subject("case", _case(session, here, check_in_id=check_in.id))
    after = _take(session, settings, encode(scene(1), "JPEG", quality=50), bare, "after")
    assert "alike" in after.flags
    assert [photo.id for photo in evidence.photos_of_origin(session, bare.id)] == [seen.id]


def test_an_after_photo_of_before_the_report_and_one_from_elsewhere_are_said(session, settings, here):
    case = Subject("case", _case(session, here))
    far = (here[0] + 0.01, here[1])
    photo = _take(session, settings, jpeg(1, taken=NOW - timedelta(hours=6), place=far), case, "after")
    assert set(photo.flags) == {"other_time", "taken_elsewhere"}
    (away,) = (
        flag for flag in evidence.read_photo(session, photo.id).flags if flag.code == "taken_elsewhere"
    )
    assert 900 < away.values["metres"] < 1_150


def test_a_track_that_comes_later_is_held_against_the_photo_once(session, settings, check_in, here):
    team = Team(code="TE", name="一队")
    session.add(team)
    session.flush()
    member = Member(code="ME", name="王芳", team_id=team.id)
    session.add(member)
    session.flush()
    device = Device(code="DE", member_id=member.id)
    session.add(device)
    session.flush()
    by = add_user(session, "me", Role.MEMBER, member_id=member.id)
    photo = _take(session, settings, jpeg(1, taken=NOW - timedelta(minutes=2), place=here), check_in, by=by)
    assert photo.flags == ()
    assert evidence.look_again(session, now=NOW) == 0
    session.execute(text("CREATE TABLE IF NOT EXISTS fix_photo PARTITION OF fix DEFAULT"))
    session.execute(
        text(
            "INSERT INTO fix (device_id, recorded_at, track_id, lon, lat) VALUES (:device, :at, 1, :lon, :lat)"
        ),
        {"device": device.id, "at": NOW - timedelta(minutes=1), "lon": here[0] + 0.01, "lat": here[1]},
    )
    assert evidence.look_again(session, now=NOW + timedelta(hours=1)) == 1
    assert evidence.look_again(session, now=NOW + timedelta(hours=2)) == 0
    assert evidence.photos_of(session, "check_in", check_in.id)[0].flags == ("off_track",)


def test_a_refused_photo_and_a_full_disk_leave_no_row_and_no_half_file(
    session, settings, check_in, monkeypatch
):
    with pytest.raises(InvalidFile, match="photo_damaged"):
        _take(session, settings, jpeg(1)[:5000], check_in)
    with pytest.raises(InvalidFile, match="photo_empty"):
        _take(session, settings, b"", check_in)
    usage = shutil.disk_usage(settings.var_dir)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(StorageFull):
        _take(session, settings, jpeg(1), check_in)
    assert _count(session) == 0
    assert not [path for path in (settings.var_dir / "photos").rglob("*") if path.is_file()]


def test_a_photo_of_nothing_is_refused(session, settings):
    with pytest.raises(NotFound, match="photo_subject_unknown"):
        _take(session, settings, jpeg(1), Subject("check_in", 999_999))


def test_verdicts_are_kept_and_the_newest_counts(session, settings, check_in, point_id):
    photo = _take(session, settings, encode(scene(1), "JPEG"), check_in)
    assert photo.flags == ("no_camera",)
    assert [one.id for one in evidence.read_queue(session).photos] == [photo.id]
    with pytest.raises(BadRequest, match="photo_note_needed"):
        evidence.judge(session, photo.id, "refused", " ", by=None, now=NOW)
    evidence.judge(session, photo.id, "unclear", "", by=None, now=NOW)
    assert evidence.read_queue(session).open_count == 1
    evidence.judge(session, photo.id, "refused", "转发的照片", by=None, now=NOW)
    page = evidence.read_queue(session)
    assert (page.photos, page.open_count, page.counts) == ((), 0, {})
    assert [one.id for one in evidence.read_queue(session, is_open=False).photos] == [photo.id]
    detail = evidence.read_photo(session, photo.id)
    assert [(one.verdict, one.note) for one in detail.verdicts] == [
        ("refused", "转发的照片"),
        ("unclear", ""),
    ]
    assert detail.photo.verdict == "refused"


def test_a_manifest_tells_missing_changed_and_unreferred_originals(session, settings, check_in):
    for seed in (1, 2, 3):
        _take(session, settings, jpeg(seed), check_in)
    assert evidence.verify(session, settings).is_good
    lines = list(evidence.manifest(session, settings))
    first, second, _ = (settings.var_dir / line.split("  ", 1)[1] for line in lines)
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    session.execute(text("DELETE FROM evidence WHERE sha256 = :sha"), {"sha": bytes.fromhex(lines[2][:64])})
    found = evidence.verify(session, settings)
    assert (found.whole, found.missing, found.changed, found.unreferred) == (
        0,
        (lines[0][:64],),
        (lines[1][:64],),
        1,
    )
    assert not found.is_good
