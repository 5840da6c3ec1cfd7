"""The queue of photos with something odd about them, and what people make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely

from geoservice.domain.evidence import Flag
from geoservice.errors import BadRequest, NotFound
from geoservice.formats.text import text_fault
from geoservice.services.evidence.taking import as_photo
from geoservice.store import audit
from geoservice.store import evidence_queue as queue
from geoservice.store import evidence_rows as store
from geoservice.store.way_rows import lines_near

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from shapely.geometry.base import BaseGeometry
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from geoservice.services.evidence.values import Photo

VERDICTS = ("accepted", "refused", "unclear")
LONGEST_NOTE = 500
PAGE = 24
MOST_LINES = 1500
LEAST_DEGREES, MOST_DEGREES = 0.002, 0.02


@dataclass(frozen=True)
class RaisedFlag:
    """One flag of a photo. `other`: the photo it is about besides, None where there is none or it is not to be seen."""

    code: str
    values: dict[str, Any]
    other: Photo | None
    raised_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What somebody made of a photo."""

    verdict: str
    note: str
    at: datetime
    by_name: str


@dataclass(frozen=True)
class PhotoDetail:
    """A photo with all that is known of it. Places are (lon, lat): the photo's own, its subject's."""

    photo: Photo
    received_at: datetime
    camera: str
    software: str
    place: tuple[float, float] | None
    subject_place: tuple[float, float] | None
    subject_label: str
    sha256: str
    flags: tuple[RaisedFlag, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class QueuePage:
    """Photos of the queue, the newest first; `next_before` leads to the next page. `counts`: flag → open photos that bear it."""

    photos: tuple[Photo, ...]
    next_before: int | None
    open_count: int
    counts: dict[str, int]


def read_queue(
    session: Session, *, is_open: bool = True, flag: str | None = None, before_id: int | None = None
) -> QueuePage:
    """Return a page of flagged photos: those nobody judged, or the judged ones; BadRequest for a flag that is none."""
    if flag is not None and flag not in set(Flag):
        raise BadRequest("photo_flag_unknown")
    ids = queue.flagged(session, is_open=is_open, code=flag, before_id=before_id, limit=PAGE + 1)
    rows = store.photos_by(session, ids[:PAGE])
    photos = tuple(as_photo(rows[number]) for number in ids[:PAGE])
    more = ids[PAGE - 1] if len(ids) > PAGE else None
    return QueuePage(photos, more, queue.count_open(session), queue.open_by_code(session))


def read_photo(session: Session, evidence_id: int) -> PhotoDetail:
    """Return one photo with its flags and verdicts; NotFound when `session` sees none."""
    row = _row(session, evidence_id)
    photo = as_photo(row)
    found = store.subject_of(session, photo.subject.kind, photo.subject.id)
    flags = queue.flags_of(session, evidence_id)
    others = store.photos_by(session, [flag.other_id for flag in flags if flag.other_id is not None])
    return PhotoDetail(
        photo=photo,
        received_at=row.received_at,
        camera=row.camera,
        software=row.software,
        place=_place(row.lon, row.lat),
        subject_place=None if found is None else _place(found.lon, found.lat),
        subject_label="" if found is None else found.label,
        sha256=bytes(row.sha256).hex(),
        flags=tuple(
            RaisedFlag(
                flag.code,
                flag.values,
                as_photo(others[flag.other_id]) if flag.other_id in others else None,
                flag.raised_at,
            )
            for flag in flags
        ),
        verdicts=tuple(
            Verdict(row.verdict, row.note, row.at, row.name)
            for row in queue.verdicts_of(session, evidence_id)
        ),
    )


def judge(
    session: Session, evidence_id: int, verdict: str, note: str, *, by: int | None, now: datetime
) -> None:
    """Note what somebody makes of a photo. BadRequest for a verdict that is none, and for a refusal without its reason."""
    note = note.strip()
    if verdict not in VERDICTS:
        raise BadRequest("photo_verdict_needed")
    if verdict == "refused" and not note:
        raise BadRequest("photo_note_needed")
    if len(note) > LONGEST_NOTE:
        raise BadRequest("photo_note_too_long", length=len(note), most=LONGEST_NOTE)
    if text_fault(note):
        raise BadRequest("unreadable_text")
    _row(session, evidence_id)
    queue.add_verdict(session, evidence_id, verdict, note, by, now)
    audit.record(session, by, "photo.judge", "evidence", str(evidence_id), detail={"verdict": verdict})


def lines_around(session: Session, detail: PhotoDetail) -> list[BaseGeometry]:
    """Return the streets around the places of a photo, without names, to draw its map upon."""
    places = [place for place in (detail.place, detail.subject_place) if place is not None]
    if not places:
        return []
    west, east = (pick(lon for lon, _ in places) for pick in (min, max))
    south, north = (pick(lat for _, lat in places) for pick in (min, max))
    margin = min(max(east - west, north - south, LEAST_DEGREES), MOST_DEGREES)
    box = (west - margin, south - margin, east + margin, north + margin)
    return list(shapely.from_wkb(lines_near(session, box, MOST_LINES)))


def sha256_of(session: Session, name: UUID) -> bytes:
    """Return which original's copy goes by a name; NotFound when `session` sees none."""
    sha256 = store.sha256_of(session, name)
    if sha256 is None:
        raise NotFound("photo_unknown")
    return sha256


def _row(session: Session, evidence_id: int) -> Row[Any]:
    found = store.photos_by(session, [evidence_id])
    if evidence_id not in found:
        raise NotFound("photo_unknown")
    return found[evidence_id]


def _place(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    return None if lon is None or lat is None else (lon, lat)
