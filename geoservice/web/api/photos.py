"""Photos as evidence: those with something odd about them, and one with all that is known of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from pydantic import Field

from geoservice.domain.evidence import Flag
from geoservice.domain.roles import Permission
from geoservice.services import evidence as service
from geoservice.web.api.answers import Answer, keyed_answer
from geoservice.web.api.models import Asked, Keyed, LongId, Told, tell
from geoservice.web.api.operations import Ask, Operation, offer

TAG = "photos"
NEEDS = (Permission.RUN_CASES,)


class Photo(Told):
    """A photo of a case, of an inspection's task, of a check-in or of a stop; `verdict` is null while nobody judged it."""

    id: int = Field(examples=[1])
    name: UUID = Field(description="of its copy without what the camera wrote")
    subject_kind: str = Field(examples=["case"])
    subject_id: int
    item_id: int | None = Field(description="of a checklist, where it shows one")
    stage: str = Field(examples=["before"])
    width: int
    height: int
    at: datetime = Field(description="when it was added, by the phone's clock")
    taken_at: datetime | None = Field(description="by the camera's clock")
    by_name: str
    flags: list[str] = Field(description="reasons to look at it, never verdicts")
    verdict: str | None


class PhotoFlag(Told):
    """A reason to look at a photo, with the values it was raised for and the photo it resembles."""

    code: str
    values: dict[str, Any]
    other_id: int | None
    raised_at: datetime


class PhotoVerdict(Told):
    """What somebody made of a photo."""

    verdict: str = Field(examples=["accepted"])
    note: str
    at: datetime
    by_name: str


class PhotoFull(Told):
    """A photo with its flags and verdicts; places are [lon, lat]."""

    photo: Photo
    copy_path: str = Field(description="where a browser that is logged in gets the copy")
    sha256: str = Field(description="of the original, which is kept as it came")
    received_at: datetime
    camera: str
    software: str
    place: tuple[float, float] | None = Field(description="the photo's own", examples=[[114.05, 22.53]])
    subject_place: tuple[float, float] | None = Field(examples=[[114.05, 22.53]])
    subject: str
    flags: list[PhotoFlag]
    verdicts: list[PhotoVerdict]


class PhotosQuery(Asked):
    """Which flagged photos, the newest first; 24 come at once."""

    after: LongId | None = Field(None, description="as the answer before told")
    judged: bool = Field(False, description="those that were judged instead of those that wait")
    flag: Flag | None = None


@offer(Operation("GET", "/photos", TAG, Keyed[Photo], NEEDS, query=PhotosQuery))
def list_photos(ask: Ask[PhotosQuery, None]) -> Answer:
    """List photos with something odd about them: those that wait for somebody's verdict, or those that have one."""
    asked = ask.query
    page = service.read_queue(ask.session, is_open=not asked.judged, flag=asked.flag, before_id=asked.after)
    after = None if page.next_before is None else str(page.next_before)
    return keyed_answer(Keyed[Photo](items=[_photo(one) for one in page.photos], after=after))


@offer(Operation("GET", "/photos/{photo_id}", TAG, PhotoFull, NEEDS, errors=(404,)))
def get_photo(ask: Ask[Asked, None], photo_id: int) -> Answer:
    """Return one photo, odd or not, with all that is known of it."""
    found = service.read_photo(ask.session, photo_id)
    return Answer(
        tell(
            PhotoFull,
            found,
            photo=_photo(found.photo),
            copy_path=url_for("photos.show_photo", name=found.photo.name),
            subject=found.subject_label,
            flags=[
                tell(PhotoFlag, flag, other_id=None if flag.other is None else flag.other.id)
                for flag in found.flags
            ],
            verdicts=[tell(PhotoVerdict, verdict) for verdict in found.verdicts],
        )
    )


def _photo(photo: service.Photo) -> Photo:
    subject = photo.subject
    return tell(
        Photo,
        photo,
        subject_kind=subject.kind,
        subject_id=subject.id,
        item_id=subject.item_id,
        flags=list(photo.flags),
    )
