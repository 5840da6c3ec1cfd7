"""Photos that come with a form: read before anything is stored, kept together with what they belong to.

A view: `sent = sent_photos()` before its transaction, `keep_photos(session, sent, subject, …)` inside it. Its endpoint belongs
into `security.UPLOADS`; its form has enctype="multipart/form-data" and `photo_field()` of templates/evidence/parts.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from geoservice.services.evidence import Photo, Stage, Subject


class SentPhoto:
    """A photo of this request, read, checked and lying among the originals, without a row yet."""


def sent_photos(field: str = "photos") -> list[SentPhoto]:
    """Return the photos in a field of this request's form, none where it was left empty; InvalidFile says what is wrong with one."""
    raise NotImplementedError


def keep_photos(  # noqa: PLR0913 - each says what becomes of the photos
    session: Session,
    sent: Sequence[SentPhoto],
    subject: Subject,
    stage: Stage = "other",
    *,
    at: datetime | None = None,
    client_uuid: UUID | None = None,
) -> list[Photo]:
    """Keep what was sent as photos of a subject, of whoever is logged in; the form's `client_uuid` makes a second sending harmless."""
    raise NotImplementedError
