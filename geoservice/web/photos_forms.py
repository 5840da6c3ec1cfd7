"""Photos that come with a form: read before anything is stored, kept together with what they belong to.

A view: `sent = sent_photos()` before its transaction, `keep_photos(session, sent, subject, …)` inside it. Its endpoint belongs
into `security.UPLOADS`; its form has enctype="multipart/form-data" and `photo_field()` of templates/evidence/parts.html.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import UUID, uuid5

from flask import request

from geoservice.services import evidence
from geoservice.services.evidence import Adding, SentPhoto
from geoservice.web.deployment import current_settings, current_time
from geoservice.web.identity import current_account

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from geoservice.services.evidence import Photo, Stage, Subject

LONGEST_NAME = 80


def sent_photos(field: str = "photos") -> list[SentPhoto]:
    """Return the photos in a field of this request's form, none where it was left empty.

    InvalidFile says what is wrong with which, BadRequest that they are too many, StorageFull that the disk is full.
    """
    files = [file for file in request.files.getlist(field) if file.filename]
    streams = ((_name_of(file.filename), cast("BinaryIO", file.stream)) for file in files)
    return evidence.read_photos(current_settings(), streams)


def keep_photos(
    session: Session,
    sent: Sequence[SentPhoto],
    subject: Subject,
    stage: Stage = "other",
    *,
    at: datetime | None = None,
    client_uuid: UUID | None = None,
) -> list[Photo]:
    """Keep what was sent as photos of a subject, of whoever is logged in (nobody: a citizen).

    The form's `client_uuid` makes a second sending harmless: each photo's own name is made of it and of what the photo is.
    """
    account, now = current_account(), current_time()
    return [
        evidence.keep_photo(
            session,
            current_settings(),
            photo,
            Adding(
                subject,
                stage,
                account.id if account else None,
                at or now,
                now,
                _uuid_of(client_uuid, subject, stage, photo),
            ),
        )
        for photo in sent
    ]


def _uuid_of(form: UUID | None, subject: Subject, stage: str, photo: SentPhoto) -> UUID | None:
    if form is None:
        return None
    return uuid5(form, f"{subject.kind} {subject.id} {subject.item_id} {stage} {photo.sha256.hex()}")


def _name_of(name: str | None) -> str:
    """What its owner calls a file, as far as it can be shown."""
    shown = "".join(
        letter for letter in name or "" if letter.isprintable() and not "\ud800" <= letter <= "\udfff"
    )
    return shown[-LONGEST_NAME:]
