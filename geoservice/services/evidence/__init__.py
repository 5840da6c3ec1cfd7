"""Photos as evidence: taken in once, kept as they came, shown as copies without what the camera wrote, flagged and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from geoservice.services.evidence.files import LARGE, SMALL, photo_folder
from geoservice.services.evidence.flagging import look_again
from geoservice.services.evidence.judging import (
    LONGEST_NOTE,
    VERDICTS,
    PhotoDetail,
    QueuePage,
    RaisedFlag,
    judge,
    lines_around,
    read_photo,
    read_queue,
    sha256_of,
)
from geoservice.services.evidence.manifest import Verified, manifest, verify
from geoservice.services.evidence.taking import (
    MOST_AT_ONCE,
    Adding,
    SentPhoto,
    keep_photo,
    photos_of_many,
    photos_of_origin,
    photos_of_patrol,
    photos_of_point,
    read_photos,
)
from geoservice.services.evidence.values import Photo, Stage, Subject, SubjectKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

__all__ = [
    "LARGE", "LONGEST_NOTE", "MOST_AT_ONCE", "SMALL", "VERDICTS", "Adding", "Photo", "PhotoDetail", "QueuePage",
    "RaisedFlag", "SentPhoto", "Stage", "Subject", "SubjectKind", "Verified", "judge", "keep_photo", "lines_around",
    "look_again", "manifest", "photo_folder", "photos_of", "photos_of_many", "photos_of_origin", "photos_of_patrol",
    "photos_of_point", "read_photo", "read_photos", "read_queue", "sha256_of", "take", "verify",
]  # fmt: skip


def take(  # noqa: PLR0913 - each says what becomes of the photo
    session: Session,
    settings: Settings,
    stream: BinaryIO,
    *,
    subject: Subject,
    stage: Stage,
    by: int | None,
    at: datetime,
    now: datetime,
    client_uuid: UUID | None = None,
    name: str = "",
) -> Photo:
    """Keep one photo of a subject that `session` may see, with what is odd about it; sent again, it is the same photo.

    InvalidFile says what is wrong with a photo, Conflict that something else is stored under `client_uuid`, StorageFull that the
    disk is full. `by` is an account; `at` is when it was added by the phone's clock; `name` is what its owner calls it. Views read photos before their
    transaction instead: `read_photos`, then `keep_photo`.
    """
    sent = read_photos(settings, [(name, stream)])[0]
    return keep_photo(session, settings, sent, Adding(subject, stage, by, at, now, client_uuid))


def photos_of(session: Session, kind: SubjectKind, subject_id: int) -> list[Photo]:
    """Return the photos of one subject that `session` may see, oldest first."""
    return photos_of_many(session, kind, [subject_id]).get(subject_id, [])
