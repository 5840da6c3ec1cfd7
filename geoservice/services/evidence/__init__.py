"""Photos as evidence: taken in once, kept as they came, shown as copies without what the camera wrote, flagged and judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from geoservice.services.evidence.values import Photo, Stage, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.config import Settings

__all__ = ["Photo", "Stage", "Subject", "SubjectKind", "photos_of", "photos_of_many", "take"]


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
) -> Photo:
    """Keep one photo of a subject that `session` may see, with what is odd about it; sent again, it is the same photo.

    InvalidFile says what is wrong with a photo, Conflict that something else is stored under `client_uuid`, StorageFull that the
    disk is full. `by` is an account; `at` is when it was added by the phone's clock.
    """
    raise NotImplementedError


def photos_of(session: Session, kind: SubjectKind, subject_id: int) -> list[Photo]:
    """Return the photos of one subject that `session` may see, oldest first."""
    return photos_of_many(session, kind, [subject_id]).get(subject_id, [])


def photos_of_many(session: Session, kind: SubjectKind, ids: Sequence[int]) -> dict[int, list[Photo]]:
    """Subject's id → its photos, oldest first; subjects without photos are left out."""
    raise NotImplementedError
