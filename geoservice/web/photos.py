"""Photos shown to those who may see what they belong to: copies without what the camera wrote, never the originals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from geoservice.errors import NotFound
from geoservice.services import evidence as service
from geoservice.web.deployment import current_settings
from geoservice.web.identity import guard, own_transaction

if TYPE_CHECKING:
    from uuid import UUID

photos = Blueprint("photos", __name__, url_prefix="/photos")
guard(photos, None)

# Kept by the browser, which asks each time: whoever stands in for somebody sees nothing more the day after.
ASK_EACH_TIME = "private, no-cache"


@photos.get("/<uuid:name>.jpg")
def show_photo(name: UUID) -> Response:
    """Send the copy of a photo."""
    return _copy(name, service.LARGE)


@photos.get("/<uuid:name>-small.jpg")
def show_small(name: UUID) -> Response:
    """Send the small copy of a photo."""
    return _copy(name, service.SMALL)


def _copy(name: UUID, which: str) -> Response:
    with own_transaction() as session:
        sha256 = service.sha256_of(session, name)
    try:
        content = (service.photo_folder(current_settings(), sha256) / which).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("photo_unknown") from error
    answer = Response(content, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = ASK_EACH_TIME
    answer.headers["Vary"] = "Cookie"
    answer.set_etag(f"{sha256.hex()[:32]}-{which}")
    answer.make_conditional(request)
    return answer
