"""Photos taken in: read and laid among the originals first, then a row with what is odd about it, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import uuid4

from geoservice.errors import BadRequest, Conflict, InvalidFile, NotFound
from geoservice.formats.photos import PhotoReader
from geoservice.services.evidence import files, flagging
from geoservice.services.evidence.values import SUBJECTS, Photo, Stage, Subject, SubjectKind
from geoservice.store import evidence_before
from geoservice.store import evidence_rows as store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from geoservice.config import Settings
    from geoservice.formats.photos import ReadPhoto

MOST_AT_ONCE = 9
MOST_OF_SUBJECT = 60
MOST_SHOWN = 60


@dataclass(frozen=True)
class SentPhoto:
    """A photo that was read and lies among the originals; nothing refers to it yet."""

    sha256: bytes
    size: int
    read: ReadPhoto


@dataclass(frozen=True)
class Adding:
    """What becomes of a photo that was sent. `by` is an account; `at` by the phone's clock, `now` by ours."""

    subject: Subject
    stage: Stage
    by: int | None
    at: datetime
    now: datetime
    client_uuid: UUID | None = None


def read_photos(settings: Settings, streams: Iterable[tuple[str, BinaryIO]]) -> list[SentPhoto]:
    """Read photos, (name, stream) each, and lay them among the originals, outside any transaction.

    InvalidFile says what is wrong with which; StorageFull that the disk is full. Without a row nothing shows them, and sent again
    they lie where they lay.
    """
    given = list(streams)
    if len(given) > MOST_AT_ONCE:
        raise BadRequest("photos_too_many", count=len(given), most=MOST_AT_ONCE)
    sent: dict[bytes, SentPhoto] = {}
    if not given:
        return []
    with PhotoReader() as reader:
        for name, stream in given:
            with files.staged(settings, stream, name) as (path, sha256, size):
                read = reader.read(path, timezone=settings.timezone, name=name)
                files.keep(settings, path, sha256, read)
                sent[sha256] = SentPhoto(sha256, size, read)
    return list(sent.values())


def keep_photo(session: Session, settings: Settings, sent: SentPhoto, adding: Adding) -> Photo:
    """Add a photo to its subject; sent again under its `client_uuid`, it is the same photo.

    NotFound when `session` sees no such subject, Conflict when something else has that name, InvalidFile when its file is gone.
    """
    if (known := _known(session, sent, adding)) is not None:
        return known
    subject = adding.subject
    found = store.subject_of(session, subject.kind, subject.id)
    if found is None:
        raise NotFound("photo_subject_unknown")
    if store.count_of(session, _column(subject.kind), subject.id) >= MOST_OF_SUBJECT:
        raise BadRequest("photos_enough", most=MOST_OF_SUBJECT)
    if not (files.photo_folder(settings, sent.sha256) / files.ORIGINAL).is_file():
        raise InvalidFile("photo_lost")
    added = store.add_evidence(session, _row(sent, adding), f"{subject.kind}:{subject.id}", sent.read.phash)
    if added is None:
        if (known := _known(session, sent, adding)) is not None:
            return known
        raise Conflict("photo_sent_already")
    flagging.flag_new(session, added, sent, adding, found)
    return as_photo(store.photos_by(session, [added])[added])


def photos_of_many(session: Session, kind: SubjectKind, ids: Sequence[int]) -> dict[int, list[Photo]]:
    """Subject's id → its photos, oldest first; subjects without photos are left out."""
    found: dict[int, list[Photo]] = {}
    for row in store.photos(session, _column(kind), ids) if ids else ():
        found.setdefault(getattr(row, _column(kind)), []).append(as_photo(row))
    return found


def photos_of_point(session: Session, point_id: int) -> list[Photo]:
    """Return the newest photos of check-ins at a point, the newest first."""
    return [as_photo(row) for row in store.photos_of_point(session, point_id, MOST_SHOWN)]


def photos_of_patrol(session: Session, patrol_id: int, since: datetime, until: datetime) -> list[Photo]:
    """Return what a patrol took at its stops in its span, oldest first."""
    return [as_photo(row) for row in store.photos_of_patrol(session, patrol_id, since, until, MOST_SHOWN)]


def photos_of_origin(session: Session, case_id: int) -> list[Photo]:
    """Return what was taken of the finding or at the check-in that a case was made of, oldest first."""
    found = store.photos_by(session, evidence_before.origin_ids(session, case_id, MOST_SHOWN)).values()
    return [as_photo(row) for row in sorted(found, key=lambda row: (row.at, row.id))]


def as_photo(row: Row[Any]) -> Photo:
    """Return a row as pages show it."""
    kind, subject_id = next(
        (kind, number) for kind in SUBJECTS if (number := getattr(row, _column(kind))) is not None
    )
    return Photo(
        id=row.id,
        name=row.served,
        subject=Subject(kind, subject_id, row.item_id),
        stage=row.stage,
        width=row.width,
        height=row.height,
        at=row.at,
        taken_at=row.taken_at,
        by=row.by,
        by_name=row.by_name,
        flags=tuple(row.flags),
        verdict=row.verdict,
    )


def _column(kind: str) -> str:
    return f"{kind}_id"


def _known(session: Session, sent: SentPhoto, adding: Adding) -> Photo | None:
    if adding.client_uuid is None:
        return None
    stored = store.sent_before(session, adding.client_uuid)
    if stored is None:
        return None
    subject = adding.subject
    if stored.sha256 != sent.sha256 or getattr(stored, _column(subject.kind)) != subject.id:
        raise Conflict("photo_sent_already")
    return as_photo(store.photos_by(session, [stored.id])[stored.id])


def _row(sent: SentPhoto, adding: Adding) -> store.NewEvidence:
    read, subject = sent.read, adding.subject
    return store.NewEvidence(
        column=_column(subject.kind),
        subject_id=subject.id,
        item_id=subject.item_id,
        stage=adding.stage,
        sha256=sent.sha256,
        served=uuid4(),
        media_type=read.media_type,
        size=sent.size,
        width=read.width,
        height=read.height,
        taken_at=read.taken_at,
        lon=read.lon,
        lat=read.lat,
        camera=read.camera,
        software=read.software,
        by=adding.by,
        at=min(adding.at, adding.now),
        received_at=adding.now,
        client_uuid=adding.client_uuid,
    )
